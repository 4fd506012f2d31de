"""Guidelines, plain documents and records."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.structure import structure
from ingest.structure.guideline import grade_and_evidence
from kbchat.types import BlockKind, DocumentKind, LoadedFile
from kbchat.types import SectionKind as K

HEADING = {"kind": BlockKind.HEADING, "level": 1}


def paths(file: LoadedFile, name: str = "x.md") -> list[tuple[tuple[str, ...], K]]:
    _, sections = structure(file, name)
    return [(section.heading_path, section.kind) for section in sections]


def test_chinese_chapters_and_lists(loaded: Callable[..., LoadedFile]) -> None:
    text = """社区咳嗽诊疗指南（2021年版）
某某医学会呼吸病学分会
目 录
第一章 概述 ........ 1
第二章 诊断 ........ 2
第一章 概述
咳嗽是常见的症状，病程长短不一。
第二章 诊断
一、病史
询问病史时应注意以下几点：
1. 咳嗽的时间；
2. 痰的颜色；
二、检查
（一）胸部X线
所有患者均应检查。
第三章 治疗
1.5 mg的剂量即可。
一、药物
可用镇咳药。
"""
    card, sections = structure(loaded(text), "x.pdf")
    assert card.kind is DocumentKind.GUIDELINE
    assert card.title == "社区咳嗽诊疗指南（2021年版）"
    assert (card.version, card.revised_on) == ("2021年版", "2021")
    found = [(section.heading_path, section.kind) for section in sections if section.heading_path]
    assert found == [
        (("目 录",), K.OTHER),
        (("第一章 概述",), K.OTHER),
        (("第二章 诊断", "一、病史"), K.DIAGNOSIS),
        (("第二章 诊断", "二、检查", "（一）胸部X线"), K.DIAGNOSIS),
        (("第三章 治疗",), K.RECOMMENDATION),
        (("第三章 治疗", "一、药物"), K.RECOMMENDATION),
    ]


def test_depth_is_rebuilt_from_numbers_when_all_headings_are_level_one(loaded: Callable[..., LoadedFile]) -> None:
    rows: list[object] = []
    for title in ("某病诊疗指南", "1流行病学", "1.1现况", "2诊断标准", "2.1急性期的诊断标准", "无症状期的诊断标准",
                  "3机会性感染", "3.1 肺炎", "3.1.1 诊断", "结核病", "3.2.2 治疗", "参考文献"):  # fmt: skip
        rows += [(title, dict(HEADING)), "这一段是该节的正文，说明有关的内容和要求，供临床医师参考。"]
    found = dict(paths(loaded(rows, format="markdown")))
    assert found[("1流行病学", "1.1现况")] is K.OTHER
    assert found[("2诊断标准", "无症状期的诊断标准")] is K.DIAGNOSIS
    assert found[("3机会性感染", "3.1 肺炎", "3.1.1 诊断")] is K.DIAGNOSIS
    assert found[("3机会性感染", "结核病", "3.2.2 治疗")] is K.RECOMMENDATION
    assert found[("参考文献",)] is K.OTHER


def test_recommendations_stand_apart_and_the_section_goes_on(loaded: Callable[..., LoadedFile]) -> None:
    text = """咳嗽管理专家共识
