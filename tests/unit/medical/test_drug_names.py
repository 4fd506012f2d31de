"""Cores of drug names: salts and forms go, meaning stays."""

from __future__ import annotations

import pytest

from kbchat.medical.drug_names import core_name, has_dosage_form, name_variants


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("盐酸二甲双胍缓释片", "二甲双胍"),
        ("硫酸氢氯吡格雷片", "氯吡格雷"),
        ("阿托伐他汀钙片", "阿托伐他汀"),
        ("注射用头孢曲松钠", "头孢曲松"),
        ("琥珀酸美托洛尔缓释片(II)", "美托洛尔"),
        ("阿莫西林胶囊（0.25g）", "阿莫西林"),
        ("鹽酸二甲雙胍錠", "二甲雙胍"),
        ("左氧氟沙星氯化钠注射液", "左氧氟沙星"),
        ("氯化钾缓释片", "氯化钾"),
        ("氯化钠注射液", "氯化钠"),
        ("碳酸钙D3咀嚼片", "碳酸钙d3"),
        ("枸橼酸铋钾胶囊", "枸橼酸铋钾"),
        ("硫酸亚铁片", "硫酸亚铁"),
        ("硝酸甘油片", "硝酸甘油"),
        ("单硝酸异山梨酯缓释片", "单硝酸异山梨酯"),
        ("乳酸菌素片", "乳酸菌素"),
        ("门冬氨酸钾镁片", "门冬氨酸钾镁"),
        ("葡萄糖酸钙口服溶液", "葡萄糖酸钙"),
        ("复方丹参片", "复方丹参"),
        ("Apixaban tablets", "apixaban"),
        ("Metformin hydrochloride 500 mg prolonged-release tablets", "metformin"),
        ("Humira 40 mg solution for injection in pre-filled pen", "humira"),
        ("Potassium chloride extended-release tablets", "potassium chloride"),
        ("Sodium valproate", "valproate"),
        ("Losartan potassium", "losartan"),
        ("calcium carbonate", "calcium carbonate"),
        ("片", "片"),
    ],
)
def test_core(name: str, core: str) -> None:
    assert core_name(name) == core


def test_variants_go_from_the_whole_name_to_the_core() -> None:
    assert name_variants("盐酸二甲双胍缓释片") == ("盐酸二甲双胍缓释片", "盐酸二甲双胍", "二甲双胍")
    assert "apixaban" in name_variants("ELIQUIS® (apixaban) tablets")
    assert name_variants("ELIQUIS® (apixaban) tablets")[-1] == "eliquis"


@pytest.mark.parametrize(
    "text", ["阿司匹林肠溶片怎么吃", "孟鲁司特钠咀嚼片2岁能吃吗", "牛黄解毒片", "维生素C片", "omeprazole capsules"]
)
def test_products_are_seen(text: str) -> None:
    assert has_dosage_form(text)


@pytest.mark.parametrize(
    "text", ["一片多少毫克", "我吃了三片", "拍胸片要注意什么", "打针疼吗", "分散注意力", "is it safe", ""]
)
def test_measures_and_other_words_are_no_products(text: str) -> None:
    assert not has_dosage_form(text)
