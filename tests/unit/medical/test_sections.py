"""Headings of every tradition, and the ways people ask."""

from __future__ import annotations

import re

import pytest

from kbchat.medical.section_names import EXACT_NAMES
from kbchat.medical.sections import SPL_KINDS, bare_heading, named_section, question_intents, section_kind
from kbchat.types import SectionKind as K


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("【不良反应】", K.ADVERSE_REACTIONS),
        ("【贮　藏】", K.STORAGE),
        ("用法与用量：", K.DOSAGE),
        ("孕妇及哺乳期妇女用药", K.PREGNANCY),
        ("老年患者用药", K.GERIATRIC),
        ("4.1 適應症", K.INDICATIONS),
        ("4.5 與其他藥物的交互作用", K.INTERACTIONS),
        ("懷孕與授乳", K.PREGNANCY),
        ("藥物動力學", K.PHARMACOLOGY),
        ("药物用法", K.DOSAGE),
        ("存储方式", K.STORAGE),
        ("孕妇禁忌", K.PREGNANCY),
        ("警示语", K.WARNINGS),
        ("成份", K.COMPOSITION),
        ("批准文号", K.OTHER),
        ("4.2 Posology and method of administration", K.DOSAGE),
        ("4.3 Contraindications", K.CONTRAINDICATIONS),
        ("4.6 Fertility, pregnancy and lactation", K.PREGNANCY),
        ("4.8 Undesirable effects", K.ADVERSE_REACTIONS),
        ("6.4 Special precautions for storage", K.STORAGE),
        ("5.2 Pharmacokinetic properties", K.PHARMACOLOGY),
        ("1. What Xyzal is and what it is used for", K.INDICATIONS),
        ("2. What you need to know before you take Xyzal", K.WARNINGS),
        ("Do not take Xyzal if", K.CONTRAINDICATIONS),
        ("Other medicines and Xyzal", K.INTERACTIONS),
        ("If you take more Xyzal than you should", K.OVERDOSE),
        ("Adults and children weighing 40 kg or more", None),
        ("Use in older adults", K.GERIATRIC),
        ("SPECIAL WARNING THAT THE MEDICINAL PRODUCT MUST BE STORED OUT OF THE SIGHT AND REACH OF CHILDREN", K.STORAGE),
        ("1 INDICATIONS AND USAGE", K.INDICATIONS),
        ("3 DOSAGE FORMS AND STRENGTHS", K.COMPOSITION),
        ("8.4 Pediatric Use", K.PEDIATRIC),
        ("16 HOW SUPPLIED/STORAGE AND HANDLING", K.STORAGE),
        ("Stop use and ask a doctor if", K.WARNINGS),
        ("6.诊断标准", K.DIAGNOSIS),
        ("7.2.2 治疗[14]", K.RECOMMENDATION),
        ("推荐意见3", K.RECOMMENDATION),
        ("3.6 长效针剂的常见不良反应及处理方案是什么？", K.ADVERSE_REACTIONS),
        ("8.3 成人及青少年抗病毒治疗时机", K.RECOMMENDATION),
        ("1.1 流行现况", None),
    ],
)
def test_kind_of_a_heading(heading: str, kind: K | None) -> None:
    assert section_kind(heading) is kind


def test_only_a_name_that_stands_alone_is_named() -> None:
    assert named_section("【禁忌】") is K.CONTRAINDICATIONS
    assert named_section("禁忌证：") is K.CONTRAINDICATIONS
    assert named_section("本品禁忌较多，请咨询医师") is None


def test_a_name_belongs_to_one_kind() -> None:
    seen: dict[str, K] = {}
    for kind, names in EXACT_NAMES.items():
        for name in names.split():
            assert seen.setdefault(name, kind) is kind


def test_bare_heading_drops_numbers_brackets_and_marks() -> None:
    assert bare_heading("（三） 【用 法】：") == "用法"
    assert bare_heading("7. 1. 2 治疗[14]") == "治疗"


