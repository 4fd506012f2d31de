"""Classes of characters and the small repairs that text of PDF pages and OCR needs."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]


def cjk(codes: Codes) -> Flags:
    """Chinese and Japanese characters and full-width forms."""
    found: Flags = ((codes >= 0x2E80) & (codes <= 0x9FFF)) | ((codes >= 0xF900) & (codes <= 0xFAFF))
    found |= ((codes >= 0xFF00) & (codes <= 0xFFEF)) | ((codes >= 0x20000) & (codes <= 0x3FFFF))
    return found


def cjk_punctuation(codes: Codes) -> Flags:
    """Full-width punctuation, which brings its own white space."""
    found: Flags = ((codes >= 0x3001) & (codes <= 0x3011)) | ((codes >= 0xFF01) & (codes <= 0xFF0F))
    found |= ((codes >= 0xFF1A) & (codes <= 0xFF1F)) | ((codes >= 0x3014) & (codes <= 0x301B))
    return found


BLANK, DIGITAL, CHINESE, POINT = 1, 2, 4, 8
"""Classes of characters as bits of what :func:`classes` gives.

White space and control characters; digits and the signs of numbers; :func:`cjk`; :func:`cjk_punctuation`.
"""

_NUMERIC = np.array([ord(character) for character in "0123456789.,-+±~%/<>=≤≥\u2212\u2013"], np.uint32)


def classes(codes: Codes) -> npt.NDArray[np.uint8]:
    """The classes of code points, by a table for those of the basic plane."""
    if len(codes) and codes.max() > 0xFFFF:
        return _classes(codes)
    return _basic_plane()[codes]


@cache
def _basic_plane() -> npt.NDArray[np.uint8]:
    return _classes(np.arange(0x10000, dtype=np.uint32))


def _classes(codes: Codes) -> npt.NDArray[np.uint8]:
    blank = (codes <= 0x20) | (codes == 0xA0) | (codes == 0x3000) | ((codes >= 0x2000) & (codes <= 0x200B))
    blank |= (codes == 0x202F) | (codes == 0x205F) | (codes == 0xFEFF) | ((codes >= 0x7F) & (codes < 0xA0))
    blank |= (codes == 0xFFFE) | (codes == 0xFFFF)
    found: npt.NDArray[np.uint8] = blank * np.uint8(BLANK)
    found |= np.isin(codes, _NUMERIC) * np.uint8(DIGITAL)
    found |= cjk(codes) * np.uint8(CHINESE)
    found |= cjk_punctuation(codes) * np.uint8(POINT)
    return found


def is_cjk(character: str) -> bool:
    """Whether one character is Chinese or Japanese, or a full-width form."""
    return (
        "\u2e80" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or "\uff00" <= character <= "\uffef"
        or "\U00020000" <= character <= "\U0003ffff"
    )


SUPERSCRIPT = dict(zip("0123456789+-\u2212=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾", strict=True))
SUBSCRIPT = dict(zip("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))

# The upper half of Adobe's Symbol encoding, which fonts without a Unicode map show at U+F0xx.
_SYMBOL = {
    0xA3: "≤", 0xB3: "≥", 0xB1: "±", 0xB4: "×", 0xB0: "°", 0xB9: "≠", 0xBB: "≈", 0xAE: "→", 0xAD: "↑", 0xAF: "↓",
    0xAC: "←", 0xB7: "•", 0xA5: "∞", 0xB2: "″", 0xA2: "′", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xE2: "®", 0xE3: "©",
    0xE4: "™", 0xB8: "÷", 0xA8: "•", 0xA7: "•", 0x6D: "μ", 0x61: "α", 0x62: "β", 0x67: "γ", 0x64: "δ", 0x65: "ε",
    0x6B: "κ", 0x6C: "λ", 0x71: "θ", 0x73: "σ", 0x74: "τ", 0x77: "ω", 0x63: "χ", 0x70: "π", 0x44: "Δ", 0x57: "Ω",
    0xD8: "•", 0xFC: "✓", 0xFE: "☑", 0xFD: "☒",
}  # fmt: skip

_REPAIRS: dict[int, str] = {0xF000 + code: text for code, text in _SYMBOL.items()}
_REPAIRS |= {0xF000 + code: chr(code) for code in range(0x20, 0x7F) if 0xF000 + code not in _REPAIRS}
_REPAIRS |= {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_REPAIRS |= {0xB5: "μ", 0x2126: "Ω", 0x2011: "-", 0x2010: "-", 0x200B: "", 0x200C: "", 0x200D: "", 0x2060: ""}
_REPAIRS |= dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2007, 0x2008, 0x2009, 0x200A, 0x202F, 0x3000), " ")
# Kangxi radicals and compatibility ideographs, which some fonts give in place of the ordinary characters.
_REPAIRS |= {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFADA))
}
_BULLET_CODES = frozenset("\uf0b7\uf0a7\uf0d8\uf06c\uf06e\uf075\uf076\uf0a8\uf071\uf0e8\uf0f0\uf0be\uf02d\uf09f\uf077")
_REPAIRABLE = re.compile(f"[{''.join(map(chr, sorted(_REPAIRS)))}]")
_LEADERS = re.compile(r"(?:[.．·…‥]\s?){5,}")  # dots that lead to a page number

_DOTS = re.compile(r"\.\.\.|\. \. \.|……|···|‥‥|．．．")  # quick to look for before the pattern of leaders runs


def repaired(text: str) -> str:
    """``text`` with ligatures written out, symbol-font characters as Unicode, and odd white space as plain spaces.

    A symbol-font character at the start of a piece is a bullet.
    """
    if text.isascii():
        return _LEADERS.sub("…", text) if "..." in text or ". . ." in text else text
    if _DOTS.search(text):
        text = _LEADERS.sub("…", text)
    if text[0] in _BULLET_CODES:
        text = "•" + text[1:]
    elif "\ue000" <= text[0] <= "\uf8ff" and len(text) == 1:
        return "•"
    return text.translate(_REPAIRS) if _REPAIRABLE.search(text) else text
