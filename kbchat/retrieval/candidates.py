"""Candidates: what the index finds for a question, once over the base and once among the documents named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbchat.embedding.protocol import Embedder, Vectors
from kbchat.index.protocol import Hit, SearchFilters, SearchIndex, WeightedToken
from kbchat.retrieval.information import Alternative
from kbchat.retrieval.weights import RankingWeights
from kbchat.text.tokens import fold, query_tokens
from kbchat.types import Query

_MOST_TOKENS = 64
_NARROW = 400
"""A name carried by more documents than this does not narrow the search."""


@dataclass(frozen=True, slots=True)
class SearchInput:
    """A question in the form that an index takes."""

    tokens: tuple[WeightedToken, ...]
    own_tokens: tuple[str, ...]
    name_tokens: frozenset[str]
    selector_tokens: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    vector: Vectors | None


def search_input(query: Query, embedder: Embedder | None, weights: RankingWeights) -> SearchInput:
    """Tokens with weights and the vector of ``query``."""
    names = {token for entity in query.entities if entity.is_product for token in query_tokens(entity.text)}
    own = query_tokens(_without_selector_and_names_apart(query))
    chosen = query_tokens(query.selector)
    weighted = {token: weights.entity_token if token in names else 1.0 for token in own[:_MOST_TOKENS]}
    for token in chosen:
        weighted.setdefault(token, weights.selector_token)
    alternatives: list[Alternative] = []
    for synonym in query.expansions:
        tokens = query_tokens(synonym.term)
        for token in tokens:
            weighted.setdefault(token, weights.expansion * synonym.weight / max(1.0, len(tokens) ** 0.5))
        instead_of = frozenset(query_tokens(synonym.source))
        if tokens and instead_of:
            alternatives.append(Alternative(instead_of, frozenset(tokens), synonym.weight))
    vector = embedder.embed_query(query.standalone_text) if embedder else None
    listed = tuple(WeightedToken(token, weight) for token, weight in list(weighted.items())[: 3 * _MOST_TOKENS])
    return SearchInput(listed, tuple(own[:_MOST_TOKENS]), frozenset(names), tuple(chosen), tuple(alternatives), vector)


def _without_selector_and_names_apart(query: Query) -> str:
    """The question without the words that name the document, and with names set apart, so that no bigram mixes them."""
    text = fold(query.standalone_text.replace(query.selector, " ") if query.selector else query.standalone_text)
    for entity in query.entities:
        text = text.replace(entity.text, f" {entity.text} ")
    return text


def candidates(
    index: SearchIndex, prepared: SearchInput, query: Query, filters: SearchFilters, count: int
) -> list[Hit]:
    """The chunks worth ranking: ``count`` from each side, and again among the documents that the question names."""
    merged: dict[int, Hit] = {}
    searches = [filters, *_narrowed(query, filters)]
    for wanted in searches:
        hits = index.search(prepared.tokens, prepared.vector, wanted, count)
        for hit in hits:
            known = merged.get(hit.chunk_id)
            if known is None:
                merged[hit.chunk_id] = hit
            else:
                merged[hit.chunk_id] = Hit(
                    hit.chunk_id,
                    known.lexical if known.lexical is not None else hit.lexical,
                    known.dense if known.dense is not None else hit.dense,
                )
        if _is_all(hits, count):
            break  # each search is within the one before it, and this one left nothing out
    return sorted(merged.values(), key=lambda hit: hit.chunk_id)


def _is_all(hits: Sequence[Hit], count: int) -> bool:
    """Whether neither side had to leave chunks out."""
    words = sum(hit.lexical is not None for hit in hits)
    meaning = sum(hit.dense is not None for hit in hits)
    return words < count and meaning < count


def _narrowed(query: Query, filters: SearchFilters) -> Sequence[SearchFilters]:
    documents = frozenset(
        document for entity in query.entities if entity.is_product for document in entity.all_documents
    )
    if filters.document_ids:
        documents &= filters.document_ids
    if not documents or len(documents) > _NARROW or documents == filters.document_ids:
        return ()
    narrowed = [replace(filters, document_ids=documents)]
    if query.intents and not filters.section_kinds:
        narrowed.append(replace(filters, document_ids=documents, section_kinds=frozenset(query.intents[:2])))
    return narrowed
