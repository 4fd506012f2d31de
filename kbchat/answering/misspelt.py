"""Long drug names written with one slip: a letter wrong, left out, doubled or exchanged with its neighbour (metfromin, 阿托伐他丁)."""

from __future__ import annotations

from functools import cache

from kbchat.answering.placed_names import ORDINARY_WORDS
from kbchat.medical.lexicon import Lexicon
from kbchat.text.deferred_pattern import deferred

_SHORTEST_EN = 8
_SHORTEST_ZH = 5
_WORD = deferred(r"(?<![a-z])[a-z]{7,}(?![a-z])")
_RUN = deferred(r"[\u4e00-\u9fff]{5,}")


def misspelt_drugs(folded: str) -> list[tuple[int, int]]:
    """Start and end of each word of folded text that is one slip away from the name of a drug."""
    found = [match.span() for match in _WORD.finditer(folded) if _near_en(match[0])]
    for match in _RUN.finditer(folded):
        start = match.start()
        while start + _SHORTEST_ZH <= match.end():
            length = _near_zh(folded[start : match.end()])
            if length:
                found.append((start, start + length))
            start += length or 1
    return found


@cache
def _names() -> tuple[dict[str, tuple[str, ...]], frozenset[str], frozenset[int]]:
    """English names by what is left of them without one letter; Chinese ones with one character open; their lengths."""
    english: dict[str, tuple[str, ...]] = {}
    chinese: set[str] = set()
    for name in Lexicon.curated().known_drug_names():
        if name.isascii() and name.isalpha() and len(name) >= _SHORTEST_EN:
            for key in _shortened(name):
                english[key] = (*english.get(key, ()), name)
        elif not name.isascii() and len(name) >= _SHORTEST_ZH:
            chinese |= _opened(name)
    return english, frozenset(chinese), frozenset(map(len, chinese))


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _opened(name: str) -> set[str]:
    return {f"{name[:i]}?{name[i + 1 :]}" for i in range(len(name))}


def _near_en(word: str) -> bool:
    if word in ORDINARY_WORDS:
        return False
    english, _, _ = _names()
    known = [name for key in (word, *_shortened(word)) for name in english.get(key, ())]
    return any(_one_slip(word, name) for name in known)


def _one_slip(word: str, name: str) -> bool:
    if len(word) != len(name):
        return name in _shortened(word) or word in _shortened(name)
    apart = [i for i, (one, other) in enumerate(zip(word, name, strict=True)) if one != other]
    exchanged = len(apart) == 2 and apart[1] == apart[0] + 1 and word[apart[0]] == name[apart[1]]
    return len(apart) == 1 or (exchanged and word[apart[1]] == name[apart[0]])


def _near_zh(run: str) -> int:
    """The length of the name that ``run`` begins with, one character of it wrong; 0 when there is none."""
    _, chinese, lengths = _names()
    fitting = (size for size in sorted(lengths, reverse=True) if size <= len(run))
    return next((size for size in fitting if _opened(run[:size]) & chinese), 0)
