"""Cleaning of text that every loader but the PDF one does alike: it stays as printed, invisible things go."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[ \t\v\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NEWLINES = re.compile(r" *(?:\r\n|[\r\n\u0085\u2028\u2029])[ \n\r\u0085\u2028\u2029]*")
_CJK = "\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_MARKS = "，。；：、！？（）【】《》「」『』％"
_CLOSED_UP = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])|(?<=[{_MARKS}])\n|\n(?=[{_MARKS}])")

_INVISIBLE = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    0xAD,  # soft hyphen
    *range(0x200B, 0x2010),  # zero-width spaces and joiners, direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),  # variation selectors
    0xFEFF,
)
# Word and PowerPoint write characters of the Symbol and Wingdings fonts as private-use code points.
_SYMBOL_FONT = {
    0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06C: "●", 0xF06E: "■", 0xF0A8: "◆",
    0xF0B3: "≥", 0xF0A3: "≤", 0xF0B1: "±", 0xF0B0: "°", 0xF0B4: "×", 0xF0B8: "÷", 0xF0BB: "≈", 0xF0B9: "≠",
    0xF0AE: "→", 0xF0AC: "←", 0xF0AD: "↑", 0xF0AF: "↓", 0xF0A5: "∞", 0xF0A2: "′", 0xF0B2: "″",
    0xF03C: "<", 0xF03D: "=", 0xF03E: ">", 0xF02B: "+", 0xF02D: "-", 0xF07E: "~", 0xF025: "%",
    0xF061: "α", 0xF062: "β", 0xF067: "γ", 0xF064: "δ", 0xF065: "ε", 0xF06B: "κ", 0xF06D: "μ", 0xF070: "π",
    0xF071: "θ", 0xF073: "σ", 0xF077: "ω", 0xF044: "Δ", 0xF057: "Ω", 0xF0D2: "®", 0xF0D4: "™", 0xF0E2: "®",
    0xF0E4: "™",
}  # fmt: skip
_MAPPED: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **_SYMBOL_FONT,
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
    0xB5: "μ",
    0x2010: "-",
    0x2011: "-",
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},  # radicals used as characters
}

_SUPERSCRIPTS = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_WHOLE_NUMBER = re.compile(r"[-−+]?[0-9]+")


def clean_lines(text: str) -> str:
    """Clean ``text``, keeping its line breaks as single newlines; no line begins or ends with a space.

    Normalised to NFC (not NFKC: ①, ℃ and full-width marks stay as printed), no-break and other spaces become one plain
    space, invisible and control characters go, characters of the Symbol font become what they look like.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = text.translate(_MAPPED)
    text = _SPACES.sub(" ", text)
    return _NEWLINES.sub("\n", text).strip(" \n")


def clean_inline(text: str) -> str:
    """Clean ``text`` into one line.

    A line break beside a Chinese mark or between Chinese characters closes up, any other becomes a space.
    """
    text = clean_lines(text)
    if "\n" not in text:
        return text
    return _CLOSED_UP.sub("", text).replace("\n", " ")


def symbol_font(code: int) -> str:
    """The character that code point ``code`` of a symbol font shows (empty where unknown)."""
    return _SYMBOL_FONT.get(0xF000 | (code & 0xFF), "")


def superscript(text: str) -> str:
    """Raised ``text``: whole numbers as superscript digits (10⁹/L must not read 109/L), anything else as it is."""
    stripped = text.strip()
    return stripped.translate(_SUPERSCRIPTS) if _WHOLE_NUMBER.fullmatch(stripped) else text


def has_words(text: str) -> bool:
    """Whether there is a letter or digit in ``text``."""
    return any(character.isalnum() for character in text)
