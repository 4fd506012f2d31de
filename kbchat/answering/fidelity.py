"""Whether the quantities of a sentence stand in the passage it cites.

Every number with its unit, range, bound, frequency, period and role (starting or maximum dose, adult or child, per dose
or per day, before or after) is looked for in the source after normalisation. Wordings may differ (每次500 毫克 for 一次0.5克,
qid for 一日四次); values, units, directions and who a value belongs to may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kbchat.answering.markers import blank_markers
from kbchat.answering.quantity_matching import says_the_same
from kbchat.answering.quantity_roles import Roles, roles_of
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close, find_quantities

_DAY = 24.0
_BRACKETED = re.compile(r"[(（\[|]\s*(?P<unit>[A-Za-zμ%℃°/·\u4e00-\u9fff]{1,14})\s*[)）\]|]")


@dataclass(frozen=True, slots=True)
class FidelityResult:
    """``wrong`` are the strings of the sentence that the source does not support, in order."""

    supported: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A quantity with what its clause says about it."""

    quantity: Quantity
    roles: Roles


@lru_cache(maxsize=512)
def _placed(text: str) -> tuple[_Placed, ...]:
    clean = blank_markers(text)
    quantities = find_quantities(clean)
    return tuple(
        _Placed(quantity, roles) for quantity, roles in zip(quantities, roles_of(clean, quantities), strict=True)
    )


def check_quantities(answer_sentence: str, source_text: str, *, given: str = "") -> FidelityResult:
    """Check every quantity of ``answer_sentence`` against ``source_text``.

    Args:
        answer_sentence: one sentence or a short answer; citation markers in it are ignored.
        source_text: the text of the passage (or passages) the sentence cites.
        given: what the asker said; a quantity repeated from there needs no source.

    Returns:
        Whether all stand in the source, and the wrong strings as they are in the sentence.
    """
    source, known = _placed(source_text), _placed(given) if given else ()
    wrong: list[str] = []
    placed = _placed(answer_sentence)
    for item in placed:
        if _stands_in(item, source, source_text) or _repeats(item, known):
            continue
        string = _wrong_string(item.quantity, source, answer_sentence)
        if string not in wrong:
            wrong.append(string)
    return FidelityResult(not wrong, tuple(wrong))


def _wrong_string(quantity: Quantity, source: Sequence[_Placed], sentence: str) -> str:
    """The quantity as written, with its bound only where the bound is what is wrong."""
    if any(says_the_same(quantity, other.quantity) for other in source):
        return quantity.text
    return sentence[slice(*quantity.core)]


def _repeats(item: _Placed, known: Sequence[_Placed]) -> bool:
    return any(says_the_same(item.quantity, other.quantity) for other in known)


def _stands_in(item: _Placed, source: Sequence[_Placed], source_text: str) -> bool:
    quantity = item.quantity
    if quantity.kind is QuantityKind.PERIOD:
        return _period_stands(quantity, source, attached=item.roles.attached)
    matches = [other for other in source if says_the_same(quantity, other.quantity)]
    if not matches:
        return _stands_loosely(item, source, source_text)
    if not any(_bounds_agree(item, other) for other in matches):
        return False
    if quantity.period and quantity.kind is not QuantityKind.FREQUENCY and not _has_period(quantity.period, source):
        return False
    return not _belongs_elsewhere(item, matches, source)


def _stands_loosely(item: _Placed, source: Sequence[_Placed], source_text: str) -> bool:
    """Values the source gives in another shape: the ends of a range, a unit in a table's head, a length as a period."""
    quantity = item.quantity
    same_unit = [other for other in source if other.quantity.unit == quantity.unit]
    if quantity.kind is QuantityKind.FREQUENCY:
        return any(
            other.quantity.kind is QuantityKind.FREQUENCY and _rate_within_shape(quantity, other.quantity)
            for other in source
        ) or _counted_in(quantity, source)
    if quantity.is_range and all(
        any(len(other.quantity.values) == 1 and close(end, other.quantity.values[0]) for other in same_unit)
        for end in quantity.values
    ):
        return True
    if _is_end_of_range(item, same_unit):
        return True
    if quantity.unit == "h" and len(quantity.values) == 1 and _spacing_in(item, source):
        return True
    if quantity.unit == "times" and _has_period_of_rate(quantity, source):
        return True
    return _unit_in_heading(quantity, source, source_text)


