"""One suite for every SearchIndex."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kbchat.embedding.protocol import Vectors
from kbchat.errors import IndexStateError
from kbchat.index import EmbeddedIndex
from kbchat.index.folder import IndexFolder
from kbchat.index.protocol import (
    IndexChanges,
    IndexEntry,
    IndexIdentity,
    SearchFilters,
    SearchIndex,
    WeightedToken,
)
from kbchat.testing import InMemoryIndex
from kbchat.text.tokens import query_tokens
from kbchat.types import DocumentKind, SectionKind

_ANY = SearchFilters()
_DIMENSION = 4


class _NoStore:
    """A source without history: the suite hands the changes over itself."""

    def __init__(self, dimension: int) -> None:
        self._identity = IndexIdentity("u", "e" if dimension else "", dimension, 0)

    def watermark(self, base_id: int) -> int:
        return 0

    def change_stamp(self, base_id: int, watermark: int) -> str:
        return ""

    def index_identity(self, base_id: int) -> IndexIdentity:
        return self._identity

    def changes_since(self, base_id: int, watermark: int, batch: int = 100) -> Iterator[IndexChanges]:
        return iter(())

    def chunk_total(self, base_id: int) -> int:
        return 0


Maker = Callable[[int], SearchIndex]


@pytest.fixture(params=["memory", "embedded"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    def maker(dimension: int) -> SearchIndex:
        if request.param == "memory":
            return InMemoryIndex(dimension)
        return EmbeddedIndex(_NoStore(dimension), 1, IndexFolder(tmp_path / f"index{dimension}"))

    return maker


def _axis(number: int, strength: float = 1.0) -> Vectors:
    vector = np.zeros(_DIMENSION, np.float32)
    vector[number] = strength
    vector[(number + 1) % _DIMENSION] = (1 - strength**2) ** 0.5
    return vector


def _entry(
    key: int,
    body: str,
    *,
    title: str = "",
    vector: Vectors | None = None,
    document: int = 1,
    section: SectionKind = SectionKind.DOSAGE,
    kind: DocumentKind = DocumentKind.LEAFLET,
) -> IndexEntry:
    return IndexEntry(key, document, kind, section, title, "用法用量", body, vector)


def _tokens(text: str) -> list[WeightedToken]:
    return [WeightedToken(token) for token in query_tokens(text)]


def test_empty_finds_nothing(make: Maker) -> None:
    index = make(_DIMENSION)
    assert isinstance(index, SearchIndex)
    assert index.search(_tokens("阿司匹林"), _axis(0), _ANY, 5) == []
    assert index.document_frequencies(["阿司匹林"]) == ({}, 0)
    index.apply(IndexChanges([], [], 3))
    assert index.watermark == 3
    assert index.search(_tokens("阿司匹林"), _axis(0), _ANY, 5) == []
    index.close()


def test_both_sides_found_and_merged(make: Maker) -> None:
    index = make(_DIMENSION)
    entries = [
        _entry(1, "阿司匹林每日一次", vector=_axis(0)),
        _entry(2, "头孢克洛每日三次", vector=_axis(0, 0.9)),
        _entry(3, "metformin twice daily", vector=_axis(2)),
    ]
    index.apply(IndexChanges(entries, [], 7))
    assert index.watermark == 7
    hits = {hit.chunk_id: hit for hit in index.search(_tokens("阿司匹林"), _axis(0), _ANY, 2)}
    assert set(hits) == {1, 2}
    assert hits[1].lexical is not None
    assert hits[1].lexical > 0
    assert hits[1].dense == pytest.approx(1.0, abs=1e-3)
    assert hits[2].lexical is None
    assert hits[2].dense == pytest.approx(0.9, abs=1e-3)


def test_rarer_words_and_titles_count_more(make: Maker) -> None:
    index = make(0)
    bodies = ["每日一次，饭后服用。", "每日两次，饭前服用。", "每日一次，肾功能不全者减量。"]
    index.apply(IndexChanges([_entry(n + 1, body) for n, body in enumerate(bodies)], [], 1))
    index.apply(IndexChanges([_entry(4, "饭后服用。", title="肾功能不全用药指南")], [], 2))
    hits = index.search(_tokens("肾功能不全每日一次"), None, _ANY, 10)
    scores = {hit.chunk_id: hit.lexical or 0.0 for hit in hits}
    assert max(scores, key=lambda key: scores[key]) in (3, 4)
    assert scores[4] > scores[1]


def test_weights_count(make: Maker) -> None:
    index = make(0)
    index.apply(IndexChanges([_entry(1, "aspirin"), _entry(2, "ibuprofen")], [], 1))
    tokens = [WeightedToken(query_tokens("aspirin")[0], 1.0), WeightedToken(query_tokens("ibuprofen")[0], 3.0)]
    scores = {hit.chunk_id: hit.lexical or 0.0 for hit in index.search(tokens, None, _ANY, 5)}
    assert scores[2] == pytest.approx(3 * scores[1], rel=1e-4)
    tokens = [WeightedToken(tokens[0].token, 0.0)]
    assert index.search(tokens, None, _ANY, 5) == []


def test_filters(make: Maker) -> None:
    index = make(_DIMENSION)
    entries = [
        _entry(1, "剂量", vector=_axis(0), document=1),
        _entry(2, "剂量", vector=_axis(0), document=2, section=SectionKind.PREGNANCY),
        _entry(3, "剂量", vector=_axis(0), document=3, kind=DocumentKind.GUIDELINE),
    ]
    index.apply(IndexChanges(entries, [], 1))

    def found(**given: frozenset[object]) -> set[int]:
        filters = SearchFilters(**given)  # type: ignore[arg-type]
        hits = index.search(_tokens("剂量"), _axis(0), filters, 5)
        assert all(hit.lexical is not None and hit.dense is not None for hit in hits)
        return {hit.chunk_id for hit in hits}

    assert found() == {1, 2, 3}
    assert found(document_ids=frozenset({1, 3})) == {1, 3}
    assert found(document_kinds=frozenset({DocumentKind.GUIDELINE})) == {3}
    assert found(section_kinds=frozenset({SectionKind.PREGNANCY, SectionKind.DOSAGE})) == {1, 2, 3}
    assert found(document_ids=frozenset({2}), section_kinds=frozenset({SectionKind.PREGNANCY})) == {2}
    assert found(document_ids=frozenset({1}), section_kinds=frozenset({SectionKind.PREGNANCY})) == set()
    assert found(document_ids=frozenset({99})) == set()


def test_removing_replacing_and_taking_twice(make: Maker) -> None:
    index = make(_DIMENSION)
    index.apply(IndexChanges([_entry(1, "旧剂量", vector=_axis(0)), _entry(2, "旧剂量", vector=_axis(1))], [], 1))
    change = IndexChanges([_entry(3, "新剂量", vector=_axis(0))], [1, 55], 2)
    index.apply(change)
    index.apply(change)
    assert index.watermark == 2
    hits = index.search(_tokens("剂量"), _axis(0), _ANY, 10)
    assert sorted(hit.chunk_id for hit in hits) == [2, 3]
    assert index.document_frequencies(query_tokens("新剂量旧剂量"))[1] == 2
    index.apply(IndexChanges([_entry(2, "头孢", vector=_axis(3))], [], 3))
    [hit] = [hit for hit in index.search(_tokens("头孢"), _axis(3), _ANY, 1) if hit.chunk_id == 2]
    assert hit.dense == pytest.approx(1.0, abs=1e-3)
    assert not [hit for hit in index.search(_tokens("剂量"), None, _ANY, 9) if hit.chunk_id == 2]


def test_ties_are_cut_by_chunk_id(make: Maker) -> None:
    index = make(_DIMENSION)
    for number, key in enumerate((9, 4, 200, 7, 3, 120, 5, 88, 61)):
        index.apply(IndexChanges([_entry(key, "相同的剂量", vector=_axis(0))], [], number + 1))
    index.apply(IndexChanges([_entry(key, "相同的剂量", vector=_axis(0)) for key in range(300, 420)], [], 10))
    hits = index.search(_tokens("相同剂量"), _axis(0), _ANY, 4)
    assert [hit.chunk_id for hit in hits] == [3, 4, 5, 7]


def test_zero_vectors_are_never_dense_hits(make: Maker) -> None:
    index = make(_DIMENSION)
    nothing = np.zeros(_DIMENSION, np.float32)
    index.apply(IndexChanges([_entry(1, "剂量", vector=nothing), _entry(2, "用法", vector=_axis(1))], [], 1))
    assert [hit.chunk_id for hit in index.search([], _axis(1), _ANY, 5)] == [2]
    assert index.search([], nothing, _ANY, 5) == []


def test_lexical_only(make: Maker) -> None:
    index = make(0)
    index.apply(IndexChanges([_entry(1, "阿司匹林")], [], 1))
    [hit] = index.search(_tokens("阿司匹林"), _axis(0), _ANY, 5)
    assert hit.dense is None


def test_wrong_dimension_changes_nothing(make: Maker) -> None:
    index = make(_DIMENSION)
    index.apply(IndexChanges([_entry(1, "阿司匹林", vector=_axis(0))], [], 1))
    with pytest.raises(IndexStateError):
        index.apply(IndexChanges([_entry(2, "阿司匹林", vector=np.ones(3, np.float32))], [1], 2))
    assert index.watermark == 1
    assert [hit.chunk_id for hit in index.search(_tokens("阿司匹林"), _axis(0), _ANY, 5)] == [1]
    with pytest.raises(IndexStateError):
        index.search([], np.ones(3, np.float32), _ANY, 5)


def test_document_frequencies(make: Maker) -> None:
    index = make(0)
    index.apply(
        IndexChanges([_entry(1, "aspirin dose", title="aspirin"), _entry(2, "aspirin"), _entry(3, "gel")], [], 1)
    )
    aspirin, gel = query_tokens("aspirin gel")
    assert index.document_frequencies([aspirin, gel, "missing"]) == ({aspirin: 2, gel: 1}, 3)
    index.apply(IndexChanges([], [2], 2))
    assert index.document_frequencies([aspirin]) == ({aspirin: 1}, 2)


def test_odd_texts(make: Maker) -> None:
    index = make(0)
    odd = ["", "\x00", "💊", "x" * 200_000, " \n ", "［１］ＡＢＣ", "a b\tc"]
    index.apply(IndexChanges([_entry(n + 1, text) for n, text in enumerate(odd)], [], 1))
    assert index.document_frequencies(["abc"])[1] == len(odd)
    assert [hit.chunk_id for hit in index.search(_tokens("abc"), None, _ANY, 3)] == [6]
