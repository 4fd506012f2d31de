"""The part of a question that names the document; and what remains to be found."""

from __future__ import annotations

import pytest

from kbchat.retrieval.information import Alternative, Information
from kbchat.retrieval.selectors import document_selector
from kbchat.types import SectionKind


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("按2019年版高血压诊疗规范，一般患者降压目标是多少", "2019年版高血压诊疗规范"),
        ("比卡鲁胺说明书中，常见不良反应有哪些", "比卡鲁胺说明书"),
        ("Albuvirtide dose in the 2018 Chinese HIV guideline", "2018 Chinese HIV guideline"),
        ("Target before thrombolysis (2010 Chinese hypertension guideline)", "2010 Chinese hypertension guideline"),
        ("二甲双胍一天最多吃多少", ""),
        ("How is apixaban taken?", ""),
        ("高血压指南", ""),
    ],
)
def test_the_document_named(question: str, name: str) -> None:
    selector = document_selector(question)
    assert selector.name == name
    if name:
        assert name not in selector.rest


def test_other_words_cover_what_they_stand_for() -> None:
    information = Information(
        {"副作用": 2.0, "二甲": 1.0, "双胍": 1.0},
        (Alternative(frozenset({"副作用"}), frozenset({"不良", "反应"}), 0.5),),
    )
    assert information.covered_share(frozenset({"二甲", "双胍"})) == pytest.approx(0.5)
    assert information.covered_share(frozenset({"二甲", "双胍", "不良"})) == pytest.approx(0.5)
    assert information.covered_share(frozenset({"二甲", "双胍", "不良", "反应"})) == pytest.approx(0.75)


def test_a_section_of_the_kind_asked_for_says_part_of_it() -> None:
    information = Information({"副作用": 4.0}, (), {SectionKind.ADVERSE_REACTIONS: frozenset({"副作用"})})
    assert information.covered_share(frozenset()) == 0.0
    assert 0.0 < information.covered_share(frozenset(), SectionKind.ADVERSE_REACTIONS) < 1.0
    assert information.covered_share(frozenset(), SectionKind.STORAGE) == 0.0


def test_joined_information_takes_the_smaller_weight() -> None:
    joined = Information({"a": 3.0, "b": 1.0}).joined(Information({"a": 2.0, "c": 5.0}))
    assert joined.values == {"a": 2.0, "b": 1.0, "c": 5.0}
