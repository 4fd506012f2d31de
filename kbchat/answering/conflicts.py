"""Sources that disagree: cited sentences of different documents that say the same with other numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from kbchat.messages import Bilingual, Language
from kbchat.text.quantities import Quantity, QuantityKind, find_quantities
from kbchat.text.tokens import words
from kbchat.types import Citation

_SAME_MATTER = 0.5
_COMPARED = frozenset(QuantityKind) - {QuantityKind.DATE}
_LONGEST_COMPARED = 240

NOTICE = Bilingual(
    "Note: sources {numbers} give different figures. Check which one applies (dates: {dates}).",
    "注意：出处 {numbers} 的数值不一致，请核对适用的版本（日期：{dates}）。",
)
_NO_DATE = Bilingual("no date", "无日期")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two citations, by number, whose quotes disagree."""

    first: int
    second: int


def find_conflicts(citations: Sequence[Citation]) -> tuple[Conflict, ...]:
    """Pairs of citations of different documents that speak of the same matter with figures that exclude each other.

    The same matter: at least half of the words of the shorter quote stand in the other. Figures exclude each other when
    both quotes hold quantities of one kind and unit and share none of them.
    """
    found: list[Conflict] = []
    for one, other in combinations(citations, 2):
        if one.document_id == other.document_id or max(len(one.quote), len(other.quote)) > _LONGEST_COMPARED:
            continue
        if _overlap(one.quote, other.quote) >= _SAME_MATTER and _exclude(one.quote, other.quote):
            found.append(Conflict(one.number, other.number))
    return tuple(found)


def _overlap(one: str, other: str) -> float:
    first, second = ({w for w in words(text) if not w[0].isdigit() and len(w) > 1} for text in (one, other))
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller >= 2 else 0.0


def _exclude(one: str, other: str) -> bool:
    first, second = _by_unit(one), _by_unit(other)
    shared = first.keys() & second.keys()
    return bool(shared) and all(not first[unit] & second[unit] for unit in shared)


def _by_unit(text: str) -> dict[tuple[QuantityKind, str], set[tuple[float, ...]]]:
    found: dict[tuple[QuantityKind, str], set[tuple[float, ...]]] = {}
    for quantity in find_quantities(text):
        if quantity.kind in _COMPARED and quantity.unit:
            found.setdefault((quantity.kind, quantity.unit), set()).add(_rounded(quantity))
    return found


def _rounded(quantity: Quantity) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in quantity.values)


def notice(conflicts: Sequence[Conflict], citations: Sequence[Citation], language: Language) -> str:
    """One line that names the sources that disagree and their dates; empty without a conflict."""
    if not conflicts:
        return ""
    numbers = sorted({number for conflict in conflicts for number in (conflict.first, conflict.second)})
    dates = [citations[number - 1].revision_date or _NO_DATE.in_language(language) for number in numbers]
    separator = "、" if language == "zh" else ", "
    return NOTICE.in_language(language).format(
        numbers=" ".join(f"[{number}]" for number in numbers), dates=separator.join(dates)
    )
