"""A text that is written in a thread and read here, with limits on silence and length of time, and an end at any moment."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator

from kbchat.errors import GeneratorError
from kbchat.messages import Bilingual


class Sink:
    """The writer's end: ``put`` pieces, look at ``stopped`` often, and tell by ``cut_off`` that the text is not whole."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.cut_off = False
        self.pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()

    def put(self, text: str) -> None:
        """Hand on a piece; empty ones are dropped."""
        if text:
            self.pieces.put(text)


class BackgroundText(Iterator[str]):
    """The pieces that ``write`` puts into its sink.

    The thread starts with the first ``next``. ``total`` seconds are allowed for everything, ``silence`` for each piece
    after the first. Closing it, or letting go of it, tells the writer to stop and returns at once.
    """

    def __init__(self, write: Callable[[Sink], None], *, silence: float, total: float, name: str) -> None:
        self._write = write
        self._silence = silence
        self._total = total
        self._name = name
        self._sink = Sink()
        self._deadline: float | None = None
        self._first = True
        self._looked_since: float | None = None
        self._ready: list[str | BaseException | None] = []

    @property
    def cut_off(self) -> bool:
        """Whether the text ended because it grew too long."""
        return self._sink.cut_off

    def __iter__(self) -> BackgroundText:
        return self

    def __next__(self) -> str:
        if not self._ready:
            if self._sink.stopped.is_set():
                raise StopIteration
            self._look(self._patience())
        if not self._ready:
            self.close()
            raise self._too_slow()
        piece = self._ready.pop()
        if piece is None or isinstance(piece, BaseException):
            self.close()
            if piece is None:
                raise StopIteration
            raise piece
        self._first = False
        self._looked_since = None
        return piece

    def wait(self, seconds: float) -> bool:
        """Whether ``next`` returns or raises at once, after at most ``seconds``."""
        if self._ready or self._sink.stopped.is_set():
            return True
        patience = self._patience()
        self._look(min(seconds, patience))
        return bool(self._ready) or patience <= seconds

    def _look(self, seconds: float) -> None:
        with contextlib.suppress(queue.Empty):
            self._ready.append(self._sink.pieces.get(timeout=seconds))

    def _patience(self) -> float:
        """Seconds left for the next piece, counted from the first look for it; the first look starts the writer."""
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._total
            threading.Thread(
                target=_run, args=(self._write, self._sink), name=f"kbchat {self._name}", daemon=True
            ).start()
        if self._looked_since is None:
            self._looked_since = now
        left = self._deadline - now
        return max(0.0, left if self._first else min(left, self._looked_since + self._silence - now))

    def close(self) -> None:
        """Tell the writer to stop."""
        self._sink.stopped.set()

    def __del__(self) -> None:
        self.close()

    def _too_slow(self) -> GeneratorError:
        return GeneratorError(
            Bilingual(
                f"The language model {self._name} did not finish in time.",
                f"语言模型 {self._name} 未能在规定时间内完成。",
            ),
            Bilingual(
                "Try again; raise generation.timeout and generation.total_timeout, or use a faster model.",
                "请重试；可调大 generation.timeout 与 generation.total_timeout，或改用更快的模型。",
            ),
        )


def _run(write: Callable[[Sink], None], sink: Sink) -> None:
    try:
        write(sink)
    except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it in the thread that asked
        sink.pieces.put(error)
    else:
        sink.pieces.put(None)
