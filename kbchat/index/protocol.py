"""The seam between the store and a search engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

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
    """What happened in the store up to ``watermark``: chunks that became live, chunks that ceased to be.

    ``stamp`` tells the change numbered ``watermark`` from one of the same number in another history, as after a backup
    was restored; empty where it does not matter.
    """

    added: Sequence[IndexEntry]
    removed: Sequence[int]
    watermark: int
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """What an index is made from: a knowledge base (``uid``) and one set of vectors (``embedder``, ``epoch``)."""

    uid: str
    embedder: str
    dimension: int
    epoch: int


class ChangeSource(Protocol):
    """The store, as an index sees it."""

    def watermark(self, base_id: int) -> int:
        """The number of the newest change; 0 before the first."""

    def change_stamp(self, base_id: int, watermark: int) -> str:
        """The stamp of the change of this number; empty when there is none."""

    def index_identity(self, base_id: int) -> IndexIdentity:
        """What an index must have been made from to be this base's."""

    def changes_since(self, base_id: int, watermark: int, batch: int = ...) -> Iterator[IndexChanges]:
        """Batches that bring an index complete up to ``watermark`` up to date; taking one twice does no harm."""

    def chunk_total(self, base_id: int) -> int:
        """How many chunks are live."""


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


class Hit(NamedTuple):
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
