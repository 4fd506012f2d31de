"""Whether two quantities say the same value, whatever the wording."""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import Quantity, QuantityKind, close, same_values

_DAY = 24.0
_ROUGHLY = 0.02
_DECIMALS = deferred(r"\d\.(\d+)")


def says_the_same(left: Quantity, right: Quantity) -> bool:
    """Whether ``left``, of an answer, has the value of ``right``, of a source; bounds and roles are not compared."""
    if QuantityKind.DATE in (left.kind, right.kind):
        return left.kind is right.kind and _date_within(left, right)
    if left.kind is QuantityKind.FREQUENCY or right.kind is QuantityKind.FREQUENCY:
        return left.kind is right.kind and _same_rate(left, right)
    if QuantityKind.PERIOD in (left.kind, right.kind):
        return left.kind is right.kind and close(left.period, right.period)
    return (
        same_values(left, right) or _same_months(left, right) or _same_share(left, right) or _same_unitless(left, right)
    )


def _same_months(left: Quantity, right: Quantity) -> bool:
    """A length in months as one in days of 30 each (三个月: 90天); ages are not counted so."""
    if {left.unit, right.unit} != {"month", "h"} or len(left.values) != len(right.values):
        return False
    months, hours = (left, right) if left.unit == "month" else (right, left)
    if months.kind is not QuantityKind.DURATION and "月" not in months.text and "month" not in months.text.lower():
        return False
    return all(
        close(m * 30.0 * _DAY, h) or close(m * 365.0 / 12.0 * _DAY, h)
        for m, h in zip(months.values, hours.values, strict=True)
    )


def _date_within(left: Quantity, right: Quantity) -> bool:
    """The answer may say less than the source (2018年 for 2018年10月), not more."""
    return all(not said or close(said, meant) for said, meant in zip(left.values, right.values, strict=True))


def _same_rate(said: Quantity, meant: Quantity) -> bool:
    """Equal rates; but "every 8 hours" says more than "three times a day" and needs a source that says so."""
    if said.unit != meant.unit or (said.period < 0) != (meant.period < 0) or len(said.values) != len(meant.values):
        return False
    rates = [(a / said.period, b / meant.period) for a, b in zip(said.values, meant.values, strict=True)]
    if said.unit != "per":  # every 4 to 6 hours
        rates = list(zip(said.values, meant.values, strict=True))
    if not all(close(a, b) for a, b in rates):
        return False
    return meant.spaced or not said.spaced or close(said.period, meant.period) or said.period >= _DAY


def _same_share(said: Quantity, meant: Quantity) -> bool:
    """千分之一 for 1/1000: a share said once as a ratio and once in hundredths."""
    if {said.kind, meant.kind} != {QuantityKind.RATIO, QuantityKind.PERCENTAGE}:
        return False
    ratio, share = (said, meant) if said.kind is QuantityKind.RATIO else (meant, said)
    if len(share.values) != 1 or len(ratio.values) != 2 or not ratio.values[1]:
        return False
    exact, told = 100.0 * ratio.values[0] / ratio.values[1], share.values[0]
    return close(exact, told) or (abs(exact - told) <= _rounding(share) and abs(exact - told) <= _ROUGHLY * exact)


def _rounding(share: Quantity) -> float:
    """Half of the last digit of a share as written: 33.3% stands for 33.25 to 33.35."""
    digits = _DECIMALS.search(share.text)
    return 0.5 * 10.0 ** -(len(digits[1]) if digits else 0)


def _same_unitless(said: Quantity, meant: Quantity) -> bool:
    """An answer may leave a unit out (below 140 for below 140 mmHg); digits as written are compared."""
    if said.unit or said.kind is QuantityKind.FREQUENCY or len(said.written) != len(meant.written):
        return False
    return all(close(a, b) for a, b in zip(said.written, meant.written, strict=True))
