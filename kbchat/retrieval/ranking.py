"""Ordering candidates: fused scores plus rewards for the drug asked about and the section that answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kbchat.index.protocol import Hit
from kbchat.medical.editions import newest_editions
from kbchat.medical.sections import intent_words
from kbchat.retrieval.candidates import SearchInput
from kbchat.retrieval.chunk_features import TextFeatures, chunk_text, chunk_tokens, folded_subject
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


class _Reasons(NamedTuple):
    """The score parts that tell for a chunk, or against it, whatever it covers of the question."""

    lexical: float
    dense: float
    entity: float
    section: float
    document: float
    penalty: float

    def total(self, coverage: float = 0.0) -> float:
        """``ScoreParts.total``, added up in the same order."""
        return sum((self.lexical, self.dense, self.entity, self.section, coverage, self.document)) + self.penalty


class Ranked(NamedTuple):
    """A chunk with the reasons for its place. No dataclass: hundreds are made for one question, and few become passages."""

    chunk: StoredChunk
    total: float
    reasons: _Reasons
    coverage: float = 0.0

    @property
    def parts(self) -> ScoreParts:
        """The reasons as a passage tells them."""
        reasons = self.reasons
        return ScoreParts(
            lexical=reasons.lexical,
            dense=reasons.dense,
            entity=reasons.entity,
            section=reasons.section,
            coverage=self.coverage,
            document=reasons.document,
            penalty=reasons.penalty,
        )


def in_order(item: Ranked) -> tuple[float, int]:
    """What ranked chunks are sorted by: best first, ties by chunk id."""
    return -item.total, item.chunk.chunk_id


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
        documents: dict[tuple[int, bool], float] = {}
        rough = [self._rough(hit, chunk, best, newest, documents) for hit, chunk in found]
        rough.sort(key=in_order)
        ranked = [self._with_coverage(item) for item in rough[: self._weights.covered]]
        ranked.sort(key=in_order)
        return ranked

    def _rough(
        self,
        hit: Hit,
        chunk: StoredChunk,
        best: float,
        newest: Mapping[str, str],
        documents: dict[tuple[int, bool], float],
    ) -> Ranked:
        """A chunk by all but what it covers. ``documents`` are the parts told by revision and language so far."""
        weights, features = self._weights, chunk_text(chunk)
        of_revision = chunk.revision_id, features.language == self._query.language
        document = documents.get(of_revision)
        if document is None:
            document = documents[of_revision] = self._document(chunk, newest, same_language=of_revision[1])
        reasons = _Reasons(
            weights.lexical * (hit.lexical or 0.0) / best,
            weights.dense * max(0.0, hit.dense or 0.0),
            self._entity(chunk, features),
            self._section(chunk),
            document,
            self._penalty(chunk, features),
        )
        return Ranked(chunk, reasons.total(), reasons)

    def _document(self, chunk: StoredChunk, newest: Mapping[str, str], *, same_language: bool) -> float:
        score = self._weights.topic if chunk.document_id in self._topics else 0.0
        if same_language:
            score += self._weights.same_language
        if chunk.revision_date and chunk.revision_date < newest.get(chunk.edition, ""):
            score += self._weights.older_edition
        if self._selector:
            there = self._selector.intersection(index_tokens(f"{chunk.document_title} {chunk.document}"))
            score += self._weights.selector * len(there) / len(self._selector)
        return score

    def _penalty(self, chunk: StoredChunk, features: TextFeatures) -> float:
        if _says_nothing(chunk, features):
            return self._weights.contents_only
        if chunk.section_kind in self._query.intents:
            return 0.0
        return self._weights.fragment * max(0.0, 1.0 - len(chunk.text) / _FRAGMENT)

    def _with_coverage(self, item: Ranked) -> Ranked:
        chunk, reasons = item.chunk, item.reasons
        share = self._information.covered_share(chunk_tokens(chunk), chunk.section_kind)
        coverage = self._weights.coverage * share
        return Ranked(chunk, reasons.total(coverage), reasons, coverage)

    def _entity(self, chunk: StoredChunk, features: TextFeatures) -> float:
        if not self._names:
            return 0.0
        weights = self._weights
        subject = folded_subject(chunk.subject)
        if chunk.document_id in self._documents or (chunk.document_id, subject) in self._subjects:
            return weights.entity + (weights.entity_exact if subject in self._exact else 0.0)
        for name in self._names:
            if name in features.folded:
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


def _says_nothing(chunk: StoredChunk, features: TextFeatures) -> bool:
    heading = chunk.section_path[-1] if chunk.section_path else ""
    return features.length <= len(heading) + 4 or features.is_contents
