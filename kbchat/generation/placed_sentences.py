"""The sentences of passages with their surroundings: the line that heads them, the sentence before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from kbchat.text.sentences import split_sentences
from kbchat.text.tokens import index_tokens
from kbchat.types import Passage

_SUBHEADING = 40
"""A line this short without a closing mark heads the lines below it."""
_CLOSED = re.compile(r"[。．.；;，,：:]\s*$|\|")
_NOTHING: frozenset[str] = frozenset()
_KEPT = 16_384
"""Sentences whose tokens are kept in memory, about 2 kB each."""


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """``passages[passage].text[start:end]``.

    ``line_above`` is the short line that heads it within its section (老年患者, Adults), ``above`` its tokens;
    ``before`` the tokens of the sentence before it in the same paragraph, ``tokens`` its own.
    """

    passage: int
    start: int
    end: int
    text: str
    line_above: str
    above: frozenset[str]
    before: frozenset[str]
    tokens: frozenset[str] = frozenset()


@lru_cache(maxsize=_KEPT)
def sentence_tokens(text: str) -> frozenset[str]:
    """The tokens of a sentence: those of the documents asked about come again with every question about them."""
    return frozenset(map(intern, index_tokens(text)))


def placed_sentences(passages: Sequence[Passage]) -> Iterator[PlacedSentence]:
    """All sentences in reading order."""
    for number, passage in enumerate(passages):
        line, above, before = "", _NOTHING, _NOTHING
        for start, end in split_sentences(passage.text):
            text = passage.text[start:end]
            begins_line = start == 0 or passage.text[start - 1] == "\n"
            tokens = sentence_tokens(text)
            yield PlacedSentence(number, start, end, text, line, above, _NOTHING if begins_line else before, tokens)
            before = tokens
            if begins_line and len(text) <= _SUBHEADING and not _CLOSED.search(text):
                line, above = text, before
