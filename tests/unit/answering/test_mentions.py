"""Names in a message: clipped, known by their place, matters of guidelines; and what is none."""

from __future__ import annotations

import pytest

from kbchat.answering.mentions import mentions_in
from kbchat.answering.placed_names import placed_names
from kbchat.medical.drug_clippings import clipped_names


def _drugs(text: str) -> list[str]:
    return [name.text for name in mentions_in(text, ()) if name.drug]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("泊沙会不会也这样", ["泊沙"]),
        ("贝伐珠会肠穿孔吗", ["贝伐珠"]),
        ("左氧 肺炎 几天", ["左氧"]),
        ("amiodarone with simva 40?", ["amiodarone", "simva"]),
        ("vanco trough 18", ["vanco"]),
    ],
)
def test_clipped_names(text: str, names: list[str]) -> None:
    assert _drugs(text) == names


@pytest.mark.parametrize("text", ["他昨天来那边看病", "硫酸铜溶液", "take the metro home", "孩子多大能打"])
def test_words_are_no_clippings(text: str) -> None:
    assert list(clipped_names(text)) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what about sacubitrol then", ["sacubitrol"]),
        ("what's Zelboraf for", ["Zelboraf"]),
        ("那沃曲尼布呢", ["沃曲尼布"]),
    ],
)
def test_names_by_their_place(text: str, names: list[str]) -> None:
    assert _drugs(text) == names


@pytest.mark.parametrize(
    "text", ["what about children?", "how about tomorrow", "what is pregnancy", "那孕妇呢", "吃饭呢", "小孩也可以吗"]
)
def test_words_are_no_names_by_their_place(text: str) -> None:
    assert list(placed_names(text, text.lower(), ())) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("得过下肢血栓的人能吃不", ["下肢血栓"]),
        ("A类感染性物质怎么包装", ["A类感染性物质"]),
        ("新冠密接要隔离几天", ["新冠", "密接", "隔离"]),
        ("我妈得过甲状腺髓样癌", ["甲状腺髓样癌"]),
        ("does VRE need a side room", ["VRE"]),
        ("can I drink grapefruit juice", ["grapefruit juice"]),
    ],
)
def test_other_subjects(text: str, names: list[str]) -> None:
    found = mentions_in(text, ())
    assert [name.text for name in found] == names
    assert not any(name.drug for name in found)


@pytest.mark.parametrize("text", ["他补钙片", "早上还是晚上", "loading doses", "睡前", "一天一次打针", "头"])
def test_wording_of_leaflets_names_no_drug(text: str) -> None:
    assert _drugs(text) == []
