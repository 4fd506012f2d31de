"""What a message may be about besides drugs, by a table of names: ``medical/data/subjects.tsv``.

Diseases, kinds of medicine, vaccines, food, tests, procedures and matters of guidelines, in formal and everyday words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_WORD = deferred(r"[a-z0-9][a-z0-9'’+-]*")
_MEDICINES = ("class", "vaccine")


@dataclass(frozen=True, slots=True)
class _Table:
    """The kind of each name; the lengths of Chinese names in characters and of English ones in words, longest first."""

    kinds: dict[str, str]
    characters: tuple[int, ...]
    words: tuple[int, ...]


@cache
def _table() -> _Table:
    text = resources.files("kbchat.medical").joinpath("data/subjects.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    kinds = {fold(name): kind for kind, name in rows}
    chinese = {len(name) for name in kinds if not name.isascii()}
    english = {len(name.split()) for name in kinds if name.isascii()}
    return _Table(kinds, tuple(sorted(chinese, reverse=True)), tuple(sorted(english, reverse=True)))


def subject_kind(name: str) -> str:
    """``disease``, ``class``, ``vaccine``, ``food``, ``test``, ``procedure``, ``matter``, or nothing for a name not in the table."""
    return _table().kinds.get(fold(name), "")


def is_kind_of_medicine(name: str) -> bool:
    """Whether the table knows a name as a kind of medicine or a vaccine."""
    return subject_kind(name) in _MEDICINES


def named_subjects(folded: str) -> Iterator[tuple[int, int]]:
    """Start and end of each name of the table in folded text, the longest at a place."""
    if not folded.isascii():
        yield from _chinese(folded)
    yield from _english(folded)


def _chinese(folded: str) -> Iterator[tuple[int, int]]:
    table, start = _table(), 0
    while start < len(folded):
        sizes = (size for size in table.characters if folded[start : start + size] in table.kinds)
        size = next((size for size in sizes if not folded[start : start + size].isascii()), 0)
        if size:
            yield start, start + size
        start += size or 1


def _english(folded: str) -> Iterator[tuple[int, int]]:
    table, words = _table(), [match.span() for match in _WORD.finditer(folded)]
    number = 0
    while number < len(words):
        start = words[number][0]
        lasts = ((size, words[number + size - 1][1]) for size in table.words if number + size <= len(words))
        size, end = next(((size, end) for size, end in lasts if folded[start:end] in table.kinds), (0, 0))
        if size:
            yield start, end
        number += size or 1
