"""Doing part of one file's work in a second process that shares what is loaded already."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ingest import worker_process

T = TypeVar("T")


@contextmanager
def forked(function: Callable[[], T]) -> Iterator[Callable[[], T | None]]:
    """Run ``function`` in a fork of this process; calling what is yielded waits for its result.

    The result is None when the fork could not be made, died or raised: the caller then does the work itself and meets
    the same trouble in its own name. Only worker processes fork (they are small and have one working thread); a fork
    belongs to the worker's process group and memory account, and ends with it.
    """
    if not worker_process.is_worker() or not hasattr(os, "fork"):
        yield lambda: None
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(function, reading, writing)
    os.close(writing)
    try:
        yield lambda: _result(reading)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # it has ended, or nobody wants its result any more
        os.waitpid(child, 0)


def _work(function: Callable[[], T], reading: int, writing: int) -> None:
    status = 1
    try:
        os.close(reading)
        worker_process.mute()
        result = pickle.dumps(function(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(writing, "wb") as stream:
            stream.write(result)
        status = 0
    finally:
        os._exit(status)  # whatever was raised: the parent does the work itself, and nothing of it is torn down here


def _result(reading: int) -> T | None:
    with os.fdopen(os.dup(reading), "rb") as stream:
        content = stream.read()
    if not content:
        return None
    try:
        found: T = pickle.loads(content)  # noqa: S301 - written by our own fork
    except (pickle.UnpicklingError, EOFError):
        return None
    return found
