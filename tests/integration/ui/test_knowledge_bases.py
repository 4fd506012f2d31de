"""The page of knowledge bases: the list, one base, one document, its uploads."""

from __future__ import annotations

import time

from ingest.jobs import JobService
from kbchat.access.principal import Role
from kbchat.types import SectionKind
from tests.integration.ui.page_contents import PROBE, cells, leaflet, said, tables

BROKEN_PDF = b"%PDF-1.7\nnothing of a document"


def finished(services, job):
    """The job, once it is over."""
    jobs = JobService(services.app, services.principal)
    deadline = time.monotonic() + 120
    while not jobs.get(job.id).is_over:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return jobs.get(job.id)


def test_bases_are_listed_with_what_they_hold(show, services):
    table = tables(show("knowledge_bases"))[0]

    assert [row[:4] for row in cells(table)] == [["demo", "2", "3", "3"]]
    assert table["rows"][0]["cells"][0]["note"] == "leaflets of the ward"
    assert table["rows"][0]["href"] == "knowledge-bases?base=demo"


def test_without_a_base_the_page_says_what_to_do(show, services):
    services.bases.delete("demo", confirmation="demo")

    page = show("knowledge_bases")

    assert "No knowledge base yet" in said(page)
    assert page.button(key="knowledge_bases_new_first").label == "New knowledge base"


def test_a_reader_is_told_why_nothing_can_be_changed(show):
    assert show("knowledge_bases", Role.READER).button(key="knowledge_bases_new").disabled
    page = show("knowledge_bases", Role.READER, base="demo")
    assert [tab.label for tab in page.tabs] == ["Documents"]
    document = show("knowledge_bases", Role.READER, base="demo", document=1)
    assert document.button(key="knowledge_bases_switch").disabled
    assert "curator" in document.button(key="knowledge_bases_switch").help


def test_an_unknown_base_or_document_is_a_message(show):
    assert "no knowledge base" in show("knowledge_bases", base="nothing").error[0].value.lower()
    assert "no document" in show("knowledge_bases", base="demo", document=999).error[0].value.lower()


def test_documents_are_filtered_sorted_and_counted(show, services):
    services.documents.retire("demo", 2)
    page = show("knowledge_bases", base="demo")
    assert [row[0] for row in cells(tables(page)[0])] == ["阿司匹林肠溶片说明书"]

    page.toggle(key="knowledge_bases_retired_demo").set_value(True).run()
    assert {row[2] for row in cells(tables(page)[0])} == {"in use", "retired"}
    page.selectbox(key="knowledge_bases_sort").select("-pages").run()
    assert [row[3] for row in cells(tables(page)[0])] == ["2", "1"]
    page.text_input(key="knowledge_bases_text_demo").input("华法林").run()
    assert [row[0] for row in cells(tables(page)[0])] == ["华法林钠片说明书"]
    page.text_input(key="knowledge_bases_text_demo").input("nothing like it").run()
    assert "No document passes this filter." in said(page)


def test_many_documents_come_in_pages(show, services):
    for number in range(60):
        leaflet(services, f"药品{number:03d}", {SectionKind.DOSAGE: f"一次{number}mg。"})

    page = show("knowledge_bases", base="demo")

    assert len(tables(page)[0]["rows"]) == 50
    assert "1–50 of 62 documents" in said(page)


def test_uploaded_files_become_documents_and_a_report(show, services):
    page = show("knowledge_bases", base="demo")
    page.session_state["knowledge_bases_tabs_demo"] = "Add documents"
    page.run()
    page.file_uploader[0].set_value(
        [
            ("布洛芬.md", "# 布洛芬缓释胶囊说明书\n\n## 【禁忌】\n\n对本品过敏者禁用。".encode(), "text/markdown"),
            (f"{PROBE[:20]}.pdf", BROKEN_PDF, "application/pdf"),
        ]
    ).run()
    page.button(key="knowledge_bases_upload_start").click().run()
    assert not page.exception

    job = JobService(services.app, services.principal).list("demo")[0]
    finished(services, job)
    page.run()

    assert "1 added, 1 failed" in said(page)
    assert "&#60;img" in said(page)
    assert "<img" not in said(page)
    assert any("布洛芬" in row.title for row in services.documents.list("demo").items)


def test_a_base_is_renamed_described_and_closed(show, services):
    page = show("knowledge_bases", base="demo")
    page.session_state["knowledge_bases_tabs_demo"] = "Settings"
    page.run()
    page.text_area[1].input("ward-3\n\n pharmacy ")
    page.button[-2].click().run()
    assert services.bases.get("demo").groups == ("pharmacy", "ward-3")

    page.text_input[0].input("leaflets")
    page.text_area[0].input("for all")
    next(one for one in page.button if one.label == "Save").click().run()
    assert services.bases.get("leaflets").description == "for all"
    assert page.query_params["base"] == "leaflets"


def test_a_card_is_corrected(show, services):
    page = show("knowledge_bases", base="demo", document=1)
    page.session_state["knowledge_bases_document_tabs_1"] = "Card"
    page.run()
    page.text_input[0].input(f"阿司匹林 {PROBE}")
    page.text_area[1].input("拜阿司匹灵\n\n巴米尔")
    next(one for one in page.button if one.label == "Save card").click().run()

    card = services.documents.get("demo", 1).card
    assert card.brand_names == ("拜阿司匹灵", "巴米尔")
    assert card.title == f"阿司匹林 {PROBE}"
    assert "&#60;img" in page.title[0].value
    assert "$x^2$" not in said(page)


def test_a_wrong_date_on_a_card_is_a_message(show, services):
    page = show("knowledge_bases", base="demo", document=1)
    page.session_state["knowledge_bases_document_tabs_1"] = "Card"
    page.run()
    page.text_input[-1].input("last year")
    next(one for one in page.button if one.label == "Save card").click().run()

    assert "revised" in page.error[0].value
    assert services.documents.get("demo", 1).card.revised_on == "2021-04-22"


def test_a_document_is_retired_and_restored(show, services):
    page = show("knowledge_bases", base="demo", document=1)
    page.button(key="knowledge_bases_switch").click().run()
    assert services.documents.get("demo", 1).row.status == "retired"
    assert "not searched" in said(page)
    page.button(key="knowledge_bases_switch").click().run()
    assert services.documents.get("demo", 1).row.status == "live"


def test_the_difference_between_revisions_is_shown(show, services):
    leaflet(
        services,
        "阿司匹林肠溶片",
        {SectionKind.DOSAGE: "一次0.3g，一日1次。", SectionKind.CONTRAINDICATIONS: "溃疡患者禁用。"},
    )
    page = show("knowledge_bases", base="demo", document=1)
    page.session_state["knowledge_bases_document_tabs_1"] = "Revisions"
    page.run()

    assert [row[0] for row in cells(tables(page)[0])] == ["Revision 2", "Revision 1"]
    shown = page.get("html")[-1].proto.body
    assert "<ins>0.3</ins>" in shown
    assert "<del>0.1</del>" in shown


def test_sections_of_a_document_are_turned_through(show):
    page = show("knowledge_bases", base="demo", document=1)
    (listed,) = [one for one in page.radio if one.label == "Section"]
    key = listed.key
    assert len(listed.options) == 2
    assert "0.1g" in page.get("html")[-1].proto.body
    page.button(key=f"{key}_next").click().run()
    assert "溃疡患者禁用" in page.get("html")[-1].proto.body
    assert page.button(key=f"{key}_next").disabled
