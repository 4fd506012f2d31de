"""Runs of a message that could be a person's name, and what is told of each, as buckets of a hashed feature vector.

A message is read as tokens: one Chinese character, one word, one number or one identifier already found (its type, whatever
its digits). A Chinese run begins with a surname or as transliterated names do, an English one with a capital letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import rjieba

from kbchat.medical.hashed_features import bucket
from kbchat.medical.phi_tables import IdentifierSpan, shapes
from kbchat.text.deferred_pattern import deferred

BUCKETS: Final = 1 << 16
VERSION: Final = "2"
"""Part of the weights' manifest: a change of the features needs other weights."""

_TOKEN = deferred(
    r"(?P<han>[\u4e00-\u9fff])|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’\-](?!s\b)[A-Za-zÀ-ÖØ-öø-ÿ]+)*)"
    r"|(?P<sign>[^\s])"
)
_OTHER_HEADS = frozenset(
    "泽益才尕措嘉桑晋赛塔迪穆那图陶特牧丫中丹买仁但佐佳光其加努区卡原可吐呼喜嘎团坚多大妞娜宝小尼帕库彼德扎拉操斯旦春普朝木朵村杰果格次沐洛渡火热玄玉玛甜由禾糖约脱苟藤衣辰过迈迪铃门阿院雨露青顿"
)
"""What names begin with beside the surnames of the table: rare surnames and what transliterated names begin with."""
_PARTICLES = frozenset({"de", "van", "von", "der", "bin", "binti", "al", "da", "del", "di", "la", "ten", "ter"})
_LONGEST_HAN, _LONGEST_WORDS, _LONGEST_JOINED = 4, 4, 12
_TITLES = ("医生", "医师", "大夫", "护士", "教授", "主任", "院长", "院士", "药师")
"""No part of a name; who is called so is not the patient."""

_EDGE = "<edge>"
_AROUND = 4


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]``; ``symbol`` is what the features call it, ``kind`` is han, word, number, sign or found; ``shout``: all capitals."""

    start: int
    end: int
    symbol: str
    kind: str
    capital: bool
    shout: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """``text[start:end]`` could be a name; ``buckets`` are its features."""

    start: int
    end: int
    buckets: tuple[int, ...]


class _Words:
    """The words of the dictionary in a text, each with its tag, and where they begin and end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at: dict[int, tuple[str, str]] = {}
        self.ending: dict[int, str] = {}
        position = 0
        for word, tag in rjieba.tag(text, False):
            self.at[position] = (word, tag)
            position += len(word)
            self.ending[position] = word
        self._next: dict[int, str] = {}

    def following(self, end: int) -> str:
        """The word that begins at ``end``, were the text cut there."""
        if end not in self._next:
            cut = rjieba.cut(self._text[end : end + 4], False)
            self._next[end] = cut[0] if cut else _EDGE
        return self._next[end]


def tokens_of(text: str, found: Sequence[IdentifierSpan]) -> list[Token]:
    """The tokens of unified ``text``; a span of ``found`` is one token."""
    spans = {span.start: span for span in found}
    tokens, position = [], 0
    while position < len(text):
        span = spans.get(position)
        if span is not None:
            tokens.append(Token(span.start, span.end, f"<{span.type}>", "found", capital=False))
            position = span.end
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        kind = str(match.lastgroup)
        end = min([match.end(), *(start for start in spans if match.start() < start < match.end())])
        symbol = "<#>" if kind == "number" else match[0].lower()
        tokens.append(Token(position, end, symbol, kind, capital=match[0][0].isupper(), shout=match[0].isupper()))
        position = end
    return tokens