def test_codes_are_loinc_codes() -> None:
    assert SPL_KINDS["34084-4"] is K.ADVERSE_REACTIONS
    assert "42229-5" not in SPL_KINDS
    assert all(re.fullmatch(r"\d{5}-\d", code) for code in SPL_KINDS)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("这药会不会伤肝？", K.ADVERSE_REACTIONS),
        ("吃了不舒服怎么办", K.ADVERSE_REACTIONS),
        ("一天吃几次", K.DOSAGE),
        ("一次多少毫克", K.DOSAGE),
        ("能和阿司匹林一起吃吗", K.INTERACTIONS),
        ("吃药期间可以喝酒吗", K.INTERACTIONS),
        ("喂奶的时候能吃吗", K.PREGNANCY),
        ("3岁小孩一次吃多少", K.PEDIATRIC),
        ("没满18岁能用吗", K.PEDIATRIC),
        ("我妈82岁，要减量吗", K.GERIATRIC),
        ("透析病人怎么用", K.RENAL_HEPATIC),
        ("不小心多吃了一片", K.OVERDOSE),
        ("开封后能放几天", K.STORAGE),
        ("哪些人不能用", K.CONTRAINDICATIONS),
        ("这个药是治什么的", K.INDICATIONS),
        ("里面含有乳糖吗", K.COMPOSITION),
        ("How much should I take?", K.DOSAGE),
        ("Is it safe while breast-feeding?", K.PREGNANCY),
        ("My toddler spat it out", K.PEDIATRIC),
        ("Can I drink alcohol with it?", K.INTERACTIONS),
        ("dose for people over 65", K.GERIATRIC),
        ("I took two tablets by mistake", K.OVERDOSE),
        ("Does it go in the fridge?", K.STORAGE),
        ("what are the side effects", K.ADVERSE_REACTIONS),
        ("dose in severe kidney failure", K.RENAL_HEPATIC),
        ("两岁宝宝发烧吃几毫升", K.PEDIATRIC),
        ("我爸七十多岁能吃吗", K.GERIATRIC),
        ("一边吃降压药一边吃它行不行", K.INTERACTIONS),
        ("吃了这个药拉肚子", K.ADVERSE_REACTIONS),
        ("这药怎样服用", K.DOSAGE),
        ("一天最多吃几片", K.DOSAGE),
        ("手术前几天开始打", K.DOSAGE),
        ("有没有解毒剂", K.OVERDOSE),
        ("临床试验里安慰剂组怎么样", K.PHARMACOLOGY),
        ("maximum daily amount of it", K.DOSAGE),
        ("Is there an antidote?", K.OVERDOSE),
        ("How common is swelling?", K.ADVERSE_REACTIONS),
        ("He vomits after each capsule", K.ADVERSE_REACTIONS),
        ("median survival in the trial", K.PHARMACOLOGY),
        ("What is Xyzal used for?", K.INDICATIONS),
    ],
)
def test_first_intent(question: str, first: K) -> None:
    assert question_intents(question)[0] is first


@pytest.mark.parametrize("question", ["左炔诺孕酮是什么颜色", "喝多少钱的"])
def test_lookalikes_raise_no_intent(question: str) -> None:
    assert K.PREGNANCY not in question_intents(question)
    assert K.DOSAGE not in question_intents(question)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("牛黄解毒片治什么", K.OVERDOSE),
        ("一天最多吃几片", K.OVERDOSE),
        ("不能和哪些药一起吃", K.RECOMMENDATION),
        ("肾病综合征吃激素", K.RENAL_HEPATIC),
        ("nucleoside reverse transcriptase inhibitors", K.OVERDOSE),
        ("二十八岁男的吃什么", K.PEDIATRIC),
        ("三个月后复查", K.PEDIATRIC),
    ],
)
def test_words_that_only_look_like_an_intent(question: str, kind: K) -> None:
    assert kind not in question_intents(question)


def test_the_patient_group_stands_before_the_matter() -> None:
    assert question_intents("肾功能不全的孕妇一天吃几片")[:3] == (K.PREGNANCY, K.RENAL_HEPATIC, K.DOSAGE)
    assert question_intents("今天天气真好") == ()
