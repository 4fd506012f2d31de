"""One at a time, the others in order behind it, and no endless queue."""

from __future__ import annotations

import threading
from collections import deque

from kbchat.errors import GeneratorBusyError
from kbchat.messages import Bilingual


class WaitingLine:
    """Lets one through at a time, first come first served. ``longest`` may wait, each at most ``patience`` seconds."""

    def __init__(self, longest: int, patience: float) -> None:
        self._longest = longest
        self._patience = patience
        self._condition = threading.Condition()
        self._waiting: deque[object] = deque()
        self._taken = False

    def enter(self) -> None:
        """Wait for one's turn; :meth:`leave` ends it. Raises GeneratorBusyError when the line is full or does not move."""
        ticket = object()
        with self._condition:
            if not self._taken and not self._waiting:
                self._taken = True
                return
            if len(self._waiting) >= self._longest:
                raise _busy(len(self._waiting))
            self._waiting.append(ticket)
            try:
                if not self._condition.wait_for(lambda: self._is_next(ticket), self._patience):
                    raise _busy(len(self._waiting))
                self._taken = True
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
