"""One at a time, the others in order behind it, and no endless queue."""

from __future__ import annotations

import threading
import time
from collections import deque

from kbchat.errors import GeneratorBusyError
from kbchat.messages import Bilingual

_LOOK = 0.2
"""Seconds between two looks at whether the one who waits is still there."""


class WaitingLine:
    """Lets one through at a time, first come first served. ``longest`` may wait, each at most ``patience`` seconds."""

    def __init__(self, longest: int, patience: float) -> None:
        self._longest = longest
        self._patience = patience
        self._condition = threading.Condition()
        self._waiting: deque[object] = deque()
        self._taken = False

    def enter(self, gone: threading.Event | None = None) -> bool:
        """Wait for one's turn, which :meth:`leave` ends; False when ``gone`` was set before it came.

        Raises GeneratorBusyError when the line is full or does not move.
        """
        ticket = object()
        deadline = time.monotonic() + self._patience
        with self._condition:
            if (self._taken or self._waiting) and len(self._waiting) >= self._longest:
                raise _busy(len(self._waiting))
            self._waiting.append(ticket)
            try:
                while not self._is_next(ticket):
                    left = deadline - time.monotonic()
                    if gone is not None and gone.is_set():
                        return False
                    if left <= 0:
                        raise _busy(len(self._waiting) - 1)
                    self._condition.wait(min(left, _LOOK))
                if gone is not None and gone.is_set():
                    return False
                self._taken = True
                return True
            finally:
                self._waiting.remove(ticket)
                self._condition.notify_all()

    def leave(self) -> None:
        """Let the next one through."""
        with self._condition:
            self._taken = False
            self._condition.notify_all()

    @property
    def length(self) -> int:
        """How many wait now."""
        with self._condition:
            return len(self._waiting)

    def _is_next(self, ticket: object) -> bool:
        return not self._taken and self._waiting[0] is ticket


def _busy(waiting: int) -> GeneratorBusyError:
    return GeneratorBusyError(
        Bilingual(
            f"The language model is busy with another answer, {waiting} more are waiting.",
            f"语言模型正在生成其他回答，另有 {waiting} 个问题在排队。",
        ),
        Bilingual(
            "Try again in a minute, or raise generation.waiting and generation.wait_timeout.",
            "请稍后再试，或调大 generation.waiting 与 generation.wait_timeout。",
        ),
    )
