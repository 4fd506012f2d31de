"""The file that a revision was read from, with what a browser must be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
    "rtf": "application/rtf",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "md": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "markdown": "text/plain; charset=utf-8",
}
_SAFE_TO_SHOW = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain; charset=utf-8"})
_OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """Where the file lies, what it is, and the name it came with.

    ``inline`` tells that a browser may show it; everything else (HTML and XML above all, which could run scripts) is to
    be sent as an attachment.
    """

    path: Path
    media_type: str
    name: str
    inline: bool


def original_file(path: Path, name: str, format_name: str) -> OriginalFile:
    """The original at ``path``; what the file is decides, its name only where the format leaves it open."""
    extension = PurePosixPath(name).suffix.removeprefix(".").lower()
    named = _MEDIA_TYPES.get(extension)
    media_type = _MEDIA_TYPES.get(format_name) or (named if _fits(named, format_name) else None) or _OTHER
    return OriginalFile(path, media_type, name, media_type in _SAFE_TO_SHOW)


def _fits(named: str | None, format_name: str) -> bool:
    """Whether what the name says may stand: a page of HTML named .pdf is no PDF, a picture named .png may be one."""
    if named is None:
        return False
    if format_name == "image":
        return named.startswith("image/")
    return named.startswith("text/") or named in ("application/json", "application/x-ndjson")
