"""The beginning of a served answer: white space, and what a reasoning model thinks aloud (``<think>…</think>``), left out."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class WithoutThinking:
    """Takes the pieces of an answer and gives back those that are meant for the reader."""

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def add(self, piece: str) -> str:
        """What of the text so far can be shown and was not given before."""
        if self._decided:
            return piece
        self._held += piece
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            _, closed, rest = begun.partition(_CLOSE)
            if not closed or not rest.strip():
                return ""
            self._decided = True
            return rest.lstrip()
        if not begun or _OPEN.startswith(begun):
            return ""
        self._decided = True
        return begun

    def finish(self) -> str:
        """What is left when the answer ends; thoughts without an end stay out."""
        if self._decided or self._held.lstrip().startswith(_OPEN):
            return ""
        return self._held
