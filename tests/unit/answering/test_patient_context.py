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

    assert completed_by_reply(turns, "65岁，没有过敏") == "华法林怎么吃？ 65岁，没有过敏"
    assert completed_by_reply(turns, "那阿司匹林呢？") == ""


def test_nothing_is_completed_where_nothing_was_asked():
    turns = [Turn("user", "华法林怎么吃？"), Turn("assistant", "一日1次。 [1]")]

    assert completed_by_reply(turns, "65岁") == ""
    assert completed_by_reply([], "65岁") == ""
    assert context_question((), "zh") == ""
