"""Documents through the services: lists, cards, revisions, sections, originals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kbchat.access.principal import Role
from kbchat.app import App
from kbchat.errors import ForbiddenError, InvalidInputError, NotFoundError
from kbchat.services import Services
from kbchat.services.cards import changed_card
from kbchat.services.originals import original_file
from kbchat.store import CommittedDocument, KnowledgeBase, Store
from kbchat.testing import parsed_leaflet
from kbchat.types import DocumentCard, DocumentKind, SectionKind

SeenBy = Callable[..., Services]
Commit = Callable[..., CommittedDocument]
_DOSE = {SectionKind.DOSAGE: "一次1片。"}


@pytest.fixture
def many(base: KnowledgeBase, commit: Commit) -> list[CommittedDocument]:
    made = []
    for number, name in enumerate(("布洛芬", "阿司匹林", "Warfarin 100%")):
        parsed = parsed_leaflet(name, {SectionKind.DOSAGE: "一次1片。\n" * (number + 1)}, revised_on=f"202{number}")
        card = replace(parsed.card, brand_names=(f"商品{number}",), manufacturer=f"Pharma_{number}")
        made.append(commit(base, replace(parsed, card=card), f"folder/{name}.txt"))
    guideline = parsed_leaflet("高血压指南", _DOSE, kind=DocumentKind.GUIDELINE)
    made.append(commit(base, guideline, "高血压.pdf"))
    return made


def _names(services: Services, **wanted: object) -> list[str]:
    return [row.name for row in services.documents.list("pharmacy", **wanted).items]  # type: ignore[arg-type]


def test_lists_are_filtered_sorted_and_cut(services: Services, many: list[CommittedDocument]) -> None:
    everything = ["Warfarin 100%.txt", "布洛芬.txt", "阿司匹林.txt", "高血压.pdf"]
    assert sorted(_names(services)) == sorted(everything)
    assert _names(services, text="阿司匹林") == ["阿司匹林.txt"]
    assert _names(services, text="商品0") == ["布洛芬.txt"]
    assert _names(services, text="warfarin") == ["Warfarin 100%.txt"]
    assert _names(services, text="100%") == ["Warfarin 100%.txt"]
    assert _names(services, text="pharma_2 war") == ["Warfarin 100%.txt"]
    assert _names(services, text="generic_names") == []
    assert _names(services, kind="guideline") == ["高血压.pdf"]
    assert _names(services, sort="-date", kind="leaflet") == ["Warfarin 100%.txt", "阿司匹林.txt", "布洛芬.txt"]
    assert _names(services, sort="-chunks", limit=1) == ["Warfarin 100%.txt"]
    second = services.documents.list("pharmacy", sort="chunks", kind="leaflet", offset=1, limit=1)
    assert ([row.name for row in second.items], second.total) == (["阿司匹林.txt"], 3)
    services.documents.retire("pharmacy", many[0].document_id)
    assert "布洛芬.txt" not in _names(services)
    retired = services.documents.list("pharmacy", include_retired=True, sort="-status").items[0]
    assert (retired.name, retired.status, retired.retired_because) == ("布洛芬.txt", "retired", "person")


@pytest.mark.parametrize("wrong", [{"sort": "color"}, {"kind": "poem"}])
def test_unknown_orders_and_kinds_are_told(services: Services, base: KnowledgeBase, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        services.documents.list(base.name, **wrong)  # type: ignore[arg-type]


def test_a_document_of_another_base_is_not_found(services: Services, aspirin: CommittedDocument) -> None:
    services.bases.create("other")
    for call in (services.documents.get, services.documents.retire, services.documents.sections):
        with pytest.raises(NotFoundError):
            call("other", aspirin.document_id)


def test_a_corrected_card_is_found_under_its_new_names(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, app: App
) -> None:
    assert not services.retrieval.search("扶他林的用量", [base.name]).query.entities
    with Store.open(app.settings.data_dir) as other_process:  # keeps the card it has seen
        [chunk] = other_process.chunks(
            [services.documents.sections(base.name, aspirin.document_id)[0].chunks[0].id]
        ).values()
        assert chunk.document_title == "阿司匹林肠溶片说明书"
        detail = services.documents.change_card(
            base.name,
            aspirin.document_id,
            title=" 双氯芬酸钠缓释片说明书 ",
            generic_names=["双氯芬酸钠缓释片"],
            brand_names="扶他林；Voltaren",
            revised_on="2024-05",
        )
        assert other_process.chunks([chunk.chunk_id])[chunk.chunk_id].document_title == "双氯芬酸钠缓释片说明书"
    assert detail.card.brand_names == ("扶他林", "Voltaren")
    assert (detail.row.title, detail.row.date, detail.row.revision_number) == ("双氯芬酸钠缓释片说明书", "2024-05", 1)
    found = services.retrieval.search("扶他林的用量", [base.name])
    assert [entity.name for entity in found.query.entities]
    assert found.passages[0].document_title == "双氯芬酸钠缓释片说明书"
    assert found.passages[0].revision_date == "2024-05"


def test_a_new_title_is_the_subject_of_the_sections_and_vectors_that_had_the_old_one(
    services: Services, base: KnowledgeBase, commit: Commit, app: App
) -> None:
    parsed = parsed_leaflet("甲药", _DOSE)
    about_all = tuple(replace(section, subject=parsed.card.title) for section in parsed.sections)
    done = commit(base, replace(parsed, sections=about_all), "甲.txt")
    before = next(entry.vector for changes in app.store.changes_since(base.id, 0) for entry in changes.added)
    services.documents.change_card(base.name, done.document_id, title="乙药说明书")
    [section] = app.store.document_sections(done.revision_id)
    assert section.subject == "乙药说明书"
    after = next(entry.vector for changes in app.store.changes_since(base.id, 0) for entry in changes.added)
    assert before is not None
    assert after is not None
    assert abs(before - after).max() > 0.01


def test_corrections_outlive_reading_the_same_file_again_but_not_a_new_edition(
    services: Services, base: KnowledgeBase, commit: Commit, app: App
) -> None:
    parsed = parsed_leaflet("甲药", _DOSE, revised_on="2020")
    about_all = tuple(replace(section, subject=parsed.card.title) for section in parsed.sections)
    parsed = replace(parsed, sections=about_all)
    done = commit(base, parsed, "甲.txt", b"one")
    services.documents.change_card(base.name, done.document_id, title="乙药说明书", manufacturer="某厂")
    services.documents.change_card(base.name, done.document_id, revised_on="2021")
    again = commit(base, replace(parsed, card=replace(parsed.card, strength="0.3g")), "甲.txt", b"one")
    card = services.documents.get(base.name, again.document_id).card
    assert (card.title, card.manufacturer, card.revised_on, card.strength) == ("乙药说明书", "某厂", "2021", "0.3g")
    assert [section.subject for section in app.store.document_sections(again.revision_id)] == ["乙药说明书"]
    once_more = commit(base, parsed, "甲.txt", b"one")
    assert services.documents.get(base.name, once_more.document_id).card.title == "乙药说明书"
    commit(base, parsed, "甲.txt", b"two")
    assert services.documents.get(base.name, done.document_id).card == parsed.card


@pytest.mark.parametrize(
    "field",
    [
        {"revised_on": "2024-13"}, {"approved_on": "31.5.2024"}, {"revised_on": "２０２４"}, {"kind": "poem"},
        {"language": "fr"}, {"title": "  "}, {"manufacturer": "x" * 500}, {"sha256": "0"}, {"brand_names": 7},
        {"generic_names": ["a"] * 3 + [f"n{i}" for i in range(50)]}, {"title": "a\u202eb"},
    ],
)  # fmt: skip
def test_a_card_that_cannot_be_right_is_refused(field: dict[str, object]) -> None:
    card = DocumentCard(DocumentKind.LEAFLET, "甲", "zh")
    with pytest.raises(InvalidInputError) as told:
        changed_card(card, field)
    assert next(iter(field)) in told.value.user_message.en


def test_an_unknown_date_can_be_emptied() -> None:
    card = DocumentCard(DocumentKind.LEAFLET, "甲", "zh", revised_on="2020")
    assert changed_card(card, {"revised_on": ""}).revised_on == ""
    assert changed_card(card, {"kind": "guideline"}).kind is DocumentKind.GUIDELINE


def test_the_difference_of_two_revisions_folds_what_stayed(
    services: Services, base: KnowledgeBase, commit: Commit
) -> None:
    lines = [f"第{number}条 内容不变。" for number in range(40)]
    old = commit(base, parsed_leaflet("甲药", {SectionKind.WARNINGS: "\n".join(lines)}), "甲.txt")
    lines[20] = "第20条 剂量改为0.6g。"
    new = commit(base, parsed_leaflet("甲药", {SectionKind.WARNINGS: "\n".join(lines)}), "甲.txt")
    changed = services.documents.difference(base.name, old.document_id, old.revision_id, new.revision_id)
    assert [(line.kind, line.folded) for line in changed] == [
        ("gap", 18), ("same", 0), ("same", 0), ("removed", 0), ("added", 0), ("same", 0), ("same", 0), ("gap", 17),
    ]  # fmt: skip
    assert changed[3].text == "第20条 内容不变。"
    assert changed[4].text == "第20条 剂量改为0.6g。"
    assert changed[4].section == "甲药 > warnings"
    assert services.documents.difference(base.name, old.document_id, old.revision_id, old.revision_id) == []
    assert [row.number for row in services.documents.revisions(base.name, old.document_id)] == [2, 1]


def test_a_revision_of_another_document_is_not_found(
    services: Services, base: KnowledgeBase, many: list[CommittedDocument]
) -> None:
    with pytest.raises(NotFoundError):
        services.documents.sections(base.name, many[0].document_id, many[1].revision_id)
    with pytest.raises(NotFoundError):
        services.documents.difference(base.name, many[0].document_id, many[0].revision_id, many[1].revision_id)


def test_sections_come_with_their_chunks(services: Services, base: KnowledgeBase, aspirin: CommittedDocument) -> None:
    dosage, contraindications = services.documents.sections(base.name, aspirin.document_id)
    assert (dosage.kind, dosage.page, contraindications.page) == (SectionKind.DOSAGE, 1, 2)
    assert [chunk.text for chunk in dosage.chunks] == ["一次0.3g，一日3次。", "饭后服用。"]


def test_retired_documents_are_not_searched_and_come_back(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, app: App
) -> None:
    with app.store.writer_lock(base.id):  # an ingest is under way
        assert services.documents.retire(base.name, aspirin.document_id).status == "retired"
    assert not services.retrieval.search("阿司匹林的用量", [base.name]).passages
    assert services.documents.restore(base.name, aspirin.document_id).status == "live"
    assert services.retrieval.search("阿司匹林的用量", [base.name]).passages


def test_readers_read_and_change_nothing(seen_by: SeenBy, base: KnowledgeBase, aspirin: CommittedDocument) -> None:
    reader = seen_by(Role.READER).documents
    assert reader.get(base.name, aspirin.document_id).row.title == "阿司匹林肠溶片说明书"
    for change in (reader.retire, reader.restore, reader.change_card):
        with pytest.raises(ForbiddenError):
            change(base.name, aspirin.document_id)


def test_the_original_is_given_with_what_it_is(services: Services, base: KnowledgeBase, commit: Commit) -> None:
    parsed = replace(parsed_leaflet("甲药", _DOSE), format="html")
    done = commit(base, parsed, "甲.pdf", b"<html><script>alert(1)</script></html>")
    found = services.documents.original(base.name, done.document_id)
    assert (found.name, found.media_type, found.inline) == ("甲.pdf", "application/octet-stream", False)
    assert found.path.read_bytes().startswith(b"<html>")


def test_what_a_browser_may_show(tmp_path: object) -> None:
    from pathlib import Path

    shown = {("a.pdf", "pdf"), ("a.png", "image"), ("a.txt", "text"), ("a.md", "markdown")}
    kept = {
        ("a.html", "html"),
        ("a.xml", "xml"),
        ("a.svg", "image"),
        ("a.docx", "docx"),
        ("a", "spl"),
        ("a.png", "html"),
    }
    assert {(n, f) for n, f in shown | kept if original_file(Path("x"), n, f).inline} == shown


def test_where_files_lay_is_told_to_curators_only(
    services: Services, seen_by: SeenBy, many: list[CommittedDocument]
) -> None:
    reader = seen_by(Role.READER)
    assert all(row.source for row in services.documents.list("pharmacy").items)
    assert {row.source for row in reader.documents.list("pharmacy").items} == {""}
    assert reader.documents.get("pharmacy", many[0].document_id).row.source == ""
