"""Search by meaning: FAISS over the chunks' vectors, in memory.

Small and middling bases are searched exactly; FAISS holds the vectors as float16, which is what the store holds, so
nothing is lost by it. Large ones use an inverted file with 8-bit scalar quantisation, which can remove as well as add.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kbchat.embedding.protocol import Vectors
from kbchat.errors import IndexStateError
from kbchat.index.attributes import Attributes, Ids
from kbchat.index.protocol import IndexEntry, SearchFilters
from kbchat.messages import Bilingual

_engines: Any = faiss  # its stubs do not know its keyword arguments
_TRAINING_ROUNDS = 8
_TRAINING_ROWS_PER_LIST = 48
_GROWTH_BEFORE_RETRAINING = 4
_ALL_LISTS_BELOW = 0.2


@dataclass(frozen=True, slots=True)
class Layout:
    """How vectors are arranged: ``lists`` inverted lists, of which ``probes`` are read a query; 0 lists: exact."""

    lists: int
    probes: int


def layout_for(count: int) -> Layout:
    """The arrangement for ``count`` vectors.

    Exact up to 200,000 (a query takes about 4 ms of one core there); above, 2 * sqrt(count) lists, of which an eighth
    is read.
    """
    if count <= 200_000:
        return Layout(0, 0)
    lists = int(2 * count**0.5)
    return Layout(lists, lists // 8)


class DenseIndex:
    """Vectors of ``dimension``, by chunk id. All-zero vectors have no direction and are left out."""

    def __init__(
        self, dimension: int, engine: Any = None, attributes: Attributes | None = None, trained: int = 0
    ) -> None:
        self.dimension = dimension
        self.attributes = attributes or Attributes()
        self.trained = trained
        self._engine = engine if engine is not None else _exact_engine(dimension)
        self._inverted = isinstance(self._engine, _engines.IndexIVF)

    @classmethod
    def restored(cls, dimension: int, content: NDArray[np.uint8], attributes: Attributes, trained: int) -> DenseIndex:
        """From what ``serialized`` gave. Raises ValueError when the parts do not belong together."""
        try:
            engine = _engines.deserialize_index(content)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        if engine.d != dimension or engine.ntotal != len(attributes):
            raise ValueError(f"{engine.ntotal} vectors of {engine.d}, expected {len(attributes)} of {dimension}")
        return cls(dimension, engine, attributes, trained)

    def serialized(self) -> NDArray[np.uint8]:
        """The engine as bytes."""
        content: NDArray[np.uint8] = _engines.serialize_index(self._engine)
        return content

    def __len__(self) -> int:
        return len(self.attributes)

    def apply(self, added: Sequence[IndexEntry], removed: Sequence[int]) -> None:
        """Take chunks out and in; one that is added again replaces itself. Raises IndexStateError, changing nothing."""
        entries = list({entry.chunk_id: entry for entry in added}.values())
        with_vectors = [(entry, entry.vector) for entry in entries if entry.vector is not None and entry.vector.any()]
        if any(vector.shape != (self.dimension,) for _, vector in with_vectors):
            raise wrong_dimension(self.dimension, with_vectors[0][1].shape[0])
        stale = np.array([*removed, *(entry.chunk_id for entry in entries)], np.int64)
        gone = self.attributes.present(stale)
        if len(gone):
            selector = _engines.IDSelectorArray(gone) if self._inverted else _engines.IDSelectorBatch(gone)
            self._engine.remove_ids(selector)
            self.attributes.remove(gone)
        if with_vectors:
            kept = [entry for entry, _ in with_vectors]
            rows = np.ascontiguousarray([vector for _, vector in with_vectors], np.float32)
            self._engine.add_with_ids(rows, np.array([entry.chunk_id for entry in kept], np.int64))
            self.attributes.add(kept)

    def search(self, vector: Vectors, filters: SearchFilters, k: int) -> list[tuple[int, float]]:
        """The ``k`` best (chunk id, cosine), best first, equal ones by id. Raises IndexStateError."""
        if vector.shape != (self.dimension,):
            raise wrong_dimension(self.dimension, vector.shape[-1] if vector.ndim else 0)
        if k <= 0 or not len(self) or not vector.any():
            return []
        allowed = self.attributes.allowed(filters)
        if allowed is not None and not len(allowed):
            return []
        # One query is the work of one core; OpenMP's other threads would only spin, and steal it on a busy machine
        # (measured there: 88 ms against 16 ms). The setting belongs to the calling thread.
        _engines.omp_set_num_threads(1)
        query = np.ascontiguousarray(vector.reshape(1, -1), np.float32)
        limit = min(k + 1, len(self))
        while True:
            scores, ids = self._engine.search(query, limit, params=self._parameters(allowed))
            pairs = zip(ids[0].tolist(), scores[0].tolist(), strict=True)  # Python's numbers all at once
            found = [(key, score) for key, score in pairs if key >= 0]
            # As in the word index: equal scores at the end of the list are seen in full before they are cut by id.
            if len(found) < limit or len(found) <= k or found[k - 1][1] > found[-1][1] or limit == len(self):
                return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]
            limit = min(limit * 4, len(self))

    def _parameters(self, allowed: Ids | None) -> Any:
        selector = None
        if allowed is not None:
            bits = np.zeros(int(self.attributes.ids[-1]) + 1, np.uint8)
            bits[allowed] = 1
            selector = _engines.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
        if not self._inverted:
            return _engines.SearchParameters(sel=selector) if selector is not None else None
        probes = layout_for(max(self.trained, len(self))).probes
        if allowed is not None and len(allowed) < _ALL_LISTS_BELOW * len(self):
            probes = self._engine.nlist  # few chunks pass: they may lie anywhere, and skipping the others is cheap
        probes = max(1, min(probes or self._engine.nlist, self._engine.nlist))
        return _engines.SearchParametersIVF(nprobe=probes, sel=selector)

    def rearranged(self) -> DenseIndex | None:
        """The same vectors in the arrangement that their number asks for; None when they are in it.

        It may take a minute for a million vectors; this index can be searched, but not changed, meanwhile.
        """
        wanted = layout_for(len(self))
        if self._inverted:
            if wanted.lists and len(self) <= self.trained * _GROWTH_BEFORE_RETRAINING:
                return None
            if not wanted.lists and len(self) > self.trained // 2:
                return None  # a little below the border is no reason to go back
        elif not wanted.lists:
            return None
        _engines.omp_set_num_threads(os.cpu_count() or 1)
        ids, rows = self._contents()
        engine = _inverted_engine(rows, wanted.lists) if wanted.lists else _exact_engine(self.dimension)
        engine.add_with_ids(rows, ids)
        return DenseIndex(self.dimension, engine, self.attributes, len(ids) if wanted.lists else 0)

    def _contents(self) -> tuple[Ids, Vectors]:
        ids = self.attributes.ids
        if self._inverted:
            return ids, self._engine.reconstruct_batch(ids)
        stored = _engines.vector_to_array(self._engine.id_map)
        return stored, self._engine.index.reconstruct_n(0, self._engine.ntotal)


def _exact_engine(dimension: int) -> Any:
    flat = _engines.IndexScalarQuantizer(dimension, _engines.ScalarQuantizer.QT_fp16, _engines.METRIC_INNER_PRODUCT)
    return _engines.IndexIDMap2(flat)


def _inverted_engine(rows: Vectors, lists: int) -> Any:
    dimension = rows.shape[1]
    engine = _engines.IndexIVFScalarQuantizer(
        _engines.IndexFlatIP(dimension),
        dimension,
        lists,
        _engines.ScalarQuantizer.QT_8bit,
        _engines.METRIC_INNER_PRODUCT,
    )
    engine.cp.niter = _TRAINING_ROUNDS
    engine.cp.max_points_per_centroid = _TRAINING_ROWS_PER_LIST
    engine.cp.min_points_per_centroid = 1
    count = min(len(rows), lists * _TRAINING_ROWS_PER_LIST)
    sample = np.random.default_rng(0).choice(len(rows), count, replace=False)
    engine.train(np.ascontiguousarray(rows[np.sort(sample)]))
    engine.set_direct_map_type(_engines.DirectMap.Hashtable)
    return engine


def wrong_dimension(expected: int, found: int) -> IndexStateError:
    """A vector of another model than the index's."""
    return IndexStateError(
        Bilingual(
            f"The index holds vectors of dimension {expected}, found one of {found}.",
            f"索引中的向量维度为 {expected}，实际为 {found}。",
        ),
        Bilingual(
            "Use the embedding model of the knowledge base, or run `kbchat reindex --re-embed`.",
            "请使用该知识库的向量模型，或运行 `kbchat reindex --re-embed`。",
        ),
    )
