"""Values of a sentence that follow from those of a source by arithmetic: a day's total, its parts, what a pen holds, halves of a ratio."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.answering.placed_quantities import DAY, Placed, is_rate
from kbchat.text.quantities import Bound, QuantityKind, close

_LITRE = 1000.0
"""Millilitres of a litre; contents are kept per litre."""

_UPPER = ("高压", "收缩", "上压", "upper", "systolic", "top")
_LOWER = ("低压", "舒张", "下压", "lower", "diastolic", "bottom")


def follows_by_arithmetic(item: Placed, sentence: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """Whether the one value of ``item`` (one of ``sentence``) is a sum, a part or a product of values of ``source``."""
    if len(item.quantity.values) != 1:
        return False
    return (
        _whole_day(item, source)
        or _part_of_day(item, sentence, source)
        or _held(item, source)
        or _side_of_pressure(item, source)
    )


def _whole_day(item: Placed, source: Sequence[Placed]) -> bool:
    """30 mg a day for 10 mg three times a day."""
    quantity = item.quantity
    if not (item.roles.basis == "day" or quantity.period == DAY):
        return False
    doses = [
        other.quantity.values[0]
        for other in source
        if other.quantity.unit == quantity.unit
        and len(other.quantity.values) == 1
        and other.quantity.period != DAY
        and other.roles.basis != "day"  # a day's amount already
    ]
    return any(close(dose * rate, quantity.values[0]) for dose in doses for rate in _daily_rates(source))


def _part_of_day(item: Placed, sentence: Sequence[Placed], source: Sequence[Placed]) -> bool:
    """400 mg three times a day for 1.2 g a day in three doses; both must say as many times."""
    quantity = item.quantity
    if item.roles.basis == "day" or quantity.period or quantity.kind not in (QuantityKind.MEASURE, QuantityKind.COUNT):
        return False
    rates = set(_daily_rates(sentence)) & set(_daily_rates(source))
    totals = [
        other.quantity.values[0]
        for other in source
        if other.quantity.unit == quantity.unit
        and len(other.quantity.values) == 1
        and (other.roles.basis == "day" or other.quantity.period == DAY)
    ]
    return any(close(quantity.values[0] * rate, total) for rate in rates for total in totals)


def _daily_rates(placed: Sequence[Placed]) -> list[float]:
    return [
        one.quantity.values[0] * DAY / one.quantity.period
        for one in placed
        if is_rate(one)
        and one.quantity.unit == "per"
        and 0 < one.quantity.period <= DAY
        and len(one.quantity.values) == 1
    ]


def _held(item: Placed, source: Sequence[Placed]) -> bool:
    """300 units for 3 ml of 100 units/ml; the 3 ml themselves for 3 ml per pen."""
    quantity = item.quantity
    volumes = [o.quantity for o in source if o.quantity.unit.startswith("ml") and len(o.quantity.values) == 1]
    if quantity.unit == "ml":
        return any(volume.unit == "ml/vial" and close(volume.values[0], quantity.values[0]) for volume in volumes)
    contents = [o.quantity.values[0] for o in source if o.quantity.unit == f"{quantity.unit}/l"]
    return any(
        volume.unit in ("ml", "ml/vial") and close(content * volume.values[0] / _LITRE, quantity.values[0])
        for content in contents
        for volume in volumes
    )


def _side_of_pressure(item: Placed, source: Sequence[Placed]) -> bool:
    """高压低于130 for 130/80 mmHg 以下: one of the two values, called by its name."""
    told = " ".join(item.roles.label | item.roles.context)
    sides = [index for index, names in enumerate((_UPPER, _LOWER)) if any(name in told for name in names)]
    if len(sides) != 1 or item.quantity.unit not in ("", "mmHg"):
        return False
    return any(
        other.quantity.kind is QuantityKind.RATIO
        and other.quantity.unit == "mmHg"
        and close(other.quantity.values[sides[0]], item.quantity.values[0])
        and item.direction in (Bound.NONE, other.direction)
        for other in source
    )
