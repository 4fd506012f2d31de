"""From a question to ordered passages: understand, find, rank, collapse, widen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from kbchat.embedding.protocol import Embedder
from kbchat.index.protocol import SearchFilters, SearchIndex
from kbchat.retrieval.candidates import candidates, search_input
from kbchat.retrieval.chunk_features import chunk_shingles
from kbchat.retrieval.collapse import kept_after_collapse
from kbchat.retrieval.information import Information
from kbchat.retrieval.ranking import Ranked, Ranker, in_order
from kbchat.retrieval.understanding import Understanding
from kbchat.retrieval.weights import RankingWeights
from kbchat.retrieval.widening import Widened, widened
from kbchat.settings import RetrievalSettings
from kbchat.store import Store, StoredChunk
from kbchat.types import DocumentKind, Passage, Query, Span

_RANKED_FOR_COLLAPSE = 60


@dataclass(frozen=True, slots=True)
class SearchedBase:
    """One knowledge base as the retriever sees it."""

    base_id: int
    name: str
    index: SearchIndex
    vocabulary: Understanding
    embedder: Embedder | None


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a search is limited to; empty means no limit. ``documents`` are document ids."""

    documents: frozenset[int] = frozenset()
    kinds: frozenset[DocumentKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages of a question, best first, with what is needed to judge them.

    ``information`` is what the question asks, in tokens weighed by their rarity in the searched bases; ``dense`` tells
    whether an embedding took part.
    """

    query: Query
    passages: tuple[Passage, ...]
    information: Information = field(default_factory=Information)
    timings: Mapping[str, float] = field(default_factory=dict)
    dense: bool = True


class Retriever:
    """Searches one or several knowledge bases."""

    def __init__(
        self,
        store: Store,
        bases: Sequence[SearchedBase],
        settings: RetrievalSettings,
        weights: RankingWeights | None = None,
    ) -> None:
        self._store = store
        self._bases = tuple(bases)
        self._settings = settings
        self._weights = weights or RankingWeights(lexical=settings.lexical_weight, dense=settings.dense_weight)

    @property
    def bases(self) -> tuple[SearchedBase, ...]:
        """The knowledge bases it searches."""
        return self._bases

    @property
    def weights(self) -> RankingWeights:
        """The weights passages are ordered by."""
        return self._weights

    def retrieve(
        self,
        question: str,
        *,
        standalone: str | None = None,
        k: int | None = None,
        restriction: Restriction | None = None,
    ) -> Retrieved:
        """The ``k`` best passages for ``question`` (``standalone``: the same, with the conversation's context).

        Raises IndexStateError, EmbedderError, StoreError.
        """
        limit = restriction or Restriction()
        wanted = k or self._settings.passages
        filters = SearchFilters(document_ids=limit.documents, document_kinds=limit.kinds)
        started = time.perf_counter()
        found: list[Ranked] = []
        queries: list[Query] = []
        information = Information()
        for base in self._bases:
            query = base.vocabulary.query(question, standalone)
            queries.append(query)
            ranked, known = self._search(base, query, filters, max(self._settings.candidates, 2 * wanted))
            found.extend(ranked)
            information = information.joined(known)
        if len(self._bases) > 1:
            found.sort(key=in_order)
        searched = time.perf_counter()
        passages = self._passages(found, wanted)
        done = time.perf_counter()
        return Retrieved(
            merged_query(queries, question),
            passages,
            information,
            {"search": searched - started, "passages": done - searched},
            any(base.embedder is not None for base in self._bases),
        )

    def _search(
        self, base: SearchedBase, query: Query, filters: SearchFilters, count: int
    ) -> tuple[list[Ranked], Information]:
        prepared = search_input(query, base.embedder, self._weights)
        hits = candidates(base.index, prepared, query, filters, count)
        chunks: Mapping[int, StoredChunk] = self._store.chunks([hit.chunk_id for hit in hits])
        frequencies, total = base.index.document_frequencies([item.token for item in prepared.tokens])
        ranker = Ranker(query, prepared, frequencies, total, self._weights)
        return ranker.rank(hits, chunks), ranker.information

    def _passages(self, found: Sequence[Ranked], wanted: int) -> tuple[Passage, ...]:
        considered = found[: max(_RANKED_FOR_COLLAPSE, 4 * wanted)]
        kept = kept_after_collapse(considered, lambda item: chunk_shingles(item.chunk))
        passages: list[Passage] = []
        for item in islice(kept, 3 * wanted):
            if _already_shown(item.chunk, passages):
                continue
            passages.append(self._passage(item, passages))
            if len(passages) == wanted:
                break
        return tuple(passages)

    def _passage(self, item: Ranked, before: Sequence[Passage]) -> Passage:
        chunk, parts = item.chunk, item.parts
        wide = widened(self._store, chunk, self._settings.passage_budget)
        if any(p.section_id == chunk.section_id and _overlap(p.spans, wide.spans) for p in before):
            wide = Widened(chunk.spans, chunk.text, 0)
        return Passage(
            chunk_id=chunk.chunk_id,
            document_id=chunk.document_id,
            revision_id=chunk.revision_id,
            document=chunk.document,
            document_title=chunk.document_title,
            document_kind=chunk.document_kind,
            subject=chunk.subject,
            revision_date=chunk.revision_date,
            section_id=chunk.section_id,
            section_kind=chunk.section_kind,
            section_path=chunk.section_path,
            spans=wide.spans,
            hit_spans=chunk.spans,
            text=wide.text,
            table_header=chunk.table_header,
            score=parts.total,
            parts=parts,
            hit_start=wide.hit_start,
            hit_length=len(chunk.text),
            edition=chunk.edition,
        )


def merged_query(queries: Sequence[Query], question: str) -> Query:
    """One query from the understanding of each base; a name unknown to one base may be known to another."""
    if not queries:
        raise ValueError(f"no knowledge base to search for {question[:40]!r}")
    first = queries[0]
    if len(queries) == 1:
        return first
    entities = tuple(dict.fromkeys(entity for query in queries for entity in query.entities))
    unknown = set(first.unknown_names).intersection(*(query.unknown_names for query in queries[1:]))
    return replace(
        first, entities=entities, unknown_names=tuple(name for name in first.unknown_names if name in unknown)
    )


def _already_shown(chunk: StoredChunk, passages: Sequence[Passage]) -> bool:
    """Whether a passage of the same section, widened, shows this chunk already."""
    return any(p.section_id == chunk.section_id and _covers(p.spans, chunk.spans) for p in passages)


def _overlap(one: Sequence[Span], other: Sequence[Span]) -> bool:
    return any(a.page == b.page and a.start < b.end and b.start < a.end for a in one for b in other)


def _covers(wide: Sequence[Span], narrow: Sequence[Span]) -> bool:
    return all(
        any(one.page == other.page and one.start <= other.start and other.end <= one.end for one in wide)
        for other in narrow
    )
