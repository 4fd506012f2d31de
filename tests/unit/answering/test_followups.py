from __future__ import annotations

from pathlib import Path

import pytest

from kbchat.answering.followups import Resolved, resolve
from kbchat.answering.mentions import mentions_in
from kbchat.evaluation.behaviour import evaluate, read_items
from kbchat.types import SectionKind, Turn


def _after(*turns: str, question: str, known_names: tuple[str, ...] = ()) -> Resolved:
    roles = ("user", "assistant")
    spoken = [Turn(roles[number % 2], text) for number, text in enumerate(turns)]
    return resolve(spoken, question, known_names=known_names)


def test_conversations_written_for_this_test() -> None:
    report = evaluate("multiturn", read_items(Path(__file__).parent / "conversations.jsonl"))
    assert report.metrics["section"] >= 0.89
    assert report.metrics["entities_and_section"] >= 0.89
    assert report.metrics["old_drug_carried"] == 0.0


def test_drug_is_carried_into_a_question_without_one() -> None:
    result = _after("比卡鲁胺是治什么的？", "前列腺癌。", question="孕妇能用吗？")
    assert result.entities == ("比卡鲁胺",)
    assert result.section is SectionKind.PREGNANCY
    assert result.carried
    assert "比卡鲁胺" in result.standalone_text


def test_another_drug_takes_the_place_of_the_first() -> None:
    result = _after("阿托伐他汀能降低心血管风险吗", "可以。", question="那厄贝沙坦呢？")
    assert result.entities == ("厄贝沙坦",)
    assert result.standalone_text == "厄贝沙坦能降低心血管风险吗"
    assert result.section is SectionKind.INDICATIONS


def test_a_second_drug_joins_the_first() -> None:
    result = _after("比卡鲁胺有哪些不良反应", "潮热。", question="和华法林一起吃行吗")
    assert result.entities == ("比卡鲁胺", "华法林")
    assert result.section is SectionKind.INTERACTIONS


def test_new_subject_drops_the_drug() -> None:
    result = _after(
        "What is the dose of metformin?", "500 mg.", question="By the way, what is a normal blood pressure?"
    )
    assert "metformin" not in " ".join(result.entities)
    assert result.topic_changed
    assert not result.carried


def test_what_only_the_reply_named_is_taken_up_by_a_question_about_it() -> None:
    result = _after("高血压一般先用什么药", "常先用氨氯地平。", question="这个药晚上吃行吗")
    assert "氨氯地平" in result.entities
    assert "氨氯地平" in result.standalone_text


def test_what_only_the_reply_named_is_left_by_another_question() -> None:
    result = _after("血压高吃什么药", "常用厄贝沙坦。", question="新冠出院标准是什么")
    assert "厄贝沙坦" not in result.entities


def test_a_long_reply_is_a_quotation_and_not_listened_to() -> None:
    reply = "常先用氨氯地平。" + "其余见指南第三章。" * 40
    assert "氨氯地平" not in _after("高血压一般先用什么药", reply, question="这个药晚上吃行吗").entities


def test_names_of_the_knowledge_base_are_known() -> None:
    result = _after("康必停怎么吃", "见说明书。", question="禁忌呢", known_names=("康必停",))
    assert result.entities == ("康必停",)
    assert result.section is SectionKind.CONTRAINDICATIONS


def test_first_question_stands_alone() -> None:
    result = resolve((), "螺内酯的禁忌有哪些")
    assert result.standalone_text == "螺内酯的禁忌有哪些"
    assert (result.carried, result.topic_changed) == (False, False)
    assert resolve((), "").entities == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("盐酸二甲双胍缓释片怎么吃", ["盐酸二甲双胍缓释片"]),
        ("Eliquis for AF", ["Eliquis", "AF"]),
        ("高血压患者一天吃盐别超过多少", ["高血压", "盐"]),
        ("孕妇能用吗", []),
    ],
)
def test_mentions_as_written(text: str, names: list[str]) -> None:
    assert [mention.text for mention in mentions_in(text, ())] == names
