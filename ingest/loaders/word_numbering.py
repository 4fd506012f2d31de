"""The numbers that Word shows before paragraphs and does not store with them: 第一章, （一）, 1.1, a), •."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.loaders.clean_text import symbol_font

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_FULL_WIDTH = "０１２３４５６７８９"
_STEMS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int


class Numbering:
    """Counts along the paragraphs of one document, in order.

    ``root`` is the root of ``numbering.xml`` or None.
    """

    def __init__(self, root: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is None:
            return
        abstract = {node.get(f"{_W}abstractNumId"): _read_levels(node) for node in root.iterfind(f"{_W}abstractNum")}
        for node in root.iterfind(f"{_W}num"):
            identifier = node.get(f"{_W}numId")
            target = node.find(f"{_W}abstractNumId")
            if target is None:
                continue
            name = target.get(f"{_W}val")
            levels = dict(abstract.get(name, {}))
            for override in node.iterfind(f"{_W}lvlOverride"):
                _override(levels, override)
                name = f"{name}/{identifier}"
            self._levels[identifier] = levels
            self._abstract[identifier] = name

    def next_marker(self, number_id: str, level: int) -> str:
        """The marker of the next paragraph of list ``number_id`` at ``level`` (from 0); empty when it has none."""
        levels = self._levels.get(number_id)
        if not levels or level not in levels:
            return ""
        counts = self._counts[self._abstract[number_id]]
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        for above in range(level):
            if above in levels and above not in counts:
                counts[above] = levels[above].start
        counts[level] = counts[level] + 1 if level in counts else levels[level].start
        this = levels[level]
        if this.format == "bullet":
            return _bullet(this.text)
        if this.format == "none":
            return this.text if "%" not in this.text else ""

        def shown(match: re.Match[str]) -> str:
            place = int(match.group(1)) - 1
            if place not in levels:
                return ""
            return numeral(counts.get(place, levels[place].start), levels[place].format)

        return re.sub(r"%([1-9])", shown, this.text).strip()


def numeral(number: int, style: str) -> str:
    """``number`` written in one of Word's number formats; digits for those that are not known."""
    writer = _WRITERS.get(style)
    return (writer(number) if writer is not None else "") or str(number)


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""


def _roman(number: int) -> str:
    roman = ""
    if 0 < number < 4000:
        for value, sign in _ROMAN:
            while number >= value:
                roman, number = roman + sign, number - value
    return roman


def _digits(number: int, digits: str) -> str:
    return "".join(digits[int(digit)] for digit in str(number)) if number >= 0 else ""


def _enclosed(number: int, first: int) -> str:
    return chr(first + number - 1) if 1 <= number <= 20 else ""


def chinese_number(number: int) -> str:
    """``number`` (up to 999) in everyday Chinese: 十二, 二十, 一百零五."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


_WRITERS: dict[str, Callable[[int], str]] = {
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "chineseCounting": chinese_number,
    "chineseCountingThousand": chinese_number,
    "japaneseCounting": chinese_number,
    "taiwaneseCountingThousand": chinese_number,
    "ideographDigital": lambda number: _digits(number, _DIGITS),
    "taiwaneseDigital": lambda number: _digits(number, _DIGITS),
    "chineseLegalSimplified": lambda number: "拾" if number == 10 else _digits(number, _FORMAL),
    "decimalEnclosedCircle": lambda number: _enclosed(number, 0x2460),
    "decimalEnclosedCircleChinese": lambda number: _enclosed(number, 0x2460),
    "decimalEnclosedParen": lambda number: _enclosed(number, 0x2474),
    "ideographTraditional": lambda number: _STEMS[number - 1] if 1 <= number <= 10 else "",
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: _digits(number, _FULL_WIDTH),
}


def _bullet(text: str) -> str:
    symbol = text.strip()[:1]
    if "\ue000" <= symbol <= "\uf8ff":
        return symbol_font(ord(symbol)) or "•"
    return symbol if symbol and not symbol.isalnum() else "•"


def _read_levels(abstract: Any) -> dict[int, _Level]:
    return {int(node.get(f"{_W}ilvl", "0")): _read_level(node) for node in abstract.iterfind(f"{_W}lvl")}


def _read_level(node: Any) -> _Level:
    start = _value(node, "start", "1")
    return _Level(_value(node, "numFmt", "decimal"), _value(node, "lvlText", ""), int(start) if start.isdigit() else 1)


def _override(levels: dict[int, _Level], override: Any) -> None:
    place = int(override.get(f"{_W}ilvl", "0"))
    level = override.find(f"{_W}lvl")
    if level is not None:
        levels[place] = _read_level(level)
    start = _value(override, "startOverride", "")
    if start.isdigit() and place in levels:
        levels[place] = _Level(levels[place].format, levels[place].text, int(start))


def _value(node: Any, name: str, default: str) -> str:
    child = node.find(f"{_W}{name}")
    return default if child is None else child.get(f"{_W}val", default)
