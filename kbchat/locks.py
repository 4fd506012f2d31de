"""A lock between processes: a file that one process at a time may hold.

The system releases the lock when its process ends, however it ends, so nothing is ever left locked by a dead process.
The file tells who holds it (process id and since when), for the message that others show.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock. ``pid`` is 0 and ``since`` empty when the holder has not told yet."""

    pid: int = 0
    since: str = ""


class LockedError(Exception):
    """Another process, or another part of this one, holds the lock."""

    def __init__(self, holder: LockHolder) -> None:
        super().__init__(f"held by process {holder.pid} since {holder.since}")
        self.holder = holder


@contextmanager
def file_lock(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock ``path``, waiting up to ``wait`` seconds for it.

    Raises LockedError when another holds it, OSError when the file cannot be opened for writing.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        deadline = time.monotonic() + wait
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise LockedError(_read_holder(descriptor))
            time.sleep(_POLL_SECONDS)
        _write_holder(descriptor)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
            _unlock(descriptor)
    finally:
        os.close(descriptor)


# The byte that is locked lies far behind the text, so that on Windows, where locks bind readers too, the text stays
# readable for those who wait.
_LOCKED_BYTE = 1 << 20


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _write_holder(descriptor: int) -> None:
    text = json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}).encode()
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, text)


def _read_holder(descriptor: int) -> LockHolder:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        told = json.loads(os.read(descriptor, 1000))
        return LockHolder(int(told["pid"]), str(told["since"]))
    except (ValueError, KeyError, TypeError):  # the holder has the lock but has not written yet
        return LockHolder()
