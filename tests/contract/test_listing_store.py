"""Lists, corrected cards, closed bases and retrieval tests on every database the store runs on."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kbchat.errors import ConflictError
from kbchat.store import CommittedDocument, DocumentFilter, KnowledgeBase, Store
from kbchat.store.listing import DOCUMENT_SORTS
from kbchat.testing import parsed_leaflet
from kbchat.types import DocumentKind, SectionKind

_SPEC = importlib.util.spec_from_file_location("contract_test_store", Path(__file__).with_name("test_store.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_SUITE = sys.modules.setdefault("contract_test_store", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(_SUITE)
postgresql, url, store = _SUITE.postgresql, _SUITE.url, _SUITE.store


@pytest.fixture
def base(store: Store) -> KnowledgeBase:
    return store.create_base("ward")


def _commit(store: Store, base: KnowledgeBase, name: str, *, kind: DocumentKind, year: str = "") -> CommittedDocument:
    texts = {SectionKind.DOSAGE: f"{name}一次1片。\n饭后。", SectionKind.WARNINGS: "慎用。"}
    parsed = parsed_leaflet(name, texts, kind=kind, revised_on=year)
    parsed = replace(parsed, card=replace(parsed.card, brand_names=(f"商品名{name}", "100%_Plus")))
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return store.commit_document(
        base.id, source=f"dir/{name}", name=f"{name}.txt", sha256=sha256, parsed=parsed, vectors=None
    )


def test_documents_are_filtered_sorted_and_counted(store: Store, base: KnowledgeBase) -> None:
    first = _commit(store, base, "布洛芬", kind=DocumentKind.LEAFLET, year="2019")
    _commit(store, base, "Warfarin", kind=DocumentKind.LEAFLET, year="2023")
    _commit(store, base, "高血压指南", kind=DocumentKind.GUIDELINE)

    def names(text: str = "", kind: str = "", **order: object) -> list[str]:
        limited_to = DocumentFilter(text=text, kind=kind)
        return [d.card.generic_names[0] for d in store.list_documents(base.id, limited_to, **order)[0]]  # type: ignore[arg-type]

    assert names("商品名布洛芬") == ["布洛芬"]
    assert names("warfarin DIR") == ["Warfarin"]
    assert len(names("100%_plus")) == 3
    assert names("100xx") == names("brand_names") == []
    assert names(kind="guideline") == ["高血压指南"]
    assert names(kind="leaflet", sort="date", descending=True) == ["Warfarin", "布洛芬"]
    for sort in DOCUMENT_SORTS:
        assert len(names(sort=sort)) == 3
    assert store.list_documents(base.id, sort="date", offset=1, limit=1)[1] == 3
    store.retire_document(first.document_id)
    [totals] = store.base_totals().values()
    assert (totals.documents, totals.retired, totals.pages, totals.chunks) == (2, 1, 4, 6)
    assert totals.updated_at is not None
    assert totals.updated_at.tzinfo is not None
    with_retired = store.list_documents(base.id, DocumentFilter(include_retired=True), sort="status", descending=True)
    assert next(d.id for d in with_retired[0]) == first.document_id


def test_a_corrected_card_is_a_change_and_an_old_revision_is_not_corrected(store: Store, base: KnowledgeBase) -> None:
    done = _commit(store, base, "甲药", kind=DocumentKind.LEAFLET)
    [chunk_id, *_] = [chunk.id for chunk in store.revision_chunks(done.revision_id)]
    assert store.chunks([chunk_id])[chunk_id].document_title == "甲药说明书"
    before = store.watermark(base.id)
    card = replace(store.document(done.document_id).card, title="乙药说明书", revised_on="2024")
    assert store.change_card(done.revision_id, card).title == "甲药说明书"
    assert store.watermark(base.id) > before
    assert store.chunks([chunk_id])[chunk_id].document_title == "乙药说明书"
    [entry, *_] = [entry for changes in store.changes_since(base.id, before) for entry in changes.added]
    assert "乙药说明书" in entry.title
    again = _commit(store, base, "甲药", kind=DocumentKind.LEAFLET)
    assert store.document(done.document_id).card == card
    assert store.section_at(again.revision_id, 2, 0) == store.document_sections(again.revision_id)[1].id
    assert store.section_at(again.revision_id, 3, 0) is None
    with pytest.raises(ConflictError):
        store.change_card(done.revision_id, card)


def test_bases_are_described_and_closed(store: Store, base: KnowledgeBase) -> None:
    assert store.describe_base(base.name, "药房\x00").description == "药房\ufffd"
    assert store.close_base_to(base.name, ["icu", " er ", "icu", ""]).groups == ("er", "icu")
    assert store.close_base_to(base.name, []).groups == ()


def test_cases_and_runs_of_the_retrieval_test_go_with_their_base(store: Store, base: KnowledgeBase) -> None:
    key = store.add_test_case(base.id, "用量？", {"document_id": 1, "text": "药"}, "anna")
    [case] = store.test_cases(base.id)
    assert (case.id, case.expected, case.created_by) == (key, {"document_id": 1, "text": "药"}, "anna")
    runs = [store.add_test_run(base.id, {"entity": 0.5}, {"cases": []}, "anna") for _ in range(3)]
    assert store.test_runs(base.id, limit=2) == [runs[2], runs[1]]
    assert not store.delete_test_case(base.id + 1, key)
    assert store.delete_test_case(base.id, key)
    store.add_test_case(base.id, "again", {}, "anna")
    store.delete_base(base.name)
    assert store.test_cases(base.id) == store.test_runs(base.id) == []
