"""The checks of a generated answer, sentence by sentence."""

from __future__ import annotations

import pytest

from kbchat.answering.checks import AnswerChecker
from kbchat.answering.statements import is_statement, placed_sentences
from kbchat.answering.support import SupportFinder
from kbchat.embedding.factory import embedder_from_spec
from kbchat.testing import HashEmbedder
from kbchat.types import DocumentKind, Passage, ScoreParts, SectionKind, Span

DOSE = "口服。成人一次0.2-0.4g，一日3次，疗程7天。肾功能不全者剂量减半。"
BAN = "妊娠期妇女禁用。用药期间不应饮用含酒精的饮料。"


def passage(text: str, number: int, kind: SectionKind = SectionKind.DOSAGE) -> Passage:
    span = (Span(1, 0, len(text)),)
    return Passage(
        chunk_id=number, document_id=number, revision_id=number, document=f"{number}.txt", document_title="甲硝唑片",
        document_kind=DocumentKind.LEAFLET, subject="甲硝唑片", revision_date="", section_id=number, section_kind=kind,
        section_path=(kind.value,), spans=span, hit_spans=span, text=text, table_header="", score=1.0, parts=ScoreParts(),
        hit_length=len(text),
    )  # fmt: skip


PASSAGES = (passage(DOSE, 1), passage(BAN, 2, SectionKind.CONTRAINDICATIONS))


def check(text: str, *, strict: bool = False):
    return AnswerChecker(PASSAGES).check(text, "zh", strict=strict)


def test_markers_belong_to_the_sentence_they_follow_or_open():
    text = "根据[1]，成人一日3次。疗程7天。[2]\n【3】妊娠期禁用。\n没有标记。"

    owned = [[number for marker in one.markers for number in marker.numbers] for one in placed_sentences(text)]

    assert owned == [[1], [2], [3], []]


@pytest.mark.parametrize("marker", ["[2]", "【2】", "［２］", "[No.2]", "文档[2]", "[2,2]"])
def test_every_form_of_marker_becomes_a_number_that_counts_from_one(marker):
    checked = check(f"妊娠期妇女禁用{marker}。")

    assert checked.text.count("[1]") == 1
    assert checked.citations[0].quote == "妊娠期妇女禁用。"
    assert checked.removed_markers == 0


def test_a_statement_without_marker_gets_the_passage_that_supports_it():
    checked = check("成人每次0.2～0.4克，每日三次，连用7天。孕妇……妊娠期妇女禁止使用。")

    assert checked.added_markers == 2
    assert [citation.document for citation in checked.citations] == ["1.txt", "2.txt"]


def test_a_statement_that_nothing_supports_is_flagged_or_left_out():
    invented = "该药可改善睡眠质量并增强记忆力。"

    loose, strict = check(f"疗程7天[1]。{invented}"), check(f"疗程7天[1]。{invented}", strict=True)

    assert loose.unsupported_sentences == (invented,)
    assert "⚠" in loose.text
    assert invented not in strict.text
    assert strict.replaced_sentences == (invented,)


def test_a_quantity_is_held_against_the_passage_that_its_sentence_cites():
    assert check("疗程7天[1]。").unsupported_quantities == ()
    assert check("疗程7天[2]。").unsupported_quantities == ("7天",)


def test_what_the_person_said_needs_no_source():
    checker = AnswerChecker(PASSAGES, given="我65岁，肾功能不全")

    assert checker.check("您65岁，肾功能不全者剂量减半[1]。", "zh", strict=False).unsupported_quantities == ()


def test_permission_where_the_source_forbids_is_not_supported():
    checked = check("妊娠期妇女可以使用[2]。")

    assert checked.unsupported_sentences == ("妊娠期妇女可以使用。",)


def test_words_out_of_a_longer_ban_are_not_a_quote():
    finder = SupportFinder([passage("本品孕妇不可使用本品治疗。", 1)])

    found = finder.best("可使用本品治疗。")

    assert found is not None
    assert not found.verbatim


def test_the_embedding_only_ever_helps():
    sentence = "孕妇不要用"
    by_words, by_both = SupportFinder(PASSAGES).best(sentence), SupportFinder(PASSAGES, HashEmbedder()).best(sentence)

    assert by_words is not None
    assert by_both is not None
    assert by_both.score >= by_words.score


@pytest.mark.parametrize(
    "sentence",
    [
        "建议咨询医生或药师。", "您好！", "**甲硝唑片** · 4.2 用法用量", "请问您怀孕了吗？", "主要包括以下内容：",
        "如果出现不适，请及时就医。", "Please consult your doctor before use.", "文档中没有提到这一点。",
    ],
)  # fmt: skip
def test_courtesy_headings_and_questions_need_no_source(sentence):
    assert not is_statement(sentence)


@pytest.mark.parametrize(
    "sentence", ["一日3次。", "孕妇禁用本品，请咨询医生。", "Do not use in severe renal impairment."]
)
def test_claims_do(sentence):
    assert is_statement(sentence)


def test_lists_keep_their_shape():
    checked = check("用法如下：\n1. 成人一次0.2-0.4g[1]\n2. 疗程7天[1]\n\n注意：妊娠期妇女禁用[2]。")

    assert checked.text.split("\n") == [
        "用法如下：", "1. 成人一次0.2-0.4g [1]", "2. 疗程7天 [1]", "", "注意：妊娠期妇女禁用。 [2]",
    ]  # fmt: skip


def test_an_answer_without_any_statement_is_too_little():
    assert check("您好，请咨询医生。").too_little(0.5)
    assert not check("疗程7天[1]。").too_little(0.5)


def test_a_chinese_sentence_is_held_against_an_english_passage():
    text = (
        "Pregnancy\nKarvea is not recommended in early pregnancy, and must not be taken when more than 3 months pregnant.\n"
        "It is unknown whether irbesartan or its metabolites are excreted in human milk."
    )
    finder = SupportFinder([passage(text, 1)], embedder_from_spec("default", allow_download=False))

    right = finder.best("厄贝沙坦是否经乳汁排泄尚不清楚。")
    invented = finder.best("该药可改善睡眠质量并增强记忆力。")
    turned_round = finder.best("妊娠期妇女可以放心使用。")

    assert right is not None
    assert right.score >= 0.5
    assert text[right.start : right.end].startswith("It is unknown")
    assert invented is not None
    assert invented.score < 0.5
    assert turned_round is not None
    assert turned_round.opposed
