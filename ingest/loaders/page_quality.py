"""Judges the text of a page: can it be used as it is, or must the page be read from its picture?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_MIN_JUDGED = 40  # characters; a shorter text is not judged by statistics
_BAD_SHARE = 0.12  # of characters that mean nothing
_UNMAPPED_SHARE = 0.4  # of characters whose font has no Unicode mapping
_LATIN1_SHARE = 0.35  # of letters; bytes of GBK read as Latin-1 are nearly all of this kind
_RARE_SHARE = 0.2  # of ideographs outside GB 2312, Big5 and JIS X 0208
_FEWEST_VOWELS = 0.16  # of ASCII letters; English and pinyin have 0.35 to 0.5
_FEWEST_COMMON = 0.02  # of ideographs that are among the most common ones; running text has 0.15 to 0.4
_FULL_PAGE = 0.7  # of the page under one picture: a scan
_HALF_PAGE = 0.4
_THIN = 60  # characters; less text on a picture of half the page is a stamp or a page number
_PICTURE_WORTH_READING = 0.03  # of the page
_DRAWINGS_WORTH_READING = 120  # paths; letters drawn as outlines

_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题程展五果"
    "為時來們個國這對會發動說產種過經進著點業從應開還變條沒結解問題與關"
    "患者治疗血药病剂服药用量適應症療藥劑の・にをはがでと"
)


class Verdict(StrEnum):
    """What is to be done with a page."""

    USABLE = "usable"
    EMPTY = "empty"  # neither text nor anything to read it from
    PICTURE = "picture"  # text is only in the picture
    GARBLED = "garbled"  # the text is not what the page shows
    LAYER = "layer"  # a scan with a text layer, made by some other OCR


@dataclass(frozen=True, slots=True)
class PageEvidence:
    """What the verdict rests on.

    ``text`` is the page's text, ``unmapped`` the share of its characters without a Unicode mapping, ``picture_share``
    the share of the page under its largest picture, ``pictures``, ``drawings`` and ``text_objects`` count objects.
    """

    text: str
    unmapped: float = 0.0
    picture_share: float = 0.0
    pictures: int = 0
    drawings: int = 0
    text_objects: int = 0


def judge(page: PageEvidence) -> Verdict:
    """The verdict about one page."""
    bare = "".join(page.text.split())
    if not bare:
        worth_reading = (
            page.picture_share >= _PICTURE_WORTH_READING
            or page.drawings >= _DRAWINGS_WORTH_READING
            or page.text_objects > 0
            or page.pictures > 3
        )
        return Verdict.PICTURE if worth_reading else Verdict.EMPTY
    if is_garbled(bare) or (page.unmapped > _UNMAPPED_SHARE and len(bare) >= _MIN_JUDGED):
        return Verdict.GARBLED
    if page.picture_share >= _HALF_PAGE and len(bare) < _THIN:
        return Verdict.PICTURE
    if page.picture_share >= _FULL_PAGE:
        return Verdict.LAYER
    return Verdict.USABLE


def is_garbled(text: str) -> bool:
    """Whether ``text`` cannot be what a person wrote: a missing or wrong character map, or bytes in another charset."""
    bare = "".join(text.split())
    if not bare:
        return False
    counts = Counter(bare)
    marked = [(_marks(character), count) for character, count in counts.items()]
    meaningless = _total(marked, _MEANINGLESS) / len(bare)
    if meaningless > (_BAD_SHARE if len(bare) >= _MIN_JUDGED else 0.5):
        return True
    if len(bare) < _MIN_JUDGED:
        return False
    latin1 = _total(marked, _LATIN1)
    if latin1 >= 20 and latin1 > _LATIN1_SHARE * max(_total(marked, _LETTER), 1):
        return True
    return _is_improbable_chinese(marked) or _is_improbable_latin(marked, len(bare))


Marked = list[tuple[int, int]]
"""For every character of a text what it is (bits), and how often it stands there."""

_MEANINGLESS, _LETTER, _LATIN1, _IDEOGRAPH, _RARE, _KANA, _USUAL, _ASCII, _VOWEL = (1 << bit for bit in range(9))
_BAD = frozenset({"Cn", "Co", "Cc", "Cs"})  # private-use, control and unassigned characters


@lru_cache(maxsize=1 << 16)
def _marks(character: str) -> int:
    """What a character is, as bits."""
    marks = 0
    if character == "\ufffd" or unicodedata.category(character) in _BAD:
        marks |= _MEANINGLESS
    if character.isalpha():
        marks |= _LETTER | (_ASCII if character.isascii() else 0)
    if "\u00a1" <= character <= "\u00ff":
        marks |= _LATIN1
    if "\u3040" <= character <= "\u30ff":
        marks |= _KANA
    if "\u3400" <= character <= "\u9fff":
        marks |= _IDEOGRAPH | (_USUAL if character in _COMMON else 0) | (0 if _is_known(character) else _RARE)
    if character in "aeiouyAEIOUY":
        marks |= _VOWEL
    return marks


def _total(marked: Marked, mark: int) -> int:
    return sum([count for marks, count in marked if marks & mark])


def _is_improbable_chinese(marked: Marked) -> bool:
    total = _total(marked, _IDEOGRAPH)
    if total < _MIN_JUDGED:
        return False
    if _total(marked, _RARE) > _RARE_SHARE * total:
        return True
    if total < 150 or _total(marked, _KANA):
        return False
    usual = [count for marks, count in marked if marks & _USUAL]
    return len(usual) < 3 or sum(usual) < _FEWEST_COMMON * total


def _is_known(character: str) -> bool:
    for charset in ("gb2312", "big5", "shift_jis"):
        try:
            character.encode(charset)
        except UnicodeEncodeError:
            continue
        return True
    return False


def _is_improbable_latin(marked: Marked, length: int) -> bool:
    letters = _total(marked, _ASCII)
    if letters < 150 or 2 * letters < length:
        return False
    return _total(marked, _VOWEL) < _FEWEST_VOWELS * letters


def agreement(layer: str, seen: str) -> float:
    """How much of what OCR sees on a page its text layer says too: the share of OCR's character pairs, 0 to 1.

    Case, white space and punctuation do not count; digits and letters do, as that is where poor layers go wrong.
    """
    first, second = _pairs(layer), _pairs(seen)
    total = sum(second.values())
    return sum((first & second).values()) / total if total else 1.0


def _pairs(text: str) -> Counter[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
    return Counter(bare[at : at + 2] for at in range(len(bare) - 1))