1 治疗
1.1 药物治疗
推荐意见1：建议成人每日口服舒安平10 mg（推荐强度：强；证据质量：B级）。
该意见来自两项随机对照试验，共纳入300例患者。
推荐意见2：孕妇不宜使用（2C）。
1.2 预防
注意保暖，接种疫苗。
"""
    _, sections = structure(loaded(text), "x.txt")
    statements = [section for section in sections if section.grade]
    assert [(s.heading_path[-1], s.grade, s.evidence) for s in statements] == [
        ("推荐意见1", "强", "B"),
        ("推荐意见2", "2", "C"),
    ]
    assert all(s.kind is K.RECOMMENDATION for s in statements)
    going_on = next(section for section in sections if "随机对照试验" in section.text)
    assert going_on.heading_path == ("1 治疗", "1.1 药物治疗")
    assert going_on.grade == ""
    assert sections[-1].heading_path == ("1 治疗", "1.2 预防")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("建议使用A药（1A）", ("1", "A")),
        ("推荐B药（Ⅰ，A）", ("Ⅰ", "A")),
        ("推荐使用（推荐级别Ⅱa，证据等级B）", ("Ⅱa", "B")),
        ("可考虑手术（强推荐，中等质量证据）", ("强推荐", "中等")),
        ("We recommend drug A (strong recommendation, moderate-quality evidence)", ("strong", "moderate")),
        ("Offer drug B (Grade A, Level 1b)", ("A", "1b")),
        ("给予维生素C，每日2次（见表1）", ("", "")),
        ("乙型肝炎患者使用（B）药", ("", "")),
    ],
)
def test_grades(text: str, expected: tuple[str, str]) -> None:
    assert grade_and_evidence(text) == expected


def test_run_in_headings(loaded: Callable[..., LoadedFile]) -> None:
    text = """某病防治指南
1 检查
1.1 心脏
做心电图检查，必要时做超声检查。
1.2 眼底：视网膜动脉病变可反映小血管的病变情况，应定期复查。
"""
    found = paths(loaded(text))
    assert found[-1][0] == ("1 检查", "1.2 眼底")


def test_english_text_without_marks(loaded: Callable[..., LoadedFile]) -> None:
    text = """MANAGEMENT OF COUGH
Introduction
Cough is a common symptom that brings people to the clinic every day of the year.
CLINICAL FEATURES
Most patients have a dry cough that lasts for less than three weeks in all.
TREATMENT
Treatment is aimed at the cause; antibiotics are seldom needed in adults at all.
"""
    card, sections = structure(loaded(text, format="txt"), "25_cough.txt")
    assert card.title == "MANAGEMENT OF COUGH"
    assert card.kind is DocumentKind.GUIDELINE
    assert [(s.heading_path, s.kind) for s in sections[1:]] == [
        (("Introduction",), K.OTHER),
        (("CLINICAL FEATURES",), K.DIAGNOSIS),
        (("TREATMENT",), K.RECOMMENDATION),
    ]


def test_records(loaded: Callable[..., LoadedFile]) -> None:
    rows = [
        ("舒安平片", {"kind": BlockKind.HEADING, "level": 1}),
        ("不良反应", {"kind": BlockKind.HEADING, "level": 2}),
        "恶心。",
        ("舒安平片", {"kind": BlockKind.HEADING, "level": 1}),
        ("药物用法", {"kind": BlockKind.HEADING, "level": 2}),
        "一次10mg。",
        ("乐宁胶囊", {"kind": BlockKind.HEADING, "level": 1}),
        ("适应症", {"kind": BlockKind.HEADING, "level": 2}),
        "用于失眠。",
    ]
    card, sections = structure(loaded(rows, format="records"), "drugs.jsonl")
    assert card.kind is DocumentKind.RECORDS
    assert card.title == "drugs"
    assert [(s.subject, s.kind) for s in sections] == [
        ("舒安平片", K.ADVERSE_REACTIONS),
        ("舒安平片", K.DOSAGE),
        ("乐宁胶囊", K.INDICATIONS),
    ]


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Microsoft Word - 报告终稿.doc", "report"),
        ("84172073_01.indd", "report"),
        ("C:\\docs\\社区工作报告2020.doc", "社区工作报告2020"),
        ("社区工作年度报告", "社区工作年度报告"),
        ("", "report"),
    ],
)
def test_stated_titles_are_judged(loaded: Callable[..., LoadedFile], stated: str, title: str) -> None:
    card, _ = structure(loaded("这是一段没有标题的文字，只有一句话。", title=stated), "12_report.pdf")
    assert card.title in {title, "报告终稿"}


def test_an_empty_file_has_no_sections(loaded: Callable[..., LoadedFile]) -> None:
    card, sections = structure(loaded(""), "empty.txt")
    assert sections == ()
    assert card.title == "empty"
