"""The process that draws pages, as its parent sees it: one a process, started when first needed, ended when it hangs.

Pages are drawn one after another. A file that crashes the process, makes it hang or eats its memory costs that one
picture; the next request starts a new process.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from kbchat.errors import BusyError, PagePictureError
from kbchat.messages import Bilingual

_START_SECONDS = 20.0
_MOST_BYTES = 200 << 20
_HEADER = 9
_GIVEN_UP_SECONDS = 600.0
_MOST_GIVEN_UP = 1000


class _LostError(Exception):
    """The process hung, or ended while it drew."""


class RenderProcess:
    """Draws pages in a second process. Safe to share between threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._memory = 0
        self._fresh = False
        self._given_up: OrderedDict[tuple[Path, int], float] = OrderedDict()

    def draw(self, path: Path, format_name: str, page: int, width: int, *, seconds: float, memory: int) -> bytes:
        """Page ``page`` of the file at ``path`` as PNG, ``width`` pixels wide; ``memory`` in MiB.

        Waits its turn for at most ``3 * seconds``. Raises PagePictureError, BusyError.
        """
        self._refuse_given_up((path, page))
        if not self._turn.acquire(timeout=3 * seconds):
            raise BusyError(
                Bilingual("Too many pages are being drawn at the moment.", "当前正在生成的页面图片过多。"),
                Bilingual("Try again in a few seconds.", "请稍候几秒再试。"),
            )
        try:
            request = {"path": str(path), "format": format_name, "page": page, "width": width}
            return self._exchange(json.dumps(request).encode() + b"\n", seconds, memory)
        except _LostError as error:
            self._given_up[path, page] = time.monotonic()
            if len(self._given_up) > _MOST_GIVEN_UP:
                self._given_up.popitem(last=False)
            raise _failed(str(error)) from error
        finally:
            self._turn.release()

    def _refuse_given_up(self, key: tuple[Path, int]) -> None:
        """A page that made the process hang or crash lately is not tried again: others would wait behind it."""
        since = self._given_up.get(key)
        if since is not None and time.monotonic() - since < _GIVEN_UP_SECONDS:
            raise _failed("the last attempt did not end well")

    def close(self) -> None:
        """End the process; the next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _reap(process)

    def _exchange(self, request: bytes, seconds: float, memory: int) -> bytes:
        process = self._running(memory)
        with self._within(seconds, process):
            cast("BinaryIO", process.stdin).write(request)
            cast("BinaryIO", process.stdin).flush()
            status, content = _receive(cast("BinaryIO", process.stdout))
        if status == b"+":
            return content
        raise _failed(content.decode("utf-8", "replace"))

    def _running(self, memory: int) -> subprocess.Popen[bytes]:
        """The process, ready to draw."""
        process = self._process
        if process is not None and process.poll() is None and self._memory == memory:
            return process
        self.close()
        command = [sys.executable, "-P", "-m", "kbchat.services.page_rendering", str(memory)]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
            )
        except OSError as error:
            raise _failed(f"the drawing process cannot be started: {error}") from error
        self._process, self._memory = process, memory
        try:
            with self._within(_START_SECONDS, process):
                _receive(cast("BinaryIO", process.stdout))
        except _LostError as error:
            raise _failed("the drawing process does not start") from error
        return process

    @contextmanager
    def _within(self, seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """End the process when the block takes longer, or leaves it with half an answer. Raises _LostError."""
        started = time.monotonic()
        watch = threading.Timer(seconds, process.kill)
        watch.daemon = True
        watch.start()
        try:
            yield
        except (EOFError, OSError) as error:
            self.close()
            late = time.monotonic() - started >= seconds
            raise _LostError(f"no end within {seconds:g} seconds" if late else "the drawing process ended") from error
        except BaseException:  # interrupted: what the pipe still brings belongs to nobody
            self.close()
            raise
        finally:
            watch.cancel()


RENDERER = RenderProcess()
"""The one of this process."""
atexit.register(RENDERER.close)


def _receive(stream: BinaryIO) -> tuple[bytes, bytes]:
    """One answer. Raises EOFError when the process ended or sent nonsense."""
    header = _exactly(stream, _HEADER)
    length = int.from_bytes(header[1:], "little")
    if header[:1] not in (b"+", b"-") or length > _MOST_BYTES:
        raise EOFError
    return header[:1], _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise EOFError
    return content


def _reap(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:  # unsent bytes of a broken pipe
            continue


def _failed(reason: str) -> PagePictureError:
    return PagePictureError(
        Bilingual(f"The page cannot be drawn: {reason}.", f"无法生成页面图片：{reason}。"),
        Bilingual("Read its text instead, or open the original.", "请改看文本，或打开原文件。"),
    )
