"""What a quantity is: the types that :mod:`kbchat.text.quantities` finds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class QuantityKind(StrEnum):
    """What a quantity is."""

    MEASURE = "measure"
    COUNT = "count"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    AGE = "age"
    RATIO = "ratio"
    FREQUENCY = "frequency"
    PERIOD = "period"
    DATE = "date"
    NUMBER = "number"


class Bound(StrEnum):
    """Which side of its value a quantity allows."""

    NONE = ""
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity at ``text[start:end]``, its comparison words included.

    Attributes:
        start: offset of the first character, comparison words included.
        end: offset behind the last character.
        text: the quantity as written.
        kind: what it is.
        values: one value; low and high of a range; both sides of a ratio; year, month, day of a date; times per period
            of a frequency (low and high when they differ). In canonical units.
        unit: the canonical unit (``mg``, ``mg/kg``, ``h``, ``%``, ``oral`` …), empty for bare numbers.
        bound: ``up`` for at least or more than, ``down`` for at most or less than, else empty.
        period: hours of the period of a frequency, of a bare period (每日, daily) or of a per-day denominator; months are
            counted as negative numbers (-1 a month, -12 a year); 0 when there is none.
        spaced: the frequency was given as an interval (every 8 hours), which says more than times per day.
        written: the values as written, before the unit was applied.
        core: offsets of the quantity without its comparison words.
    """

    start: int
    end: int
    text: str
    kind: QuantityKind
    values: tuple[float, ...]
    unit: str = ""
    bound: Bound = Bound.NONE
    period: float = 0.0
    spaced: bool = False
    written: tuple[float, ...] = ()
    core: tuple[int, int] = (0, 0)

    @property
    def is_range(self) -> bool:
        """Whether ``values`` are the two ends of a range."""
        return len(self.values) == 2 and self.kind not in (QuantityKind.RATIO, QuantityKind.DATE)


def close(left: float, right: float) -> bool:
    """Whether two canonical values are the same but for rounding in the last digits."""
    return math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-12)


def same_values(left: Quantity, right: Quantity) -> bool:
    """Whether both have the same values in the same unit; periods and bounds are not compared."""
    if left.unit != right.unit or len(left.values) != len(right.values):
        return False
    tolerance = 0.06 if left.unit == "°C" else 0.0  # from Fahrenheit, whole degrees are rounded
    return all(close(a, b) or abs(a - b) <= tolerance for a, b in zip(left.values, right.values, strict=True))
