"""What the person who ingests may choose about reading a file; every loader takes the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How one file is read.

    ``ocr`` says when a page is read from its picture: ``auto`` where its text is missing or unusable, ``off`` never,
    ``all`` always. ``ocr_dpi`` is the resolution of those pictures. ``unpacked_limit`` is the size in MiB to which a
    compressed file may unpack.
    """

    password: str | None = None
    ocr: Literal["auto", "off", "all"] = "auto"
    ocr_dpi: int = 200
    unpacked_limit: int = 1024
