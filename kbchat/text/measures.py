"""Numbers with their units: single, range, ratio, plus-minus; percentages, ages, durations; bare numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from kbchat.text.ages import age_from, is_age
from kbchat.text.amounts_ahead import is_given_per, leaves_out_unit, per_before
from kbchat.text.comparisons import bound_after, bound_before
from kbchat.text.deferred_pattern import deferred
from kbchat.text.frequencies import hours_of, is_period
from kbchat.text.normalise import ARABIC_NUMERAL, CHINESE_NUMERAL, ENGLISH_NUMERALS, parse_number
from kbchat.text.quantity import Bound, Quantity, QuantityKind
from kbchat.text.units import COUNTED, Unit, needs_digits, unit_table

_POWER = r"(?:\s?[x×*]\s?10(?:\s?\^\s?[-⁻]?\d{1,2}|[⁻⁰¹²³⁴-⁹]{1,3}|(?:12|3|6|9)(?=\s?/)))"
_DIGITS = rf"{ARABIC_NUMERAL}{_POWER}?(?:\s?[万亿](?![一分])|百万)?"
_ENGLISH = "|".join(word.replace(" ", r"\s+") for word in ENGLISH_NUMERALS)
# Not the 12 of B12, CD4, α-2b, COVID-19, nor the decimals of a longer number; not the 七 of 三七.
_NUMBER = deferred(
    rf"(?<![a-zA-Zα-ωΑ-Ω\d.])(?<![a-zA-Zα-ω]-)(?P<digits>{_DIGITS})"
    rf"|(?:(?<![零一二两三四五六七八九十百千几数第十])|(?<=第)(?=[一二三四五六七八九十]+[到至]第?[一二三四五六七八九十]+[天日周]))(?P<chinese>(?!千[克卡])(?:{CHINESE_NUMERAL})[万亿]?)"
    rf"|(?<![a-zA-Z])(?P<english>{_ENGLISH})(?=[\s-])",
    re.IGNORECASE,
)
_SECOND = deferred(_DIGITS)
_JOINT = deferred(r"\s*°?\s*(?P<mark>-|~|±|\+/-|至|到|to\b|through\b|and\b)\s*第?(?P<minus>-(?=\d))?", re.IGNORECASE)
_RATIO = deferred(
    r"\s*(?P<mark>[/:]|in\s+(?:every\s+)?|out of\s+(?:every\s+)?|over(?=\s\d{2,3}(?!\d|\s*(?:d|h|m|s|w|y|%))))\s*(?P<number>\d[\d,]*(?:\.\d+)?)"
    r"(?![\d.]*[-/]\d|\.?\d)",
    re.IGNORECASE,
)
_PART_OF_NAME = deferred(r"\s?型|\.\d|-?[a-zA-Z]{2,}\d|[a-zα-ω](?![a-zA-Z])|[号章节版页楼室月时日]")
_IN_A_DAY = deferred(
    r"\s*(?:in|within|per|every)\s+(?:any\s+|a\s+|each\s+)?24[\s-]?h(?:ours?)?\b(?:\s+period)?", re.IGNORECASE
)
_AND_A_HALF = deferred(r"\s+and\s+a\s+half\b", re.IGNORECASE)
_NUMBERED = deferred(r"\b(?:day|week|month|cycle|step|group|visit|dose)s?\s\d+$", re.IGNORECASE)
_MINUS = deferred(r"(?:零下|(?<![A-Za-z\d.°%])(?<!\d度)-)\s*$")
_BETWEEN = deferred(r"between\s+\S+(?:\s+\S+)?\s*$", re.IGNORECASE)
_ARTICLES = frozenset({"a", "an"})
_ARTICLE_UNITS = frozenset({"hour", "week", "month", "year", "minute"})
_IDENTIFIER_DIGITS = 7  # longer bare numbers are telephone, approval or record numbers
_LONG_TIMES = frozenset({"年", "月", "month", "months", "year", "years", "yr", "yrs"})
_RATIO_JOINTS = ("/", ":")
_DIVISIBLE = frozenset({"oral", "sachet", "vial", "spoon", "cup", "patch"})
_BELOW = {"mg": ("kg", 1e-6), "ml": ("l", 1e-3)}  # what people divide by
_SPELLED_OUT = {"daily": "day", "weekly": "week", "分": "分钟"}


@cache
def _unit_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<gap>(?:\s+of\s+an?\s+)?[\s-]?(?:个半?)?\s?)(?P<unit>{unit_table().pattern})", re.IGNORECASE
    )


_PER = r"\s*个?(?:[/·]|[(（]?每(?![隔次\d])|\b(?:per|for\s+(?:each|every))\s+|(?<=[a-z\d])\s+(?=daily|weekly)|\s?\ba\s+(?=day|week|month|year))"
_PER_AHEAD = deferred(_PER, re.IGNORECASE)


@cache
def _denominator_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"{_PER}\s*\(?\s*"
        rf"(?P<size>\d+(?:\.\d+)?\s*)?(?P<unit>分钟?|{unit_table().pattern}|次|daily|weekly|dose|剂)"
        rf"(?:-1|⁻¹)?(?:\s*\(?(?:体重|(?:of\s+)?body\s?weight|bw\b)\)?)?[)）]?",
        re.IGNORECASE,
    )


@dataclass(slots=True)
class _Reading:
    """A measure while it is read; ``units`` are those of the first and of the last number."""

    end: int
    limit: int
    written: list[float]
    units: list[Unit | None] = field(default_factory=lambda: [None])
    joint: str = ""
    unit_text: str = ""
    below: str = ""
    divisor: float = 1.0
    period: float = 0.0


def _read_unit(text: str, reading: _Reading, match: re.Match[str]) -> None:
    """The unit behind the last number read (``match`` is that number), and a half behind it (1片半, 一个半小时)."""
    found = _unit_pattern().match(text, reading.end, reading.limit)
    if found is None:
        return
    written = found["unit"]
    unit = unit_table().find(written)
    after = text[found.end() : found.end() + 1]
    calendar = written == "月" and "个" not in found["gap"] and (not after or after not in "以内后大及或龄前")
    chinese = match.lastgroup == "chinese"
    article = match[0].lower() in _ARTICLES and written.lower() not in _ARTICLE_UNITS
    hyphen = "-" in found["gap"] and not written[0].isascii()
    if after == "水" and written == "滴":
        return  # 十滴水 is a medicine
    if unit is None or calendar or article or hyphen or (chinese and needs_digits(written)):
        return
    if chinese and match[0] == "半" and (after == "板" or written in ("日", "月")):
        return
    reading.units[-1], reading.unit_text, reading.end = unit, written, found.end()
    more = _AND_A_HALF.match(text, reading.end)
    if more:
        reading.written[-1] += 0.5
        reading.end = more.end()
    if "半" in found["gap"]:
        reading.written[-1] += 0.5
    if after == "半" and text[reading.end + 1 : reading.end + 2] not in tuple("衰数月身夜片粒颗支袋包瓶量"):
        reading.written[-1] += 0.5
        reading.end += 1


def _read_second(text: str, reading: _Reading) -> None:
    """The other end of a range or of a plus-minus, or the other side of a ratio."""
    joint = _JOINT.match(text, reading.end, reading.limit)
    if joint:
        _read_range(text, reading, joint)
    if not reading.joint and reading.units == [None]:
        ratio = _RATIO.match(text, reading.end, reading.limit)
        value = parse_number(ratio["number"]) if ratio else None
        if (
            ratio
            and value is not None
            and not (ratio["mark"] == ":" and _NUMBERED.search(text, max(0, reading.end - 16), reading.end))
        ):
            reading.written.append(value)
            reading.units.append(None)
            reading.joint = "/" if ratio["mark"] in ("/", "over") else ":"
            reading.end = ratio.end()


def _read_range(text: str, reading: _Reading, joint: re.Match[str]) -> None:
    number = _NUMBER.match(text, joint.end(), reading.limit) or _SECOND.match(text, joint.end(), reading.limit)
    value = parse_number(number[0]) if number else None
    if number is None or value is None:
        return
    ahead = _Reading(number.end(), reading.limit, [value])
    _read_unit(text, ahead, number)
    first, last = reading.units[0], ahead.units[0]
    mark = joint["mark"].lower()
    if first and last and first.name != last.name:
        return
    if not last and (first is None or mark == "and") and not number[0][0].isdigit():
        return
    if first and not last and mark not in ("-", "~"):
        return
    if mark == "and" and not _BETWEEN.search(text, max(0, joint.start() - 40), joint.start()):
        return
    reading.written.append(-ahead.written[0] if joint["minus"] else ahead.written[0])
    reading.units.append(last)
    reading.unit_text = ahead.unit_text or reading.unit_text
    reading.joint = "±" if mark in ("±", "+/-") else "-"
    reading.end = ahead.end


def _denominator(text: str, reading: _Reading) -> re.Match[str] | None:
    """The next unit below the line; that of all units is a large pattern, looked for only where one may stand."""
    ahead = _PER_AHEAD.match(text, reading.end, reading.limit)
    return _denominator_pattern().match(text, reading.end, reading.limit) if ahead else None


def _read_denominators(text: str, reading: _Reading) -> None:
    """``/kg``, ``/(kg·d)``, ``每公斤体重``: units below the line. Days, weeks and months become a period."""
    in_a_day = _IN_A_DAY.match(text, reading.end, reading.limit) if reading.units[-1] else None
    if in_a_day:
        reading.period, reading.end = 24.0, in_a_day.end()
    while found := _denominator(text, reading):
        written = found["unit"]
        size = float(found["size"] or 1)
        name = _SPELLED_OUT.get(written.lower(), written)
        hours = hours_of(name) if name not in ("米", "m", "mg", "ml", "mol") else 0.0
        unit = unit_table().find(name)
        first = next((one for one in reading.units if one), None)
        if first and first.name == "h" and "每" in found[0]:
            break  # 第5天每天, 连续6小时每公斤: the amount follows
        if name in ("次", "剂", "dose"):
            pass
        elif unit and unit.name in ("h", "month") and (hours < 0 or hours * size >= 24.0):
            reading.period = hours * size
        elif unit and unit.name == "m2" and found["size"]:
            pass  # 1.73 m2 only says how a clearance was scaled
        elif unit and found["size"] and reading.units[0] and unit.name == reading.units[0].name:
            break  # 150 mg/12.5 mg: two strengths
        elif unit:
            name, scale = _BELOW.get(unit.name, (unit.name, 1.0))
            reading.below += "/" + name
            reading.divisor *= unit.factor * scale * size
        else:
            break
        reading.end = found.end()


def _kind(reading: _Reading, unit: str) -> QuantityKind:
    if reading.joint in _RATIO_JOINTS:
        return QuantityKind.RATIO
    if unit == "h" or (unit == "month" and reading.unit_text.lower() in _LONG_TIMES):
        return QuantityKind.DURATION
    plain = {"month": QuantityKind.AGE, "%": QuantityKind.PERCENTAGE, "": QuantityKind.NUMBER}
    return plain.get(unit, QuantityKind.COUNT if unit in COUNTED else QuantityKind.MEASURE)


def _read_below(text: str, start: int, reading: _Reading) -> int:
    """Put what stands before an amount (每公斤, 每毫升, 每分钟) below the line; returns where it begins."""
    while before := per_before(text, start):
        unit = unit_table().find(before["below"] or before["below_en"])
        assert unit is not None
        name, scale = _BELOW.get(unit.name, (unit.name, 1.0))
        if f"/{name}" not in reading.below:
            reading.below += f"/{name}"
            reading.divisor *= unit.factor * scale
        reading.period = reading.period or (24.0 if before["day"] else 0.0)
        start = before.start()
    return start


def _finish(text: str, match: re.Match[str], reading: _Reading) -> Quantity | None:
    last = reading.units[-1] or reading.units[0]
    if last is None and (match.lastgroup != "digits" and not reading.below):
        return None
    if last is None and not reading.below and _PART_OF_NAME.match(text, reading.end) and len(reading.written) == 1:
        return None
    if last is None and len(match[0]) >= _IDENTIFIER_DIGITS and match[0].isdigit():
        return None
    start, end = match.start(), reading.end
    bound, begin = bound_before(text, start, is_time=last is not None and last.name == "h")
    if last and last.name not in ("h", "times"):
        start = _read_below(text, start, reading)
        begin = min(begin, start)
    if last is None and not reading.below and is_age(text, start, reading.joint):
        last = unit_table().find("years")  # adults over 18, ages 2 to 5
        reading.units, reading.unit_text = [last] * len(reading.written), "years of age"
    factors = [(unit or last).factor if last else 1.0 for unit in reading.units]
    written = tuple(reading.written)
    values = tuple(value * factor / reading.divisor for value, factor in zip(written, factors, strict=True))
    unit_name = last.name if last and last.name != "cells" else ""
    if reading.joint == "/" and unit_name in _DIVISIBLE and values[1] and values[0] < values[1]:
        values, reading.joint = (values[0] / values[1],), ""  # 1/2 tablet
    if unit_name in ("times", "injection", "course") and values == (1.0,):
        return None  # 一次, 一针 is "a dose" or "once", never an amount
    if unit_name == "person" and reading.joint in _RATIO_JOINTS:
        unit_name = ""  # 1 in 10 people is 1/10
    if unit_name == "°F":
        unit_name, values = "°C", tuple((value - 32.0) / 1.8 for value in values)
    minus = _MINUS.search(text, 0, start) if unit_name == "°C" else None
    if minus:
        cold = all(reading.units) or minus[0].startswith("零下")  # 零下2到8度: both
        start, values = (
            minus.start(),
            (-values[0], *(-v if cold and len(values) > 1 and "零" in minus[0] else v for v in values[1:])),
        )
        begin = min(begin, start)
    reading.below = "".join(f"/{name}" for name in sorted(reading.below.split("/")) if name)
    core = (start, end)
    kind = _kind(reading, unit_name)
    if bound is Bound.NONE:
        bound, end = bound_after(text, end)
        bound = bound or age_from(text, start, end, kind, reading.joint)
    if kind is QuantityKind.DURATION and is_period(text, start, end):
        return Quantity(
            begin, end, "", QuantityKind.PERIOD, values, "per", bound, period=values[0], written=written, core=core
        )
    return Quantity(
        begin, end, "", kind, values, unit_name + reading.below, bound, reading.period, False, written, core
    )


def find_measures(text: str, start: int, limit: int) -> Iterator[Quantity]:
    """Every measure in ``text[start:limit]`` (unified text, free of dates and frequencies), in order."""
    position = start
    before: _Reading | None = None
    while match := _NUMBER.search(text, position, limit):
        position = match.end()
        value = parse_number(match[0])
        if value is None or (value == 1.0 and is_given_per(text, match.start(), limit)):
            continue
        reading = _Reading(match.end(), limit, [value])
        _read_unit(text, reading, match)
        _read_second(text, reading)
        if reading.joint in _RATIO_JOINTS:
            _read_unit(text, reading, match)
        _read_denominators(text, reading)
        unit = before.units[-1] if before and not before.below else None
        if before and unit and reading.units == [None] and not reading.below:
            left_out = leaves_out_unit(text, unit.name, before.end, match.start(), reading.end)
            reading.units = [unit] if left_out else reading.units
        found = _finish(text, match, reading)
        if found is not None:
            position, before = max(position, reading.end), reading
            yield found
