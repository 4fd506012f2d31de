"""Drawn pages kept in the data folder, by the hash of the original, page and width; the oldest go when it is full."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

from kbchat.atomic import write_bytes

_VERSION = "1"
_ROOM_MADE = 0.9
_SHARE_BETWEEN_LOOKS = 16


class PageCache:
    """PNG files in one folder. Safe to share between threads and processes; all of it can be deleted at any time."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes
        self._lock = threading.Lock()
        self._unseen = most_bytes
        """Bytes written since the folder was last looked through; at first, what others may have left."""

    def get(self, sha256: str, page: int, width: int) -> bytes | None:
        """The picture, if it is kept."""
        path = self._path(sha256, page, width)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content

    def put(self, sha256: str, page: int, width: int, png: bytes) -> None:
        """Keep a picture. A full or read-only disk is no reason to fail: it is then drawn again next time."""
        if len(png) > self._most:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_bytes(self._path(sha256, page, width), png)
        except OSError:
            return
        with self._lock:
            self._unseen += len(png)
            if self._unseen * _SHARE_BETWEEN_LOOKS > self._most:
                self._make_room()
                self._unseen = 0

    def forget_all_but(self, originals: Collection[str]) -> None:
        """Remove the pictures of originals (hashes) that are no longer there."""
        for path, _, _ in list(self._files()):
            if path.name.partition("-")[0] not in originals:
                path.unlink(missing_ok=True)

    def _make_room(self) -> None:
        files = sorted(self._files(), key=lambda item: item[2])
        total = sum(size for _, size, _ in files)
        if total <= self._most:
            return
        for path, size, _ in files:
            path.unlink(missing_ok=True)
            total -= size
            if total <= self._most * _ROOM_MADE:
                return

    def _files(self) -> Iterator[tuple[Path, int, float]]:
        """Each kept picture with its size and when it was last used."""
        try:
            entries = list(os.scandir(self._folder))
        except OSError:
            return
        for entry in entries:
            try:
                known = entry.stat()
            except OSError:  # another process made room
                continue
            yield Path(entry.path), known.st_size, known.st_mtime

    def _path(self, sha256: str, page: int, width: int) -> Path:
        return self._folder / f"{sha256}-{page}-{width}-v{_VERSION}.png"
