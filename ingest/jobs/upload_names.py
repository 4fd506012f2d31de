"""Names of uploaded files: what a browser or an archive calls a file, made into a name that leads nowhere else.

Files are staged under numbers, so no name ever becomes a path; the name is what people see and what tells a new
revision from a new document.
"""

from __future__ import annotations

import unicodedata

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.store.encoding import storable

_LONGEST = 200
_LONGEST_SUFFIX = 12
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class UnsafeNameError(Exception):
    """A name in an archive that points out of its folder."""


def upload_name(given: str) -> str:
    """The last part of the name a browser sent, in one spelling (NFC).

    Raises InvalidInputError when there is nothing left of it.
    """
    last = _tidy(given).replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    if last in ("", ".", ".."):
        raise InvalidInputError(
            Bilingual(f"{given[:60]!r} is not the name of a file.", f"{given[:60]!r} 不是有效的文件名。"),
            Bilingual("Rename the file and send it again.", "请重命名该文件后重新上传。"),
        )
    return _shortened(last)


def member_name(given: str) -> str:
    """The path of an archive's member, with ``/`` between its parts; empty for clutter of operating systems.

    Raises UnsafeNameError for absolute paths, drive letters and ``..``.
    """
    path = _tidy(given).replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or (parts and len(parts[0]) > 1 and parts[0][1] == ":"):
        raise UnsafeNameError
    if not parts or any(is_clutter(part) for part in parts):
        return ""
    return "/".join([*parts[:-1], _shortened(parts[-1])])


def is_clutter(part: str) -> bool:
    """Whether a file or folder of this name is an operating system's own, hidden, or an office program's lock."""
    return part.startswith((".", "~$")) or part.lower() in _SYSTEM_FILES


def suffix_of(name: str) -> str:
    """The ending of a name, safe as part of a file name; empty where there is none that could mean anything."""
    ending = name.rpartition("/")[2].rpartition(".")
    is_plain = ending[1] and ending[2].isascii() and ending[2].isalnum() and len(ending[2]) <= _LONGEST_SUFFIX
    return f".{ending[2].lower()}" if is_plain else ""


def _tidy(name: str) -> str:
    kept = "".join(sign for sign in storable(name) if unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp"))
    return unicodedata.normalize("NFC", kept)


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    suffix = suffix_of(name)
    return name[: _LONGEST - len(suffix)] + suffix
