"""Values that a source gives in another shape than a sentence: ends of ranges, units in a table's head, shares, intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from kbchat.answering.derived_quantities import follows_by_arithmetic
from kbchat.answering.placed_quantities import DAY, Placed, has_period, is_rate
from kbchat.answering.quantity_counts import counted_otherwise, told_in_parts
from kbchat.answering.quantity_readings import nths_of
from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import parse_number, unify
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close, find_quantities
from kbchat.text.units import COUNTED, unit_table

_BRACKETED = deferred(r"[(（\[|]\s*(?P<unit>[A-Za-zμ%℃°/·\u4e00-\u9fff]{1,14})\s*[)）\]|]")
_EACH = deferred(r"(?:每一?个?|\b(?:each|every|per|an?|one)\s+)(?P<unit>[\u4e00-\u9fff]{1,2}|[a-z]+)", re.IGNORECASE)
_CONTENT = deferred(
    r"(?:每\s*|\beach\s+|\bper\s+)?(?P<size>\d+(?:\.\d+)?)\s*(?P<below>ml|毫升|l|升)\s*(?:中|里|溶液|本品|注射液|口服液)?(?:约|内)?\s*"
    r"(?:含有?|有|相当于|contains?|:)[^,，。；;\d]{0,14}(?P<amount>\d+(?:\.\d+)?\s*(?:mg|g|μg|毫克|克|微克))",
    re.IGNORECASE,
)
_STRONG_FORM = deferred(
    r"\b(?P<count>\d+|an?|one|two|three|four)\s+\d[\d.,]*\s?(?:mg|g|mcg|μg|micrograms?|milligrams?|units?|iu|%)[-\s]+(?:film-coated\s+|chewable\s+|soluble\s+)?"
    r"(?P<form>tablet|capsule|sachet|patch|suppository|lozenge|pill)s?\b|(?P<form_zh>[片粒支袋贴枚])(?=\d[\d.]*\s?(?:mg|g|μg|ml|毫克|克))",
    re.IGNORECASE,
)
_PER_APART = {
    "h": deferred(
        r"(?P<minute>每1?分钟?|\b(?:per|a|each|every) minute\b)|(?P<hour>每1?小时|\b(?:per|an|each|every) hour\b|\bhourly\b)",
        re.IGNORECASE,
    ),
    "kg": deferred(r"每1?(?:公斤|千克|kg)|\b(?:per|each|for every) (?:kg|kilogram)", re.IGNORECASE),
}
_PARTS = {"minute": 60.0}
"""How many of what an amount is told per are in an hour."""
_LIST = deferred(
    r"第?(?P<head>(?:\d+(?:\.\d+)?\s?(?:[、,/和或及]|, ?(?:and|or) | and | or )\s?第?)+)\d+(?:\.\d+)?\s*(?P<unit>个?(?:天|日|周|月|年|小时|岁)|mg|g|ml|μg|毫克|克|毫升|days?|weeks?|months?|years?|hours?)",
    re.IGNORECASE,
)
_LIST_MARKS = deferred(r"[、,/和或及第]|\band\b|\bor\b", re.IGNORECASE)
_REPEATED = frozenset("加增减测查换注重复")
_STABLE = deferred(
    r"可使用|可用|可保存|有效期|保存|稳定|\b(?:can be (?:used|kept|stored)|valid|shelf|stable|keeps?|lasts?(?! (?:at least|no less|more than|longer than|dose|injection|tablet|infusion|administration|treatment|visit|week|month|year)))\b",
    re.IGNORECASE,
)
_CONDITIONS = frozenset({"month", "ml/h", "ml/h/m2", "iu/l", "mmol/l", "mg/l", "/l"})
"""Units of what decides between doses: an age, a clearance, a laboratory value."""


def stands_in_another_shape(item: Placed, sentence: Sequence[Placed], source: tuple[Placed, ...], text: str) -> bool:
    """Whether the value of ``item`` (one of ``sentence``) follows from ``source``, the quantities of ``text``."""
    quantity = item.quantity
    same_unit = [other for other in source if other.quantity.unit == quantity.unit]
    if is_rate(item):
        return told_in_parts(quantity, source, text)
    if quantity.is_range and all(_has_end(end, same_unit, source) for end in quantity.values):
        return True
    return (
        _is_end_of_range(item, sentence, same_unit)
        or _spacing_in(item, source)
        or counted_otherwise(item, source)
        or _one_of_each(item, text)
        or _divided_apart(item, source, text)
        or _listed(item, text)
        or _both_ends(item, sentence, source)
        or (bool(item.roles.ordinal) and item.roles.ordinal in _ordinals(text))
        or _half(quantity, source)
        or follows_by_arithmetic(item, sentence, source)
        or _concentration(quantity, text)
        or _unit_in_heading(quantity, source, text)
    )


def _has_end(end: float, same_unit: Iterable[Placed], source: Iterable[Placed]) -> bool:
    """Whether a single value, or as a share a ratio (1% for 1/100), is ``end``."""
    if any(len(other.quantity.values) == 1 and close(end, other.quantity.values[0]) for other in same_unit):
        return True
    ratios = [o.quantity.values for o in source if o.quantity.kind is QuantityKind.RATIO and not o.quantity.unit]
    shared = any(other.quantity.unit == "%" for other in same_unit)
    return not shared and any(low and close(100.0 * high / low, end) for high, low in ratios)


def _is_end_of_range(item: Placed, sentence: Sequence[Placed], same_unit: Iterable[Placed]) -> bool:
    """One end of a range is right only with its direction: at most (or the maximum) the high end, at least the low.

    Of an age band or a laboratory value, one end alone says more than the band: the sentence must tell the other too.
    """
    quantity, direction = item.quantity, item.direction
    if len(quantity.values) != 1 or direction is Bound.NONE:
        return False
    index = 1 if direction is Bound.DOWN else 0
    for other in same_unit:
        ends = other.quantity.values
        if not other.quantity.is_range or not close(ends[index], quantity.values[0]):
            continue
        told = any(
            one.quantity.unit == quantity.unit and close(one.quantity.values[0], ends[1 - index]) for one in sentence
        )
        if quantity.unit not in _CONDITIONS or told or item.roles.stage in ("max", "min"):
            return True
    return False


@lru_cache(maxsize=512)
def _ordinals(text: str) -> frozenset[str]:
    """The days and weeks of treatment that a text names: 第3周 for 第三周, 头三天 for 第1～3天."""
    unified = unify(text)
    return frozenset(nth for _, _, nth in nths_of(unified, (0, len(unified))))


def _both_ends(item: Placed, sentence: Sequence[Placed], source: Iterable[Placed]) -> bool:
    """From day 2 to day 5 for days 2 to 5: the ends of a bare range, both told."""
    if item.quantity.kind is not QuantityKind.NUMBER:
        return False
    told = {value for one in sentence if one.quantity.kind is QuantityKind.NUMBER for value in one.quantity.values}
    return any(
        other.quantity.is_range
        and other.quantity.kind is QuantityKind.NUMBER
        and item.quantity.values[0] in other.quantity.values
        and told.issuperset(other.quantity.values)
        for other in source
    )


def _spacing_in(item: Placed, source: tuple[Placed, ...]) -> bool:
    """An interval of the source supports that spacing (每12小时一次: 间隔12小时); a day is 24 hours however it is said."""
    quantity = item.quantity
    if quantity.unit != "h":
        return False
    if quantity.values == (DAY,) and has_period(DAY, source):
        return True
    if not item.roles.spacing and not item.roles.follows & _REPEATED:
        return False
    for other in source:
        rate = other.quantity
        if rate.kind not in (QuantityKind.FREQUENCY, QuantityKind.PERIOD):
            continue
        if len(quantity.values) == 1 and close(rate.period, quantity.values[0]):
            return rate.kind is QuantityKind.PERIOD or rate.values == (1.0,)
        if rate.is_range and rate.unit.startswith("per ") and rate.is_range == quantity.is_range:
            hours = float(rate.unit.removeprefix("per "))
            if all(close(a, b * hours) for a, b in zip(quantity.values, rate.values, strict=True)):
                return True
    return False


def _one_of_each(item: Placed, text: str) -> bool:
    """一片有500mg for 每片含0.5g: one of what the source speaks of, where no dose is told."""
    quantity = item.quantity
    if quantity.unit not in COUNTED or len(quantity.values) != 1:
        return False
    if (quantity.unit, quantity.values[0]) in _of_strength(text):
        return True
    return quantity.values == (1.0,) and not item.roles.basis and quantity.unit in _each(text)


@lru_cache(maxsize=512)
def _of_strength(text: str) -> frozenset[tuple[str, float]]:
    """Counted forms with the strength before them (one 75 mg tablet, two 5 mg capsules), or one right before it (舌下片0.3mg)."""
    table, found = unit_table(), set()
    for match in _STRONG_FORM.finditer(unify(text)):
        unit = table.find(match["form"] or match["form_zh"])
        number = parse_number(match["count"] or "1")
        if unit is not None and number is not None:
            found.add((unit.name, number))
    return frozenset(found)


def _divided_apart(item: Placed, source: Sequence[Placed], text: str) -> bool:
    """每小时超过30ml for 每小时尿量应在30ml以上: what an amount is given per stands apart from it in the source."""
    quantity = item.quantity
    unit, _, below = quantity.unit.partition("/")
    cue = _PER_APART.get(below)
    found = cue.search(unify(text)) if cue is not None and len(quantity.values) == 1 else None
    if found is None:
        return False
    scale = _PARTS.get(str(found.lastgroup), 1.0)
    return any(
        other.quantity.unit == unit
        and len(other.quantity.values) == 1
        and (quantity.bound is Bound.NONE or other.direction in (Bound.NONE, quantity.bound))
        and close(other.quantity.values[0] * scale, quantity.values[0])
        for other in source
    )


def _listed(item: Placed, text: str) -> bool:
    """第4周 for 第4、8、12周: the unit of a list stands behind its last number."""
    quantity = item.quantity
    return len(quantity.values) == 1 and any(
        one.unit == quantity.unit and close(one.values[0], quantity.values[0]) for one in _of_lists(text)
    )


@lru_cache(maxsize=512)
def _of_lists(text: str) -> tuple[Quantity, ...]:
    """The members of lists of numbers that share a unit."""
    found: list[Quantity] = []
    for match in _LIST.finditer(unify(text)):
        for number in _LIST_MARKS.split(match["head"].strip("、,/和或及 ")):
            found += find_quantities(number.strip() + match["unit"])
    return tuple(found)


@lru_cache(maxsize=512)
def _each(text: str) -> frozenset[str]:
    table, found = unit_table(), set()
    for match in _EACH.finditer(unify(text)):
        written = match["unit"]
        unit = table.find(written) or table.find(written[:1])
        if unit is not None:
            found.add(unit.name)
    return frozenset(found)


def _half(quantity: Quantity, source: Sequence[Placed]) -> bool:
    """Half of a dose, where the source names a dose and its half."""
    if quantity.unit != "%" or quantity.values != (50.0,) or "5" in quantity.text:
        return False
    doses = [o.quantity for o in source if o.quantity.kind in (QuantityKind.MEASURE, QuantityKind.COUNT)]
    return any(one.unit == other.unit and close(2 * one.values[0], other.values[0]) for one in doses for other in doses)


def _concentration(quantity: Quantity, text: str) -> bool:
    """10 mg/ml for 每10ml含0.1g."""
    if quantity.unit not in ("mg/l", "mg/ml") or len(quantity.values) != 1:
        return False
    return any(close(quantity.values[0], value) for value in _contents(text))


@lru_cache(maxsize=512)
def _contents(text: str) -> tuple[float, ...]:
    """Contents told for a volume, in the canonical unit of concentration."""
    found = []
    for match in _CONTENT.finditer(unify(text)):
        size = parse_number(match["size"])
        below = unit_table().find(match["below"])
        amounts = find_quantities(match["amount"])
        if size and below is not None and amounts:
            found.append(amounts[0].values[0] / (size * below.factor) * 1000.0)
    return tuple(found)


def _unit_in_heading(quantity: Quantity, source: Sequence[Placed], source_text: str) -> bool:
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


def may_last(item: Placed, source_text: str) -> bool:
    """Whether a time within which follows from how long something keeps (28天内用完 for 可使用4周)."""
    return item.quantity.unit == "h" and bool(_STABLE.search(source_text))
