"""The sentence and the clause around each quantity of a text, and the cues in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from kbchat.answering.quantity_cues import GROUPS
from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import Quantity

_SENTENCE_END = deferred(r"[。；;！？!?\n]|\.(?=\s|$)")
_CLAUSE_END = deferred(r"[，,、。；;！？!?\n:]|\.(?=\s|$)")


class Surroundings:
    """Where sentences and clauses of a text end and where its cues stand, each group found once for all its quantities."""

    def __init__(self, text: str, quantities: Sequence[Quantity]) -> None:
        self._text = text
        self._sentences = _marks(text, _SENTENCE_END, quantities)
        self._clauses = _marks(text, _CLAUSE_END, quantities)
        self._cues: dict[str, list[tuple[int, int, str]]] = {}

    def sentence(self, quantity: Quantity) -> tuple[int, int]:
        """Start and end of the sentence around a quantity."""
        return _around(self._sentences, quantity, len(self._text))

    def clause(self, quantity: Quantity) -> tuple[int, int]:
        """Start and end of the clause around a quantity."""
        return _around(self._clauses, quantity, len(self._text))

    def cues(self, group: str, low: int, high: int) -> list[tuple[int, int, str]]:
        """The cues of ``group`` that begin in ``[low, high)``, in order."""
        if group not in self._cues:
            self._cues[group] = sorted(
                (match.start(), match.end(), value)
                for value, pattern in GROUPS[group]
                for match in pattern.finditer(self._text)
            )
        return [cue for cue in self._cues[group] if low <= cue[0] < high]


def _marks(text: str, pattern: re.Pattern[str], quantities: Sequence[Quantity]) -> list[tuple[int, int]]:
    """The spans of ``pattern`` that lie in no quantity."""
    inside = {offset for q in quantities for offset in range(q.start, q.end)}
    return [match.span() for match in pattern.finditer(text) if match.start() not in inside]


def _around(marks: list[tuple[int, int]], quantity: Quantity, length: int) -> tuple[int, int]:
    index = bisect_left(marks, (quantity.start, 0))
    low = marks[index - 1][1] if index else 0
    return low, marks[index][0] if index < len(marks) else length
