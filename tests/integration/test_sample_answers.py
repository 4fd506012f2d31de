"""The main job on the sample documents: the questions a ward asks, answered from the right section with real citations."""

from __future__ import annotations

import re

import pytest

from kbchat.answering.answerer import LONGEST_QUESTION, checked_question
from kbchat.answering.refusal import NO_EVIDENCE
from kbchat.app import App
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.retrieval.langchain import KbRetriever
from kbchat.text.tokens import fold
from kbchat.types import Answer, DocumentKind, Outcome

_ZH = {
    "adverse_reactions": ("{}的副作用有哪些", "吃{}会不会不舒服"),
    "dosage": ("{}怎么吃", "{}一天吃多少"),
    "pregnancy": ("孕妇能用{}吗",),
    "contraindications": ("哪些人不能用{}",),
    "storage": ("{}怎么保存",),
    "pediatric": ("小孩能用{}吗",),
    "overdose": ("{}吃多了怎么办",),
    "indications": ("{}是治什么的",),
    "geriatric": ("老人用{}要注意什么",),
}
_EN = {
    "adverse_reactions": ("What are the side effects of {}?",),
    "contraindications": ("Who should not take {}?",),
    "storage": ("How should {} be stored?",),
    "overdose": ("What if I take too much {}?",),
    "indications": ("What is {} used for?",),
}


def _section_questions(app: App) -> list[tuple[str, str, frozenset[str]]]:
    """(question, section asked for, names) for every leaflet and each of its sections, made from the cards."""
    found = []
    for document in app.store.documents(app.store.base("default").id):
        if document.card.kind is not DocumentKind.LEAFLET or not document.card.generic_names:
            continue
        kinds = {section.kind.value for section in app.store.document_sections(document.revision_id)}
        names = frozenset(map(fold, document.card.names))
        for kind, questions in (_ZH if document.card.language == "zh" else _EN).items():
            if kind in kinds:
                name = document.card.generic_names[0]
                found += [(question.format(name), kind, names) for question in questions]
    return found


def test_a_bare_question_finds_the_section_of_the_drug(sample_app: App) -> None:
    retriever = sample_app.retriever()
    questions = _section_questions(sample_app)
    assert len(questions) > 120
    wrong = []
    for question, kind, names in questions:
        first = retriever.retrieve(question, k=3).passages[0]
        about = fold(f"{first.subject} {first.document_title} {first.text}")
        if first.section_kind.value != kind or not any(name in about for name in names):
            wrong.append((question, first.document, first.section_kind.value))
    assert len(wrong) / len(questions) <= 0.1, wrong


def _faults(app: App, answer: Answer) -> list[str]:
    faults = []
    for citation in answer.citations:
        page = app.store.page(citation.revision_id, citation.page)
        if page.text[citation.start : citation.end] != citation.quote or not citation.quote.strip():
            faults.append(f"[{citation.number}] is not at its place")
    shown = {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)}
    if answer.outcome is Outcome.ANSWERED and shown != {citation.number for citation in answer.citations}:
        faults.append(f"shown {shown}")
    return faults


@pytest.mark.parametrize(
    ("question", "documents", "said"),
    [
        ("二甲双胍肾功能不好怎么用", {"盐酸二甲双胍片_0.5g.pdf"}, ["2550mg", "禁用"]),
        ("阿司匹林一天吃多少", {"阿司匹林肠溶片.pdf"}, ["100～300mg"]),
        ("奥美拉唑和氯吡格雷能一起吃吗", {"奥美拉唑肠溶胶囊.txt"}, ["应避免合用"]),
        ("小孩发烧能用左氧氟沙星吗", {"左氧氟沙星片.docx"}, ["18岁以下患者禁用"]),
        ("氨氯地平的副作用", {"苯磺酸氨氯地平片.html"}, ["水肿", "10.8%"]),
        ("What is the target INR for atrial fibrillation?", {"Warfarin_sodium_tablets_label.html"}, ["2.0 to 3.0"]),
        ("社区获得性肺炎门诊病人首选什么药", {"成人社区获得性肺炎抗菌治疗建议.md"}, ["阿莫西林"]),
        ("房颤抗凝用什么药", {"Anticoagulation_in_atrial_fibrillation.pdf"}, ["anticoagula"]),
        ("氯雷他定过敏的人能用吗", {"常用非处方药_说明书摘录.jsonl"}, ["过敏"]),
    ],
)
def test_answers_a_pharmacist_would_sign(sample_app: App, question: str, documents: set[str], said: list[str]) -> None:
    answer = sample_app.answerer().answer(question)
    assert answer.outcome is Outcome.ANSWERED
    assert documents <= {citation.document for citation in answer.citations}
    assert all(part in answer.text for part in said), answer.text
    assert _faults(sample_app, answer) == []