def candidates(text: str, found: Sequence[IdentifierSpan], medicines: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    """Every run of unified ``text`` that could be a name, outside what is ``found`` and outside names of medicines."""
    tokens = tokens_of(text, found)
    words = _Words(text)
    for first, last in _ranges(text, tokens):
        start, end = tokens[first].start, tokens[last].end
        if any(start < high and low < end for low, high in medicines):
            continue
        part = tokens[first : last + 1]
        own = _chinese(part, words, start, end) if part[0].kind == "han" else _english(tokens, first, last)
        features = [*own, *_around(tokens, first, last, own[0])]
        yield Candidate(start, end, tuple({bucket(name, BUCKETS) for name in features}))


def _ranges(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Indices of the first and the last token of each candidate."""
    for first, token in enumerate(tokens):
        if token.kind == "han" and _may_begin(text, token):
            yield from _chinese_ranges(text, tokens, first)
        elif token.kind == "han" and first + 1 < len(tokens) and tokens[first + 1].symbol == token.symbol:
            yield first, first + 1  # 豆豆
        elif token.kind == "word" and token.capital and len(token.symbol) > 1:
            yield from _english_ranges(text, tokens, first)


def _may_begin(text: str, token: Token) -> bool:
    known = shapes()
    return (
        token.symbol in known.surnames
        or token.symbol in _OTHER_HEADS
        or text[token.start : token.start + 2] in known.compounds
    )


def _chinese_ranges(text: str, tokens: Sequence[Token], first: int) -> Iterator[tuple[int, int]]:
    dotted = False
    for last in range(first + 1, min(first + _LONGEST_JOINED, len(tokens))):
        if tokens[last].symbol == "·" and last + 1 < len(tokens) and tokens[last + 1].kind == "han":
            dotted = True
            continue
        if tokens[last].kind != "han" or tokens[last].start != tokens[last - 1].end:
            return
        length = last - first + 1
        if text[tokens[last].start : tokens[last].start + 2] in _TITLES or text[tokens[last - 1].start :].startswith(
            _TITLES
        ):
            return
        if length <= _LONGEST_HAN or dotted or shapes().foreign.fullmatch(text, tokens[first].start, tokens[last].end):
            yield first, last


def _english_ranges(text: str, tokens: Sequence[Token], first: int) -> Iterator[tuple[int, int]]:
    yield first, first
    for last in range(first + 1, min(first + _LONGEST_WORDS, len(tokens))):
        token, gap = tokens[last], text[tokens[last - 1].end : tokens[last].start]
        initial = token.symbol == "." and tokens[last - 1].end - tokens[last - 1].start == 1
        if initial:
            continue
        if token.kind != "word" or gap.strip(" ") or not (token.capital or token.symbol in _PARTICLES):
            return
        if token.capital:
            yield first, last


def _chinese(part: Sequence[Token], words: _Words, start: int, end: int) -> list[str]:
    """What the characters of a run are and how the dictionary cuts it; the first feature is its class."""
    known = shapes()
    chars = "".join(token.symbol for token in part)
    size = len(chars)
    if chars[:2] in known.compounds and size > 2:
        surname, kind = chars[:2], "compound"
    else:
        surname = chars[0]
        kind = "common" if surname in known.common else "rare" if surname in known.surnames else "none"
    if "·" in chars or known.foreign.fullmatch(chars):
        kind = "foreign"
    given = chars[len(surname) :]
    word, tag = words.at.get(start, ("", "mid"))
    fits = "whole" if word == chars else "longer" if len(word) > size else str(len(word))
    doubled = size == 2 and chars[0] == chars[1]
    shape = f"{kind}{size}{'d' * doubled}"
    found = [
        f"z{shape}", f"s={surname}", f"s={surname}{size}", f"g={given}", f"tag={tag}", f"cut={fits}{size}", f"cut={fits}{size}{tag}{kind}",
        f"aligned={end in words.ending}{start in words.at}{size}", f"all={chars}",
    ]  # fmt: skip
    found += [f"g{number}={char}" for number, char in enumerate(given)]
    found += [f"last={chars[-1]}{size}", *(f"in={char}" for char in given)]
    if set(given) & known.not_in_names:
        found += ["bodily", f"bodily{size}"]
    if set(given) & known.seldom_in_names:
        found += ["particle", f"particle{size}"]
    inner, inner_tag = words.at.get(start + len(surname), ("", "mid"))
    found.append(f"inner={inner == given}{inner_tag}")
    after = words.following(end)
    found += [f"next={after}", f"next={len(after)}{kind}{size}", f"before={words.ending.get(start, 'mid')}"]
    return found


def _english(tokens: Sequence[Token], first: int, last: int) -> list[str]:
    """What the words of a run are and whether it is cut out of a longer one; the first feature is its class."""
    part = [token for token in tokens[first : last + 1] if token.kind == "word"]
    before = tokens[first - 1] if first else None
    behind = tokens[last + 1] if last + 1 < len(tokens) else None
    longer = f"{int(bool(before and before.kind == 'word' and before.capital))}{int(bool(behind and behind.kind == 'word' and behind.capital))}"
    opens = before is None or before.symbol in ".!?"
    found = [f"e{len(part)}{int(opens)}", f"longer={longer}{len(part)}"]
    for number, token in enumerate(part):
        word = token.symbol
        place = "only" if len(part) == 1 else "first" if number == 0 else "last" if number == len(part) - 1 else "mid"
        if token.shout:
            found += [f"capitals{len(word)}", f"capitals{place}"]
        found += [f"w={word}", f"w{place}={word}", f"end={word[-3:]}", f"end={word[-2:]}{place}", f"head={word[:3]}"]
        found += [f"tri={word[i : i + 3]}" for i in range(len(word) - 2)]
    return found


def _around(tokens: Sequence[Token], first: int, last: int, shape: str) -> list[str]:
    """What stands on both sides, alone, together and with the shape of the run."""
    left = [tokens[i].symbol if i >= 0 else _EDGE for i in range(first - 1, first - 1 - _AROUND, -1)]
    right = [tokens[i].symbol if i < len(tokens) else _EDGE for i in range(last + 1, last + 1 + _AROUND)]
    found = []
    for size in range(1, _AROUND + 1):
        before, behind = "|".join(left[:size]), "|".join(right[:size])
        found += [f"l={before}", f"r={behind}", f"l={before}{shape}", f"r={behind}{shape}"]
    found += [f"lr={left[0]}|{right[0]}", f"lr={left[0]}|{right[0]}{shape}", f"lr2={left[1]}|{left[0]}|{right[0]}"]
    found += [f"nl={symbol}" for symbol in left] + [f"nr={symbol}" for symbol in right]
    found += [f"lr3={left[0]}|{right[0]}|{right[1]}"]
    found += [f"has={token.symbol}" for token in tokens if token.kind == "found"]
    return found
