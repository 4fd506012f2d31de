"""Shares told in words: ``百分之七``, ``三分之一``, ``每100人中1人``, ``一半``, ``half of the patients``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kbchat.text.comparisons import bound_after, bound_before
from kbchat.text.deferred_pattern import deferred
from kbchat.text.normalise import ARABIC_NUMERAL, CHINESE_NUMERAL, parse_number
from kbchat.text.quantity import Bound, Quantity, QuantityKind

_ZH_FRACTION = deferred(
    rf"(?P<below>{CHINESE_NUMERAL}|万|\d+)分之(?P<above>{ARABIC_NUMERAL}|{CHINESE_NUMERAL})"
    rf"(?:\s*[-~至到]\s*(?:(?P=below)分之)?(?P<high>{ARABIC_NUMERAL}|{CHINESE_NUMERAL})(?![分%\d个次]))?"
)
_PERSON = r"(?:名|例|位|个)?\s*(?:人|患者|病人|受试者|使用者|用药者|孩子|儿童)"
_OF_PEOPLE = deferred(
    rf"每?\s*(?P<below>{ARABIC_NUMERAL}|{CHINESE_NUMERAL}[万]?)\s*{_PERSON}(?:当?中|里面?)[^\d\W零一二两三四五六七八九十百千万]{{0,6}}?"
    rf"(?P<above>{ARABIC_NUMERAL}|{CHINESE_NUMERAL})\s*(?:{_PERSON}|名|例|位|个)"
)
_HALF = deferred(
    r"(?<![大小多另前后上下])一半|半数(?!致死|有效)|(?:用?量|剂)减半|减半(?!衰)|(?<!a )(?<!one )(?<!first )(?<!second )(?<!other )\bhal(?:f|ve[sd]?)\b(?! (?:an?\b|of an?\b|hour|life|day|year|month|tablet|pill|dose tablet|strength))(?!-)"
    r"(?:\s+(?:of\s+)?(?:the\s+|all\s+)?(?:usual\s+|normal\s+|recommended\s+)?(?:dose|amount|patients|people|subjects|cases))?",
    re.IGNORECASE,
)
_EN_BELOW = {
    "half": 2.0, "third": 3.0, "quarter": 4.0, "fifth": 5.0, "tenth": 10.0,
    "ten": 10.0, "twenty": 20.0, "fifty": 50.0, "hundred": 100.0, "thousand": 1000.0, "ten thousand": 10000.0,
}  # fmt: skip
_EN_ONE_IN = deferred(
    r"\b(?P<above>one|two|three|four|five|\d+)\s+in\s+(?:every\s+)?(?:a\s+|one\s+)?(?P<below>ten thousand|ten|twenty|fifty|hundred|thousand)\b"
    r"|\b(?P<above2>one|two|three|four|an?)[\s-](?P<below2>third|quarter|fifth|tenth)s?\s+of\b(?!\s+an?\b)",
    re.IGNORECASE,
)


def find_shares(text: str) -> Iterator[Quantity]:
    """Percentages (``百分之七``, ``一半``) and ratios (``三分之一``, ``每100人中1人``) of unified ``text``."""
    for match in _ZH_FRACTION.finditer(text) if "分之" in text else ():
        values, percent = _zh_fraction(match)
        if values:
            yield _share(text, match.span(), values, percent=percent)
    for match in _OF_PEOPLE.finditer(text) if "中" in text or "里" in text else ():
        below, above = parse_number(match["below"]), parse_number(match["above"])
        if below and above is not None and above < below:
            bound, _ = bound_before(text, match.start("above"), is_time=False)
            found = _share(text, match.span(), (above, below), percent=False)
            yield replace(found, start=match.start(), bound=bound)
    for match in _EN_ONE_IN.finditer(text):
        above = parse_number(match["above"] or match["above2"])
        below = _EN_BELOW[" ".join((match["below"] or match["below2"]).lower().split())]
        if above is not None:
            yield _share(text, match.span(), (above, below), percent=False)
    for match in _HALF.finditer(text) if "半" in text or "hal" in text.lower() else ():
        yield _share(text, match.span(), (50.0,), percent=True)


def _zh_fraction(match: re.Match[str]) -> tuple[tuple[float, ...], bool]:
    """The values, and whether they are hundredths; no values for what is no fraction."""
    below = {"百": 100.0, "千": 1000.0, "万": 10000.0}.get(match["below"]) or parse_number(match["below"])
    ends = [parse_number(end) for end in (match["above"], match["high"]) if end]
    above = [end for end in ends if end is not None]
    if not below or not above:
        return (), False
    if below in (100.0, 1000.0):
        return tuple(end * 100.0 / below for end in above), True
    return ((above[0], below), False) if len(above) == 1 else ((), False)


def _share(text: str, span: tuple[int, int], values: tuple[float, ...], *, percent: bool) -> Quantity:
    bound, begin = bound_before(text, span[0], is_time=False)
    end = span[1]
    if bound is Bound.NONE:
        bound, end = bound_after(text, end)
    kind = QuantityKind.PERCENTAGE if percent else QuantityKind.RATIO
    return Quantity(begin, end, text[begin:end], kind, values, "%" if percent else "", bound, written=values, core=span)
