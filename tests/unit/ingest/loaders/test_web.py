"""HTML, Markdown and FDA labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.loaders import LoadOptions, load_file
from kbchat.errors import DamagedFileError, NoTextError, UnsupportedFormatError
from kbchat.types import Block, BlockKind, LoadedFile

H, P, L = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM
TH, TR = BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW


def load(tmp_path: Path, text: str | bytes, name: str) -> LoadedFile:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_file(path, LoadOptions())


def blocks(loaded: LoadedFile) -> list[tuple[BlockKind, int, str]]:
    page = loaded.pages[0]
    return [(block.kind, block.level, page.text[block.start : block.end]) for block in page.blocks]


def test_html_headings_lists_breaks_and_hidden_parts(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """<!DOCTYPE html><html lang="zh"><head><title>说明书 A</title><style>p{}</style><script>alert(1)</script></head>
        <body><nav>首页 | 关于</nav><h1>药品<br>说明书</h1><p style="display: none">看不见</p><!-- 注释 -->
        <p>白细胞&lt;4×10<sup>9</sup>/L&nbsp;时<b>停药</b>，
        CO<sub>2</sub>。<br>第二行</p><ol start="3"><li>甲<ul><li>乙</li></ul></li><li>丙</li></ol>
        <h3>用法</h3><p><strong>成人：</strong></p><dl><dt>规格</dt><dd>5mg</dd></dl>裸文本</body></html>""",
        "a.html",
    )
    assert loaded.metadata["title"] == "说明书 A"
    assert blocks(loaded) == [
        (H, 1, "药品 说明书"),
        (P, 0, "白细胞<4×10⁹/L 时停药，CO2。"),
        (P, 0, "第二行"),
        (L, 0, "3. 甲"),
        (L, 0, "• 乙"),
        (L, 0, "4. 丙"),
        (H, 3, "用法"),
        (P, 0, "成人："),
        (P, 0, "规格"),
        (P, 0, "5mg"),
        (P, 0, "裸文本"),
    ]
    bold = [loaded.pages[0].text[block.start : block.end] for block in loaded.pages[0].blocks if block.bold]
    assert bold == ["成人：", "规格"]


def test_html_tables_with_merged_cells(tmp_path: Path) -> None:
    html = """<table><caption>表1 剂量</caption>
    <tr><td rowspan="2">药名</td><td colspan="2">成人剂量（g）</td><td rowspan="2">备注</td></tr>
    <tr><td>体重&lt;50kg</td><td>体重≥50 kg</td></tr>
    <tr><td rowspan="2">利福平</td><td>0.45</td><td>0.60</td><td>空腹</td></tr>
    <tr><td>0.30</td><td></td><td>晨服</td></tr>
    <tr><td>合计</td><td colspan="3">不超过0.6</td></tr>
    <tr><td colspan="4">注：体重按清晨空腹测量的数值计算，每月复核一次。</td></tr></table><p>后文</p>"""
    assert blocks(load(tmp_path, f"<html><body>{html}</body></html>", "a.htm")) == [
        (P, 0, "表1 剂量"),
        (TH, 0, "药名 | 成人剂量（g） 体重<50kg | 成人剂量（g） 体重≥50 kg | 备注"),
        (TR, 0, "利福平 | 0.45 | 0.60 | 空腹"),
        (TR, 0, "利福平 | 0.30 | | 晨服"),
        (TR, 0, "合计 | 不超过0.6"),
        (P, 0, "注：体重按清晨空腹测量的数值计算，每月复核一次。"),
        (P, 0, "后文"),
    ]


def test_html_tables_with_impossible_spans(tmp_path: Path) -> None:
    html = """<table><tr><td rowspan=9 colspan=2>甲</td><td rowspan=0>乙</td></tr><tr><td colspan=999999>丙</td><td>丁</td></tr>
    <tr></tr><tr><td rowspan=2>戊</td><td colspan=1000>己</td><td colspan=1000>庚</td><td>辛</td></tr></table>"""
    text = load(tmp_path, f"<html>{html}</html>", "a.html").pages[0].text
    assert all(character in text for character in "甲乙丙丁戊己庚")


def test_a_headless_table_goes_on_with_the_one_before(tmp_path: Path) -> None:
    html = """<table><tr><th>药物</th><th>剂量</th></tr><tr><td>甲</td><td>1mg</td></tr></table>
    <table><tr><td>乙</td><td>2mg</td></tr></table><p>正文</p><table><tr><td>丙</td><td>3mg</td></tr></table>"""
    page = load(tmp_path, f"<html>{html}</html>", "a.html").pages[0]
    assert [block.table for block in page.blocks] == [1, 1, 1, 0, 2]


def test_layout_tables_and_frames_are_read_as_text(tmp_path: Path) -> None:
    html = "<table><tr><td><h2>适应症</h2><p>高血压。</p></td><td><p>右栏</p></td></tr></table>"
    assert blocks(load(tmp_path, f"<html>{html}</html>", "a.html")) == [
        (H, 2, "适应症"),
        (P, 0, "高血压。"),
        (P, 0, "右栏"),
    ]


def test_html_charset_from_meta_and_by_detection(tmp_path: Path) -> None:
    body = "<p>盐酸二甲双胍缓释片，口服，一次0.5g，一日两次，随餐服用。</p>"
    declared = f'<html><head><meta charset="gb2312"></head><body>{body}</body></html>'
    assert "二甲双胍" in load(tmp_path, declared.encode("gb18030"), "a.html").pages[0].text
    wrong = f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'
    assert "二甲双胍" in load(tmp_path, wrong.encode("gb18030"), "b.html").pages[0].text
    assert "二甲双胍" in load(tmp_path, wrong.encode("utf-16"), "c.html").pages[0].text


def test_html_under_another_name_is_read_with_a_warning(tmp_path: Path) -> None:
    loaded = load(tmp_path, "<html><body><p>成人每日一次。</p></body></html>", "a.xls")
    assert loaded.format == "html"
    assert loaded.warnings == ("The file is named .xls but is html; it was read as html.",)


def test_html_without_text(tmp_path: Path) -> None:
    with pytest.raises(NoTextError):
        load(tmp_path, "<html><body><img src='a.png'></body></html>", "a.html")


def test_deep_html_does_not_end_the_process(tmp_path: Path) -> None:
    page = "<html>" + "<div>" * 200 + "深" + "</div>" * 200 + "<p>浅</p></html>"
    assert load(tmp_path, page, "a.html").pages[0].text == "深\n浅"
    with pytest.raises(DamagedFileError, match="nested too deeply"):
        load(tmp_path, page.replace("<div>", "<div>" * 250).replace("</div>", "</div>" * 250), "b.html")


def test_markdown(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """---
title: "糖尿病指南"
date: 2020-01-01
---
# 1 诊断 <!-- 隐藏 -->

