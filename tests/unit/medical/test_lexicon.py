"""The bilingual lexicon: what it finds in a question and what other names it gives."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from kbchat.errors import InvalidInputError
from kbchat.medical.drug_stems import STEMS_EN, STEMS_ZH
from kbchat.medical.lexicon import DRUG, Lexicon, looks_like_drug_name
from kbchat.messages import Language
from kbchat.text.tokens import fold


def terms(question: str, language: Language) -> dict[str, float]:
    return {item.term: item.weight for item in Lexicon.builtin().expand(question, language)}


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("拉肚子了怎么办", "zh", {"腹泻", "diarrhoea", "diarrhea"}),
        ("这个药有什么副作用", "zh", {"不良反应", "adverse reactions", "side effects"}),
        ("降血脂的药", "zh", {"高胆固醇血症", "hypercholesterolaemia"}),
        ("心得安一天吃几片", "zh", {"普萘洛尔", "propranolol"}),
        ("艾乐妥漏服一次怎么办", "zh", {"阿哌沙班", "apixaban", "eliquis", "missed dose"}),
        ("修美樂要放冰箱嗎", "zh", {"阿达木单抗", "adalimumab", "humira", "refrigerator"}),
        ("Can I take Karvea with kidney problems?", "en", {"厄贝沙坦", "irbesartan", "肾功能不全", "renal impairment"}),
        ("BP target after a heart attack", "en", {"血压", "blood pressure", "心肌梗死", "myocardial infarction"}),
        ("Is it contraindicated in pregnancy?", "en", {"禁忌", "妊娠"}),
        ("thrombolysis in acute ischemic stroke", "en", {"溶栓", "缺血性卒中"}),
        ("What tablets do children get?", "en", {"片", "儿童"}),
        ("BP目标是多少", "zh", {"血压"}),
    ],
)
def test_other_names_of_what_a_question_names(question: str, language: Language, expected: set[str]) -> None:
    assert expected <= set(terms(question, language))


def test_the_other_language_comes_first_with_the_preferred_name_at_full_weight() -> None:
    found = Lexicon.builtin().expand("副作用", "zh")
    assert (found[0].term, found[0].language, found[0].weight) == ("adverse reactions", "en", 1.0)
    assert found[0].source_term == "副作用"
    languages = [item.language for item in found]
    assert languages == sorted(languages)  # en before zh
    assert all(0 < item.weight <= 1 for item in found)


def test_a_name_that_stands_in_the_question_is_not_given_again() -> None:
    assert "apixaban" not in terms("艾乐妥（apixaban）怎么吃", "zh")


@pytest.mark.parametrize(
    "question", ["病人参加了试验", "Who should not take this medicine?", "Let us know", "state of the art", ""]
)
def test_words_inside_or_like_others_are_no_terms(question: str) -> None:
    found = set(terms(question, "en"))
    assert not found & {"人参", "ginseng", "世界卫生组织", "world health organization", "美国", "抗逆转录病毒治疗"}


def test_capitals_tell_a_short_form_from_a_word() -> None:
    assert "世界卫生组织" in terms("WHO recommendation", "en")
    assert "抗逆转录病毒治疗" in terms("When to start ART?", "en")


def test_the_longest_term_wins() -> None:
    found = Lexicon.builtin().matches("急性缺血性脑卒中患者")
    assert found[0].term == "急性缺血性脑卒中"
    assert fold("急性缺血性脑卒中患者")[found[0].start : found[0].end] == found[0].term


@pytest.mark.parametrize("name", ["drugs.tsv", "clinical.tsv", "mined.tsv"])
def test_the_shipped_tables_are_folded_without_doubles_and_two_sided(name: str) -> None:
    text = files("kbchat.medical").joinpath("data", name).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert len({tuple(row) for row in rows}) == len(rows)
    for row in rows:
        assert len(row) == {"drugs.tsv": 4, "clinical.tsv": 2, "mined.tsv": 3}[name], row
        assert row[0], row
        assert row[1], row
        for cell in row[: 4 if name == "drugs.tsv" else 2]:
            names = cell.split("|") if cell else []
            assert len(set(names)) == len(names), row
            assert all(item and item == fold(item).strip() for item in names), row


def test_the_tables_are_as_large_as_promised_and_attributed() -> None:
    concepts = Lexicon.curated().concepts
    assert sum(concept.kind == DRUG for concept in concepts) >= 600
    assert sum(concept.kind != DRUG for concept in concepts) >= 800
    mined = files("kbchat.medical").joinpath("data", "mined.tsv").read_text(encoding="utf-8")
    assert "CC BY 4.0" in mined
    assert "ChinaXiv" in mined
    assert Lexicon.builtin() is Lexicon.builtin()


def test_a_hospitals_own_table_adds_to_the_lexicon(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text("\ufeff# ours\n神药一号|院内合剂\tMiracle One\tdrug\n\n小蓝片|藍色小片\n", encoding="utf-8")
    lexicon = Lexicon.builtin().with_file(path)
    assert {item.term for item in lexicon.expand("院内合剂怎么喝", "zh")} >= {"神药一号", "miracle one"}
    assert "蓝色小片" in {item.term for item in lexicon.expand("小蓝片", "zh")}
    assert "miracle one" in lexicon.known_drug_names()
    assert "miracle one" not in Lexicon.builtin().known_drug_names()  # the other one is as it was


@pytest.mark.parametrize("line", ["孤单", "甲\t", "甲\tone\tplant", "甲\tone\tdrug\tmore"])
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text(f"头孢甲\tcefa\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Line 2") as caught:
        Lexicon().with_file(path)
    assert "第 2 行" in caught.value.user_message.zh


@pytest.mark.parametrize("content", [None, "头孢\tcef".encode("gb18030")])
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lexicon.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError, match="cannot be read"):
        Lexicon().with_file(path)


def test_names_from_cards_join() -> None:
    lexicon = Lexicon.builtin().with_pairs([("环孢新片", "Novosporin", "新孢"), ("只有一个名",)])
    found = {item.term: item.weight for item in lexicon.expand("新孢能和西柚一起吃吗", "zh")}
    assert found["novosporin"] == 1.0
    assert "环孢新片" in found
    assert "只有一个名" not in lexicon.known_drug_names()


@pytest.mark.parametrize(
    "name",
    [
        "瑞舒伐他汀",
        "缬沙坦",
        "阿达木单抗",
        "达格列净",
        "rosuvastatin",
        "adalimumab",
        "Apixaban",
        "莫西沙星",
        "cefuroxime",
    ],
)
def test_built_like_a_drug_name(name: str) -> None:
    assert looks_like_drug_name(fold(name))


@pytest.mark.parametrize(
    "word", ["他汀", "statin", "高血压", "april", "cholesterol", "concept", "", "头孢", "medicine", "血压"]
)
def test_not_built_like_a_drug_name(word: str) -> None:
    assert not looks_like_drug_name(word)


def test_drugs_in_a_question_known_or_not() -> None:
    lexicon = Lexicon.builtin()
    assert lexicon.drugs_in("孟鲁司特钠咀嚼片2岁孩子吃几毫克？") == ("孟鲁司特钠",)
    assert lexicon.drugs_in("吃络活喜能喝酒吗") == ("络活喜",)
    assert lexicon.drugs_in("吃巴诺沙坦和xyzumab能喝酒吗") == ("巴诺沙坦", "xyzumab")
    assert lexicon.drugs_in("高血压患者每天能吃多少盐") == ()
    assert lexicon.drugs_in("How long do statins take to lower cholesterol?") == ()


def test_stems_are_unique_and_lower_case() -> None:
    assert len(set(STEMS_EN)) == len(STEMS_EN)
    assert len(set(STEMS_ZH)) == len(STEMS_ZH)
    assert all(stem == stem.lower() for stem in STEMS_EN)


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("连花清瘟饭前还是饭后吃", "zh", "lianhua qingwen"),
        ("长春西汀可以和阿司匹林一起吃吗", "zh", "vinpocetine"),
        ("肾功能不好能打钆造影剂吗", "zh", "gadolinium contrast agent"),
        ("五酯胶囊会影响他克莫司浓度吗", "zh", "wuzhi capsule"),
        ("被蛇咬了要打抗蛇毒血清吗", "zh", "antivenom"),
        ("Is Arexvy given with the flu shot?", "en", "呼吸道合胞病毒疫苗"),
        ("Can I take Gaviscon with omeprazole?", "en", "海藻酸钠"),
        ("How is Trodelvy different from Datroway?", "en", "德达博妥单抗"),
    ],
)
def test_names_of_vaccines_contrast_media_patent_medicines_and_newer_drugs(
    question: str, language: Language, name: str
) -> None:
    assert name in terms(question, language)
    assert Lexicon.curated().drugs_in(question)


@pytest.mark.parametrize(
    "text", ["病人有多达一百种症状", "血管通透性增高", "Please ensure that you rest", "银杏叶黄了"]
)
def test_ordinary_words_are_no_drugs(text: str) -> None:
    assert not Lexicon.curated().drugs_in(text)
