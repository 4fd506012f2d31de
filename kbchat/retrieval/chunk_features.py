"""What ranking needs of a chunk's text, worked out once: a stored chunk never changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from kbchat.messages import Language
from kbchat.retrieval.collapse import shingles
from kbchat.store import StoredChunk
from kbchat.text.language import language_of
from kbchat.text.tokens import fold, index_tokens

_KEPT = 20_000
"""Chunks kept in memory; a token set takes some kB."""


def chunk_tokens(chunk: StoredChunk) -> frozenset[str]:
    """The tokens of a chunk with its subject, headings and table header."""
    return _tokens((chunk.chunk_id, chunk.subject, *chunk.section_path, chunk.table_header, chunk.text))


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """A text folded, its language, whether it is a line of a table of contents, and its length without outer blanks."""

    folded: str
    language: Language
    is_contents: bool
    length: int


def chunk_text(chunk: StoredChunk) -> TextFeatures:
    """What ranking asks of a chunk's text."""
    return _text(chunk.text)


@lru_cache(maxsize=_KEPT)
def folded_subject(subject: str) -> str:
    """A subject folded; few serve all chunks."""
    return fold(subject)


def chunk_shingles(chunk: StoredChunk) -> frozenset[int]:
    """The shingles of a chunk's text."""
    return _shingles(chunk.text)


@lru_cache(maxsize=_KEPT)
def _tokens(parts: tuple[int | str, ...]) -> frozenset[str]:
    # Interned: the same words stand in thousands of chunks, and are compared with each other all the time.
    return frozenset(map(intern, index_tokens(" ".join(str(part) for part in parts[1:]))))


@lru_cache(maxsize=_KEPT)
def _text(text: str) -> TextFeatures:
    return TextFeatures(fold(text), language_of(text), text.count("....") >= 3, len(text.strip()))


@lru_cache(maxsize=_KEPT)
def _shingles(text: str) -> frozenset[int]:
    return shingles(text)
