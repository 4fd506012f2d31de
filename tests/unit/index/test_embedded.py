"""The embedded engine on a real store: catching up, torn files, overlays, other histories."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kbchat.errors import IndexStateError
from kbchat.index import EmbeddedIndex, embedded, open_index
from kbchat.index.folder import IndexFolder
from kbchat.index.integrity import is_whole
from kbchat.index.protocol import Hit, SearchFilters, WeightedToken
from kbchat.locks import file_lock
from kbchat.store import KnowledgeBase, Store
from kbchat.testing import HashEmbedder, InMemoryIndex, parsed_leaflet
from kbchat.text.tokens import query_tokens
from kbchat.types import SectionKind

_EMBEDDER = HashEmbedder(16)
_ANY = SearchFilters()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def base(store: Store) -> KnowledgeBase:
    made = store.create_base("default", embedder=_EMBEDDER.name, dimension=16)
    for number in range(12):
        _commit(store, made, number)
    return made


@pytest.fixture
def folder(store: Store, base: KnowledgeBase) -> IndexFolder:
    return IndexFolder(store.data_layout.index_folder(base.id))


def _commit(
    store: Store, base: KnowledgeBase, number: int, version: int = 0, embedder: HashEmbedder = _EMBEDDER
) -> int:
    texts = {
        SectionKind.DOSAGE: f"药物{number}号每日{number + version}次，一次{number}.5mg。\n饭后服用，共{version}版。",
        SectionKind.PREGNANCY: f"孕妇慎用药物{number}号。",
    }
    parsed = parsed_leaflet(f"药物{number}号", texts)
    done = store.commit_document(
        base.id,
        source=f"{number}.txt",
        name=f"{number}.txt",
        sha256=f"{number * 1000 + version:064x}",
        parsed=parsed,
        vectors=embedder.embed_documents([chunk.text for chunk in parsed.chunks]),
    )
    return done.document_id


def _search(index: EmbeddedIndex | InMemoryIndex, text: str = "药物7号每日几次", k: int = 100) -> list[Hit]:
    tokens = [WeightedToken(token) for token in query_tokens(text)]
    return index.search(tokens, _EMBEDDER.embed_query(text), _ANY, k)


def _ids(index: EmbeddedIndex | InMemoryIndex, text: str = "药物7号每日几次孕妇饭后") -> set[int]:
    return {hit.chunk_id for hit in _search(index, text)}


def _brute_force(store: Store, base: KnowledgeBase) -> InMemoryIndex:
    index = InMemoryIndex(16)
    for changes in store.changes_since(base.id, 0):
        index.apply(changes)
    return index


def test_scores_are_those_of_brute_force(store: Store, base: KnowledgeBase) -> None:
    index, expected = open_index(store, base), _brute_force(store, base)
    for text in ("药物7号每日几次", "孕妇", "1.5mg 饭后", "无关的问题 aspirin"):
        found = {hit.chunk_id: hit for hit in _search(index, text)}
        wanted = {hit.chunk_id: hit for hit in _search(expected, text)}
        assert set(found) == set(wanted)
        for key, hit in found.items():
            # Lengths are kept roughly by tantivy, and its marker counts as one more, empty, chunk.
            assert (hit.lexical or 0.0) == pytest.approx(wanted[key].lexical or 0.0, rel=0.1, abs=0.4)
            assert hit.dense == pytest.approx(wanted[key].dense, abs=2e-3)


def test_refresh_follows_the_store(store: Store, base: KnowledgeBase) -> None:
    index = open_index(store, base)
    assert not index.refresh()
    assert len(_ids(index)) == 36
    document = _commit(store, base, 7, version=1)
    before = _ids(index)
    assert index.refresh()
    assert len(_ids(index)) == 36
    assert _ids(index) != before
    store.retire_document(document)
    index.refresh()
    assert len(_ids(index)) == 33
    assert not any(chunk.document_id == document for chunk in store.chunks(_ids(index)).values())
    store.restore_document(document)
    index.refresh()
    assert len(_ids(index)) == 36
    assert index.watermark == store.watermark(base.id)


def test_reopening_finds_the_same_without_building(
    store: Store, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_index(store, base)
    expected = _search(first)
    first.close()
    assert _search(first) == []
    monkeypatch.setattr(EmbeddedIndex, "_make_anew", lambda self: pytest.fail("built anew"))
    assert _search(open_index(store, base)) == expected


def _all_files(folder: IndexFolder) -> list[Path]:
    return sorted(path for path in folder.root.rglob("*") if path.is_file() and not path.name.endswith("lock"))


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _garble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = bytes(byte ^ 0xFF for byte in content[middle : middle + 8])
    path.write_bytes(content)


def _noise(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size + 10))


@pytest.mark.parametrize(
    "damage", [Path.unlink, _truncate, _empty, _garble, _noise], ids=lambda d: d.__name__.strip("_")
)
def test_any_torn_file_is_noticed_and_made_anew(
    store: Store, base: KnowledgeBase, folder: IndexFolder, damage: Callable[[Path], None]
) -> None:
    index = open_index(store, base)
    expected = {hit.chunk_id: hit for hit in _search(index)}
    index.close()
    names = [path.relative_to(folder.root) for path in _all_files(folder)]
    suffixes = sorted({path.suffix or path.name for path in names})
    assert {".npz", ".json", ".idx", ".term"} <= set(suffixes)
    for suffix in suffixes:
        for path in [path for path in _all_files(folder) if (path.suffix or path.name) == suffix]:
            damage(path)
        again = open_index(store, base)
        assert again.watermark == store.watermark(base.id)
        found = {hit.chunk_id: hit for hit in _search(again)}
        assert set(found) == set(expected), suffix
        assert all(found[key].dense == expected[key].dense for key in found), suffix
        again.close()


def test_a_missing_folder_is_made_anew(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    open_index(store, base).close()
    shutil.rmtree(folder.root)
    assert len(_ids(open_index(store, base))) == 36


def test_integrity_notices_a_truncated_large_index(
    store: Store, base: KnowledgeBase, folder: IndexFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_index(store, base).close()
    lexical = folder.lexical(1)
    assert is_whole(lexical)
    monkeypatch.setattr("kbchat.index.integrity._FULL_CHECK_BYTES", 0)
    assert is_whole(lexical)
    _truncate(next(lexical.glob("*.idx")))
    assert not is_whole(lexical)
    assert not is_whole(lexical / "nowhere")


def test_an_index_of_another_base_is_not_trusted(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    open_index(store, base).close()
    other = store.create_base("other", embedder=_EMBEDDER.name, dimension=16)
    shutil.copytree(folder.root, store.data_layout.index_folder(other.id))
    _commit(store, other, 99)
    assert len(_ids(open_index(store, other))) == 3


def test_a_restored_backup_is_noticed(store: Store, base: KnowledgeBase, tmp_path: Path) -> None:
    """The store goes back in time and on another way; the index is ahead, or as far but of another history."""
    open_index(store, base).close()
    with store._database._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(store.data_layout.database, tmp_path / "backup.db")
    for number in range(20, 23):
        _commit(store, base, number)
    open_index(store, base).close()
    store.close()
    for leftover in store.data_layout.root.glob("kbchat.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", store.data_layout.database)
    with Store.open(store.data_layout.root) as restored:
        index = open_index(restored, base)
        assert len(_ids(index)) == 36
        index.close()
        for number in range(30, 33):
            _commit(restored, base, number)
        index = open_index(restored, base)
        assert _ids(index, "药物31号") == _ids(_brute_force(restored, base), "药物31号")
        subjects = {chunk.subject for chunk in restored.chunks(_ids(index, "药物31号")).values()}
        assert "药物31号" in subjects
        assert "药物21号" not in subjects


def test_vectors_that_lag_are_caught_up_alone(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    index = open_index(store, base)
    old = folder.snapshot.read_bytes()
    _commit(store, base, 7, version=1)
    index.refresh()
    expected = _search(index)
    index.close()
    folder.snapshot.write_bytes(old)
    assert _search(open_index(store, base)) == expected


def test_words_that_lag_are_caught_up_alone(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    index = open_index(store, base)
    shutil.copytree(folder.lexical(1), folder.root / "old")
    _commit(store, base, 7, version=1)
    index.rebuild()
    expected = {hit.chunk_id for hit in _search(index)}
    index.close()
    generation = folder.generation(base.uid)
    assert generation is not None
    shutil.rmtree(folder.lexical(generation))
    shutil.move(folder.root / "old", folder.lexical(generation))
    assert {hit.chunk_id for hit in _search(open_index(store, base))} == expected


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_WAIT_FOR_WRITER_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
def test_who_cannot_write_answers_from_memory(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    index = open_index(store, base)
    with file_lock(folder.lock):
        _commit(store, base, 7, version=1)
        document = _commit(store, base, 50)
        assert index.refresh()
        _commit(store, base, 51)
        _commit(store, base, 50, version=1)
        assert index.refresh()
        assert not index.refresh()
        expected = _brute_force(store, base)
        for text in ("药物7号每日几次", "药物50号", "孕妇饭后"):
            found = {hit.chunk_id: hit for hit in _search(index, text)}
            wanted = {hit.chunk_id: hit for hit in _search(expected, text)}
            assert set(found) == set(wanted)
            for key, hit in found.items():
                # Replaced chunks and two markers still count in the statistics.
                assert (hit.lexical or 0.0) == pytest.approx(wanted[key].lexical or 0.0, rel=0.3, abs=1.5)
                assert hit.dense == pytest.approx(wanted[key].dense, abs=2e-3)
        assert index.document_frequencies(["孕妇"])[1] == 42
        store.retire_document(document)
        index.refresh()
        assert not any(chunk.document_id == document for chunk in store.chunks(_ids(index)).values())
        other = open_index(store, base)
        assert _ids(other) == _ids(index)
    _commit(store, base, 52)
    index.refresh()
    other.refresh()
    assert _search(index) == _search(other)
    assert index._words._overlay is None


@pytest.mark.usefixtures("impatient")
def test_a_first_index_in_memory_when_nothing_can_be_written(
    store: Store, base: KnowledgeBase, folder: IndexFolder
) -> None:
    folder.create()
    with file_lock(folder.lock):
        index = open_index(store, base)
        assert len(_ids(index)) == 36
        assert not folder.manifest.exists()
    _commit(store, base, 60)
    index.refresh()
    assert len(_ids(index)) == 39
    assert folder.manifest.exists()


def test_a_folder_that_cannot_be_made(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    folder.root.parent.mkdir(exist_ok=True)
    folder.root.write_text("in the way")
    index = open_index(store, base)
    assert len(_ids(index)) == 36
    with pytest.raises(IndexStateError, match="cannot be written"):
        index.rebuild()


def test_waiting_for_another_writer(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    index, writer = open_index(store, base), open_index(store, base)
    _commit(store, base, 70)
    held = threading.Event()

    def write() -> None:
        with file_lock(folder.lock):
            held.set()
            writer._write_changes()
            time.sleep(0.2)

    thread = threading.Thread(target=write)
    thread.start()
    held.wait()
    assert index.refresh()
    thread.join()
    assert len(_ids(index)) == 39
    assert index._words._overlay is None


def test_rebuild_and_those_who_read_meanwhile(store: Store, base: KnowledgeBase, folder: IndexFolder) -> None:
    index, reader = open_index(store, base), open_index(store, base)
    expected = _search(index)
    index.rebuild()
    assert folder.generation(base.uid) == 2
    assert [path.name for path in (folder.root / "lexical").iterdir()] == ["2"]
    assert _search(index) == expected
    assert _search(reader) == expected
    _commit(store, base, 80)
    assert reader.refresh()
    assert index.refresh()
    assert _search(reader) == _search(index)
    assert len(_ids(reader)) == 39


def test_other_vectors(store: Store, base: KnowledgeBase) -> None:
    index = open_index(store, base)
    other = HashEmbedder(24)
    rows = [(key, other.embed_documents([c.text for c in chunks])) for key, chunks in store.live_chunks(base.id)]
    store.replace_vectors(base.id, embedder=other.name, dimension=24, vectors=rows)
    index.refresh()
    for one in (index, open_index(store, store.base("default"))):
        with pytest.raises(IndexStateError):
            _search(one)
        hits = one.search([], other.embed_query("孕妇慎用药物3号。"), _ANY, 1)
        assert store.chunks([hits[0].chunk_id])[hits[0].chunk_id].text == "孕妇慎用药物3号。"


def test_an_empty_base(store: Store) -> None:
    empty = store.create_base("empty")
    index = open_index(store, empty)
    assert index.search([WeightedToken("药")], None, _ANY, 5) == []
    assert not index.refresh()
    assert index.document_frequencies(["药"]) == ({}, 0)


def test_threads_search_while_one_refreshes(store: Store, base: KnowledgeBase) -> None:
    index = open_index(store, base)
    stop = threading.Event()
    errors: list[BaseException] = []

    def search() -> None:
        try:
            while not stop.is_set():
                found = store.chunks(_ids(index))
                by_revision: dict[int, int] = {}
                for chunk in found.values():
                    by_revision[chunk.revision_id] = by_revision.get(chunk.revision_id, 0) + 1
                assert set(by_revision.values()) == {3}
                assert len(by_revision) == 12
        except Exception as error:  # noqa: BLE001 - the assertion below shows it
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(1, 6):
        _commit(store, base, 7, version)
        index.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
