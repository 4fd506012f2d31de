"""What the words around a quantity make of it: starting or maximum, adult or child, per dose or per day, before or after.

Each is read when it is first asked for: a check looks at few of a passage's quantities closer, and at few of their roles;
reading all of them costs more than finding the quantities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from kbchat.answering.quantity_pairing import Orders
from kbchat.answering.quantity_readings import (
    basis_of,
    change_of,
    condition_of,
    daytime_of,
    forbids,
    has_elapsed,
    is_dose,
    limit_of,
    meal_of,
    nearest,
    nth_of,
    nths_of,
    partners_of,
    side_of,
    speaks_of_interval,
)
from kbchat.answering.quantity_surroundings import Surroundings
from kbchat.answering.quantity_words import (
    context,
    kind_named,
    of_whom,
    pairs,
    told_with,
    whose,
    words_after,
    words_before,
)
from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import unify
from kbchat.text.quantities import Quantity, QuantityKind

_CLAUSE_MARKS = frozenset("，,；;。")
_JOINED = deferred(r"\b(?:and|or|but)\s+$", re.IGNORECASE)
_ORDINAL_HEAD = 8
_CLOSE = 80
"""Characters between two numbers that a writer sets against each other."""


class _Text:
    """A text with its quantities, and what is found once for all of them."""

    def __init__(self, text: str, quantities: Sequence[Quantity]) -> None:
        self.text = unify(text)
        self.quantities = quantities
        self.roles = tuple(Roles(self, index) for index in range(len(quantities)))

    @cached_property
    def around(self) -> Surroundings:
        return Surroundings(self.text, self.quantities)

    @cached_property
    def frequencies(self) -> list[Quantity]:
        return [quantity for quantity in self.quantities if quantity.kind is QuantityKind.FREQUENCY]

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.text, self.quantities, self.around)

    @cached_property
    def partners(self) -> dict[int, Quantity]:
        return partners_of(self.quantities, self.around)


class Roles:
    """The roles of one quantity; an empty string where nothing is said."""

    def __init__(self, read: _Text, index: int) -> None:
        self._read = read
        self._index = index
        self._quantity = read.quantities[index]

    @cached_property
    def _sentence(self) -> tuple[int, int]:
        return self._read.around.sentence(self._quantity)

    @cached_property
    def _clause(self) -> tuple[int, int]:
        return self._read.around.clause(self._quantity)

    def matter(self, group: str) -> str:
        """The nearest cue of ``group`` (what was measured, the arm of a trial …); an empty string where there is none."""
        cues = self._read.orders.cues(group, self._sentence)
        told = self.ordered(group) if len(cues) > 1 else None
        return nearest(cues, self._quantity, self._clause) if told is None else told

    def ordered(self, group: str) -> str | None:
        """The cue of ``group`` that the order of its sentence gives it (in the morning 2 and 1 at night)."""
        return self._read.orders.cue(group, self._index, self._sentence)

    def mentioned(self, group: str) -> frozenset[str]:
        """What the whole text names of ``group``."""
        return frozenset(value for _, _, value in self._read.around.cues(group, 0, len(self._read.text)))

    def names_apart(self, kind: str) -> bool:
        """Whether the text names ``kind``, and every time with the end of a clause between it and this quantity."""
        text, start = self._read.text.lower(), self._quantity.start
        places = [place.start() for place in re.finditer(re.escape(kind), text)]
        return bool(places) and all(set(text[min(at, start) : max(at, start)]) & _CLAUSE_MARKS for at in places)

    def stands_beside(self, other: Roles) -> bool:
        """Whether two quantities of a text stand close together in one line that is no row of a table."""
        low, high = sorted((self._quantity.start, other._quantity.start))
        between = self._read.text[low:high]
        return high - low <= _CLOSE and "\n" not in between and "|" not in between

    @cached_property
    def told_with(self) -> frozenset[str]:
        """What its clause tells with it."""
        return told_with(self._read.text, self._read.quantities, self._index, self._sentence, self._clause)

    @cached_property
    def stage_named(self) -> str:
        """Start, later, max or min, where a word says so."""
        return self.matter("stage")

    @cached_property
    def stage(self) -> str:
        """The same; and start for a dose before a later one of its sentence, though nothing calls it so (0.25 mg, then 0.5 mg)."""
        if self.stage_named or not is_dose(self._quantity):
            return self.stage_named
        later = (
            other.unit == self._quantity.unit and roles.stage_named == "later"
            for other, roles in zip(self._read.quantities, self._read.roles, strict=True)
            if self._quantity.end <= other.start < self._sentence[1]
        )
        return "start" if any(later) else ""

    @cached_property
    def population(self) -> str:
        """Child, adult, pregnant or elderly."""
        return self.matter("population")

    @cached_property
    def organ(self) -> str:
        """Renal or hepatic."""
        return self.matter("organ")

    @cached_property
    def severity(self) -> str:
        """Mild, moderate or severe."""
        return self.matter("severity")

    @cached_property
    def sex(self) -> str:
        """Male or female."""
        return self.matter("sex")

    @cached_property
    def route(self) -> str:
        """By which way a medicine is given."""
        return self.matter("route")

    @cached_property
    def limit(self) -> str:
        """Max or min, where the clause says so right before it."""
        return limit_of(self._read.around, self._read.quantities, self._index, self._clause)

    @cached_property
    def basis(self) -> str:
        """Per dose, day or week."""
        return basis_of(self._read.around.cues("basis", *self._clause), self._quantity, self._read.frequencies)

    @cached_property
    def _side_and_anchor(self) -> tuple[str, str]:
        return side_of(self._read.text, self._quantity)

    @property
    def side(self) -> str:
        """Before or after another event."""
        return self._side_and_anchor[0]

    @property
    def anchor(self) -> str:
        """The word of that event."""
        return self._side_and_anchor[1]

    @cached_property
    def elapsed(self) -> bool:
        """Whether the time has gone by (72小时后)."""
        return has_elapsed(self._read.text, self._quantity)

    @cached_property
    def meal(self) -> str:
        """Before or after a meal."""
        return meal_of(self._read.text, self._quantity)

    @cached_property
    def condition(self) -> str:
        """The age band or the bound on weight or a laboratory value that stands before it (≥50kg)."""
        told = self.ordered("condition")
        return condition_of(self._read.quantities, self._index, self._sentence, self._clause) if told is None else told

    @cached_property
    def spacing(self) -> bool:
        """Whether the clause speaks of an interval."""
        return speaks_of_interval(self._read.text, self._clause)

    @cached_property
    def attached(self) -> bool:
        """Whether another amount stands in the same clause."""
        return any(
            other is not self._quantity and self._clause[0] <= other.start < self._clause[1]
            for other in self._read.quantities
            if other.kind is not QuantityKind.PERIOD
        )

    @cached_property
    def label(self) -> frozenset[str]:
        """The words right before it."""
        before = self._read.text[self._clause[0] : self._quantity.core[0]]
        if self.behind and _JOINED.search(before):
            return self.behind  # 10 mg for angina and 5 mg for gout: what stands before is of the other
        return words_before(self._read.text, self._quantity, self._clause)

    @cached_property
    def behind(self) -> frozenset[str]:
        """English words right behind it (12 weeks in naive patients)."""
        return of_whom(self._read.text, self._quantity, self._clause)

    @cached_property
    def daytime(self) -> str:
        """The time of day that its clause names."""
        told = self.ordered("daytime")
        return daytime_of(self._read.around, self._quantity, self._clause) if told is None else told

    @cached_property
    def nth(self) -> str:
        """The day or week of treatment (第2周)."""
        told = self.ordered("nth")
        return nth_of(self._read.orders.cues("nth", self._sentence), self._quantity) if told is None else told

    @cached_property
    def ordinal(self) -> str:
        """The day or week of treatment that it is itself (第3周, 头三天, first 3 days)."""
        low = max(self._sentence[0], self._quantity.start - _ORDINAL_HEAD)
        spans = nths_of(self._read.text, (low, self._sentence[1]))
        return next((nth for start, end, nth in spans if start <= self._quantity.start < end), "")

    @cached_property
    def follows(self) -> frozenset[str]:
        """What the sentence goes on to say before the next quantity: characters of Chinese, words of English."""
        return words_after(self._read.text, self._read.quantities, self._index, self._sentence)

    @cached_property
    def context(self) -> frozenset[str]:
        """What it is told of."""
        return context(self._read.text, self._read.quantities, self._index, self._clause)

    @cached_property
    def kind(self) -> str:
        """A type, grade or group named before it (2型)."""
        return kind_named(self._read.text, self._quantity, self._sentence)

    @cached_property
    def forbidden(self) -> bool:
        """Whether its sentence forbids something."""
        return forbids(self._read.text, self._sentence)

    @cached_property
    def change(self) -> str:
        """A step (by 25 mg) or its end (to 25 mg)."""
        return change_of(self._read.text, self._quantity)

    @cached_property
    def partner(self) -> Quantity | None:
        """The dose that a frequency is said of."""
        return self._read.partners.get(self._index)

    @cached_property
    def whose(self) -> frozenset[str]:
        """Those it holds of (有痛风石者), as pairs of characters."""
        return whose(self._read.text, self._quantity, self._sentence)

    @cached_property
    def told(self) -> frozenset[str]:
        """What its sentence said before it, as pairs of characters."""
        return pairs(self._read.text[self._sentence[0] : self._quantity.start])


def roles_of(text: str, quantities: Sequence[Quantity]) -> tuple[Roles, ...]:
    """The roles of each of ``quantities`` (those of ``text``, in order)."""
    return _Text(text, quantities).roles
