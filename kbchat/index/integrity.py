"""Is a tantivy folder whole?

tantivy maps its files into memory and trusts them: a torn one may end the process at some later query. Each of its
files ends with a footer that holds a CRC-32 of what is before it (tantivy's ``directory::footer``), which is checked
here before the folder is opened.
"""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

_MAGIC = 1337
_TAIL = struct.Struct("<II")
_PARTS = ("idx", "pos", "term", "store", "fast", "fieldnorm")
_FULL_CHECK_BYTES = 256 << 20
_ATTEMPTS = 5
_BLOCK = 1 << 22


def is_whole(folder: Path) -> bool:
    """Whether every file that the newest commit in ``folder`` names is there and undamaged.

    Checksums are computed for folders up to 256 MiB; in larger ones each file's footer is checked, which finds
    truncated and foreign files. Another process may be merging files meanwhile, so a failure counts only when the
    list of files did not change under way.
    """
    for _ in range(_ATTEMPTS):
        listed = _read(folder / "meta.json")
        try:
            paths = _named_files(folder, listed)
            full = sum(path.stat().st_size for path in paths) <= _FULL_CHECK_BYTES
            if all(_file_is_whole(path, full) for path in paths):
                return True
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        if _read(folder / "meta.json") == listed:
            return False
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _named_files(folder: Path, listed: bytes) -> list[Path]:
    paths: list[Path] = []
    for segment in json.loads(listed)["segments"]:
        name = str(segment["segment_id"]).replace("-", "")
        paths.extend(folder / f"{name}.{part}" for part in _PARTS)
        if segment["deletes"]:
            paths.append(folder / f"{name}.{int(segment['deletes']['opstamp'])}.del")
    return paths


def _file_is_whole(path: Path, full: bool) -> bool:
    size = path.stat().st_size
    with path.open("rb") as stream:
        if size < _TAIL.size:
            return False
        stream.seek(size - _TAIL.size)
        length, magic = _TAIL.unpack(stream.read(_TAIL.size))
        end = size - _TAIL.size - length
        if magic != _MAGIC or end < 0:
            return False
        stream.seek(end)
        expected = int(json.loads(stream.read(length))["crc"])
        if not full:
            return True
        stream.seek(0)
        checksum = 0
        while end > 0 and (block := stream.read(min(_BLOCK, end))):
            checksum = zlib.crc32(block, checksum)
            end -= len(block)
        return end == 0 and checksum == expected
