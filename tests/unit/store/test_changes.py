"""The numbered history that indexes follow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from kbchat.errors import EmbedderMismatchError
from kbchat.store import KnowledgeBase, Store, schema
from kbchat.testing import HashEmbedder, parsed_leaflet
from kbchat.types import SectionKind

_EMBEDDER = HashEmbedder(8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def base(store: Store) -> KnowledgeBase:
    return store.create_base("default", embedder=_EMBEDDER.name, dimension=8)


def _commit(store: Store, base: KnowledgeBase, number: int, version: int = 0, lines: int = 3) -> int:
    text = "\n".join(f"第{line}条，药物{number}，版本{version}。" for line in range(lines))
    parsed = parsed_leaflet(f"药物{number}", {SectionKind.DOSAGE: text})
    done = store.commit_document(
        base.id,
        source=f"{number}.txt",
        name=f"{number}.txt",
        sha256=f"{number * 1000 + version:064x}",
        parsed=parsed,
        vectors=_EMBEDDER.embed_documents([chunk.text for chunk in parsed.chunks]),
    )
    return done.document_id


def _replay(store: Store, base: KnowledgeBase, live: set[int], watermark: int, batch: int = 4) -> int:
    for changes in store.changes_since(base.id, watermark, batch):
        live -= set(changes.removed)
        live |= {entry.chunk_id for entry in changes.added}
        assert changes.watermark > watermark
        assert changes.stamp == store.change_stamp(base.id, changes.watermark)
        watermark = changes.watermark
    assert watermark == store.watermark(base.id)
    return watermark


def _truth(store: Store, base: KnowledgeBase) -> set[int]:
    documents, chunks = schema.documents, schema.chunks
    query = (
        select(chunks.c.id)
        .join(documents, documents.c.current_revision_id == chunks.c.revision_id)
        .where(documents.c.base_id == base.id, documents.c.retired_at.is_(None))
    )
    with store._database.read() as connection:
        return set(connection.scalars(query))


def test_any_prefix_of_history_can_be_continued(store: Store, base: KnowledgeBase) -> None:
    """Random commits, retirements and returns; a replay from any earlier state ends in the present one."""
    random = np.random.default_rng(3)
    states: list[tuple[int, set[int]]] = [(0, set())]
    for step in range(60):
        number = int(random.integers(0, 8))
        known = {document.source: document for document in store.documents(base.id, include_retired=True)}
        document = known.get(f"{number}.txt")
        if document is not None and random.random() < 0.4:
            (store.retire_document if document.retired_at is None else store.restore_document)(document.id)
        else:
            _commit(store, base, number, step, int(random.integers(1, 6)))
        if step % 7 == 0:
            states.append((store.watermark(base.id), _truth(store, base)))
    expected = _truth(store, base)
    assert store.chunk_total(base.id) == len(expected)
    for watermark, live in states:
        for batch in (1, 5, 1000):
            replayed = set(live)
            _replay(store, base, replayed, watermark, batch)
            assert replayed == expected


def test_documents_are_never_split_over_batches(store: Store, base: KnowledgeBase) -> None:
    for number in range(5):
        _commit(store, base, number, lines=7)
    batches = list(store.changes_since(base.id, 0, batch=3))
    assert [len(changes.added) for changes in batches] == [7] * 5


def test_replacing_removes_and_adds_in_one_batch(store: Store, base: KnowledgeBase) -> None:
    _commit(store, base, 1)
    watermark = store.watermark(base.id)
    _commit(store, base, 1, 1)
    [changes] = store.changes_since(base.id, watermark, batch=1)
    assert (len(changes.removed), len(changes.added)) == (3, 3)


def test_numbers_are_unique_under_concurrent_commits(store: Store, base: KnowledgeBase) -> None:
    errors: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 10):
                _commit(store, base, number)
        except Exception as error:  # noqa: BLE001 - the assertion below shows it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with store._database.read() as connection:
        numbers = list(connection.scalars(select(schema.changes.c.seq).order_by(schema.changes.c.seq)))
        chunk_ids = list(connection.scalars(select(schema.chunks.c.id)))
    assert numbers == list(range(1, 41))
    assert len(chunk_ids) == len(set(chunk_ids)) == 120


def test_chunk_ids_are_never_used_again(store: Store, base: KnowledgeBase) -> None:
    _commit(store, base, 1)
    used = _truth(store, base)
    store.delete_base("default")
    fresh = store.create_base("default", embedder=_EMBEDDER.name, dimension=8)
    _commit(store, fresh, 1)
    assert not used & _truth(store, fresh)


def test_bases_do_not_see_each_other(store: Store, base: KnowledgeBase) -> None:
    other = store.create_base("other", embedder=_EMBEDDER.name, dimension=8)
    _commit(store, base, 1)
    assert store.watermark(other.id) == 0
    assert list(store.changes_since(other.id, 0)) == []
    assert store.change_stamp(other.id, store.watermark(base.id)) == ""


def test_vectors_come_back_as_float16_of_what_was_given(store: Store, base: KnowledgeBase) -> None:
    _commit(store, base, 1)
    [changes] = store.changes_since(base.id, 0)
    given = _EMBEDDER.embed_documents([entry.body for entry in changes.added])
    for row, entry in zip(given, changes.added, strict=True):
        assert entry.vector is not None
        assert entry.vector.dtype == np.float32
        assert np.array_equal(entry.vector, row.astype(np.float16).astype(np.float32))


def test_entries_carry_names_headings_and_table_headers(store: Store, base: KnowledgeBase) -> None:
    _commit(store, base, 1)
    [changes] = store.changes_since(base.id, 0)
    entry = changes.added[0]
    assert entry.title.split("\n") == ["药物1", "药物1说明书"]
    assert entry.heading == "药物1 > dosage"
    assert entry.section_kind is SectionKind.DOSAGE


def test_replace_vectors(store: Store, base: KnowledgeBase) -> None:
    retired = _commit(store, base, 1)
    _commit(store, base, 2, 0)
    _commit(store, base, 2, 1)
    store.retire_document(retired)
    other = HashEmbedder(16)
    watermark = store.watermark(base.id)

    def rows(leave_out: int = -1) -> Iterator[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]]:
        for position, (revision_id, chunks) in enumerate(store.live_chunks(base.id)):
            if position != leave_out:
                yield revision_id, other.embed_documents([chunk.text for chunk in chunks])

    with pytest.raises(EmbedderMismatchError):
        store.replace_vectors(base.id, embedder=other.name, dimension=16, vectors=rows(leave_out=1))
    assert store.base("default").embedder == _EMBEDDER.name
    assert store.watermark(base.id) == watermark
    with pytest.raises(EmbedderMismatchError):
        store.replace_vectors(base.id, embedder="x", dimension=8, vectors=rows())

    store.replace_vectors(base.id, embedder=other.name, dimension=16, vectors=rows())
    changed = store.base("default")
    assert (changed.embedder, changed.dimension, changed.epoch) == (other.name, 16, base.epoch + 1)
    [changes] = store.changes_since(base.id, watermark)
    assert len(changes.added) == 3
    for entry in changes.added:
        assert entry.vector is not None
        assert np.allclose(entry.vector, other.embed_query(entry.body), atol=1e-3)
    store.restore_document(retired)
    [changes] = store.changes_since(base.id, changes.watermark)
    assert all(entry.vector is not None and entry.vector.shape == (16,) for entry in changes.added)

    store.replace_vectors(base.id, embedder="", dimension=0, vectors=())
    assert store.base("default").dimension == 0
    with store._database.read() as connection:
        assert connection.execute(select(schema.vectors.c.revision_id)).all() == []