def _is_end_of_range(item: _Placed, same_unit: Iterable[_Placed]) -> bool:
    """One end of a range is right only with its direction: at most (or the maximum) the high end, at least the low."""
    quantity = item.quantity
    direction = _direction(item)
    if len(quantity.values) != 1 or direction is Bound.NONE:
        return False
    index = 1 if direction is Bound.DOWN else 0
    return any(
        other.quantity.is_range and close(other.quantity.values[index], quantity.values[0]) for other in same_unit
    )


def _rate_within_shape(said: Quantity, meant: Quantity) -> bool:
    """1 to 2 times a day supports "at most twice a day"."""
    if (
        len(said.values) != 1
        or len(meant.values) != 2
        or said.bound is Bound.NONE
        or not close(said.period, meant.period)
    ):
        return False
    return close(said.values[0], meant.values[1 if said.bound is Bound.DOWN else 0])


def _counted_in(said: Quantity, source: Sequence[_Placed]) -> bool:
    """A frequency told in parts: at least 8 hours apart, 24小时内不超过4次, weekly."""
    once = said.values == (1.0,)
    for other in source:
        quantity = other.quantity
        if once and quantity.kind is QuantityKind.PERIOD and close(quantity.period, said.period):
            return True
        if once and quantity.unit == "h" and other.roles.spacing and _is_value(quantity, said.period):
            return True
        if quantity.unit == "times" and quantity.values == said.values and _has_period(said.period, source):
            return True
    return False


def _has_period_of_rate(said: Quantity, source: Sequence[_Placed]) -> bool:
    return any(
        other.quantity.kind is QuantityKind.FREQUENCY and other.quantity.values == said.values for other in source
    )


def _is_value(quantity: Quantity, value: float) -> bool:
    return len(quantity.values) == 1 and close(quantity.values[0], value)


def _spacing_in(item: _Placed, source: Sequence[_Placed]) -> bool:
    """An interval of the source supports that spacing (每12小时一次: 间隔12小时); a day is 24 hours however it is said."""
    hours = item.quantity.values[0]
    if hours == _DAY and _has_period(_DAY, source):
        return True
    if not item.roles.spacing:
        return False
    return any(
        close(other.quantity.period, hours)
        and (other.quantity.kind is QuantityKind.PERIOD or other.quantity.values == (1.0,))
        for other in source
        if other.quantity.kind in (QuantityKind.FREQUENCY, QuantityKind.PERIOD)
    )


def _unit_in_heading(quantity: Quantity, source: Sequence[_Placed], source_text: str) -> bool:
    """A bare number of the source is right when the unit stands in the head of its table or in brackets."""
    factor = _units_in_brackets(source_text).get(quantity.unit) if quantity.unit else None
    return factor is not None and any(
        not other.quantity.unit
        and len(other.quantity.written) == len(quantity.values)
        and all(close(a * factor, b) for a, b in zip(other.quantity.written, quantity.values, strict=True))
        for other in source
    )


@lru_cache(maxsize=512)
def _units_in_brackets(text: str) -> dict[str, float]:
    """Canonical units, with their factors, of names that stand alone in brackets or in a cell: (mmol/L), | mg |."""
    return {
        quantity.unit: quantity.values[0]
        for match in _BRACKETED.finditer(text)
        for quantity in find_quantities("1 " + match["unit"])
    }


# --------------------------------------------------------------------------------------------------------------------
# Same meaning


def _direction(item: _Placed) -> Bound:
    if item.quantity.bound is not Bound.NONE:
        return item.quantity.bound
    return {"max": Bound.DOWN, "min": Bound.UP}.get(item.roles.stage, Bound.NONE)


def _bounds_agree(said: _Placed, meant: _Placed) -> bool:
    """A bound may be left out; one that the source lacks or turns round is wrong (a frequency may be called a maximum)."""
    bound = said.quantity.bound
    if bound is Bound.NONE:
        return True
    if said.quantity.kind is QuantityKind.FREQUENCY and meant.quantity.bound is Bound.NONE:
        return bound is Bound.DOWN
    return _direction(meant) is bound


