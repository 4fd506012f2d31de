"""The checks of a generated answer, sentence by sentence."""

from __future__ import annotations

import pytest

from kbchat.answering.checks import AnswerChecker
from kbchat.answering.statements import is_statement, placed_sentences
from kbchat.answering.support import SupportFinder
from kbchat.embedding.factory import embedder_from_spec
from kbchat.generation.entailment import Verdict
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


class Judge:
    """Entails what ``entailed`` holds, contradicts what ``contradicted`` holds, and keeps what it was asked."""

    def __init__(self, *, entailed: str = "", contradicted: str = "") -> None:
        self.entailed, self.contradicted = entailed, contradicted
        self.asked: list[tuple[str, str]] = []

    def judge(self, pairs):
        self.asked += pairs
        return [self._verdict(said) for _, said in pairs]

    def _verdict(self, said: str) -> Verdict:
        if self.entailed and self.entailed in said:
            return Verdict(0.96, 0.01)
        return Verdict(0.02, 0.9) if self.contradicted and self.contradicted in said else Verdict(0.1, 0.1)


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


def judged(text: str, judge: Judge, *, strict: bool = False, threshold: float = 0.5):
    return AnswerChecker(PASSAGES, entailment=judge, threshold=threshold).check(text, "zh", strict=strict)


def test_an_entailed_sentence_is_supported_without_a_shared_word():
    said = "怀宝宝的准妈妈绝对别碰这药[2]。"

    assert check(said).unsupported_sentences
    assert judged(said, Judge(entailed="准妈妈")).unsupported_sentences == ()


def test_shared_words_do_not_support_what_the_model_does_not_see_entailed():
    said = "成人疗程7天，一日3次，肾功能不全者剂量减半后可以停药[1]。"

    assert check(said).unsupported_sentences == ()
    assert judged(said, Judge()).unsupported_sentences


def test_a_contradicted_sentence_is_flagged_whatever_the_threshold():
    said = "肾功能不全者剂量不变[1]。"

    assert judged(said, Judge(contradicted="剂量不变"), threshold=0.0).unsupported_sentences
    assert judged(said, Judge(), threshold=0.0).unsupported_sentences == ()


def test_a_contradicted_sentence_is_replaced_by_what_stands_there():
    checked = judged("肾功能不全者剂量加倍[1]。", Judge(contradicted="加倍"), strict=True)

    assert checked.text.startswith("肾功能不全者剂量减半。")
    assert checked.replaced_sentences == ("肾功能不全者剂量加倍。",)


def test_a_wrong_quantity_is_told_though_the_model_calls_it_entailed():
    checked = judged("成人一次0.9g，一日3次[1]。", Judge(entailed="0.9g"))

    assert checked.unsupported_quantities


def test_words_of_the_document_need_no_model_and_no_pair_is_judged_twice():
    judge = Judge(entailed="孕")
    judged("妊娠期妇女禁用[2]。孕期的妇女不要使用它[1][2]。", judge)

    assert judge.asked
    assert all("孕期" in said for _, said in judge.asked)
    assert len(judge.asked) == len(set(judge.asked))
    assert any(premise.startswith("甲硝唑片") and "妊娠期妇女禁用" in premise for premise, _ in judge.asked)
