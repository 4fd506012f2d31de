"""How a follow-up reads with what it leaves out."""

from __future__ import annotations

import pytest

from kbchat.answering.standalone import (
    completed_text,
    exchanged_text,
    joined_text,
    other_of_a_pair,
    without_announcement,
)
from kbchat.text.tokens import fold


@pytest.mark.parametrize(
    ("question", "names", "text"),
    [
        ("孕妇能用吗？", ["缬沙坦"], "缬沙坦孕妇能用吗？"),
        ("那个药要放冰箱吗", ["缬沙坦"], "缬沙坦要放冰箱吗"),
        ("牙龈出血了，要不要停", ["华法林"], "华法林：牙龈出血了，要不要停"),
        ("for my son?", ["ibuprofen"], "ibuprofen: for my son?"),
        ("缬沙坦一天几次", ["缬沙坦"], "缬沙坦一天几次"),
    ],
)
def test_what_is_left_out_is_put_in(question: str, names: list[str], text: str) -> None:
    assert completed_text(question, names, "") == text


def test_without_a_name_the_earlier_question_comes_first() -> None:
    assert completed_text("why?", [], "Is it contagious?") == "Is it contagious? why?"


def test_a_name_in_the_place_of_another() -> None:
    assert exchanged_text("缬沙坦孕妇能用吗", "缬沙坦", "比索洛尔", "比索洛尔呢") == "比索洛尔孕妇能用吗"
    assert (
        exchanged_text("she takes lithium", None, "ibuprofen", "is ibuprofen ok") == "she takes lithium is ibuprofen ok"
    )


def test_two_together() -> None:
    assert joined_text("和钙片一起吃行吗", ["左氧氟沙星"]) == "左氧氟沙星和钙片一起吃行吗"
    assert joined_text("can I have it with iron?", ["doxycycline"]) == "doxycycline: can I have it with iron?"


def test_an_announcement_is_left_out() -> None:
    text = "By the way, how is gout diagnosed?"
    assert without_announcement(text, fold(text)) == "how is gout diagnosed?"


def test_the_other_of_a_pair() -> None:
    assert other_of_a_pair("and the other category?", "How is Category A packed?") == (
        ("Category B",),
        "How is Category B packed?",
    )
    assert other_of_a_pair("and why?", "How is Category A packed?") == ((), "")
