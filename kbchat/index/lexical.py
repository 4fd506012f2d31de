"""Search by words: tantivy's BM25 over three fields, on disk or in memory.

Texts are cut by ``kbchat.text.tokens`` and handed over as tokens between spaces, so that tantivy's own tokenizers play
no part. A marker document, written in the same commit as the changes, tells up to which change the index is complete:
the two can never disagree.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tantivy

from kbchat.errors import IndexStateError
from kbchat.index.integrity import is_whole
from kbchat.index.protocol import IndexChanges, IndexEntry, SearchFilters, WeightedToken
from kbchat.messages import Bilingual
from kbchat.text.tokens import index_tokens

FIELDS = ("title", "heading", "body")
_TOKENIZER = "kbchat_spaces"
_HEAP_BYTES = 96 << 20
_SLACK = 32
_EXACT_COUNT_LIMIT = 2000
_MARKER = "state"
_DECIMALS = 4  # tantivy adds float32 in an order that depends on the segment; equal texts must score alike
Correction = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class FieldBoosts:
    """How much a word counts in each field."""

    title: float = 2.0
    heading: float = 1.5
    body: float = 1.0

    def of(self, field: str) -> float:
        """The boost of one of ``FIELDS``."""
        return float(getattr(self, field))


def inverse_document_frequency(frequency: int, documents: int) -> float:
    """BM25's idf as tantivy computes it.

    Frequencies count deleted chunks that were not merged away, so they may exceed the number of ``documents``.
    """
    return math.log(1 + (max(documents - frequency, 0) + 0.5) / (frequency + 0.5))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk_id", indexed=True, fast=True)
    builder.add_unsigned_field("document_id", indexed=True)
    builder.add_text_field("document_kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("section_kind", tokenizer_name="raw", index_option="basic")
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_text_field("marker", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("state", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


class LexicalIndex:
    """A tantivy index in ``folder``, or in memory when there is none.

    What ``search`` sees changes only with ``publish``; ``commit``s, own and other processes', wait for it.
    """

    def __init__(self, folder: Path | None, boosts: FieldBoosts) -> None:
        self._boosts = boosts
        self._schema = _schema()
        self._searcher: Any = None
        self._last = threading.local()
        try:
            self._index = tantivy.Index(self._schema, path=None if folder is None else str(folder))
            analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            self._index.register_tokenizer(_TOKENIZER, analyzer)
            self._index.config_reader("manual")
        except (ValueError, OSError) as error:
            raise _unusable(str(error)) from error
        self._writer: Any = None
        self.watermark = 0
        self.stamp = ""
        self.publish()

    @classmethod
    def open(cls, folder: Path, boosts: FieldBoosts) -> LexicalIndex | None:
        """The index in ``folder``; None when it is missing or damaged."""
        if not is_whole(folder):
            return None
        try:
            return cls(folder, boosts)
        except IndexStateError:
            return None

    @property
    def count(self) -> int:
        """How many chunks ``search`` sees."""
        return int(self._searcher.num_docs) - self._markers

    # ---------------------------------------------------------------------------------------------------- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open for ``commit``; on leaving, merges that the commits set off are waited for. Raises IndexStateError."""
        try:
            self._writer = self._index.writer(_HEAP_BYTES, 1)
            yield
            self._writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise _unusable(str(error)) from error
        finally:
            self._writer = None

    def commit(self, changes: IndexChanges) -> None:
        """Take over changes, all or nothing, inside ``writing``. ``publish`` makes them visible."""
        writer = self._writer
        known = self._committed() is not None
        stale = [*changes.removed, *(entry.chunk_id for entry in changes.added)]
        if stale and known:
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "chunk_id", stale))
        for entry in changes.added:
            writer.add_document(_document(entry))
        if known:
            writer.delete_documents_by_term("marker", _MARKER)
        marker = tantivy.Document()
        marker.add_text("marker", _MARKER)
        marker.add_text("state", json.dumps([changes.watermark, changes.stamp]))
        writer.add_document(marker)
        writer.commit()

    def publish(self) -> None:
        """Let ``search`` see the newest commit."""
        state = self._committed()
        self._searcher = self._index.searcher()
        self._markers = 0 if state is None else 1
        self.watermark, self.stamp = state or (0, "")

    def committed_watermark(self) -> int:
        """The watermark of the newest commit, published or not."""
        state = self._committed()
        return state[0] if state else 0

    def _committed(self) -> tuple[int, str] | None:
        try:
            self._index.reload()
            searcher = self._index.searcher()
            hits = searcher.search(tantivy.Query.term_query(self._schema, "marker", _MARKER), 1, count=False).hits
            if not hits:
                return None
            watermark, stamp = json.loads(str(searcher.doc(hits[0][1]).get_first("state")))
        except (ValueError, OSError) as error:
            raise _unusable(str(error)) from error
        return int(watermark), str(stamp)

    # --------------------------------------------------------------------------------------------------- searching

    def search(
        self,
        tokens: Sequence[WeightedToken],
        filters: SearchFilters,
        k: int,
        hidden: frozenset[int] | set[int] = frozenset(),
        correction: Correction | None = None,
    ) -> list[tuple[int, float]]:
        """The ``k`` best (chunk id, BM25 score), best first, equal scores by id.

        ``hidden`` chunks are passed over. ``correction`` multiplies the weight of a (field, token).
        """
        query = self._query(tokens, filters, correction or {})
        if query is None or k <= 0:
            return []
        searcher = self._searcher
        limit = k + _SLACK
        while True:
            hits = searcher.search(query, limit, count=False).hits
            ids = searcher.fast_field_values("chunk_id", [address for _, address in hits])
            found = [
                (int(key), round(score, _DECIMALS))
                for (score, _), key in zip(hits, ids, strict=True)
                if key not in hidden
            ]
            # Chunks with the score of the last one wanted may lie beyond the limit: look further, so that which of
            # them are given does not depend on where they happen to be stored.
            if len(hits) < limit or (len(found) > k and found[k - 1][1] > found[-1][1]):
                return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]
            limit *= 4

    def holding(self, chunk_ids: frozenset[int] | set[int]) -> int:
        """How many of ``chunk_ids`` are in what ``search`` sees."""
        if not chunk_ids:
            return 0
        query = tantivy.Query.term_set_query(self._schema, "chunk_id", sorted(chunk_ids))
        return int(self._searcher.search(query, 1, count=True).count)

    def field_frequencies(self, token: str) -> dict[str, int]:
        """In how many chunks each field holds ``token``, deleted chunks that were not merged away included."""
        return {field: int(self._searcher.doc_freq(field, token)) for field in FIELDS}

    def document_frequency(self, token: str) -> int:
        """How many chunks hold ``token`` in any field: exact when few, for common words the commonest field's count."""
        frequencies = self.field_frequencies(token)
        if sum(frequencies.values()) > _EXACT_COUNT_LIMIT:
            return max(frequencies.values())
        fields = [(tantivy.Occur.Should, self._term(field, token)) for field, number in frequencies.items() if number]
        if not fields:
            return 0
        return int(self._searcher.search(tantivy.Query.boolean_query(fields), 1, count=True).count)

    @property
    def indexed(self) -> int:
        """The number of chunks that idf is computed from."""
        return int(self._searcher.num_docs)

    def _query(
        self, tokens: Sequence[WeightedToken], filters: SearchFilters, correction: Correction
    ) -> tantivy.Query | None:
        query = self._words(tokens, correction)
        if query is None:
            return None
        restrictions: list[tuple[str, list[Any]]] = [
            ("document_id", sorted(filters.document_ids)),
            ("document_kind", sorted(kind.value for kind in filters.document_kinds)),
            ("section_kind", sorted(kind.value for kind in filters.section_kinds)),
        ]
        required = [
            tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, field, values), 0.0)
            for field, values in restrictions
            if values
        ]
        if not required:
            return query
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in (query, *required)])

    def _words(self, tokens: Sequence[WeightedToken], correction: Correction) -> tantivy.Query | None:
        """The words of a question. It is searched several times within other restrictions, and put together once."""
        last: Any = getattr(self._last, "words", None)
        if last is not None and last[0] is tokens and last[1] == correction and isinstance(tokens, tuple):
            known: tantivy.Query | None = last[2]
            return known
        boosts = [(field, self._boosts.of(field)) for field in FIELDS]
        words = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(self._term(field, item.token), weight))
            for item in tokens
            for field, boost in boosts
            if (weight := item.weight * boost * correction.get((field, item.token), 1.0)) > 0
        ]
        query = tantivy.Query.boolean_query(words) if words else None
        self._last.words = (tokens, correction, query)
        return query

    def _term(self, field: str, token: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, token, index_option="freq")


def _document(entry: IndexEntry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("chunk_id", entry.chunk_id)
    document.add_unsigned("document_id", entry.document_id)
    document.add_text("document_kind", entry.document_kind.value)
    document.add_text("section_kind", entry.section_kind.value)
    document.add_text("title", _cut(entry.title))
    document.add_text("heading", _cut(entry.heading))
    document.add_text("body", " ".join(index_tokens(entry.body)))
    return document


@lru_cache(maxsize=4096)
def _cut(text: str) -> str:
    """Titles and headings repeat from chunk to chunk."""
    return " ".join(index_tokens(text))


def _unusable(cause: str) -> IndexStateError:
    return IndexStateError(
        Bilingual(f"The word index cannot be used: {cause}.", f"全文索引无法使用：{cause}。"),
        Bilingual(
            "Check free space and permissions of the data folder, then run `kbchat reindex`.",
            "请检查数据目录的剩余空间和权限，然后运行 `kbchat reindex`。",
        ),
    )