空腹血糖 $\\geqslant 7 . 0$ mmol/L，
或随机血糖**≥11.1** mmol/L[1]。
换行两格{BREAK}
下一段

1. 二甲双胍
   - 起始 0.5 g
2. 胰岛素

7. 1. 1 小节

| 药物 | 剂量 |
|---|---|
| 甲 | $5 \\%$ |

# 表2 续表
<html><body><table><tr><td>药名</td><td>儿童</td></tr><tr><td>乙</td><td>10~15</td></tr></table></body></html>

![流程图 一](a.png)
![](b.png)
""".replace("{BREAK}", "  "),
        "a.md",
    )
    assert loaded.metadata["title"] == "糖尿病指南"
    assert blocks(loaded) == [
        (H, 1, "1 诊断"),
        (P, 0, "空腹血糖 ≥7.0 mmol/L，或随机血糖≥11.1 mmol/L[1]。换行两格"),
        (P, 0, "下一段"),
        (L, 0, "1. 二甲双胍"),
        (L, 0, "• 起始 0.5 g"),
        (L, 0, "2. 胰岛素"),
        (L, 0, "7. 1. 1 小节"),
        (TH, 0, "药物 | 剂量"),
        (TR, 0, "甲 | 5%"),
        (P, 0, "表2 续表"),
        (TH, 0, "药名 | 儿童"),
        (TR, 0, "乙 | 10~15"),
        (P, 0, "流程图 一"),
    ]


SPL = """<?xml version="1.0" encoding="UTF-8"?>
<document xmlns="urn:hl7-org:v3"><title>These highlights do not include all. <br/>TESTOL<sup>®</sup> (testium) tablets<br/>Initial U.S. Approval: 1999</title>
<effectiveTime value="20240305"/><setId root="abc"/><versionNumber value="7"/>
<author><assignedEntity><representedOrganization><name>Acme &amp; Co</name></representedOrganization></assignedEntity></author>
<component><structuredBody>
<component><section><code code="48780-1" displayName="SPL product data elements section"/>
<subject><manufacturedProduct><manufacturedProduct><name>TESTOL</name>
<asEntityWithGeneric><genericMedicine><name>testium</name></genericMedicine></asEntityWithGeneric>
<ingredient classCode="ACTIB"><quantity><numerator unit="mg" value="5"/><denominator unit="1" value="1"/></quantity></ingredient>
</manufacturedProduct></manufacturedProduct></subject></section></component>
<component><section><code code="43683-2" displayName="RECENT MAJOR CHANGES SECTION"/>
<excerpt><highlight><text><paragraph>Dosage (2) 03/2024</paragraph></text></highlight></excerpt></section></component>
<component><section><code code="34067-9" displayName="INDICATIONS"/><title>1 INDICATIONS</title>
<text><paragraph>For <content styleCode="bold">pain</content>.</paragraph>
<list listType="unordered"><item><caption>•</caption>mild pain</item><item>severe pain</item></list></text>
<excerpt><highlight><text><paragraph>Pain in short.</paragraph></text></highlight></excerpt>
<component><section><code code="42229-5"/><title>1.1 Children</title><text>
<table><caption>Table 1: Dose</caption><thead><tr><th>Age</th><th>Dose</th></tr></thead>
<tfoot><tr><td colspan="2">* see text</td></tr></tfoot>
<tbody><tr><td rowspan="2">2 to 5 years</td><td>1 mg</td></tr><tr><td>2 mg*</td></tr></tbody></table></text></section></component>
</section></component></structuredBody></component></document>"""


def test_spl_sections_codes_tables_and_card(tmp_path: Path) -> None:
    loaded = load(tmp_path, SPL, "a.xml")
    assert loaded.format == "spl"
    assert dict(loaded.metadata) == {
        "title": "TESTOL® (testium) tablets", "setid": "abc", "version": "7", "effective": "2024-03-05",
        "generic_name": "testium", "brand_name": "TESTOL", "manufacturer": "Acme & Co", "strength": "5 mg", "language": "en",
    }  # fmt: skip
    assert blocks(loaded) == [
        (P, 0, "These highlights do not include all."),
        (P, 0, "TESTOL® (testium) tablets"),
        (P, 0, "Initial U.S. Approval: 1999"),
        (H, 1, "RECENT MAJOR CHANGES"),
        (P, 0, "Dosage (2) 03/2024"),
        (H, 1, "1 INDICATIONS"),
        (P, 0, "For pain."),
        (L, 0, "• mild pain"),
        (L, 0, "• severe pain"),
        (H, 2, "1.1 Children"),
        (P, 0, "Table 1: Dose"),
        (TH, 0, "Age | Dose"),
        (TR, 0, "2 to 5 years | 1 mg"),
        (TR, 0, "2 to 5 years | 2 mg*"),
        (P, 0, "* see text"),
    ]
    codes: list[Block] = [block for block in loaded.pages[0].blocks if block.kind is H]
    assert [block.code for block in codes] == ["43683-2", "34067-9", "42229-5"]


def test_other_broken_and_hostile_xml(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormatError, match="root element feed"):
        load(tmp_path, "<?xml version='1.0'?><feed><entry>x</entry></feed>", "a.xml")
    with pytest.raises(DamagedFileError, match="broken"):
        load(tmp_path, SPL[:900], "a.xml")
    bomb = (
        "<?xml version='1.0'?><!DOCTYPE z [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
        + "]><document xmlns='urn:hl7-org:v3'><title>&j;</title></document>"
    )
    with pytest.raises(DamagedFileError, match="entities"):
        load(tmp_path, bomb, "a.xml")
    outside = "<?xml version='1.0'?><!DOCTYPE z SYSTEM 'file:///etc/passwd'>" + SPL.partition("?>")[2]
    assert "root:" not in load(tmp_path, outside, "a.xml").pages[0].text


def test_two_versions_of_a_real_label(shared_data: Path) -> None:
    old, new = (load_file(next((shared_data / "documents").glob(f"{n}_*.xml")), LoadOptions()) for n in (22, 23))
    assert (old.metadata["version"], new.metadata["version"]) == ("29", "30")
    assert old.metadata["setid"] == new.metadata["setid"]
    assert old.metadata["generic_name"] == new.metadata["generic_name"] == "apixaban"
    texts = [text for _, _, text in blocks(new)]
    assert "Tablet 0.5 mg For pediatric use | 4 to less than 6 | 1 mg twice daily | 0.5 mg twice daily" in texts
    assert "Presentation | Body weight (kg) | Days 1-7 Dosing schedule | Days 8 and beyond Dosing schedule" in texts
    by_code = {block.code for block in new.pages[0].blocks}
    assert {"34067-9", "34068-7", "34070-3", "34084-4", "34073-7", "34088-5", "34081-0"} <= by_code


def test_guideline_with_latex_remnants(shared_data: Path) -> None:
    loaded = load_file(next((shared_data / "documents").glob("11_*.md")), LoadOptions())
    text = loaded.pages[0].text
    assert "\\mathrm" not in text
    assert "$" not in text
    assert "药名 | 成人剂量（g） 体重<50kg | 成人剂量（g） 体重≥50 kg | 儿童剂量（mg/kg) | 主要不良反应" in text
    assert "诊断的HIV/AIDS患者 90% 接受规范的HAART" in text
