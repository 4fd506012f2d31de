"""Lists of documents, cards, sections, and the difference between revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kbchat.services.documents import DocumentRow, RevisionRow, SectionView
from kbchat.services.revision_difference import DiffLine
from kbchat.types import DocumentCard, DocumentKind, SectionKind
from ui.components.difference_view import counted, difference_html
from ui.components.document_text import (
    CardForm,
    card_line,
    changed_fields,
    document_columns,
    document_table_row,
    facts_of,
    section_label,
    title_of,
)

MOMENT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
CARD = DocumentCard(
    DocumentKind.LEAFLET, "华法林钠片说明书", "zh", generic_names=("华法林钠片",), english_names=("Warfarin Sodium Tablets",),
    manufacturer="演示药业", strength="2.5mg", revised_on="2021-04-22",
)  # fmt: skip
ROW = DocumentRow(
    7, "华法林钠片.pdf", "upload:华法林钠片.pdf", CARD.title, CARD.kind, "zh", "live", "", 9, 2, "pdf", 3, 1, 20,
    "2021-04-22", CARD, MOMENT, MOMENT, None,
)  # fmt: skip


def test_a_row_tells_the_card_and_the_figures():
    row = document_table_row(ROW, "en", "x?document=7", -480)

    assert [cell.text for cell in row.cells] == [
        "华法林钠片说明书", "Leaflet", "in use", "3", "33 %", "20", "2", "2021-04-22", "2026-11-21",
    ]  # fmt: skip
    assert row.cells[0].note == "Warfarin Sodium Tablets · 2.5mg · 演示药业 · 华法林钠片.pdf"
    assert len(row.cells) == len(document_columns("zh"))
    assert document_table_row(replace(ROW, status="retired", ocr_pages=0), "zh", "", 0).cells[2].text == "已停用"


def test_a_document_without_a_title_has_its_file_name():
    assert title_of(replace(ROW, title=" \n")) == "华法林钠片.pdf"
    assert card_line(replace(ROW, title="华法林钠片.pdf", card=DocumentCard(DocumentKind.OTHER, "", "zh"))) == ""


def test_the_head_of_a_page_leaves_out_what_is_unknown():
    revision = RevisionRow(9, 2, True, "", "pdf", 1, 0, 1, "ab", (), MOMENT)

    assert facts_of(ROW, revision, "en", "today") == "revision 2 · 1 page · 1 chunk · PDF · read today · 华法林钠片.pdf"


def test_only_what_was_changed_is_saved():
    form = CardForm.of(CARD)
    given = dict(form.values) | {"brand_names": "甲\n\n 乙 ", "strength": " 2.5mg ", "generic_names": "华法林钠片\n"}

    assert form.changes(given) == {"brand_names": ["甲", "乙"]}
    assert form.changes(dict(form.values) | {"brand_names": ""}) == {}
    assert changed_fields(["title", "kind"], "en") == "Title, Kind"


def test_a_section_is_named_by_its_headings_or_its_kind():
    section = SectionView(1, SectionKind.DOSAGE, ("说明书", "【用法{用量}】"), 2, (), "", ())

    assert section_label(section, "en") == "说明书 › 【用法(用量)】 · page 2"
    assert section_label(replace(section, path=()), "zh") == "用法用量 · 第 2 页"


def test_changed_paragraphs_are_marked_word_by_word_and_escaped():
    lines = [
        DiffLine("gap", "", "", 5),
        DiffLine("same", "<b>kept</b>", "用法"),
        DiffLine("removed", "一次0.1g，一日3次 <i>", "用法"),
        DiffLine("added", "一次0.3g，一日3次 <i>", "用法"),
    ]
    shown = difference_html(lines, "en")

    assert "<del>0.1</del>" in shown
    assert "<ins>0.3</ins>" in shown
    assert "&lt;b&gt;kept" in shown
    assert "<b>kept" not in shown
    assert "5 unchanged paragraphs" in shown
    assert counted(lines) == (1, 1)


def test_paragraphs_with_nothing_in_common_are_not_compared():
    lines = [DiffLine("removed", "完全不同的内容", ""), DiffLine("added", "nothing alike", "")]

    assert "<ins>" not in difference_html(lines, "en")
