"""Names of the table of subjects in messages: the longest at a place, whole words in English, and their kinds."""

from __future__ import annotations

import pytest

from kbchat.answering.earlier_names import detailed_kind
from kbchat.answering.mentions import mentions_in
from kbchat.answering.named_subjects import named_subjects, subject_kind
from kbchat.text.tokens import fold


def found(text: str) -> list[str]:
    folded = fold(text)
    return [folded[start:end] for start, end in named_subjects(folded)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("甲流要在家隔离几天啊", ["甲流"]),
        ("那我该几岁开始拍钼靶", ["钼靶"]),
        ("带状疱疹疫苗打几针", ["带状疱疹疫苗"]),
        ("what do I do after a needlestick injury?", ["needlestick injury"]),
        ("is the shingles vaccine live", ["shingles vaccine"]),
        ("孩子 HPV 疫苗", ["hpv"]),
        ("tuberculosislike", []),
        ("", []),
    ],
)
def test_the_longest_name_at_a_place(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("name", "kind"),
    [("猴痘", "disease"), ("促排卵药", "class"), ("Mammogram", "test"), ("手卫生", "matter"), ("桌子", "")],
)
def test_kinds(name: str, kind: str) -> None:
    assert subject_kind(name) == kind


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("促排卵药从第几天开始吃", "促排卵药", "class"),
        ("猴痘怎么传播", "猴痘", "disease"),
        ("胃镜前要停吗", "胃镜", "test"),
        ("heart attack survivors, is it ok", "heart attack", "disease"),
    ],
)
def test_mentions_know_the_kind(text: str, name: str, kind: str) -> None:
    assert {mention.text: detailed_kind(mention) for mention in mentions_in(text, ())}[name] == kind


def test_a_drug_is_a_drug_though_a_subject_stands_in_its_name() -> None:
    assert [(one.text, one.drug) for one in mentions_in("阿托伐他汀怎么吃", ())] == [("阿托伐他汀", True)]
