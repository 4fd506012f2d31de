"""Ordering candidates: fused scores plus rewards for the drug asked about and the section that answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbchat.index.protocol import Hit
from kbchat.retrieval.candidates import SearchInput
from kbchat.retrieval.weights import RankingWeights
from kbchat.store import StoredChunk
from kbchat.text.tokens import fold, index_tokens
from kbchat.types import Query, ScoreParts, SectionKind

_RELATED: Mapping[SectionKind, frozenset[SectionKind]] = {
    SectionKind.CONTRAINDICATIONS: frozenset((SectionKind.WARNINGS,)),
    SectionKind.WARNINGS: frozenset((SectionKind.CONTRAINDICATIONS, SectionKind.ADVERSE_REACTIONS)),
    SectionKind.DOSAGE: frozenset((SectionKind.RECOMMENDATION,)),
    SectionKind.INDICATIONS: frozenset((SectionKind.RECOMMENDATION,)),
    SectionKind.PEDIATRIC: frozenset((SectionKind.DOSAGE,)),
    SectionKind.GERIATRIC: frozenset((SectionKind.DOSAGE, SectionKind.WARNINGS)),
    SectionKind.RENAL_HEPATIC: frozenset((SectionKind.DOSAGE, SectionKind.WARNINGS)),
    SectionKind.INTERACTIONS: frozenset((SectionKind.WARNINGS, SectionKind.CONTRAINDICATIONS)),
    SectionKind.PREGNANCY: frozenset((SectionKind.CONTRAINDICATIONS, SectionKind.WARNINGS)),
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk with the reasons for its place."""

    chunk: StoredChunk
    parts: ScoreParts


def idf(token: str, frequencies: Mapping[str, int], total: int) -> float:
    """Robertson and Sparck Jones's inverse document frequency, never negative."""
    frequency = frequencies.get(token, 0)
    return math.log1p((total - frequency + 0.5) / (frequency + 0.5))


class Ranker:
    """Scores the chunks found for one question."""

    def __init__(
        self,
        query: Query,
        prepared: SearchInput,
        frequencies: Mapping[str, int],
        total: int,
        weights: RankingWeights,
    ) -> None:
        self._query = query
        self._weights = weights
        self._idf = {item.token: item.weight * idf(item.token, frequencies, total) for item in prepared.tokens}
        own = {token: self._idf[token] for token in prepared.own_tokens}
        self._information = sum(own.values()) or 1.0
        self._documents = frozenset(document for entity in query.entities for document in entity.documents)
        self._subjects = frozenset(pair for entity in query.entities for pair in entity.subjects)
        self._asks_which_drug = not query.entities and SectionKind.RECOMMENDATION in query.intents
        self._names = tuple(dict.fromkeys(n for e in query.entities for n in (e.text, fold(e.name)) if n))

    @property
    def information(self) -> Mapping[str, float]:
        """The weight of each token of the question: its IDF times the weight it is searched with."""
        return self._idf

    def rank(self, hits: Sequence[Hit], chunks: Mapping[int, StoredChunk]) -> list[Ranked]:
        """All hits that are live chunks, best first; ties by chunk id."""
        best = max((hit.lexical or 0.0 for hit in hits), default=0.0) or 1.0
        ranked = [
            Ranked(chunks[hit.chunk_id], self._parts(hit, chunks[hit.chunk_id], best))
            for hit in hits
            if hit.chunk_id in chunks
        ]
        ranked.sort(key=lambda item: (-item.parts.total, item.chunk.chunk_id))
        return ranked

    def _parts(self, hit: Hit, chunk: StoredChunk, best: float) -> ScoreParts:
        weights = self._weights
        return ScoreParts(
            lexical=weights.lexical * (hit.lexical or 0.0) / best,
            dense=weights.dense * max(0.0, hit.dense or 0.0),
            entity=self._entity(chunk),
            section=self._section(chunk),
            coverage=weights.coverage * self._coverage(chunk),
            penalty=weights.contents_only if _says_nothing(chunk) else 0.0,
        )

    def _coverage(self, chunk: StoredChunk) -> float:
        there = set(index_tokens(" ".join((chunk.subject, *chunk.section_path, chunk.table_header, chunk.text))))
        covered = sum(value for token, value in self._idf.items() if token in there)
        return min(1.0, covered / self._information)

    def _entity(self, chunk: StoredChunk) -> float:
        if not self._names:
            return 0.0
        weights = self._weights
        subject = fold(chunk.subject)
        if chunk.document_id in self._documents or (chunk.document_id, subject) in self._subjects:
            exact = any(entity.text == subject for entity in self._query.entities)
            return weights.entity + (weights.entity_exact if exact else 0.0)
        text = fold(chunk.text)
        if any(name in text for name in self._names):
            return weights.entity_mentioned
        return weights.other_drug

    def _section(self, chunk: StoredChunk) -> float:
        intents = self._query.intents
        if not intents:
            return 0.0
        if chunk.section_kind == intents[0] or self._asks_which_drug and chunk.section_kind is SectionKind.INDICATIONS:
            return self._weights.section
        if chunk.section_kind in intents:
            return self._weights.section_next
        if chunk.section_kind in _RELATED.get(intents[0], frozenset()):
            return self._weights.section_next / 2
        return 0.0


def _says_nothing(chunk: StoredChunk) -> bool:
    text = chunk.text.strip()
    heading = chunk.section_path[-1] if chunk.section_path else ""
    return len(text) <= len(heading) + 4 or text.count("....") >= 3
