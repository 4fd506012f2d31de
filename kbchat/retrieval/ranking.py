"""Ordering candidates: fused scores plus rewards for the drug asked about and the section that answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kbchat.index.protocol import Hit
from kbchat.medical.editions import newest_editions
from kbchat.medical.sections import intent_words
from kbchat.retrieval.candidates import SearchInput
from kbchat.retrieval.chunk_features import chunk_text, chunk_tokens, folded_subject
from kbchat.retrieval.information import Information
from kbchat.retrieval.weights import RankingWeights
from kbchat.store import StoredChunk
from kbchat.text.tokens import fold, index_tokens, query_tokens
from kbchat.types import DocumentKind, Query, ScoreParts, SectionKind

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


_FRAGMENT = 120
"""Characters under which a chunk is likely a heading, a name or an address."""


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
        weight = {item.token: item.weight for item in prepared.tokens}
        values = {token: weight[token] * idf(token, frequencies, total) for token in prepared.own_tokens}
        asked: dict[SectionKind, frozenset[str]] = {}
        for kind, words in intent_words(query.standalone_text):
            asked[kind] = asked.get(kind, frozenset()) | frozenset(query_tokens(words))
        self._information = Information(values, prepared.alternatives, asked)
        told = sum(values.values()) or 1.0
        bare = prepared.name_tokens.union(*asked.values())
        named = sum(value for token, value in values.items() if token in bare) / told
        self._section_weight = weights.section + (weights.section_bare * named if prepared.name_tokens else 0.0)
        products = [entity for entity in query.entities if entity.is_product]
        self._documents = frozenset(document for entity in products for document in entity.documents)
        self._subjects = frozenset(pair for entity in products for pair in entity.subjects)
        self._names = tuple(dict.fromkeys(n for e in products for n in (e.text, fold(e.name)) if n))
        self._exact = frozenset(entity.text for entity in products)
        self._topics = frozenset(d for e in query.entities if not e.is_product for d in e.all_documents)
        self._asks_which_drug = not products and SectionKind.RECOMMENDATION in query.intents
        self._selector = frozenset(prepared.selector_tokens)

    @property
    def information(self) -> Information:
        """What the question asks, in tokens with their weight: IDF times the weight they are searched with."""
        return self._information

    def rank(self, hits: Sequence[Hit], chunks: Mapping[int, StoredChunk]) -> list[Ranked]:
        """All hits that are live chunks, best first; ties by chunk id."""
        best = max((hit.lexical or 0.0 for hit in hits), default=0.0) or 1.0
        found = [(hit, chunks[hit.chunk_id]) for hit in hits if hit.chunk_id in chunks]
        newest = newest_editions((chunk.edition, chunk.revision_date) for _, chunk in found)
        rough = [Ranked(chunk, self._parts(hit, chunk, best, newest)) for hit, chunk in found]
        rough.sort(key=_order)
        worth = rough[: self._weights.covered]
        ranked = [Ranked(item.chunk, self._with_coverage(item)) for item in worth]
        ranked.sort(key=_order)
        return ranked

    def _parts(self, hit: Hit, chunk: StoredChunk, best: float, newest: Mapping[str, str]) -> ScoreParts:
        weights = self._weights
        return ScoreParts(
            lexical=weights.lexical * (hit.lexical or 0.0) / best,
            dense=weights.dense * max(0.0, hit.dense or 0.0),
            entity=self._entity(chunk),
            section=self._section(chunk),
            document=self._document(chunk, newest),
            penalty=self._penalty(chunk),
        )

    def _document(self, chunk: StoredChunk, newest: Mapping[str, str]) -> float:
        score = self._weights.topic if chunk.document_id in self._topics else 0.0
        if chunk_text(chunk).language == self._query.language:
            score += self._weights.same_language
        if chunk.revision_date and chunk.revision_date < newest.get(chunk.edition, ""):
            score += self._weights.older_edition
        if self._selector:
            there = self._selector.intersection(index_tokens(f"{chunk.document_title} {chunk.document}"))
            score += self._weights.selector * len(there) / len(self._selector)
        return score

    def _penalty(self, chunk: StoredChunk) -> float:
        if _says_nothing(chunk):
            return self._weights.contents_only
        wanted = chunk.section_kind in self._query.intents
        shortness = max(0.0, 1.0 - len(chunk.text) / _FRAGMENT)
        return 0.0 if wanted else self._weights.fragment * shortness

    def _with_coverage(self, item: Ranked) -> ScoreParts:
        parts = item.parts  # written out: ``replace`` takes several times as long, for dozens of chunks a question
        return ScoreParts(
            lexical=parts.lexical,
            dense=parts.dense,
            entity=parts.entity,
            section=parts.section,
            coverage=self._weights.coverage * self._coverage(item.chunk),
            document=parts.document,
            rerank=parts.rerank,
            penalty=parts.penalty,
        )

    def _coverage(self, chunk: StoredChunk) -> float:
        return self._information.covered_share(chunk_tokens(chunk), chunk.section_kind)

    def _entity(self, chunk: StoredChunk) -> float:
        if not self._names:
            return 0.0
        weights = self._weights
        subject = folded_subject(chunk.subject)
        if chunk.document_id in self._documents or (chunk.document_id, subject) in self._subjects:
            return weights.entity + (weights.entity_exact if subject in self._exact else 0.0)
        text = chunk_text(chunk).folded
        if any(name in text for name in self._names):
            return weights.entity_mentioned
        return weights.other_drug

    def _section(self, chunk: StoredChunk) -> float:
        intents = self._query.intents
        if not intents:
            return 0.0
        if chunk.section_kind == intents[0] or (
            self._asks_which_drug and chunk.section_kind is SectionKind.INDICATIONS
        ):
            return self._section_weight
        if chunk.section_kind in intents:
            return self._weights.section_next
        if chunk.document_kind is DocumentKind.GUIDELINE and chunk.section_kind is SectionKind.RECOMMENDATION:
            return self._weights.section_guideline  # guidelines say doses and cautions where they treat the disease
        if chunk.section_kind in _RELATED.get(intents[0], frozenset()):
            return self._weights.section_next / 2
        return 0.0


def _order(item: Ranked) -> tuple[float, int]:
    return -item.parts.total, item.chunk.chunk_id


def _says_nothing(chunk: StoredChunk) -> bool:
    heading = chunk.section_path[-1] if chunk.section_path else ""
    return len(chunk.text.strip()) <= len(heading) + 4 or chunk_text(chunk).is_contents
