"""Spreadsheet values as the sheet shows them: 0.5 under the format 0.00 is 0.50, a date is an ISO date."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from openpyxl.styles.numbers import is_date_format

_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_PADDING = re.compile(r"_.|\*.")
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?")
_SIGNIFICANT = 11  # what Excel shows of a number without format


def shown(value: object, number_format: str | None) -> str:
    """``value`` of a cell as text, as its ``number_format`` shows it (without colours and padding)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    return _moment(value)


def _moment(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, dt.time):
        return value.isoformat(timespec="minutes")
    return str(value)  # dates are ISO by themselves


def _number(value: float, number_format: str) -> str:
    exact = _decimal(value)
    if exact is None:
        return str(value)
    sections = _SECTION.split(number_format)
    negative = exact < 0 and len(sections) > 1
    zero = exact == 0 and len(sections) > 2
    section = sections[1] if negative else sections[2] if zero else sections[0]
    section = _PADDING.sub("", _BRACKETS.sub("", section)).replace("\\", "")
    literal_free = re.sub(r'"[^"]*"', lambda match: "\x00" * len(match.group()), section)
    pattern = _DIGITS.search(literal_free)
    plain = "general" in literal_free.lower() or pattern is None or "@" in literal_free or "/" in literal_free
    if plain or is_date_format(number_format) or re.search(r"[eE][+-]", literal_free):
        return _general(exact)
    assert pattern is not None
    prefix, suffix = section[: pattern.start()], section[pattern.end() :]
    text = _with_pattern(abs(exact) if negative else exact, pattern.group(), "%" in literal_free)
    return f"{prefix.replace(chr(34), '')}{text}{suffix.replace(chr(34), '')}".strip()


def _decimal(value: float) -> Decimal | None:
    try:
        exact = Decimal(repr(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def _general(exact: Decimal) -> str:
    if exact == exact.to_integral_value() and abs(exact) < Decimal("1e15"):
        return str(int(exact))
    digits = max(_SIGNIFICANT - max(exact.adjusted() + 1, 1), 0)
    text = f"{exact:.{digits + 4 if abs(exact) < 1 else digits}f}"
    rounded = text.rstrip("0").rstrip(".") if "." in text else text
    return rounded if rounded not in ("0", "-0") else f"{exact:.3g}"


def _with_pattern(exact: Decimal, pattern: str, percent: bool) -> str:
    if percent:
        exact *= 100
    whole, _, fraction = pattern.partition(".")
    rounded = exact.quantize(Decimal(1).scaleb(-len(fraction)), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in whole else f"{rounded:f}"
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and "." in text and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    text = text.rstrip(".")
    least = whole.count("0")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    head, dot, tail = digits.partition(".")
    return f"{sign}{head.zfill(least)}{dot}{tail}"
