"""The seam between the store and a search engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kbchat.embedding.protocol import Vectors
from kbchat.types import DocumentKind, SectionKind


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One chunk as the index sees it. The three texts are raw; the index cuts them with ``kbchat.text.tokens``.

    ``title`` holds subject, document title and names, ``heading`` the heading path, ``body`` the table header and text.
    ``vector`` is float32 of the knowledge base's dimension, or None in a lexical-only base.
    """

    chunk_id: int
    document_id: int
    document_kind: DocumentKind
    section_kind: SectionKind
    title: str
    heading: str
    body: str
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """What happened in the store up to ``watermark``: chunks that became live, chunks that ceased to be."""

    added: Sequence[IndexEntry]
    removed: Sequence[int]
    watermark: int


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """Empty sets mean no restriction."""

    document_ids: frozenset[int] = frozenset()
    document_kinds: frozenset[DocumentKind] = frozenset()
    section_kinds: frozenset[SectionKind] = frozenset()


@dataclass(frozen=True, slots=True)
class WeightedToken:
    """A token of a question and how much it counts."""

    token: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found: its BM25 score and cosine similarity (None where that side did not find it)."""

    chunk_id: int
    lexical: float | None
    dense: float | None


@runtime_checkable
class SearchIndex(Protocol):
    """A search engine over the live chunks of one knowledge base."""

    @property
    def watermark(self) -> int:
        """The store's change sequence number up to which this index is complete."""

    def apply(self, changes: IndexChanges) -> None:
        """Take over changes, all or nothing; searchable on return. Raises IndexStateError."""

    def search(
        self, query_tokens: Sequence[WeightedToken], vector: Vectors | None, filters: SearchFilters, k: int
    ) -> list[Hit]:
        """The ``k`` best by BM25 and the ``k`` best by cosine, merged by chunk; order unspecified."""

    def document_frequencies(self, tokens: Sequence[str]) -> tuple[dict[str, int], int]:
        """How many live chunks hold each token in any field (0 left out), and how many live chunks there are."""

    def close(self) -> None:
        """Release files and memory."""
