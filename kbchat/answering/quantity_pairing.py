"""Which of several cues of a sentence belongs to which of its amounts: 2 tablets in the morning and 1 at night.

Writers set amounts against each other in one order, cue before amount (早2片晚1片) or amount before cue; the cue that stands
nearest is often that of the neighbour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kbchat.answering.quantity_readings import conditions_of, is_dose, is_weight, nths_of
from kbchat.answering.quantity_surroundings import Surroundings
from kbchat.text.quantities import Quantity, QuantityKind

Cue = tuple[int, int, str]
"""Start, end and value."""
_Part = tuple[str, int, str]
"""Cue or amount ("c", "a"); where it stands; its value, or the number of the amount."""

_MARKS = frozenset("，,；;。:")


class Orders:
    """What the order of cues and amounts in the sentences of a text says, each group found once a sentence."""

    def __init__(self, text: str, quantities: Sequence[Quantity], around: Surroundings) -> None:
        self._text = text
        self._quantities = quantities
        self._around = around
        self._cues: dict[tuple[str, tuple[int, int]], list[Cue]] = {}
        self._inside: dict[tuple[int, int], list[int]] = {}
        self._known: dict[tuple[str, str, tuple[int, int]], dict[int, str]] = {}

    def cue(self, group: str, index: int, sentence: tuple[int, int]) -> str | None:
        """The cue of ``group`` of quantity ``index``: among those of its unit, or else among all doses; none where it is not told."""
        own = self._quantities[index]
        if own.kind is QuantityKind.PERIOD or len(self._indices(sentence)) < 2 or len(self.cues(group, sentence)) < 2:
            return None
        for among in (f"{own.kind if is_rate(own) else ''} {own.unit}", "doses" if is_dose(own) else ""):
            key = (group, among, sentence)
            if among and key not in self._known:
                self._known[key] = self._found(group, sentence, among)
            if among and index in self._known[key]:
                return self._known[key][index]
        return None

    def _found(self, group: str, sentence: tuple[int, int], among: str) -> dict[int, str]:
        indices = [
            index
            for index in self._indices(sentence)
            for one in (self._quantities[index],)
            if not is_weight(one)
            if (is_dose(one) if among == "doses" else among == f"{one.kind if is_rate(one) else ''} {one.unit}")
        ]
        if len(indices) < 2:
            return {}
        found = paired(self._text, self.cues(group, sentence), [self._quantities[index].core for index in indices])
        return {indices[number]: value for number, value in found.items()}

    def _indices(self, sentence: tuple[int, int]) -> list[int]:
        """The quantities of a sentence."""
        if sentence not in self._inside:
            self._inside[sentence] = [
                index for index, one in enumerate(self._quantities) if sentence[0] <= one.start < sentence[1]
            ]
        return self._inside[sentence]

    def cues(self, group: str, sentence: tuple[int, int]) -> list[Cue]:
        """The cues of ``group`` in a sentence."""
        key = (group, sentence)
        if key not in self._cues:
            if group == "condition":
                self._cues[key] = conditions_of([self._quantities[index] for index in self._indices(sentence)])
            else:
                nth = group == "nth"
                self._cues[key] = nths_of(self._text, sentence) if nth else self._around.cues(group, *sentence)
        return self._cues[key]


def is_rate(quantity: Quantity) -> bool:
    """Whether it is a frequency."""
    return quantity.kind is QuantityKind.FREQUENCY


def paired(text: str, cues: Sequence[Cue], amounts: Sequence[tuple[int, int]]) -> dict[int, str]:
    """The cue of each of ``amounts`` (spans in order), by its number; empty where the order of a sentence does not tell.

    An amount that several cues are said of (早中各1片) has an empty string.
    """
    if len(amounts) < 2 or len({value for _, _, value in cues}) < 2:
        return {}
    parts = sorted(
        [("c", start, value) for start, _, value in cues]
        + [("a", start, str(number)) for number, (start, _) in enumerate(amounts)],
        key=lambda part: part[1],
    )
    while parts[0][0] == "a" and _apart(text, parts[0][1], next(at for kind, at, _ in parts if kind == "c")):
        del parts[0]  # a day's amount, before those of its times of day
    runs = [(kind, list(run)) for kind, run in groupby(parts, key=lambda part: part[0])]
    return _one_by_one(text, runs) or _in_one_order(text, runs)


def _one_by_one(text: str, runs: list[tuple[str, list[_Part]]]) -> dict[int, str]:
    """As many cues as amounts, two by two, in either order: in the morning 2 and 1 at night."""
    parts = [part for _, run in runs for part in _without_repeats(run)]
    if len(parts) % 2:
        return {}
    found: dict[int, str] = {}
    for first, second in zip(parts[::2], parts[1::2], strict=True):
        if first[0] == second[0]:
            return {}
        amount, cue = (first, second) if first[0] == "a" else (second, first)
        if first is amount and _apart(text, amount[1], cue[1]):
            return {}
        found[int(amount[2])] = cue[2]
    return found


def _in_one_order(text: str, runs: list[tuple[str, list[_Part]]]) -> dict[int, str]:
    """Every amount behind its cues, or every amount before them."""
    ahead = runs[0][0] == "c" and runs[-1][0] == "a"
    if not ahead and not (runs[0][0] == "a" and runs[-1][0] == "c"):
        return {}
    found: dict[int, str] = {}
    for (_, first), (_, second) in zip(runs[::2], runs[1::2], strict=True):
        amounts, cues = (second, first) if ahead else (first, second)
        if not ahead and (len(amounts) > 1 or _apart(text, amounts[0][1], cues[0][1])):
            return {}
        values = {value for _, _, value in _of_one_clause(text, cues, last=ahead)}
        for _, _, number in amounts:
            found[int(number)] = values.copy().pop() if len(values) == 1 else ""
    return found


def _without_repeats(run: list[_Part]) -> Iterator[_Part]:
    """A run with a cue said twice (early in the morning) once."""
    for index, part in enumerate(run):
        if part[0] == "a" or index == 0 or run[index - 1][2] != part[2]:
            yield part


def _of_one_clause(text: str, cues: list[_Part], *, last: bool) -> list[_Part]:
    """The cues of a run in the clause that is next to their amount."""
    nearest = cues[-1] if last else cues[0]
    return [cue for cue in cues if not _apart(text, min(cue[1], nearest[1]), max(cue[1], nearest[1]))]


def _apart(text: str, low: int, high: int) -> bool:
    return any(mark in _MARKS for mark in text[low:high])
