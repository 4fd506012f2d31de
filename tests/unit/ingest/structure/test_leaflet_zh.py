"""Chinese leaflets, in the shapes hospitals keep them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.structure import structure
from kbchat.types import DocumentKind, LoadedFile
from kbchat.types import SectionKind as K

LEAFLET = """核准日期：2009年03月02日
修改日期：2012年10月01日
2018年05月20日
舒安平片说明书
请仔细阅读说明书并在医师指导下使用。
【药品名称】
通用名称：盐酸舒安平片
商品名称：安舒 / ANSHU
英文名称：Shuanping Hydrochloride Tablets
汉语拼音：Yansuan Shu'anping Pian
【成份】本品主要成份为盐酸舒安平。
【适应症】用于轻、中度疼痛。
【规格】10mg
【用法用量】
口服。成人一次10mg，一日2次（见【注意事项】）。
【不良反应】
常见恶心、头晕。
【禁忌】对本品过敏者禁用，参见
【注意事项】和【药物相互作用】。
【注意事项】肝功能不全者慎用。
【孕妇及哺乳期妇女用药】孕妇禁用。
【儿童用药】尚不明确。
【药物相互作用】与单胺氧化酶抑制剂合用应谨慎。
【药物过量】对症处理。
【贮藏】密封保存。
【生产企业】
企业名称：某某药业有限公司
"""


def kinds(file: LoadedFile) -> dict[str, K]:
    _, sections = structure(file, "x.pdf")
    return {section.heading_path[-1]: section.kind for section in sections if section.heading_path}


def test_bracketed(loaded: Callable[..., LoadedFile]) -> None:
    card, sections = structure(loaded(LEAFLET), "file.pdf")
    assert card.kind is DocumentKind.LEAFLET
    assert card.title == "舒安平片说明书"
    assert card.generic_names == ("盐酸舒安平片",)
    assert card.brand_names == ("安舒", "ANSHU")
    assert card.english_names == ("Shuanping Hydrochloride Tablets",)
    assert card.strength == "10mg"
    assert card.manufacturer == "某某药业有限公司"
    assert (card.approved_on, card.revised_on, card.language) == ("2009-03-02", "2018-05-20", "zh")
    by_title = {section.heading_path[-1]: section for section in sections if section.heading_path}
    assert by_title["【用法用量】"].kind is K.DOSAGE
    assert by_title["【用法用量】"].text.startswith("【用法用量】\n口服。")
    assert by_title["【成份】"].text == "【成份】本品主要成份为盐酸舒安平。"
    assert by_title["【禁忌】"].text.endswith("【注意事项】和【药物相互作用】。"), "a reference is no heading"
    assert [section.kind for section in sections].count(K.WARNINGS) == 1
    assert all("舒安平" in section.subject for section in sections)
    assert sections[0].heading_path == ()
    assert sections[0].text.startswith("核准日期")


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("〔", "〕"), ("『", "』"), ("［", "］"), ("", "】"), ("【", "")]
)
def test_brackets_damaged_by_ocr(loaded: Callable[..., LoadedFile], opening: str, closing: str) -> None:
    names = ["适应症", "用法用量", "不良反应", "禁忌", "注意事项", "药物相互作用", "贮藏"]
    text = "\n".join(f"{opening}{name}{closing}\n这一节说明本品的有关内容，请遵医嘱。" for name in names)
    found = kinds(loaded(text))
    assert set(found.values()) == {
        K.INDICATIONS, K.DOSAGE, K.ADVERSE_REACTIONS, K.CONTRAINDICATIONS, K.WARNINGS, K.INTERACTIONS, K.STORAGE,
    }  # fmt: skip


def test_without_brackets(loaded: Callable[..., LoadedFile]) -> None:
    found = kinds(
        loaded(
            "药品名称：舒安平片\n适应症：用于疼痛。\n用法用量\n口服，一次10mg。\n不良反应\n恶心。\n禁忌：过敏者禁用。\n"
            "贮藏：遮光保存。\n药物过量：尚不明确。"
        )
    )
    assert found["适应症"] is K.INDICATIONS
    assert found["用法用量"] is K.DOSAGE
    assert found["禁忌"] is K.CONTRAINDICATIONS
    assert found["贮藏"] is K.STORAGE


def test_text_that_lost_its_line_breaks(loaded: Callable[..., LoadedFile]) -> None:
    text = "【适应症】用于疼痛。【用法用量】一次10mg，见【注意事项】。【不良反应】恶心。【禁忌】孕妇禁用。【注意事项】慎用。【贮藏】密封。"
    found = kinds(loaded(text))
    assert list(found.values()) == [
        K.INDICATIONS, K.DOSAGE, K.ADVERSE_REACTIONS, K.CONTRAINDICATIONS, K.WARNINGS, K.STORAGE,
    ]  # fmt: skip


def test_numbered_taiwan_format(loaded: Callable[..., LoadedFile]) -> None:
    text = """1. 品名
舒安平錠
2. 成份含量
每錠含 10 mg shuanpinum。
3. 劑型
錠劑
4. 臨床特性
4.1 適應症
緩解輕度疼痛。
4.2 劑量及使用方法
4.2.1 給藥方式
口服使用，每日二次，每次一錠。
兒童
本品不建議使用在十八歲以下之兒童及青少年病患。
4.3 禁忌症
懷孕
授乳
肝病
4.8 不良反應
噁心、頭痛。
4.9 藥物過量
對症治療。
"""
    card, sections = structure(loaded(text), "x.pdf")
    by_title = {section.heading_path[-1]: section for section in sections if section.heading_path}
    assert card.brand_names == ("舒安平錠",)
    assert card.english_names == ("shuanpinum",)
    assert by_title["4.2.1 給藥方式"].heading_path == ("4. 臨床特性", "4.2 劑量及使用方法", "4.2.1 給藥方式")
    assert by_title["4.2.1 給藥方式"].kind is K.DOSAGE
    assert by_title["兒童"].kind is K.PEDIATRIC
    assert "懷孕\n授乳\n肝病" in by_title["4.3 禁忌症"].text, "items of a list are no headings"
    assert by_title["4.9 藥物過量"].kind is K.OVERDOSE


def test_headings_of_a_word_file(loaded: Callable[..., LoadedFile]) -> None:
    from kbchat.types import BlockKind

    rows = [("舒安平片说明书", {"kind": BlockKind.HEADING, "level": 1})]
    for name in ("适应症", "用法用量", "不良反应", "禁忌", "贮藏"):
        rows += [(name, {"kind": BlockKind.HEADING, "level": 2}), (f"{name}的内容在这里。", {})]
    card, sections = structure(loaded(rows, format="docx"), "x.docx")
    assert card.title == "舒安平片说明书"
    assert [section.kind for section in sections[1:]] == [
        K.INDICATIONS, K.DOSAGE, K.ADVERSE_REACTIONS, K.CONTRAINDICATIONS, K.STORAGE,
    ]  # fmt: skip
