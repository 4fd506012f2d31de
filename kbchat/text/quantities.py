"""Quantities in medical text: numbers with units, ranges, comparisons, frequencies, periods, ratios and dates.

Deterministic and pure. ``一日3次``, ``每日三次``, ``tid`` and ``three times a day`` are found as one and the same quantity,
``0.4g`` equals ``400mg`` and ``半小时`` equals ``30 min``. Values are in canonical units (``data/units.toml``): mass in mg,
volume in ml, length in mm, amount in mmol, time in h (months and years in months), temperature in °C.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from kbchat.text.comparisons import bound_after, bound_before
from kbchat.text.deferred_pattern import deferred
from kbchat.text.frequencies import find_frequencies, find_periods
from kbchat.text.measures import find_measures
from kbchat.text.normalise import unify
from kbchat.text.not_quantities import not_quantities
from kbchat.text.quantity import Bound, Quantity, QuantityKind, close, same_values
from kbchat.text.shares import find_shares

__all__ = ["Bound", "Quantity", "QuantityKind", "close", "find_quantities", "same_values"]

_MONTHS = "january february march april may june july august september october november december".split()
_DAY = r"3[01]|[12]\d|0?[1-9]"
_MONTH = r"1[0-2]|0?[1-9]"
_YEAR = r"(?:19|20)\d{2}"
_DATE = deferred(
    rf"(?P<year>(?<!\d){_YEAR})\s*年(?!龄)(?:\s*(?P<month>{_MONTH})\s*月(?:\s*(?P<day>{_DAY})\s*[日号])?)?"
    rf"|(?<!\d)(?P<year2>{_YEAR})(?P<mark>[-/.])(?P<month2>{_MONTH})(?P=mark)(?P<day2>{_DAY})(?!\d)"
    rf"|(?<!\d)(?P<month3>{_MONTH})\s*月\s*(?P<day3>{_DAY})\s*[日号]"
    rf"|\b(?:(?P<day4>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<name>{'|'.join(_MONTHS)})\s+(?:(?P<day5>\d{{1,2}}),\s*)?"
    rf"(?P<year4>{_YEAR})\b",
    re.IGNORECASE,
)
_INNER_COUNT = deferred(r"[\d一二两三四五六七八九十]+\s*[-~]?\s*\d*\s*(?:次|回)")


def _find_dates(text: str) -> Iterator[Quantity]:
    for match in _DATE.finditer(text):
        groups = match.groupdict()
        year = groups["year"] or groups["year2"] or groups["year4"] or "0"
        month = groups["month"] or groups["month2"] or groups["month3"] or "0"
        if groups["name"]:
            month = str(_MONTHS.index(groups["name"].lower()) + 1)
        day = groups["day"] or groups["day2"] or groups["day3"] or groups["day4"] or groups["day5"] or "0"
        values = (float(year), float(month), float(day))
        yield Quantity(match.start(), match.end(), match[0], QuantityKind.DATE, values, "date", written=values)


def _bounded(text: str, quantity: Quantity) -> Quantity:
    """The bound of a frequency: before its count (每日不超过3次), before it, or behind it."""
    inner = _INNER_COUNT.search(quantity.text)
    bound, begin = Bound.NONE, quantity.start
    if inner and inner.start():
        bound, _ = bound_before(quantity.text, inner.start(), is_time=False)
    if bound is Bound.NONE:
        bound, begin = bound_before(text, quantity.start, is_time=False)
    end = quantity.end
    if bound is Bound.NONE:
        bound, end = bound_after(text, end)
    return replace(quantity, start=begin, end=end, bound=bound, core=(quantity.start, quantity.end))


def _free(length: int, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches of ``range(length)`` that no span of ``taken`` covers."""
    position = 0
    for start, end in sorted(taken):
        if position < start:
            yield position, start
        position = max(position, end)
    if position < length:
        yield position, length


def _covered(quantity: Quantity, taken: list[tuple[int, int]]) -> bool:
    return any(quantity.start < end and start < quantity.end for start, end in taken)


@lru_cache(maxsize=256)
def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of ``text`` in order; no two overlap. Numbers of list items and of names (B12, CD4) are left out."""
    unified = unify(text)
    taken: list[tuple[int, int]] = []
    found: list[Quantity] = []
    for finder in (_find_dates, find_shares, find_frequencies):
        for quantity in finder(unified):
            if not _covered(quantity, taken):
                taken.append((quantity.start, quantity.end))
                found.append(_bounded(unified, quantity) if finder is find_frequencies else quantity)
    marks = [span for span in not_quantities(unified) if not any(span[0] < e and s < span[1] for s, e in taken)]
    for start, end in marks:
        unified = unified[:start] + " " * (end - start) + unified[end:]
    taken += marks
    for start, end in list(_free(len(unified), taken)):
        for quantity in find_measures(unified, start, end):
            taken.append((quantity.start, quantity.end))
            found.append(quantity)
    found.extend(quantity for quantity in find_periods(unified) if not _covered(quantity, taken))
    found.sort(key=lambda quantity: quantity.start)
    return tuple(_finished(text, quantity) for quantity in found)


def _finished(text: str, quantity: Quantity) -> Quantity:
    core = quantity.core if quantity.core[1] else (quantity.start, quantity.end)
    return Quantity(
        quantity.start, quantity.end, text[quantity.start : quantity.end], quantity.kind, quantity.values, quantity.unit,
        quantity.bound, quantity.period, quantity.spaced, quantity.written, core,
    )  # fmt: skip
