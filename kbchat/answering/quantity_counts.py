"""How often something is to be done, where a source does not say it as a frequency: intervals, counts of doses, times of day."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kbchat.answering.placed_quantities import DAY, Placed, has_period, is_rate
from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import Bound, Quantity, QuantityKind, close

_ONE_HOUR_A_DAY = deferred(
    r"睡前|临睡|晨起|清晨|每晚|\b(?:at|before) (?:night|bedtime)\b|\bin the (?:morning|evening)\b", re.IGNORECASE
)
_MINUTE = 1.0 / 60.0
_A_MINUTE = deferred(r"每分钟?|/分|\b(?:per|a|each) minute\b", re.IGNORECASE)


def told_in_parts(said: Quantity, source: tuple[Placed, ...], text: str) -> bool:
    """Whether a frequency follows from a range of frequencies, from intervals or counts, or from the times of day named."""
    return (
        any(is_rate(other) and _rate_within(said, other.quantity) for other in source)
        or _counted_in(said, source, text)
        or (close(said.period, DAY) and said.values == (_times_of_day(source),))
    )


def _rate_within(said: Quantity, meant: Quantity) -> bool:
    """1 to 2 times a day supports "at most twice a day"."""
    if (
        len(said.values) != 1
        or len(meant.values) != 2
        or said.bound is Bound.NONE
        or not close(said.period, meant.period)
    ):
        return False
    return close(said.values[0], meant.values[1 if said.bound is Bound.DOWN else 0])


def _counted_in(said: Quantity, source: tuple[Placed, ...], text: str) -> bool:
    """A frequency told in parts: at least 8 hours apart, 24小时内不超过4次, weekly, at bedtime."""
    once = said.values == (1.0,)
    if once and close(said.period, DAY) and _ONE_HOUR_A_DAY.search(text):
        return True
    for other in source:
        quantity = other.quantity
        if once and quantity.kind is QuantityKind.PERIOD and close(quantity.period, said.period):
            return True
        if once and quantity.unit == "h" and other.roles.spacing and quantity.values == (said.period,):
            return True
        if once and quantity.unit == "month" and other.roles.spacing and quantity.values == (-said.period,):
            return True  # 间隔6个月复查: 半年一次
        if (
            quantity.unit in ("times", "injection")
            and quantity.values == said.values
            and (has_period(said.period, source) or (close(said.period, _MINUTE) and _A_MINUTE.search(text)))
        ):
            return True
    return False


def _times_of_day(source: Sequence[Placed]) -> float:
    """How many times of day amounts are told of (mornings 2, nights 1: twice a day); 0 for one alone."""
    kinds = (QuantityKind.MEASURE, QuantityKind.COUNT)
    named = {other.roles.daytime for other in source if other.quantity.kind in kinds} - {""}
    return float(len(named)) if len(named) > 1 else 0.0


def counted_otherwise(item: Placed, source: tuple[Placed, ...]) -> bool:
    """A number of times as that of doses or of a rate; two doses a day as 2 doses in 24 hours."""
    said = item.quantity
    if said.unit not in ("times", "injection"):
        return False
    if said.period and not has_period(said.period, source):
        return False
    for other in source:
        quantity = other.quantity
        if quantity.values != said.values:
            continue
        if is_rate(other) and said.unit == "times":
            return True
        if quantity.unit in ("times", "injection") and (said.bound is Bound.NONE or said.bound is other.direction):
            return True
    return False
