"""FAISS: exact and inverted arrangement, and the way between them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from kbchat.index import dense
from kbchat.index.dense import DenseIndex, Layout, layout_for
from kbchat.index.protocol import IndexEntry, SearchFilters
from kbchat.types import DocumentKind, SectionKind

_DIMENSION = 32
_ANY = SearchFilters()


def _rows(count: int, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((40, _DIMENSION))
    rows = centres[random.integers(0, 40, count)] + 0.4 * random.standard_normal((count, _DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)


def _entries(keys: Iterable[int], rows: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[IndexEntry]:
    return [
        IndexEntry(key, key // 10, DocumentKind.LEAFLET, SectionKind.DOSAGE, "", "", "", row)
        for key, row in zip(keys, rows, strict=False)
    ]


def _truth(
    rows: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    keys: list[int],
    query: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    k: int,
) -> list[int]:
    scores = rows @ query
    return [keys[n] for n in sorted(range(len(keys)), key=lambda n: (-scores[n], keys[n]))[:k]]


def _applied(index: DenseIndex, added: list[IndexEntry], removed: list[int]) -> DenseIndex:
    index.apply(added, removed)
    return index.rearranged() or index


@pytest.fixture
def small_border(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change over to the inverted file at 1,000 vectors."""
    monkeypatch.setattr(dense, "layout_for", lambda count: Layout(0, 0) if count <= 1000 else Layout(30, 10))


def test_the_rule() -> None:
    assert layout_for(0).lists == 0
    assert layout_for(200_000).lists == 0
    assert layout_for(200_001).lists > 500
    assert 0 < layout_for(1_000_000).probes < layout_for(1_000_000).lists


def test_exact_search_is_exact() -> None:
    rows = _rows(500)
    keys = list(range(1000, 1500))
    index = DenseIndex(_DIMENSION)
    index = _applied(index, _entries(keys, rows), [])
    for query in _rows(20, 1):
        found = index.search(query, _ANY, 10)
        assert [key for key, _ in found] == _truth(rows, keys, query, 10)


def test_changing_over_and_back(small_border: None) -> None:
    rows = _rows(3000)
    index = DenseIndex(_DIMENSION)
    for start in range(0, 3000, 500):
        index = _applied(index, _entries(range(start, start + 500), rows[start : start + 500]), [])
    assert index.trained == 1500
    queries = _rows(30, 1)
    hits = [
        len({k for k, _ in index.search(q, _ANY, 20)} & set(_truth(rows, list(range(3000)), q, 20))) for q in queries
    ]
    assert sum(hits) / (20 * len(hits)) > 0.9
    index = _applied(index, [], list(range(2900)))
    assert index.trained == 0
    assert len(index) == 100
    assert {key for key, _ in index.search(rows[2950], _ANY, 100)} == set(range(2900, 3000))


def test_removed_are_never_found_and_replaced_are_found_anew(small_border: None) -> None:
    rows = _rows(2000)
    index = DenseIndex(_DIMENSION)
    index = _applied(index, _entries(range(2000), rows), [])
    assert index.trained
    index = _applied(index, _entries([5], rows[1999:]), [*range(100, 200), 5555])
    assert len(index) == 1900
    found = dict(index.search(rows[1999], _ANY, 1900))
    assert found[5] == pytest.approx(1.0, abs=0.02)
    assert not set(range(100, 200)) & set(found)


def test_a_narrow_filter_looks_everywhere(small_border: None) -> None:
    rows = _rows(2000)
    index = DenseIndex(_DIMENSION)
    index = _applied(index, _entries(range(2000), rows), [])
    for document in (0, 77, 199):
        found = index.search(rows[1000], SearchFilters(document_ids=frozenset({document})), 50)
        assert sorted(key for key, _ in found) == list(range(10 * document, 10 * document + 10))


def test_growth_trains_again(small_border: None) -> None:
    rows = _rows(6000)
    index = DenseIndex(_DIMENSION)
    for start in range(0, 6000, 1200):
        index = _applied(index, _entries(range(start, start + 1200), rows[start : start + 1200]), [])
    assert index.trained > 1200
    assert len(index) == 6000
    assert index.search(rows[10], _ANY, 1)[0][0] == 10
