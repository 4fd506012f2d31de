"""How often: ``一日3次``, ``每8小时一次``, ``tid``, ``every other week``; and bare periods (``每日``, ``daily``)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import ARABIC_NUMERAL, CHINESE_NUMERAL, parse_number
from kbchat.text.quantity import Quantity, QuantityKind

_ZH_UNIT = r"(?:分钟|小时|钟头|天|日|晚|周|星期|礼拜|个?月|年|h|hours?|d|days?|w|weeks?)"
_EN_UNIT = r"(?:minutes?|mins?|hours?|hrs?|h|days?|nights?|weeks?|wks?|months?|years?)"
_HOURS = {
    "分": 1 / 60, "min": 1 / 60, "小时": 1.0, "钟头": 1.0, "h": 1.0, "天": 24.0, "日": 24.0, "晚": 24.0, "夜": 24.0,
    "d": 24.0, "night": 24.0, "周": 168.0, "星期": 168.0, "礼拜": 168.0, "w": 168.0, "月": -1.0, "month": -1.0, "m": -1.0,
    "年": -12.0, "y": -12.0,
}  # fmt: skip
_N = rf"(?:{ARABIC_NUMERAL}|{CHINESE_NUMERAL})"
_N_RANGE = rf"(?P<low>{_N})(?:\s*[-~至到或]\s*(?P<high>{_N}))?"
_TIMES = r"\s*(?:次|回|遍)(?!数|要|性|氯)"
_EN_NUMBER = r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|ten|twelve)"
_EN_TIMES = (
    r"(?:(?P<once>once|twice|thrice)|(?P<low>{n})(?:\s*(?:-|to|or)\s*(?P<high>{n}))?\s*(?:times|x|doses|injections))"
).replace("{n}", _EN_NUMBER)

_SMALL = r"[^\d\W一二两三四五六七八九十半]"  # a character between period and count
_LATIN_WORDS = (
    r"b\.?\s?i\.?\s?d|t\.?\s?i\.?\s?d|t\.?d\.?s|q\.?\s?i\.?\s?d|q\.?d\.?s|q\.?\s?o\.?\s?d|q\.?\s?d|o\.?d|b\.?d|"
    r"q\.?n|qw|biw|tiw|qm|q\.?h\.?s"
)
_EN_EVERY_N = rf"(?P<n>{_EN_NUMBER}(?:\s*(?:-|to)\s*{_EN_NUMBER})?[\s-]+)?(?P<unit>{_EN_UNIT})\b"
_EN_PER = (
    r"(?:(?:a|an|per|each|every|in\s+a|/)\s*(?P<unit>minute|hour|day|night|week|month|year)"
    r"|(?P<ly>daily|weekly|monthly|yearly|nightly|hourly))\b"
)

_PATTERNS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (kind, tuple(needed.split()), deferred(pattern, re.IGNORECASE))
    for kind, needed, pattern in (
        # 隔日一次, 每隔一天
        ("alternate", "隔", rf"(?:每隔(?:一|1)|隔)(?P<unit>天|日|周|月)(?:[^\d\W]{{0,2}}?(?:1|一){_TIMES})?"),
        # 每2周一次, 每隔8小时服1次, 每12h1次, 每3个月检查一次
        (
            "interval",
            "每",
            rf"每隔?\s*(?P<n>{_N}(?:\s*[-~至到]\s*{_N})?)\s*个?(?P<unit>{_ZH_UNIT})"
            rf"(?:(?:[^\d\W]|，(?=[一1]次)){{0,8}}?(?P<low>{_N}){_TIMES})?",
        ),
        # 1次/8小时, 8小时1次
        ("interval", "/", rf"(?P<low>1|一){_TIMES}\s*/\s*(?P<n>{_N})\s*个?(?P<unit>{_ZH_UNIT})"),
        (
            "interval",
            "次 回 遍",
            r"(?<![共前后内第\d.\-~至到])(?P<n>\d+(?:\s*[-~至到]\s*\d+)?)\s*个?(?P<unit>小时|h)"
            rf"\s*(?P<low>1|一){_TIMES}",
        ),
        # 四小时量一次
        (
            "interval",
            "次 回 遍 喷",
            rf"(?<![共前后内第\d.\-~至到十每])(?P<n>(?:{CHINESE_NUMERAL}|\d+)(?:\s*[-~至到]\s*(?:{CHINESE_NUMERAL}|\d+))?)\s*个?(?P<unit>分钟|小时|钟头)(?!之?[内后前里]|以)[^\d\W]{{0,3}}?"
            rf"(?<![第这那])(?P<low>1|一)(?:{_TIMES}|喷)",
        ),
        # 一个月打一针, 两个星期打一次
        (
            "interval",
            "次 针 回 遍 剂",
            rf"(?<![第前后近共满续超过\d.每\-~至到])(?P<n>{CHINESE_NUMERAL}|\d{{1,2}})\s*个?(?P<unit>天|周|星期|礼拜|月|年)(?:打|吃|用|服|注射|查|复查|测|换|做|接种|输|给|涂|滴|喷|贴)?"
            r"(?P<low>一|1)\s*(?:次|针|回|遍|剂)",
        ),
        # 每日早晚各1次
        (
            "times",
            "各",
            r"(?P<halves>早、?晚|早、?中、?晚|三餐)[^\d\W]{0,4}?各(?:\s*(?:服|用|吃|涂|打|测)?\s*(?:1|一)\s*(?:次|回))?",
        ),
        # 一日3次, 每天服1～2次, 每周两次, 日服2次
        (
            "times",
            "次 回 遍",
            rf"(?:每|(?<![\d.十百])[一1]|整)\s*个?(?P<unit>{_ZH_UNIT}){_SMALL}{{0,6}}?(?:分[成为作]?)?\s*{_N_RANGE}{_TIMES}",
        ),
        (
            "times",
            "次 回 遍",
            r"(?<![\d一二三四五六七八九十几数半每近生当隔末节平])(?P<unit>日|周)(?:服|用|喷|滴|注射)?"
            rf"\s*{_N_RANGE}{_TIMES}",
        ),
        # 3次/日, 1~2次/d, 60次/分
        ("times", "次 回 遍", rf"{_N_RANGE}{_TIMES}\s*(?:/|每)\s*(?P<unit>分钟?|min|{_ZH_UNIT})(?![a-z])"),
        (
            "times",
            "bpm beats breaths",
            rf"{_N_RANGE}\s*(?:bpm\b|(?:beats|breaths)\s*(?:/|per)\s*(?P<unit>min(?:ute)?))",
        ),
        # 分3次服: of a daily amount
        ("divided", "次 回 遍", rf"(?<!每)分[成为作]?\s*{_N_RANGE}{_TIMES}"),
        (
            "divided",
            "divided",
            rf"\bin\s+(?P<low>{_EN_NUMBER})(?:\s*(?:-|to|or)\s*(?P<high>{_EN_NUMBER}))?"
            r"\s+(?:equally\s+)?divided\s+doses",
        ),
        (
            "divided",
            "divided split",
            rf"\b(?:divided|split)\s+into\s+(?P<low>{_EN_NUMBER})(?:\s*(?:-|to|or)\s*(?P<high>{_EN_NUMBER}))?\s+(?:equal\s+)?doses",
        ),
        ("every", "晚 夜", r"(?:每|一)\s*(?P<unit>晚|夜)(?:上)?(?=$|[^\d\W]?[睡服口用吃]|，|,|。|\s)"),
        # once every 3 months, every 4 to 6 hours, every other week, fortnightly
        ("every", "every", rf"(?:(?:once|one\s+(?:dose|injection))\s+)?every\s+{_EN_EVERY_N}"),
        (
            "alternate",
            "every alternate",
            r"(?:once\s+)?(?:every\s+(?:other|second)|on\s+alternate|alternate)\s+(?P<unit>day|week|month)s?\b",
        ),
        ("fortnight", "fortnight biweekly", r"(?:once\s+)?(?:fortnightly|every\s+fortnight|a\s+fortnight|biweekly\b)"),
        # three times a day, twice daily, 8-hourly
        ("times", "once twice thrice times x doses injections", rf"{_EN_TIMES}\s*(?:,\s*)?{_EN_PER}"),
        (
            "times",
            "once twice thrice",
            r"(?P<once>once|twice|thrice)[\s-]?(?P<ly>daily|weekly|monthly|yearly|nightly)\b",
        ),
        (
            "times",
            "once twice thrice",
            r"(?P<once>once|twice|thrice)-(?:an?|per|every)-(?P<unit>hour|day|night|week|month|year)\b",
        ),
        ("hourly", "ly", rf"\b(?P<n>{_EN_NUMBER})[\s-]?(?P<unit>hour|h)ly\b"),
        ("latin", "b t q o", rf"(?<![a-z])(?P<latin>{_LATIN_WORDS})\.?(?![a-z])"),
        ("interval", "q", r"(?<![a-z])q\s?(?P<n>\d+(?:-\d+)?)\s?(?P<unit>h|d|w|wk|m|min)(?![a-z])"),
        ("interval", "q", r"(?<![a-z])q\s?(?P<unit>h)(?![a-z])"),
    )
)
"""Kinds of wordings, strings of which each match holds one, and the patterns."""
_LATIN = {
    "bid": (2, 24.0), "bd": (2, 24.0), "tid": (3, 24.0), "tds": (3, 24.0), "qid": (4, 24.0), "qds": (4, 24.0),
    "qd": (1, 24.0), "od": (1, 24.0), "qn": (1, 24.0), "qhs": (1, 24.0), "qod": (1, 48.0), "qw": (1, 168.0),
    "biw": (2, 168.0), "tiw": (3, 168.0), "qm": (1, -1.0),
}  # fmt: skip
_ONCE = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_HALVES = {"早晚": 2.0, "早中晚": 3.0, "三餐": 3.0}
_LY = {"daily": 24.0, "nightly": 24.0, "weekly": 168.0, "monthly": -1.0, "yearly": -12.0, "hourly": 1.0}

_PERIOD = deferred(
    r"(?P<day>每[日天](?!早|晚)|(?<![a-z])(?:per|a|each|every)\s+day\b|\bdaily\b|"
    r"日(?=剂量|总量|总剂量|用量|服用?量|摄入|需要?量))"
    r"|(?P<week>每个?(?:周|星期|礼拜)(?![一二三四五六日末岁])|一(?:周|星期)(?=最多|不超|总)|"
    r"\b(?:per|a|each)\s+week\b|\bweekly\b)"
    r"|(?P<month>每个?月|\b(?:per|a|each)\s+month\b|\bmonthly\b)"
    r"|(?P<year>每年|\b(?:per|a|each)\s+year\b|\byearly\b|\bannually\b)",
    re.IGNORECASE,
)
_PERIODS = {"day": 24.0, "week": 168.0, "month": -1.0, "year": -12.0}
_WEEK = ("一周", "一星期", "一个星期", "一礼拜")
_HOW_MUCH = deferred(r"(?:要|可|能|最好|应该?)?(?:最[多少]|至[多少]|不超|不少|总共?|一?共|合计|加起来|运动|锻炼)")


def hours_of(unit: str) -> float:
    """Hours of a time unit as written; months and years as negative numbers of months."""
    name = unit.strip().lower().removeprefix("个")
    if name in _HOURS:
        return _HOURS[name]
    for prefix in ("min", "分", "h", "d", "night", "w", "month", "m", "y"):
        if name.startswith(prefix):
            return _HOURS[prefix]
    return 0.0


def _numbers(text: str) -> tuple[float, ...]:
    found = [parse_number(part.strip(" -")) for part in re.split(r"[-~至到]|\bto\b", text) if part.strip(" -")]
    return tuple(value for value in found if value is not None)


def _quantity(kind: str, match: re.Match[str], text: str) -> Quantity | None:
    groups = match.groupdict()
    start, end = match.span()
    count: tuple[float, ...] = (1.0,)
    spaced = False
    if kind == "latin":
        times, period = _LATIN[re.sub(r"[.\s]", "", groups["latin"]).lower()]
        count = (float(times),)
    elif kind == "fortnight":
        period = 336.0
    elif kind == "alternate":
        period = 2 * hours_of(groups["unit"])
    elif kind in ("interval", "every", "hourly"):
        length = _numbers(groups.get("n") or "1")
        unit_hours = hours_of(groups["unit"])
        if not length or not unit_hours:
            return None
        if groups.get("low"):
            count = _numbers(groups["low"]) or (1.0,)
        period = length[0] * unit_hours
        spaced = abs(unit_hours) < 24.0 and unit_hours > 0
        if len(length) == 2:  # every 4 to 6 hours: the rate is a range, written as the two periods
            return Quantity(start, end, text[start:end], QuantityKind.FREQUENCY, length, f"per {abs(unit_hours):g}",
                            period=period, spaced=True, written=length)  # fmt: skip
    else:
        count, period = _count_per(groups)
        period = 24.0 if kind == "divided" else period
        if not count or not period:
            return None
    return Quantity(
        start, end, text[start:end], QuantityKind.FREQUENCY, count, "per", period=period, spaced=spaced, written=count
    )


def _count_per(groups: dict[str, str | None]) -> tuple[tuple[float, ...], float]:
    if groups.get("halves"):
        return (_HALVES[(groups["halves"] or "").replace("、", "")],), 24.0
    if groups.get("once"):
        count: tuple[float, ...] = (_ONCE[(groups["once"] or "").lower()],)
    else:
        ends = (groups.get("low"), groups.get("high"))
        count = tuple(v for v in (parse_number(e) for e in ends if e) if v is not None)
    period = _LY[(groups["ly"] or "").lower()] if groups.get("ly") else hours_of(groups.get("unit") or "min")
    return count, period


def find_frequencies(text: str) -> Iterator[Quantity]:
    """Every frequency in unified ``text``; wordings are tried in order, and a stretch is read once."""
    taken: list[tuple[int, int]] = []
    folded = text.casefold()
    for kind, needed, pattern in _PATTERNS:
        for match in pattern.finditer(text) if any(one in folded for one in needed) else ():
            start, end = match.span()
            if any(start < high and low < end for low, high in taken):
                continue
            found = _quantity(kind, match, text)
            if found is not None:
                taken.append((start, end))
                yield found


def find_periods(text: str) -> Iterator[Quantity]:
    """Bare periods in unified ``text``: 每日, 日剂量, daily, per week."""
    for match in _PERIOD.finditer(text):
        period = _PERIODS[str(match.lastgroup)]
        yield Quantity(match.start(), match.end(), match[0], QuantityKind.PERIOD, (period,), "per", period=period)


def is_period(text: str, start: int, end: int) -> bool:
    """Whether 一天, 一周 say how often and not how long: a day always, a week where an amount is to follow."""
    written = text[start:end]
    if text[start - 1 : start] == "第":
        return False
    return written in ("一天", "一日") or (written in _WEEK and bool(_HOW_MUCH.match(text, end)))
