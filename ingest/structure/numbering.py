"""Numbered headings: 第一章, 一、, （一）, 1.1, 1.1.1 — told from numbered list items, quantities and dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ingest.structure.lines import Line

_ZH_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")}
_ZH = r"[一二三四五六七八九十]{1,3}"
_FORMS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"第\s*({_ZH}|\d{{1,2}})\s*[篇编部]分?\s*")),
    (2, re.compile(rf"第\s*({_ZH}|\d{{1,2}})\s*章\s*")),
    (3, re.compile(rf"第\s*({_ZH}|\d{{1,2}})\s*节\s*")),
    (4, re.compile(rf"({_ZH})\s*[、.]\s*")),
    (5, re.compile(rf"\(\s*({_ZH})\s*\)\s*[、.]?\s*")),
)
_DECIMAL = re.compile(r"(\d{1,2}(?:\s?\.\s?\d{1,2}){0,5})\s*([.、)]?)\s*(?=\S)")
_DECIMAL_BASE = 5
_ROMAN = re.compile(r"([IVX]{1,5})\.\s+(?=[A-Z])")
_APPENDIX = re.compile(r"(?:附录|附件|附表|Appendix|Annex)\s*[A-Z\d一二三四五六七八九十]{0,3}\b", re.IGNORECASE)
_QUANTITY = re.compile(
    r"(?:mg|g|kg|ml|l|μg|ug|mcg|mm|cm|mmol|kpa|iu|u|h|d|x)(?![a-z])"
    r"|%|‰|℃|°|×|～|~|-\s?\d|–\s?\d|/|,\s?\d|:\s?\d|±|≥|≤|<|>|=|\+|倍|岁|天|日|月|年|周|小时|分钟|秒|次|例|片"
    r"|粒|支|万|亿|个|名|人|毫|微克|克|升"
    r"|种|级|期|型|度|以上|以下|或|和|至",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。；;，,、！!]$|[。；！]\S")
_LONGEST_ZH = 42
_LONGEST_EN = 120
_LATIN_END = re.compile(r"(?<![A-Z])[a-z)]\.$")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line that begins like a numbered heading.

    ``rank`` is the depth of its style (smaller is higher), ``number`` its value: (3, 2, 1) for 3.2.1, one value for
    the other styles. ``title`` is what follows the number.
    """

    line: Line
    rank: int
    number: tuple[int, ...]
    title: str
    mark: str = ""


def parse_number(line: Line) -> Numbered | None:
    """The number at the start of a line, if it looks like that of a heading."""
    text = unicodedata.normalize("NFKC", line.text[:140]).strip()
    for rank, form in _FORMS:
        match = form.match(text)
        if match:
            title = text[match.end() :]
            return Numbered(line, rank, (_value(match.group(1)),), title) if title or rank < 4 else None
    match = _DECIMAL.match(text)
    if match:
        return _decimal(line, text, match)
    match = _ROMAN.match(text)
    if match:
        return Numbered(line, 4, (_roman(match.group(1)),), text[match.end() :])
    return None


def _decimal(line: Line, text: str, match: re.Match[str]) -> Numbered | None:
    number = tuple(int(part) for part in re.split(r"\s?\.\s?", match.group(1)))
    title = text[match.end() :]
    if number[0] == 0 or match.group(2) == ")" or title[0].isdigit() or _QUANTITY.match(title):
        return None
    if not (title[0].isalpha() or title[0] in "(（\"“‘'[HC") or (title[0].islower() and len(number) == 1):
        return None
    return Numbered(line, _DECIMAL_BASE + len(number), number, title, match.group(2))


def reads_like_heading(line: Line, title: str) -> bool:
    """Whether a line may be a heading by its length and its end."""
    if line.in_table or line.has_leader or _SENTENCE_END.search(title):
        return False
    width = len(line.text)
    chinese = any("\u4e00" <= character <= "\u9fff" for character in title[:12])
    if width > (_LONGEST_ZH if chinese else _LONGEST_EN):
        return False
    return chinese or not _LATIN_END.search(title)


def is_appendix(line: Line) -> bool:
    """Whether the line is the heading of an appendix."""
    return bool(_APPENDIX.match(line.text)) and len(line.text) <= _LONGEST_ZH and not _SENTENCE_END.search(line.text)


def _value(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_ZH_DIGITS[tens] if tens else 1) * 10 + (_ZH_DIGITS[ones] if ones else 0)
    return _ZH_DIGITS[text[0]]


def _roman(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10}
    total = 0
    for position, character in enumerate(text):
        value = values[character]
        total += -value if position + 1 < len(text) and values[text[position + 1]] > value else value
    return total
