"""Fakes for the seams, for tests of this project and of programs built on it.

Each is held to the real one by the contract suites in ``tests/contract``.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from kbchat.embedding.protocol import Vectors
from kbchat.embedding.vectors import embeddable, unit_rows
from kbchat.errors import IndexStateError
from kbchat.index.protocol import Hit, IndexChanges, IndexEntry, SearchFilters, WeightedToken
from kbchat.messages import Bilingual
from kbchat.text.tokens import index_tokens
from kbchat.types import (
    Block,
    BlockKind,
    Chunk,
    DocumentCard,
    DocumentKind,
    Page,
    ParsedDocument,
    Section,
    SectionKind,
    Span,
    TextRun,
)

_K1, _B = 1.2, 0.75


def parsed_leaflet(
    name: str, sections: Mapping[SectionKind, str], *, kind: DocumentKind = DocumentKind.LEAFLET, revised_on: str = ""
) -> ParsedDocument:
    """A leaflet about the drug ``name``: each section on a page of its own, one chunk a line."""
    pages: list[Page] = []
    parts: list[Section] = []
    chunks: list[Chunk] = []
    for ordinal, (section_kind, text) in enumerate(sections.items()):
        number = ordinal + 1
        blocks = (Block(BlockKind.PARAGRAPH, 0, len(text)),)
        pages.append(
            Page(number, text, False, 595.0, 842.0, blocks, (TextRun(0, len(text), 72.0, 72.5, 300.25, 90.0),))
        )
        path = (name, section_kind.value)
        parts.append(Section(ordinal, section_kind, name, path, (Span(number, 0, len(text)),), text))
        start = 0
        for line in text.split("\n"):
            if line:
                span = Span(number, start, start + len(line))
                chunks.append(Chunk(len(chunks), ordinal, (span,), line))
            start += len(line) + 1
    card = DocumentCard(kind, f"{name}说明书", "zh", generic_names=(name,), revised_on=revised_on)
    return ParsedDocument("txt", card, tuple(pages), tuple(parts), tuple(chunks))


class HashEmbedder:
    """Every token has a fixed pseudo-random direction, a text is their sum: texts that share words are alike."""

    def __init__(self, dimension: int = 64, name: str = "") -> None:
        self._dimension = dimension
        self._name = name or f"hash:{dimension}"

    @property
    def name(self) -> str:
        """Model and version."""
        return self._name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for number, text in enumerate(texts):
            for token, count in Counter(index_tokens(embeddable(text))).items():
                rows[number] += count * _direction(token, self._dimension)
        return unit_rows(rows)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (dimension,)."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector


@lru_cache(maxsize=65536)
def _direction(token: str, dimension: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(token.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


class InMemoryIndex:
    """A SearchIndex by brute force: BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) per field, and cosines."""

    def __init__(self, dimension: int = 0, boosts: tuple[float, float, float] = (2.0, 1.5, 1.0)) -> None:
        self._dimension = dimension
        self._boosts = boosts
        self._entries: dict[int, IndexEntry] = {}
        self._fields: dict[int, tuple[Counter[str], ...]] = {}
        self._watermark = 0

    @property
    def watermark(self) -> int:
        """The store's change sequence number up to which this index is complete."""
        return self._watermark

    def apply(self, changes: IndexChanges) -> None:
        """Take over changes, all or nothing. Raises IndexStateError."""
        for entry in changes.added:
            if entry.vector is not None and self._dimension:
                self._check(entry.vector)
        for key in changes.removed:
            self._entries.pop(key, None)
            self._fields.pop(key, None)
        for entry in changes.added:
            self._entries[entry.chunk_id] = entry
            self._fields[entry.chunk_id] = tuple(
                Counter(index_tokens(text)) for text in (entry.title, entry.heading, entry.body)
            )
        self._watermark = max(self._watermark, changes.watermark)

    def search(
        self, query_tokens: Sequence[WeightedToken], vector: Vectors | None, filters: SearchFilters, k: int
    ) -> list[Hit]:
        """The ``k`` best by BM25 and the ``k`` best by cosine, merged by chunk."""
        allowed = [key for key, entry in self._entries.items() if _passes(entry, filters)]
        lexical = self._best(self._lexical(query_tokens), allowed, k)
        dense: dict[int, float] = {}
        if vector is not None and self._dimension:
            self._check(vector)
            dense = self._best(self._cosines(vector), allowed, k)
        return [Hit(key, lexical.get(key), dense.get(key)) for key in dict.fromkeys((*lexical, *dense))]

    def document_frequencies(self, tokens: Sequence[str]) -> tuple[dict[str, int], int]:
        """How many live chunks hold each token in any field (0 left out), and how many live chunks there are."""
        counts = {
            token: sum(any(token in field for field in fields) for fields in self._fields.values()) for token in tokens
        }
        return {token: count for token, count in counts.items() if count}, len(self._entries)

    def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._fields.clear()

    def _lexical(self, tokens: Sequence[WeightedToken]) -> dict[int, float]:
        scores: dict[int, float] = {}
        total = len(self._fields)
        for number, boost in enumerate(self._boosts):
            fields = {key: counters[number] for key, counters in self._fields.items()}
            lengths = {key: field.total() for key, field in fields.items()}
            mean = sum(lengths.values()) / max(total, 1) or 1.0
            for item in (item for item in tokens if item.weight > 0):
                holding = [key for key, field in fields.items() if item.token in field]
                idf = math.log(1 + (total - len(holding) + 0.5) / (len(holding) + 0.5))
                for key in holding:
                    count = fields[key][item.token]
                    norm = _K1 * (1 - _B + _B * lengths[key] / mean)
                    part = item.weight * boost * idf * count * (_K1 + 1) / (count + norm)
                    scores[key] = scores.get(key, 0.0) + part
        return scores

    def _cosines(self, vector: Vectors) -> dict[int, float]:
        if not vector.any():
            return {}
        return {
            key: float(entry.vector @ vector)
            for key, entry in self._entries.items()
            if entry.vector is not None and entry.vector.any()
        }

    def _check(self, vector: Vectors) -> None:
        if vector.shape != (self._dimension,):
            raise IndexStateError(
                Bilingual(
                    f"Expected a vector of dimension {self._dimension}, found {vector.shape}.",
                    f"应为 {self._dimension} 维向量，实际为 {vector.shape}。",
                ),
                Bilingual("Use the embedder of the knowledge base.", "请使用该知识库的向量模型。"),
            )

    @staticmethod
    def _best(scores: dict[int, float], allowed: Sequence[int], k: int) -> dict[int, float]:
        found = [(key, scores[key]) for key in allowed if key in scores]
        return dict(sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k])


def _passes(entry: IndexEntry, filters: SearchFilters) -> bool:
    return (
        (not filters.document_ids or entry.document_id in filters.document_ids)
        and (not filters.document_kinds or entry.document_kind in filters.document_kinds)
        and (not filters.section_kinds or entry.section_kind in filters.section_kinds)
    )
