"""From token ids to text that can be shown: whole characters, no speaker's name, nothing after a stop text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_HALF = "\ufffd"

Decode = Callable[[Sequence[int]], str | None]


class ReplyText:
    """Takes token ids one by one and gives back the text that is certain by now.

    ``decode`` gives the text of all ids so far, or None while it cannot be told. A character whose bytes are spread over
    tokens is held back until it is complete; so is white space at the end, and what may become one of ``stops``.
    """

    def __init__(self, decode: Decode, stops: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stops = tuple(stops)
        self._ids: list[int] = []
        self._given = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """The new text after one more token."""
        if self.stopped:
            return ""
        self._ids.append(token)
        text = self._decode(self._ids)
        return self._new(self._certain(text)) if text is not None else ""

    def finish(self) -> str:
        """The rest, when no token follows; half a character at the end is dropped."""
        text = self._decode(self._ids) or ""
        return self._new(self._before_stop(text).rstrip(_HALF).rstrip())

    def _certain(self, text: str) -> str:
        before = self._before_stop(text)
        if not self.stopped:
            before = before.rstrip(_HALF)
            longest = max((_overhang(before, stop) for stop in self._stops), default=0)
            before = before[: len(before) - longest]
        return before.rstrip()

    def _before_stop(self, text: str) -> str:
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.stopped = True
            return text[: min(places)]
        return text

    def _new(self, text: str) -> str:
        if not text.startswith(self._given):  # the last bytes made the decoder doubt characters already given
            return ""
        new = text[len(self._given) :]
        self._given = text
        return new


def _overhang(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` with which ``stop`` begins."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
