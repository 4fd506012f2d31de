"""What a person chooses for one ingest, and how somebody else looks on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ingest.report import FileReport


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """What a person chooses for one ingest. ``ocr`` None means the setting.

    ``anew`` reads every file, also those that the store holds as they are: each becomes a new revision.
    """

    prune: bool = False
    password: str | None = None
    ocr: Literal["auto", "off", "all"] | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Supervision:
    """How somebody else looks on: ``on_report`` hears of each file's end, ``stop`` ends the ingest as Ctrl-C does.

    A file may be reported twice; the last report holds.
    """

    on_report: Callable[[FileReport], None] | None = None
    stop: threading.Event | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the ingest is to end."""
        return self.stop is not None and self.stop.is_set()
