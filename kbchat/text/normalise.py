"""Reading characters and numerals as what they mean, without moving any offset.

:func:`unify` replaces characters one for one, so a match in the unified text has the same offsets in the text itself.
"""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SIGNS = {
    "\u3000": " ", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2002": " ", "\u2003": " ", "\u200a": " ",
    "～": "~", "〜": "~", "∼": "~", "∽": "~", "﹣": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
    "−": "-", "－": "-", "―": "-", "µ": "μ", "⩾": "≥", "≧": "≥", "⩽": "≤", "≦": "≤", "﹥": ">", "﹤": "<", "╳": "×",
    "✕": "×", "∶": ":", "º": "°", "˚": "°", "﹪": "%", "⁄": "/", "∕": "/", "／": "/", "〇": "零", "○": "零",
    "•": "·", "⋅": "·", "∙": "·", "・": "·",
}  # fmt: skip
# Traditional forms of the characters that numerals, units and comparisons are written with.
_TRADITIONAL = dict(
    zip(
        "時週個歲顆劑間過於內從兩萬億單攝釐隻貼噴滿達減當後續齡餘約鐘遲開濟須應該須氣壓",
        "时周个岁颗剂间过于内从两万亿单摄厘只贴喷满达减当后续龄余约钟迟开济须应该须气压",
        strict=True,
    )
)
_FOLD = str.maketrans(_FULL_WIDTH | _SIGNS | _TRADITIONAL)

_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000.0, "亿": 100_000_000.0}
_VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125}
_POWER = deferred(r"(.+?) ?[x×*] ?10 ?\^? ?([-⁻]?[\d⁰¹²³⁴-⁹]+)")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_WORDS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0,
    "hundred": 100.0, "a": 1.0, "an": 1.0, "half": 0.5, "half a": 0.5, "half an": 0.5, "a half": 0.5, "a quarter": 0.25, "three quarters": 0.75,
    "one and a half": 1.5, "two and a half": 2.5, "one half": 0.5, "a couple of": 2.0,
}  # fmt: skip

ENGLISH_NUMERALS = tuple(sorted(_WORDS, key=len, reverse=True))
"""English number words that :func:`parse_number` reads, longest first."""

CHINESE_NUMERAL = r"(?:[零一二两三四五六七八九十百千]+(?:点[零一二三四五六七八九]+)?|半)"
"""Pattern of a Chinese numeral (in unified text)."""

ARABIC_NUMERAL = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?![\d.])|\d+(?:\.\d+)?[½¼¾⅓⅔⅛]?|\.\d+|[½¼¾⅓⅔⅛])"
"""Pattern of a number in digits, thousands separators and vulgar fractions included."""


# A letter l where a range begins (l-2天), as scans and typists have it.
_LETTER_FOR_ONE = deferred(r"(?<![A-Za-z0-9])l(?=[-~]\d{1,2} ?(?:[天日周月年次片粒支袋瓶小分岁克毫个]|m[gl]\b|g\b))")


def unify(text: str) -> str:
    """Full-width forms, dashes, comparison signs and traditional unit characters unified; the length stays the same."""
    return _LETTER_FOR_ONE.sub("1", text.translate(_FOLD))


def _chinese(numeral: str) -> float | None:
    if numeral == "半":
        return 0.5
    whole, _, decimals = numeral.partition("点")
    total, digit, seen_place = 0, None, False
    for character in whole:
        if character in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[character]
            digit, seen_place = None, True
        elif digit is not None and digit != 0 and not seen_place:
            return _positional(whole, decimals)
        else:
            digit = _DIGITS[character]
    value = float(total + (digit or 0))
    return value + float("0." + "".join(str(_DIGITS[d]) for d in decimals)) if decimals else value


def _positional(whole: str, decimals: str) -> float | None:
    """A numeral read digit by digit (二零一八); two digits alone are no number (三七 is a plant)."""
    if len(whole) < 3 or any(character in _PLACES for character in whole):
        return None
    return float("".join(str(_DIGITS[c]) for c in whole) + "." + ("".join(str(_DIGITS[d]) for d in decimals) or "0"))


def parse_number(numeral: str) -> float | None:
    """The value of a numeral in digits, Chinese characters or English words; None when it is none.

    ``numeral`` is unified text. Understands ``1,000``, ``10万``, ``1½``, ``3×10^9``, ``两``, ``半``, ``half an``.
    """
    text = " ".join(numeral.split()).lower()
    power = _POWER.fullmatch(text)
    if power:
        base = _plain_number(power[1])
        return None if base is None else base * 10.0 ** int(power[2].translate(_SUPERSCRIPT))
    if len(text) > 1 and text[-1] in _GREAT:
        base = _plain_number(text[:-1].strip())
        return None if base is None else base * _GREAT[text[-1]]
    return _plain_number(text)


def _plain_number(text: str) -> float | None:
    if text in _WORDS:
        return _WORDS[text]
    if text and text[-1] in _VULGAR:
        return float(text[:-1] or 0) + _VULGAR[text[-1]]
    if text and all(c in _DIGITS or c in _PLACES or c in "点半" for c in text):
        return _chinese(text)
    try:
        return float(text.replace(",", "").replace(" ", ""))
    except ValueError:
        return None