@pytest.mark.parametrize(
    "question",
    [
        "司美格鲁肽注射液的起始剂量是多少？",
        "阿莫西林胶囊一盒多少钱？",
        "帕金森病一线治疗用什么药？",
        "2035年版高血压诊疗规范改了什么？",
        "How is teriparatide injected?",
        "上个月召回了哪些降压药？",
    ],
)
def test_what_the_documents_do_not_say_is_refused(sample_app: App, question: str) -> None:
    answer = sample_app.answerer().answer(question)
    assert answer.outcome is Outcome.INSUFFICIENT_EVIDENCE
    assert answer.citations == ()
    assert answer.text.startswith((NO_EVIDENCE.zh, NO_EVIDENCE.en))


def test_sources_that_disagree_are_both_shown_with_their_dates(sample_app: App) -> None:
    answer = sample_app.answerer().answer("高血压患者血压控制目标是多少")
    assert answer.checks.conflicts
    dates = {citation.revision_date for citation in answer.citations}
    assert len(dates) >= 2
    assert all(date in answer.text for date in dates)


def test_the_newer_edition_answers_and_the_older_when_it_is_named(sample_app: App) -> None:
    newer = sample_app.answerer().answer("80岁以上高血压患者降压目标是多少")
    assert "成人高血压诊疗规范_2019年版.pdf" not in {citation.document for citation in newer.citations}
    older = sample_app.answerer().answer("按2019年版高血压诊疗规范，一般患者降压目标是多少")
    assert "成人高血压诊疗规范_2019年版.pdf" in {citation.document for citation in older.citations}


def test_two_strengths_of_one_drug_are_both_searched(sample_app: App) -> None:
    found = sample_app.retriever().retrieve("二甲双胍片的规格", k=8)
    assert {"盐酸二甲双胍片_0.25g.pdf", "盐酸二甲双胍片_0.5g.pdf"} <= {passage.document for passage in found.passages}


def test_a_restriction_keeps_to_its_documents(sample_app: App) -> None:
    restriction = sample_app.restriction(["default"], ["华法林钠片.pdf"], [])
    found = sample_app.retriever().retrieve("二甲双胍的禁忌", restriction=restriction)
    assert {passage.document for passage in found.passages} == {"华法林钠片.pdf"}
    with pytest.raises(NotFoundError, match="no document"):
        sample_app.restriction(["default"], ["不存在.pdf"], [])


def test_langchain_gets_documents_with_citation_metadata(sample_app: App) -> None:
    documents = KbRetriever(retriever=sample_app.retriever(), k=3).invoke("华法林的不良反应")
    assert len(documents) == 3
    first = documents[0].metadata
    assert first["document"] == "华法林钠片.pdf"
    page = sample_app.store.page(first["revision_id"], first["page"])
    spans = [span for span in first["spans"] if span[0] == first["page"]]
    assert page.text[spans[0][1] : spans[0][2]] in documents[0].page_content


@pytest.mark.parametrize("question", ["", " \n\t ", "\u0000\u200b", "药" * (LONGEST_QUESTION + 1)])
def test_questions_that_cannot_be_used(question: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_question(question)
