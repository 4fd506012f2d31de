"""Drug names cut short, as colleagues say them: 泊沙 for 泊沙康唑, 贝伐珠 for 贝伐珠单抗, simva for simvastatin."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kbchat.medical.drug_names import core_name
from kbchat.medical.drug_stems import SYLLABLES
from kbchat.medical.lexicon import Lexicon, word_borders
from kbchat.text.deferred_pattern import deferred

_SHORTEST_WHOLE, _SHORTEST_ZH, _SHORTEST_EN, _LONGEST = 4, 2, 5, 7
_MISSING_EN = 3
"""An English name lacks at least so many letters: "metformi" is a slip, not a clipping."""
_CLIPPED_EN = deferred(r"(?<![a-z-])[a-z]{4,6}[oai](?![a-z-])")
_WORDS_EN = frozenset("metro para sulfa flora opera extra pseudo micro macro hydro formula".split())
_NO_CLIPPING = frozenset(
    "苯甲 甲基 乙基 氯化 碘化 溴化 氢氧 氧化 硫代 左旋 右旋 重组 复合 二甲 三甲 氨基 羟基 乙酰 多西 氟化 硝酸 氢化 环丙 维生 生物 人血 对乙 丙酸 丙种 阿司".split()
)


def clipped_names(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of the beginnings of drug names that stand in folded text as words of their own."""
    if folded.isascii():
        known = _beginnings()[1]
        yield from (match.span() for match in _CLIPPED_EN.finditer(folded) if match[0] in known)
        return
    yield from _clipped_zh(folded)


def _clipped_zh(folded: str) -> Iterator[tuple[int, int]]:
    known = _beginnings()[0]
    borders: frozenset[int] | None = None
    position = 0
    while position < len(folded) - 1:
        sizes = range(min(_LONGEST, len(folded) - position), _SHORTEST_ZH - 1, -1)
        size = next((size for size in sizes if folded[position : position + size] in known), 0)
        if size:
            borders = word_borders(folded) if borders is None else borders
            inner = any(position < border < position + size for border in borders)
            if inner and {position, position + size} <= borders:
                yield position, position + size
        position += size or 1


@cache
def _beginnings() -> tuple[frozenset[str], frozenset[str]]:
    """The beginnings that may stand for a whole name, Chinese and English; none is a name or term itself."""
    lexicon = Lexicon.curated()
    names = lexicon.known_drug_names()
    terms = {term for concept in lexicon.concepts for term in (*concept.zh, *concept.en)}
    chinese: set[str] = set()
    english: set[str] = set()
    for name in names:
        if name.isascii():
            if name.isalpha():
                english |= {name[:size] for size in range(_SHORTEST_EN, min(_LONGEST, len(name) - _MISSING_EN) + 1)}
            continue
        core = core_name(name)
        if len(core) < _SHORTEST_WHOLE or core[:2] in _NO_CLIPPING:
            continue
        sizes = range(_SHORTEST_ZH, min(_LONGEST, len(core) - 1) + 1)
        chinese |= {core[:size] for size in sizes if set(core[:size]) <= SYLLABLES}
    return frozenset(chinese - terms), frozenset(english - terms - _WORDS_EN)
