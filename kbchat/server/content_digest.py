"""What an upload consists of, as one hash that is made while the files go by."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from typing import IO, cast


class ContentDigest:
    """SHA-256 over fields, and over the names and bytes of files in their order.

    How the form was packed (boundaries, headers) does not count: the same upload sent again is the same.
    """

    def __init__(self) -> None:
        self._parts: list[list[object]] = []

    def field(self, name: str, value: str | None) -> None:
        """A field of the form."""
        self._parts.append(["field", name, value])

    def watched(self, files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[tuple[str, IO[bytes]]]:
        """The same files; what is read of each is hashed."""
        for name, stream in files:
            watcher = _Watched(stream)
            yield name, cast("IO[bytes]", watcher)
            self._parts.append(["file", name, watcher.size, watcher.digest.hexdigest()])

    def hexdigest(self) -> str:
        """The hash of what has gone by."""
        whole = json.dumps(self._parts, separators=(",", ":"))
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class _Watched(io.RawIOBase):
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block
