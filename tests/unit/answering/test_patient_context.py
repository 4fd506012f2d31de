"""What an answer asks for, and the reply to it."""

from __future__ import annotations

import pytest

from kbchat.answering.patient_context import completed_by_reply, context_question
from kbchat.types import Turn


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("names", [("age",), ("age", "kidney"), ("pregnancy", "liver", "allergy")])
def test_a_reply_completes_the_question_that_was_asked(names, language):
    asked = f"一日1次。 [1]\n\n{context_question(names, language)}"
    turns = [Turn("user", "华法林怎么吃？"), Turn("assistant", asked)]

    assert completed_by_reply(turns, "65岁，没有过敏") == ([], "华法林怎么吃？ 65岁，没有过敏")
    assert completed_by_reply(turns, "那阿司匹林呢？") is None


@pytest.mark.parametrize(
    "reply", ["65", "没有", "都没有过敏", "肝肾都好，30岁", "she is 30 and not pregnant", "no", "70公斤", "正常"]
)
def test_short_replies_tell_what_was_asked(reply):
    turns = [Turn("user", "华法林怎么吃？"), Turn("assistant", context_question(("age", "kidney"), "zh"))]
    assert completed_by_reply(turns, reply) == ([], f"华法林怎么吃？ {reply}")


@pytest.mark.parametrize(
    "question",
    [
        "另外问下，手卫生五个时刻是哪几个",
        "手卫生五个时刻是哪几个",
        "布洛芬的禁忌",
        "换个话题，儿童退烧药",
        "孕妇用药要不要调整",
        "what is warfarin",
    ],
)
def test_another_question_is_no_reply(question):
    turns = [Turn("user", "华法林怎么吃？"), Turn("assistant", context_question(("age", "kidney"), "zh"))]
    assert completed_by_reply(turns, question) is None


def test_the_turns_before_the_question_still_tell_what_it_was_about():
    before = [Turn("user", "华法林治什么"), Turn("assistant", "抗凝。")]
    turns = [*before, Turn("user", "一天吃多少"), Turn("assistant", context_question(("age",), "zh"))]
    assert completed_by_reply(turns, "65岁") == (before, "一天吃多少 65岁")


def test_nothing_is_completed_where_nothing_was_asked():
    turns = [Turn("user", "华法林怎么吃？"), Turn("assistant", "一日1次。 [1]")]

    assert completed_by_reply(turns, "65岁") is None
    assert completed_by_reply([], "65岁") is None
    assert context_question((), "zh") == ""
