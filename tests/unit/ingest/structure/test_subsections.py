"""Subsections: patient groups, and headings without numbers inside long numbered sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.structure import structure
from kbchat.text.spans import SpannedText
from kbchat.types import BlockKind, DocumentKind, LoadedFile, Section
from kbchat.types import SectionKind as K


def found(sections: Sequence[Section]) -> list[tuple[str, K]]:
    return [(section.heading_path[-1], section.kind) for section in sections if section.heading_path]


def assert_covered(file: LoadedFile, sections: Sequence[Section]) -> None:
    texts = {page.number: page.text for page in file.pages}
    assert all(section.text == SpannedText.of(texts, section.spans).text for section in sections)
    kept = "".join("".join(section.text.split()) for section in sections)
    assert kept == "".join("".join(page.text.split()) for page in file.pages)


def chinese(dosage: str, warnings: str = "慎用。") -> str:
    return f"""舒安平片说明书
【适应症】用于疼痛。
【用法用量】
{dosage}
【不良反应】恶心。
【禁忌】
孕妇
哺乳期妇女
对本品任何成份过敏的患者应当禁用本品。
【注意事项】
{warnings}
【贮藏】密封。
"""


def test_patient_groups_on_lines_of_their_own(loaded: Callable[..., LoadedFile]) -> None:
    dosage = """口服，整片吞服。
成人常用量：
一次0.2g，一日3次。
1.感染：一次0.4g，一日3次。
小儿常用量：
一日按体重30mg/kg，分3次口服。
肾功能不全患者：
肌酐清除率低于30ml/min者减半。
给药方法：
饭后服用，用一杯水送服。"""
    warnings = """1.老年患者
从低剂量开始，注意监测肾功能。
2.驾驶和操作机器
可能头晕，不要驾驶。"""
    file = loaded(chinese(dosage, warnings))
    _, sections = structure(file, "x.txt")
    assert found(sections)[1:] == [
        ("【用法用量】", K.DOSAGE),
        ("成人常用量：", K.DOSAGE),
        ("小儿常用量：", K.PEDIATRIC),
        ("肾功能不全患者：", K.RENAL_HEPATIC),
        ("给药方法：", K.DOSAGE),
        ("【不良反应】", K.ADVERSE_REACTIONS),
        ("【禁忌】", K.CONTRAINDICATIONS),
        ("1.老年患者", K.GERIATRIC),
        ("2.驾驶和操作机器", K.WARNINGS),
        ("【贮藏】", K.STORAGE),
    ]
    assert_covered(file, sections)


@pytest.mark.parametrize(
    "dosage",
    [
        "成人：一次0.2g。儿童：一次0.1g，一日3次。\n老年患者：酌减。",
        "成人一次0.2g；\n儿童，老年患者\n应在医师指导下使用本品。",
        "常见用法：\n口服，一次0.2g，一日3次。",
    ],
    ids=["groups that begin sentences", "groups in a sentence", "no group"],
)
def test_groups_inside_sentences_stay_where_they_are(loaded: Callable[..., LoadedFile], dosage: str) -> None:
    _, sections = structure(loaded(chinese(dosage)), "x.txt")
    assert [kind for _, kind in found(sections)][1] is K.DOSAGE
    assert len(found(sections)) == 6


def test_a_group_joined_to_the_sentence_above_by_its_bullet(loaded: Callable[..., LoadedFile]) -> None:
    text = """1. 品名
