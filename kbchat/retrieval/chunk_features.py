"""What ranking needs of a chunk's text, worked out once: a stored chunk never changes."""

from __future__ import annotations

from functools import lru_cache

from kbchat.retrieval.collapse import shingles
from kbchat.store import StoredChunk
from kbchat.text.tokens import index_tokens

_KEPT = 20_000
"""Chunks kept in memory; a token set is about 10 kB."""


def chunk_tokens(chunk: StoredChunk) -> frozenset[str]:
    """The tokens of a chunk with its subject, headings and table header."""
    return _tokens((chunk.chunk_id, chunk.subject, *chunk.section_path, chunk.table_header, chunk.text))


def chunk_shingles(chunk: StoredChunk) -> frozenset[int]:
    """The shingles of a chunk's text."""
    return _shingles(chunk.text)


@lru_cache(maxsize=_KEPT)
def _tokens(parts: tuple[int | str, ...]) -> frozenset[str]:
    return frozenset(index_tokens(" ".join(str(part) for part in parts[1:])))


@lru_cache(maxsize=_KEPT)
def _shingles(text: str) -> frozenset[int]:
    return shingles(text)
