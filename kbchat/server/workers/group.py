"""What workers of one service tell each other: signs of life, and the figures of all of them, in a folder of small files."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import anyio
from prometheus_client.multiprocess import mark_process_dead

FIGURES_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names to prometheus_client the folder of figures that several processes count; read when it is imported."""
_BEAT_SECONDS = 1.0
_SILENT_SECONDS = 15.0
"""A worker whose event loop gave no sign for so long does not answer."""


@dataclass(frozen=True, slots=True)
class WorkerGroup:
    """The workers of one service; ``folder`` belongs to them alone, ``wanted`` is how many there should be."""

    folder: Path
    wanted: int

    async def beat(self) -> None:
        """Tell again and again that this process answers requests; ends when cancelled."""
        sign = self._sign(os.getpid())
        try:
            while True:
                with contextlib.suppress(OSError):  # a full disk: the others then miss this one, and say so
                    sign.touch()
                await anyio.sleep(_BEAT_SECONDS)
        finally:
            with contextlib.suppress(OSError):
                sign.unlink(missing_ok=True)

    def answering(self) -> int:
        """How many workers gave a sign of life just now."""
        oldest = time.time() - _SILENT_SECONDS
        number = 0
        for sign in self.folder.glob("*.alive"):
            with contextlib.suppress(OSError):  # gone since
                number += sign.stat().st_mtime >= oldest
        return number

    def forget(self, process_id: int) -> None:
        """A worker has ended, in whatever way: what it counted stays, what it was doing does not."""
        with contextlib.suppress(OSError):
            self._sign(process_id).unlink(missing_ok=True)
            mark_process_dead(process_id, str(self.folder))  # type: ignore[no-untyped-call]

    def disband(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sign(self, process_id: int) -> Path:
        return self.folder / f"{process_id}.alive"
