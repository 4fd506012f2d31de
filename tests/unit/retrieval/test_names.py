"""Names of a knowledge base in questions."""

from __future__ import annotations

import pytest

from kbchat.medical.lexicon import Lexicon
from kbchat.retrieval.names import NameIndex, names_of_one_drug
from kbchat.retrieval.understanding import Understanding
from kbchat.store import NameRecord
from kbchat.text.language import language_of
from kbchat.types import SectionKind

NAMES = NameIndex(
    [
        NameRecord("盐酸二甲双胍缓释片", "generic", 1),
        NameRecord("盐酸二甲双胍片", "generic", 2),
        NameRecord("格华止", "brand", 2),
        NameRecord("阿哌沙班片", "generic", 3),
        NameRecord("Karvea 75 mg tablets", "title", 4),
        NameRecord("irbesartan", "generic", 4),
        NameRecord("中国高血压防治指南2010", "title", 5),
        NameRecord("片", "subject", 6),
    ]
)


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("二甲双胍一天最多吃多少？", [{1, 2}]),
        ("盐酸二甲双胍缓释片怎么吃", [{1}]),
        ("格华止空腹吃吗", [{2}]),
        ("Can I take Irbesartan with potassium?", [{4}]),
        ("Is karvea safe?", [{4}]),
        ("阿哌沙班和二甲双胍能一起吃吗", [{3}, {1, 2}]),
        ("这个片怎么吃", []),
        ("karveas", [{4}]),
        ("xkarveax", []),
    ],
)
def test_names_are_found(question: str, documents: list[set[int]]) -> None:
    assert [set(entity.all_documents) for entity in NAMES.find(question)] == documents


def test_the_other_languages_name_leads_to_the_document() -> None:
    query = Understanding(NAMES, Lexicon.builtin()).query("What is the dose of Eliquis?")
    assert {document for entity in query.entities for document in entity.all_documents} == {3}
    assert query.language == "en"
    assert SectionKind.DOSAGE in query.intents


def test_a_drug_that_no_document_carries_is_unknown() -> None:
    understanding = Understanding(NAMES, Lexicon.builtin())
    assert "孟鲁司特" in "".join(understanding.query("孟鲁司特钠咀嚼片2岁孩子吃几毫克？").unknown_names)
    assert understanding.query("优泌灵乐注射液开封后能放几天？").unknown_names
    assert not understanding.query("二甲双胍缓释片能掰开吗").unknown_names


def test_a_long_question_is_read_up_to_a_limit() -> None:
    assert NAMES.find("二甲双胍" + "很长" * 50_000)


@pytest.mark.parametrize(
    ("text", "language"), [("二甲双胍 dose", "zh"), ("metformin 剂量 maximum a day", "en"), ("", "en")]
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_the_names_on_a_card_join_the_lexicon() -> None:
    records = [
        NameRecord("安得卡錠", "brand", 1),
        NameRecord("Androcur", "brand", 1),
        NameRecord("片剂目录", "title", 2),
        *(NameRecord(f"drug{i}", "generic", 2) for i in range(40)),
    ]
    pairs = names_of_one_drug(records)
    assert len(pairs) == 1
    lexicon = Lexicon().with_pairs(pairs)
    assert [item.source_term for item in lexicon.expand("What does Androcur interact with?", "en")] == ["androcur"]