def _has_period(period: float, source: Iterable[_Placed]) -> bool:
    for other in source:
        quantity = other.quantity
        if quantity.period and (close(quantity.period, period) or (period == _DAY and 0 < quantity.period < _DAY)):
            return True
        if quantity.unit == "h" and len(quantity.values) == 1 and close(quantity.values[0], period):
            return True
    return False


def _period_stands(quantity: Quantity, source: Sequence[_Placed], *, attached: bool) -> bool:
    """每日 matters only where it scales an amount; "every day" in passing is no quantity."""
    return not attached or _has_period(quantity.period, source)


def _belongs_elsewhere(item: _Placed, matches: Sequence[_Placed], source: Sequence[_Placed]) -> bool:
    """The value stands in the source, but with another role than the sentence gives it."""
    others = [other for other in source if other.quantity.unit == item.quantity.unit and other not in matches]
    doses = [other for other in source if other.quantity.kind in (QuantityKind.MEASURE, QuantityKind.COUNT)]
    rivals_by_group = {
        "stage": others, "population": doses, "organ": others, "severity": others, "sex": others, "side": others,
        "condition": others, "route": others,
    }  # fmt: skip
    for group, rivals in rivals_by_group.items():
        said = getattr(item.roles, group)
        meant = {getattr(match.roles, group) for match in matches}
        if not said or "" in meant or said in meant:
            continue
        if said in ("max", "min") and item.quantity.bound is not Bound.NONE:
            continue  # its own bound says more than a word further away
        if any(getattr(rival.roles, group) == said for rival in rivals):
            return True
    return (
        _limit_reversed(item, matches)
        or _no_longer_within(item, matches)
        or _wrong_side(item, matches)
        or _wrong_meal(item, matches)
        or _wrong_basis(item, matches, source)
        or _wrong_label(item, matches, others)
    )


def _limit_reversed(item: _Placed, matches: Sequence[_Placed]) -> bool:
    """每天至少服4g for a maximum of 4 g: a limit apart from its number, turned round."""
    said = {"max": Bound.DOWN, "min": Bound.UP}.get(item.roles.limit)
    if said is None or item.quantity.bound is not Bound.NONE:
        return False
    meant = {_direction(match) for match in matches}
    return Bound.NONE not in meant and said not in meant


def _no_longer_within(item: _Placed, matches: Sequence[_Placed]) -> bool:
    """72小时后 for 72小时内: the time in which, taken for the time after which."""
    return (
        item.quantity.unit == "h"
        and item.roles.elapsed
        and all(match.quantity.bound is Bound.DOWN and not match.roles.elapsed for match in matches)
    )


def _wrong_side(item: _Placed, matches: Sequence[_Placed]) -> bool:
    """术前12小时 for 术后12小时: the same event, the other side."""
    said = item.roles
    return bool(said.anchor) and all(
        match.roles.anchor == said.anchor and match.roles.side != said.side for match in matches
    )


def _wrong_meal(item: _Placed, matches: Sequence[_Placed]) -> bool:
    said = item.roles.meal
    return bool(said) and all(match.roles.meal not in ("", said) for match in matches)


def _wrong_basis(item: _Placed, matches: Sequence[_Placed], source: Sequence[_Placed]) -> bool:
    """500 mg per dose is not 500 mg per day, unless it is taken once a day."""
    said = item.roles.basis
    if not said or any(match.roles.basis in ("", said) for match in matches):
        return False
    rates = [other.quantity for other in source if other.quantity.kind is QuantityKind.FREQUENCY]
    return bool(rates) and not any(rate.values[-1] == 1.0 and rate.period == _DAY for rate in rates)


def _wrong_label(item: _Placed, matches: Sequence[_Placed], others: Sequence[_Placed]) -> bool:
    """The words before it stand in the source before another value, and none of them before this one."""
    said = item.roles.label
    if (
        not said
        or item.quantity.kind is QuantityKind.FREQUENCY
        or any(said & m.roles.label or not m.roles.label for m in matches)
    ):
        return False
    return any(len(said & other.roles.label) >= min(2, len(said)) for other in others)
