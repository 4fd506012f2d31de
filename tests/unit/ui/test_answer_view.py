from __future__ import annotations

from typing import Any

from kbchat.answering.refusal import refusal_text
from ui.components.answer_view import copied_text, labels_of, notices_of, references_of
from ui.components.banners import notice_banners, outcome_banner, shown_text


def document(**changed: Any) -> dict[str, Any]:
    citation = {
        "number": 1,
        "document": "a.pdf",
        "document_title": "阿莫西林胶囊说明书",
        "revision": 4,
        "revision_date": "2022-09-06",
        "section_path": ["【用法用量】"],
        "page": 3,
        "start": 10,
        "end": 20,
        "quote": "一次0.5g，\n一日3次",
    }
    return {
        "outcome": "answered",
        "text": "**药** \n- 一次0.5g [1]",
        "citations": [citation],
        "footer": "仅供参考",
    } | changed


def test_references_and_what_their_controls_say():
    references = references_of(document())

    assert references[0].page == 3
    assert labels_of(references, "zh") == {1: "出处 1：阿莫西林胶囊说明书，第 3 页"}
    assert labels_of(references, "en") == {1: "Source 1: 阿莫西林胶囊说明书, page 3"}


def test_copied_text_has_the_full_reference():
    assert copied_text("怎么用？", document(), "zh").split("\n") == [
        "怎么用？",
        "",
        "药 ",
        "- 一次0.5g [1]",
        "",
        "出处：",
        "[1] 阿莫西林胶囊说明书，a.pdf，2022-09-06，【用法用量】，第 3 页：“一次0.5g， 一日3次”",
        "",
        "仅供参考",
    ]


def test_flags_and_a_missing_model_are_told():
    checks = {"unsupported_quantities": ["8g"], "unsupported_sentences": ["x", "y"], "replaced_sentences": ["y"]}

    told = notices_of(document(text="8g（⚠ 出处中没有：8g）", checks=checks, fallback="model <b>away</b>"), "en")

    assert told[0].startswith("2 places")
    assert told[1].endswith("model <b>away</b>")
    assert "<b>" not in notice_banners(told)


def test_replaced_sentences_alone_are_no_notice():
    checks = {"unsupported_quantities": [], "unsupported_sentences": ["y"], "replaced_sentences": ["y"]}

    assert notices_of(document(checks=checks), "zh") == []


def test_an_answer_like_any_other_has_no_banner():
    assert outcome_banner(document(), "zh", "120") == ""


def test_an_emergency_names_the_number_to_call():
    banner = outcome_banner(document(outcome="emergency"), "zh", "120")

    assert 'role="alert"' in banner
    assert 'href="tel:120"' in banner
    assert "tel:" not in outcome_banner(document(outcome="emergency"), "zh", '120" onclick="x')


def test_a_refusal_names_the_nearest_documents_once():
    names = ["<b>一</b>说明书", "二说明书"]
    text = refusal_text("zh", None, names)
    refused = document(outcome="insufficient_evidence", nearest_documents=names, text=text)

    banner = outcome_banner(refused, "zh")

    assert "&lt;b&gt;一&lt;/b&gt;说明书" in banner
    assert "药师" in banner
    assert "说明书" not in shown_text(refused, text)


def test_a_stopped_answer_says_that_it_was_not_checked():
    assert "尚未核对" in outcome_banner(document(outcome="stopped", unchecked=True), "zh")
    assert "尚未核对" not in outcome_banner(document(outcome="stopped", unchecked=False), "zh")