舒安平錠
2. 成份含量
每錠含 10 mg shuanpinum。
4.1 適應症
緩解疼痛。
4.2 劑量及使用方法
口服使用，每日二次。
R兒童和青少年
本品不建議使用在十八歲以下之病患，資料有限。R老年病患
無資料顯示老年病患有調整劑量之必要性。
4.3 禁忌症
過敏。
4.8 不良反應
頭痛。
4.9 藥物過量
對症治療。
"""
    file = loaded(text)
    card, sections = structure(file, "x.pdf")
    titles = dict(found(sections))
    assert (titles["兒童和青少年"], titles["老年病患"]) == (K.PEDIATRIC, K.GERIATRIC), "the bullet's letter is no text"
    assert card.strength == "10 mg"
    assert_covered(file, sections)


SMPC = """1. NAME OF THE MEDICINAL PRODUCT
Lindora 75 mg tablets
2. QUALITATIVE AND QUANTITATIVE COMPOSITION
Each tablet contains 75 mg of lindorine.
3. PHARMACEUTICAL FORM
Tablet.
4. CLINICAL PARTICULARS
4.1 Therapeutic indications
Lindora is indicated for arthritis.
4.2 Posology and method of administration
Posology
Rheumatoid arthritis
The recommended dose for adult patients is 40 mg every other week.
Renal impairment (adults with arthritis):
Creatinine clearance below 30 ml/min: half of the usual dose.
Paediatric population
Enthesitis-related arthritis
The recommended dose for children from 6 years of age is 20 mg.
Method of administration
Oral use with a glass of water, also without food.
4.8 Undesirable effects
Cardiac disorders
Uncommon: tachycardia in patients who take it for the first time.
Description of selected adverse reactions
Infections were seen in a tenth of the patients treated.
5. PHARMACOLOGICAL PROPERTIES
5.1 Pharmacodynamic properties
Pharmacotherapeutic group: others. ATC code: X01.
Mechanism of action
Lindorine binds to its receptor and blocks its function there.
Clinical efficacy and safety
Rheumatoid arthritis
Lindora was evaluated in over 3,000 patients with arthritis.
TIME (MONTHS)
Patients were treated for as many months as they wanted to.
The median was reached in
Adult patients
who had been treated before the trial began, as expected.
5.2 Pharmacokinetic properties
Elimination
The half-life of lindorine in the blood is about 12 hours.
Renal impairment
Exposure is doubled in patients with impaired kidneys there.
6. PHARMACEUTICAL PARTICULARS
6.3 Shelf life
3 years.
Error! Reference source not found.1. NAME OF THE MEDICINAL PRODUCT
Lindora 150 mg tablets
2. QUALITATIVE AND QUANTITATIVE COMPOSITION
Each tablet contains 150 mg of lindorine.
"""


def test_subheadings_without_numbers(loaded: Callable[..., LoadedFile]) -> None:
    file = loaded(SMPC)
    _, sections = structure(file, "lindora.pdf")
    paths = [(section.heading_path[1:], section.kind) for section in sections if len(section.heading_path) > 2]
    assert paths == [
        (("4.2 Posology and method of administration", "Posology", "Rheumatoid arthritis"), K.DOSAGE),
        (
            (
                "4.2 Posology and method of administration",
                "Posology",
                "Renal impairment (adults with arthritis):",
            ),
            K.RENAL_HEPATIC,
        ),
        (
            (
                "4.2 Posology and method of administration",
                "Posology",
                "Paediatric population",
                "Enthesitis-related arthritis",
            ),
            K.PEDIATRIC,
        ),
        (("4.2 Posology and method of administration", "Method of administration"), K.DOSAGE),
        (("4.8 Undesirable effects", "Description of selected adverse reactions"), K.ADVERSE_REACTIONS),
        (("5.1 Pharmacodynamic properties", "Mechanism of action"), K.PHARMACOLOGY),
        (
            ("5.1 Pharmacodynamic properties", "Clinical efficacy and safety", "Rheumatoid arthritis"),
            K.PHARMACOLOGY,
        ),
        (("5.2 Pharmacokinetic properties", "Elimination"), K.PHARMACOLOGY),
        (("5.2 Pharmacokinetic properties", "Renal impairment"), K.PHARMACOLOGY),
    ]
    assert_covered(file, sections)
    last = sections[-1]
    assert last.subject == "Lindora 150 mg tablets", "rubbish before the heading does not hide the second product"


def test_tables_of_questions_and_answers(loaded: Callable[..., LoadedFile]) -> None:
    def head(text: str, level: int) -> tuple[str, dict[str, object]]:
        return (text, {"kind": BlockKind.HEADING, "level": level})

    rows = [
        head("问答", 1),
        head("服用舒安平期间可以喝酒吗？", 2),
        "不可以。",
        head("舒安平怎么保存？", 2),
        "密封保存。",
        head("说明", 1),
        "仅供参考。",
    ]
    card, sections = structure(loaded(rows, format="xlsx"), "用药问答.xlsx")
    assert (card.kind, card.title) == (DocumentKind.RECORDS, "用药问答")
    assert [(section.subject, section.kind) for section in sections] == [
        ("服用舒安平期间可以喝酒吗？", K.INTERACTIONS),
        ("舒安平怎么保存？", K.STORAGE),
        ("说明", K.OTHER),
    ]
    card, sections = structure(loaded([head("How do I store it?", 1), "Cool."], format="qa"), "faq.jsonl")
    assert (card.kind, card.title, sections[0].kind) == (DocumentKind.RECORDS, "faq", K.STORAGE)
    rows = [head("剂量调整", 1), "阿莫西林胶囊 | 0.25g", head("说明", 1), "略"]
    card, _ = structure(loaded(rows, format="xlsx"), "表.xlsx")
    assert card.kind is not DocumentKind.RECORDS


def test_japanese_insert(loaded: Callable[..., LoadedFile]) -> None:
    text = """2021年10月改訂（第22版）
カルロタール製剤
ナボルテック錠100mg
【禁忌（次の患者には投与しないこと）】
本剤の成分に対し過敏症の既往歴のある患者
【組成・性状】
1錠中カルロタール（日局）100mgを含有する。
【効能又は効果】
てんかんのけいれん発作を効能とする。
【用法及び用量】
通常、成人には1日1回経口投与する。
【使用上の注意】
慎重に投与すること。
【貯法】
室温保存
製造販売元
ノヴァファーマ株式会社
"""
    card, _ = structure(loaded(text, title="ナボルテック錠100mg"), "26_ja.pdf")
    assert (card.kind, card.title) == (DocumentKind.LEAFLET, "ナボルテック錠100mg")
    assert (card.generic_names, card.brand_names) == (("カルロタール",), ("ナボルテック",))
    assert (card.manufacturer, card.revised_on) == ("ノヴァファーマ株式会社", "2021-10")
