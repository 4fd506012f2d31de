"""From markers to citations."""

from __future__ import annotations

from kbchat.answering.citations import cite
from kbchat.retrieval.collapse import containment, kept_after_collapse, shingles
from kbchat.text.spans import SpannedText
from kbchat.types import DocumentKind, Passage, ScoreParts, SectionKind, Span

PAGES = {
    1: "【用法用量】口服。成人一次0.5g，一日3次。儿童用量酌减。肾功能不全者应减量，每日不超过",
    2: "1.5g，分三次服。【禁忌】对本品过敏者禁用。",
}


def passage(spans: tuple[Span, ...], *, chunk_id: int = 1, revision_id: int = 1) -> Passage:
    return Passage(
        chunk_id=chunk_id,
        document_id=revision_id,
        revision_id=revision_id,
        document="示例.pdf",
        document_title="示例片",
        document_kind=DocumentKind.LEAFLET,
        subject="示例片",
        revision_date="2020-01-01",
        section_id=1,
        section_kind=SectionKind.DOSAGE,
        section_path=("用法用量",),
        spans=spans,
        hit_spans=spans,
        text=SpannedText.of(PAGES, spans).text,
        table_header="",
        score=1.0,
        parts=ScoreParts(lexical=1.0),
    )


WHOLE = passage((Span(1, 0, len(PAGES[1])), Span(2, 0, 11)))


def test_every_citation_stands_at_its_page_and_offsets() -> None:
    cited = cite("成人一次0.5g，一日3次。 [1]\n每日不超过1.5g，分三次服。 [1]", [WHOLE])
    assert cited.removed == 0
    assert [c.page for c in cited.citations] == [1, 2]
    for citation in cited.citations:
        assert PAGES[citation.page][citation.start : citation.end] == citation.quote
    assert cited.text.endswith("[2]")


def test_markers_without_a_passage_are_removed_and_counted() -> None:
    cited = cite("成人一次0.5g，一日3次。 [7][1]", [WHOLE])
    assert cited.removed == 1
    assert "[7]" not in cited.text
    assert cited.text == "成人一次0.5g，一日3次。 [1]"


def test_sentences_that_follow_each_other_share_a_citation() -> None:
    cited = cite("成人一次0.5g，一日3次。 [1]\n儿童用量酌减。 [1]", [WHOLE])
    assert len(cited.citations) == 1
    assert cited.citations[0].quote == "成人一次0.5g，一日3次。儿童用量酌减。"
    assert cited.text.count("[1]") == 2


def test_sentences_apart_have_their_own_citations() -> None:
    cited = cite("口服。 [1]\n儿童用量酌减。 [1]", [WHOLE])
    assert [c.quote for c in cited.citations] == ["口服。", "儿童用量酌减。"]


def test_a_paraphrase_is_cited_at_the_nearest_sentence() -> None:
    cited = cite("对儿童来说，用量酌减即可 [1]", [WHOLE])
    assert [c.quote for c in cited.citations] == ["儿童用量酌减。"]


def test_words_that_share_nothing_are_no_citation() -> None:
    cited = cite("今天天气晴朗适合出门散步 [1]", [WHOLE])
    assert cited.citations == ()
    assert cited.removed == 1


def test_collapse_keeps_the_first_of_near_identical_passages() -> None:
    first = "本品用于治疗高血压，可单独使用或与其他抗高血压药物合用。"
    second = first.replace("可", "亦可")
    assert containment(shingles(first), shingles(second)) > 0.5
    texts = [first, first, "对本品过敏者禁用，孕妇及哺乳期妇女禁用。"]
    assert list(kept_after_collapse(texts, shingles)) == [texts[0], texts[2]]
