"""Committing, superseding, retiring and reading documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kbchat.errors import ConflictError, EmbedderMismatchError, InvalidInputError, NotFoundError
from kbchat.store import CommittedDocument, KnowledgeBase, NameRecord, Store
from kbchat.testing import HashEmbedder, parsed_leaflet
from kbchat.types import DocumentKind, ParsedDocument, SectionKind, Span

_EMBEDDER = HashEmbedder(8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def base(store: Store) -> KnowledgeBase:
    return store.create_base("default", embedder=_EMBEDDER.name, dimension=8)


def _leaflet(name: str = "阿司匹林", dose: str = "一次0.3g，一日3次。") -> ParsedDocument:
    texts = {SectionKind.DOSAGE: f"{dose}\n饭后服用。", SectionKind.CONTRAINDICATIONS: "对本品过敏者禁用。"}
    return parsed_leaflet(name, texts, revised_on="2020-05-01")


def _commit(store: Store, base: KnowledgeBase, parsed: ParsedDocument, source: str, sha: str = "") -> CommittedDocument:
    return store.commit_document(
        base.id,
        source=source,
        name=Path(source).name,
        sha256=sha or hashlib.sha256(repr(parsed).encode()).hexdigest(),
        parsed=parsed,
        vectors=_EMBEDDER.embed_documents([chunk.text for chunk in parsed.chunks]),
    )


def _live_chunks(store: Store, base: KnowledgeBase) -> set[int]:
    """Replay the whole history as an index would."""
    live: set[int] = set()
    for changes in store.changes_since(base.id, 0):
        live -= set(changes.removed)
        live |= {entry.chunk_id for entry in changes.added}
    return live


def test_what_was_committed_is_read_back(store: Store, base: KnowledgeBase) -> None:
    parsed = replace(_leaflet(), outline=((1, "用法", 1),), warnings=("page 3 is blank",))
    done = _commit(store, base, parsed, "药品/阿司匹林.txt")
    assert (done.status, done.chunks) == ("added", 3)
    assert store.page(done.revision_id, 1) == parsed.pages[0]
    assert store.page_texts(done.revision_id) == {page.number: page.text for page in parsed.pages}
    document = store.document(done.document_id)
    assert document.name == "阿司匹林.txt"
    assert document.card == parsed.card
    assert (document.pages, document.ocr_pages, document.chunks, document.revision_number) == (2, 0, 3, 1)
    [revision] = store.revisions(done.document_id)
    assert (revision.outline, revision.warnings, revision.current) == (parsed.outline, parsed.warnings, True)
    ids = sorted(_live_chunks(store, base))
    chunks = store.chunks([*ids, 10_000])
    assert [chunks[key].text for key in ids] == [chunk.text for chunk in parsed.chunks]
    first = chunks[ids[0]]
    assert first.section_text == parsed.sections[0].text
    assert first.spans == (Span(1, 0, len(parsed.chunks[0].text)),)
    assert first.section_path == ("阿司匹林", "dosage")
    assert (first.document_title, first.subject, first.revision_date) == ("阿司匹林说明书", "阿司匹林", "2020-05-01")
    assert first.document_kind is DocumentKind.LEAFLET
    assert store.chunk_spans(first.section_id) == {key: chunks[key].spans for key in ids[:2]}
    assert list(store.chunk_spans(first.section_id)) == ids[:2]
    assert store.section(first.section_id).text == parsed.sections[0].text


def test_changed_bytes_supersede_and_the_old_stay_readable(store: Store, base: KnowledgeBase) -> None:
    old = _commit(store, base, _leaflet(), "a.txt")
    old_chunks = _live_chunks(store, base)
    new = _commit(store, base, _leaflet(dose="一次0.5g。"), "a.txt")
    assert (new.status, new.document_id) == ("updated", old.document_id)
    assert not old_chunks & _live_chunks(store, base)
    assert store.page(old.revision_id, 1).text.startswith("一次0.3g")
    assert [revision.current for revision in store.revisions(old.document_id)] == [False, True]
    assert len(store.documents(base.id)) == 1
    assert all(chunk.revision_id == old.revision_id for chunk in store.chunks(old_chunks).values())


def test_retire_restore_and_commit_again(store: Store, base: KnowledgeBase) -> None:
    done = _commit(store, base, _leaflet(), "a.txt", "a" * 64)
    chunks = _live_chunks(store, base)
    assert store.retire_document(done.document_id)
    assert not store.retire_document(done.document_id)
    assert _live_chunks(store, base) == set()
    assert store.documents(base.id) == []
    assert store.names(base.id) == []
    assert store.find_by_hash(base.id, "a" * 64) is None
    assert store.sources(base.id)["a.txt"].retired
    [listed] = store.documents(base.id, include_retired=True)
    assert listed.retired_at is not None
    assert listed.retired_at.tzinfo is not None
    assert store.page(done.revision_id, 2).text == "对本品过敏者禁用。"
    assert store.restore_document(done.document_id)
    assert not store.restore_document(done.document_id)
    assert _live_chunks(store, base) == chunks
    store.retire_document(done.document_id)
    again = _commit(store, base, _leaflet(dose="一次1片。"), "a.txt")
    assert (again.status, again.document_id) == ("added", done.document_id)
    assert not _live_chunks(store, base) & chunks


def test_same_bytes_are_stored_once(store: Store, base: KnowledgeBase) -> None:
    done = _commit(store, base, _leaflet(), "a.txt", "a" * 64)
    with pytest.raises(ConflictError, match=r"b\.txt.*a\.txt"):
        _commit(store, base, _leaflet(), "b.txt", "a" * 64)
    assert list(store.sources(base.id)) == ["a.txt"]
    other = store.create_base("other", embedder=_EMBEDDER.name, dimension=8)
    assert _commit(store, other, _leaflet(), "b.txt", "a" * 64).status == "added"
    store.retire_document(done.document_id)
    _commit(store, base, _leaflet(), "b.txt", "a" * 64)
    with pytest.raises(ConflictError):
        store.restore_document(done.document_id)


def test_a_refused_commit_leaves_nothing(store: Store, base: KnowledgeBase) -> None:
    parsed = _leaflet()
    arguments = {"source": "a.txt", "name": "a.txt", "sha256": "a" * 64}
    with pytest.raises(EmbedderMismatchError, match="reindex --kb default --re-embed"):
        store.commit_document(base.id, **arguments, parsed=parsed, vectors=np.ones((3, 5), np.float32))
    with pytest.raises(EmbedderMismatchError):
        store.commit_document(base.id, **arguments, parsed=parsed, vectors=None)
    broken = replace(parsed, chunks=(*parsed.chunks, replace(parsed.chunks[0], section_id=99)))
    with pytest.raises(KeyError):
        store.commit_document(base.id, **arguments, parsed=broken, vectors=np.ones((4, 8), np.float32))
    with pytest.raises(NotFoundError):
        store.commit_document(99, **arguments, parsed=parsed, vectors=None)
    assert store.sources(base.id) == {}
    assert store.watermark(base.id) == 0


def test_a_lexical_base_takes_no_vectors(store: Store) -> None:
    base = store.create_base("words")
    parsed = _leaflet()
    store.commit_document(base.id, source="a", name="a", sha256="a" * 64, parsed=parsed, vectors=None)
    [changes] = store.changes_since(base.id, 0)
    assert [entry.vector for entry in changes.added] == [None, None, None]


def test_text_that_databases_refuse_keeps_its_offsets(store: Store, base: KnowledgeBase) -> None:
    parsed = _leaflet("药\x00\ud800名", "一次\x000.3g。💊")
    done = _commit(store, base, parsed, "bad\udcff\x00name.txt")
    text = store.page(done.revision_id, 1).text
    assert text.startswith("一次\ufffd0.3g。💊")
    assert len(text) == len(parsed.pages[0].text)
    assert store.document(done.document_id).card.title == "药\ufffd\ufffd名说明书"
    assert [chunk.text for chunk in store.chunks([1]).values()] == ["一次\ufffd0.3g。💊"]


def test_names_of_live_documents(store: Store, base: KnowledgeBase) -> None:
    parsed = _leaflet()
    card = replace(parsed.card, brand_names=("拜阿司匹灵",), english_names=("Aspirin",))
    done = _commit(store, base, replace(parsed, card=card), "a.txt")
    before = store.names_version(base.id)
    expected = {
        ("阿司匹林说明书", "title"),
        ("阿司匹林", "generic"),
        ("拜阿司匹灵", "brand"),
        ("Aspirin", "english"),
        ("阿司匹林", "subject"),
    }
    names = store.names(base.id)
    assert {(record.name, record.role) for record in names} == expected
    assert len(names) == len(expected)
    assert NameRecord("阿司匹林", "generic", done.document_id) in names
    store.retire_document(done.document_id)
    assert store.names_version(base.id) > before


def test_find_by_hash(store: Store, base: KnowledgeBase) -> None:
    done = _commit(store, base, _leaflet(), "a.txt", "a" * 64)
    found = store.find_by_hash(base.id, "a" * 64)
    assert found is not None
    assert found.id == done.document_id
    _commit(store, base, _leaflet(dose="一次1片。"), "a.txt", "b" * 64)
    assert store.find_by_hash(base.id, "a" * 64) is None


def test_unknown_ids(store: Store, base: KnowledgeBase) -> None:
    for call in (store.document, store.revisions, store.revision, store.section, store.retire_document):
        with pytest.raises(NotFoundError):
            call(4711)
    with pytest.raises(NotFoundError):
        store.page(4711, 1)
    assert store.page_texts(4711) == {}
    assert store.chunks([]) == {}


def test_bases(store: Store, base: KnowledgeBase) -> None:
    with pytest.raises(NotFoundError, match=r"default.*kbchat kb create nosuch"):
        store.base("nosuch")
    with pytest.raises(ConflictError):
        store.create_base(" default ")
    for bad in ("", "  ", "a\nb", "x" * 201, "\x00"):
        with pytest.raises(InvalidInputError):
            store.create_base(bad)
    other = store.create_base("药房 💊")
    with pytest.raises(ConflictError):
        store.rename_base("药房 💊", "default")
    assert store.rename_base("药房 💊", "pharmacy").id == other.id
    assert [found.name for found in store.bases()] == ["default", "pharmacy"]


def test_delete_base_takes_its_originals_but_no_others(store: Store, base: KnowledgeBase, tmp_path: Path) -> None:
    other = store.create_base("other", embedder=_EMBEDDER.name, dimension=8)
    shas = []
    for number in range(2):
        file = tmp_path / f"{number}.txt"
        file.write_text(f"text {number}")
        shas.append(hashlib.sha256(file.read_bytes()).hexdigest())
        store.save_original(file, shas[-1])
    _commit(store, base, _leaflet(), "0.txt", shas[0])
    _commit(store, base, _leaflet("头孢"), "1.txt", shas[1])
    kept = _commit(store, other, _leaflet(), "0.txt", shas[0])
    store.start_run(base.id)
    store.delete_base("default")
    assert [found.name for found in store.bases()] == ["other"]
    assert store.original(shas[0]).read_text() == "text 0"
    with pytest.raises(NotFoundError):
        store.original(shas[1])
    assert store.page(kept.revision_id, 1)
    again = store.create_base("default")
    assert again.id != base.id
    assert again.uid != base.uid


def test_originals_are_never_outside_the_folder(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    for bad in ("../secret", "A" * 64, "", "a" * 63, "a" * 63 + "/"):
        with pytest.raises(InvalidInputError):
            store.original(bad)
        with pytest.raises(InvalidInputError):
            store.save_original(secret, bad)


def test_runs(store: Store, base: KnowledgeBase) -> None:
    assert store.last_run(base.id) is None
    run = store.start_run(base.id)
    unfinished = store.last_run(base.id)
    assert unfinished is not None
    assert unfinished.finished_at is None
    store.finish_run(run, {"files": [{"path": "a\ud800", "pages": 3}]})
    finished = store.last_run(base.id)
    assert finished is not None
    assert finished.report == {"files": [{"path": "a\ufffd", "pages": 3}]}
    assert finished.finished_at is not None
    assert finished.finished_at >= finished.started_at
