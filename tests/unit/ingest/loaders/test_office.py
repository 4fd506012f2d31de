"""Word, PowerPoint and Excel files, csv, and what hostile office files can do."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.util import Inches

from ingest.loaders import LoadOptions, load_file
from ingest.loaders.cell_values import shown
from ingest.loaders.legacy import find_libreoffice
from ingest.loaders.word_numbering import chinese_number, numeral
from kbchat.errors import DamagedFileError, EncryptedFileError, FileLimitError, NoTextError, UnsupportedFormatError
from kbchat.types import BlockKind, LoadedFile, Page

H, P, L = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM
TH, TR = BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW


def blocks(page: Page) -> list[tuple[BlockKind, int, str]]:
    return [(block.kind, block.level, page.text[block.start : block.end]) for block in page.blocks]


def read(path: Path, **options: Any) -> LoadedFile:
    return load_file(path, LoadOptions(**options))


def paragraph(document: Any, xml: str) -> None:
    document.element.body.insert(len(document.element.body) - 1, parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>"))


def test_docx_headings_tables_and_tracked_changes(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "阿司匹林指南"
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.add_heading("第一章", level=1)
    document.styles.add_style("标题 2", 1)
    document.add_paragraph("用法", style="标题 2")
    paragraph(
        document,
        "<w:r><w:t>一次</w:t></w:r><w:del w:id='1'><w:r><w:delText>5</w:delText></w:r></w:del>"
        "<w:ins w:id='2'><w:r><w:t>0.3 g</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        "<w:r><w:sym w:font='Symbol' w:char='F0B3'/></w:r><w:r><w:t>10</w:t></w:r>"
        "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>9</w:t></w:r><w:r><w:t>/L</w:t><w:br/><w:t>次行</w:t></w:r>",
    )
    table = document.add_table(rows=4, cols=3)
    for row, texts in zip(
        table.rows,
        [("药物", "剂量", "剂量"), ("甲", "5 mg", "qd"), ("", "10 mg", "bid"), ("乙", "不推荐", "")],
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph("项目", style="List Bullet")
    document.add_paragraph("末段")
    path = tmp_path / "指南 一.docx"
    document.save(str(path))
    loaded = read(path)
    assert loaded.metadata["title"] == "阿司匹林指南"
    assert blocks(loaded.pages[0]) == [
        (H, 1, "第一章"),
        (H, 2, "用法"),
        (P, 0, "一次0.3 g≥10⁹/L"),
        (P, 0, "次行"),
        (TH, 0, "药物 | 剂量 | 剂量"),
        (TR, 0, "甲 | 5 mg | qd"),
        (TR, 0, "甲 | 10 mg | bid"),
        (TR, 0, "乙 | 不推荐"),
        (L, 0, "• 项目"),
        (P, 0, "末段"),
    ]


NUMBERING = """<w:numbering {ns}><w:abstractNum w:abstractNumId="90">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1章"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>
<w:num w:numId="90"><w:abstractNumId w:val="90"/></w:num></w:numbering>"""


def test_docx_shows_the_numbers_word_counts(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    for child in parse_xml(NUMBERING.format(ns=nsdecls("w"))):
        numbering.append(child) if child.tag.endswith("}num") else numbering.insert(0, child)

    def numbered(text: str, level: int, style: str = "") -> None:
        named = f"<w:pStyle w:val='{style}'/>" if style else ""
        paragraph(
            document,
            f"<w:pPr>{named}<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='90'/></w:numPr></w:pPr>"
            f"<w:r><w:t>{text}</w:t></w:r>",
        )

    numbered("总则", 0, "Heading1")
    numbered("甲", 1)
    numbered("乙", 1)
    numbered("附则", 0, "Heading1")
    numbered("丙", 1)
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert blocks(read(path).pages[0]) == [
        (H, 1, "第一章 总则"),
        (L, 0, "1. 甲"),
        (L, 0, "2. 乙"),
        (H, 1, "第二章 附则"),
        (L, 0, "1. 丙"),
    ]


def test_docx_text_boxes_footnotes_and_contents(tmp_path: Path) -> None:
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    paragraph(
        document,
        f"<w:r><w:t>正文</w:t><w:footnoteReference w:id='2'/></w:r><w:r><mc:AlternateContent xmlns:mc='{mc}'>"
        f"<mc:Choice Requires='wps'><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>",
    )
    document.styles.add_style("toc 1", 1)
    document.add_paragraph("目录条目 3", style="toc 1")
    path = tmp_path / "a.docx"
    document.save(str(path))
    notes = (
        f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='0'><w:p/></w:footnote>"
        "<w:footnote w:id='2'><w:p><w:r><w:t>脚注文字</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/footnotes.xml", notes)
    assert [text for _, _, text in blocks(read(path).pages[0])] == ["正文", "框内文字", "脚注文字"]


def test_docx_frames_and_nested_tables(tmp_path: Path) -> None:
    document = docx.Document()
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "【禁忌】"
    frame.add_paragraph("孕妇禁用。")
    outer = document.add_table(rows=2, cols=2)
    for row, texts in zip(outer.rows, [("组别", "方案"), ("成人", "见下")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    inner = outer.cell(1, 1).add_table(rows=2, cols=2)
    for row, texts in zip(inner.rows, [("天", "剂量"), ("1", "5 mg")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert [text for _, _, text in blocks(read(path).pages[0])] == [
        "【禁忌】", "孕妇禁用。", "组别 | 方案", "成人 | 见下", "天 | 剂量", "1 | 5 mg",
    ]  # fmt: skip


def test_numerals() -> None:
    assert [chinese_number(n) for n in (1, 10, 12, 20, 35, 105, 110)] == [
        "一",
        "十",
        "十二",
        "二十",
        "三十五",
        "一百零五",
        "一百一十",
    ]
    assert [numeral(4, style) for style in ("upperRoman", "lowerLetter", "decimalEnclosedCircle", "decimalZero", "odd")] == [
        "IV", "d", "④", "04", "4",
    ]  # fmt: skip


def test_pptx_is_a_page_a_slide(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "高血压用药"
    slide.placeholders[1].text = "首选 ACEI\n次选 CCB"
    slide.notes_slide.notes_text_frame.text = "讲者备注"
    deck.slides.add_slide(deck.slide_layouts[6])
    third = deck.slides.add_slide(deck.slide_layouts[5])
    third.shapes.title.text = "剂量"
    third.shapes.add_textbox(Inches(5), Inches(4), Inches(2), Inches(1)).text_frame.text = "右下"
    third.shapes.add_textbox(Inches(1), Inches(4), Inches(2), Inches(1)).text_frame.text = "左下"
    table = third.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for (row, column), text in {
        (0, 0): "药物", (0, 1): "剂量", (1, 0): "甲", (1, 1): "5 mg", (2, 1): "10 mg",
    }.items():  # fmt: skip
        table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    pages = read(path).pages
    assert [page.number for page in pages] == [1, 2, 3]
    assert pages[0].width == 720
    assert blocks(pages[0]) == [(H, 1, "高血压用药"), (L, 0, "• 首选 ACEI"), (L, 0, "• 次选 CCB"), (P, 0, "讲者备注")]
    assert pages[1].text == ""
    assert blocks(pages[2]) == [
        (H, 1, "剂量"), (TH, 0, "药物 | 剂量"), (TR, 0, "甲 | 5 mg"), (TR, 0, "甲 | 10 mg"), (P, 0, "左下"), (P, 0, "右下"),
    ]  # fmt: skip


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Any:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def test_xlsx_tables_with_values_as_shown(tmp_path: Path) -> None:
    book = workbook(
        tmp_path,
        ("剂量", [["抗菌药剂量表"], [], ["药物", "剂量", "启用日期"], ["甲", 0.5, dt.date(2024, 3, 1)], ["", 0.25, None], [],
                 ["乙", 1.5, dt.datetime(2024, 3, 2, 8, 30)  # noqa: DTZ001 - sheets know no time zones
]]),
        ("空", []),
        ("隐藏", [["秘密"]]),
    )  # fmt: skip
    sheet = book["剂量"]
    sheet["B4"].number_format = '0.00"g"'
    sheet["B5"].number_format = "0.00%"
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A4:A5")
    book["隐藏"].sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    loaded = read(path)
    assert loaded.format == "xlsx"
    assert blocks(loaded.pages[0]) == [
        (H, 1, "剂量"),
        (P, 0, "抗菌药剂量表"),
        (TH, 0, "药物 | 剂量 | 启用日期"),
        (TR, 0, "甲 | 0.50g | 2024-03-01"),
        (TR, 0, "甲 | 25.00%"),
        (TR, 0, "乙 | 1.5 | 2024-03-02 08:30"),
    ]
    assert {block.table for block in loaded.pages[0].blocks if block.table} == {1}
    assert loaded.warnings == ("Hidden sheets were left out: 隐藏.",)


def test_xlsx_group_headings_over_columns(tmp_path: Path) -> None:
    book = workbook(
        tmp_path,
        (
            "剂量",
            [
                ["药名", "成人", None, "备注"],
                [None, "口服", "静脉", None],
                ["甲", "5 mg", "2 mg", "空腹"],
                ["乙", "慎用", None, ""],
            ],
        ),
    )
    for area in ("A1:A2", "B1:C1", "D1:D2", "B4:C4"):
        book["剂量"].merge_cells(area)
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert [text for _, _, text in blocks(read(path).pages[0])] == [
        "剂量", "药名 | 成人 口服 | 成人 静脉 | 备注", "甲 | 5 mg | 2 mg | 空腹", "乙 | 慎用",
    ]  # fmt: skip


def test_xlsx_with_a_cell_at_the_far_corner_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = workbook(path, ("表", [["药", "量"], ["丙", 3]]))
    book["表"]["XFD1048576"] = "末尾"
    book.save(path)
    assert [text for _, _, text in blocks(read(path).pages[0])] == ["表", "药 | 量", "丙 | 3", "末尾"]


def test_xlsx_question_sheets_of_the_predecessor(tmp_path: Path) -> None:
    path = tmp_path / "qa.xlsx"
    workbook(
        path,
        (
            "内科",
            [
                ["序号", "问题", "回答", "科室"],
                [1, "能饮酒吗？", "不能。\n酒精会加重肝损伤。", "内科"],
                [2, "没有回答", None, None],
            ],
        ),
        ("外科", [["Question", "Answer"], ["When to stop?", "After 7 days."]]),
    ).save(path)
    loaded = read(path)
    assert loaded.format == "qa"
    assert blocks(loaded.pages[0]) == [
        (H, 1, "能饮酒吗？"), (P, 0, "不能。"), (P, 0, "酒精会加重肝损伤。"), (P, 0, "科室：内科"),
        (H, 1, "When to stop?"), (P, 0, "After 7 days."),
    ]  # fmt: skip


def test_xlsx_questions_beside_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, ("问答", [["问题", "答案"], ["甲？", "乙。"]]), ("表", [["药", "量"], ["丙", 3]])).save(path)
    loaded = read(path)
    assert loaded.format == "xlsx"
    assert [(level, text) for _, level, text in blocks(loaded.pages[0])] == [
        (1, "问答"), (2, "甲？"), (0, "乙。"), (1, "表"), (0, "药 | 量"), (0, "丙 | 3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (0.5, "0.00", "0.50"), (1234.5, "#,##0.00", "1,234.50"), (0.125, "0%", "13%"), (3, "General", "3"),
        (0.1 + 0.2, "General", "0.3"), (1e-9, "General", "0.000000001"), (-2.5, "0.0_);(0.0)", "(2.5)"),
        (2, '0"片"', "2片"), (7, "000", "007"), (0.5, "0.0#", "0.5"), (1.005, "0.00", "1.01"), (True, "General", "TRUE"),
        (dt.time(8, 30), "hh:mm", "08:30"), (12345678901234567890.0, "General", "1.2345678901234567e+19"), (-0.5, "0", "-1"),
    ],
)  # fmt: skip
def test_numbers_as_shown(value: object, number_format: str, expected: str) -> None:
    if expected.endswith("e+19"):
        assert float(shown(value, number_format)) == value
    else:
        assert shown(value, number_format) == expected


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_csv_delimiters_and_charset(tmp_path: Path, delimiter: str) -> None:
    rows = [["药物", "剂量"], ["阿莫西林胶囊", "0.5 g"], ["头孢拉定胶囊", "0.25 g"]]
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode("gb18030"))
    loaded = read(path)
    assert loaded.format == "csv"
    assert blocks(loaded.pages[0]) == [
        (TH, 0, "药物 | 剂量"),
        (TR, 0, "阿莫西林胶囊 | 0.5 g"),
        (TR, 0, "头孢拉定胶囊 | 0.25 g"),
    ]


def test_csv_of_questions_with_and_without_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('question,answer\n"What, when?","Take it, daily."\n', encoding="utf-8")
    assert blocks(read(path).pages[0]) == [(H, 1, "What, when?"), (P, 0, "Take it, daily.")]
    path.write_text("能吃柚子吗？,不能。\n能喝茶吗？,可以。\n", encoding="utf-8")
    assert read(path).format == "qa"


def test_pdf_renamed_docx_is_sniffed_as_pdf(tmp_path: Path) -> None:
    from ingest.loaders.sniff import FileKind, sniff

    path = tmp_path / "a.docx"
    path.write_bytes(b"%PDF-1.4\n%%EOF")
    found = sniff(path)
    assert found.kind is FileKind.PDF
    assert "named .docx but is pdf" in found.warning


def test_workbook_named_docx_is_read_as_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook(path, ("表", [["药", "量"], ["丙", 3]])).save(path)
    renamed = tmp_path / "b.docx"
    shutil.copy(path, renamed)
    loaded = read(renamed)
    assert loaded.format == "xlsx"
    assert "read as xlsx" in loaded.warnings[0]


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_zip_bombs_are_refused_before_they_unpack(tmp_path: Path) -> None:
    bomb = zip_of(tmp_path / "a.docx", {"[Content_Types].xml": b"<x/>", "word/document.xml": b" " * (64 << 20)})
    with pytest.raises(FileLimitError, match="unpacks to 64 MiB"):
        read(bomb)
    wide = zip_of(tmp_path / "b.docx", {"[Content_Types].xml": b"<x/>", "word/media/a.bin": bytes(range(256)) * 12_000})
    with pytest.raises(FileLimitError, match="allowed: 1 MiB"):
        read(wide, unpacked_limit=1)
    many = zip_of(tmp_path / "c.xlsx", {"[Content_Types].xml": b"<x/>", **{f"xl/{n}": b"" for n in range(20_001)}})
    with pytest.raises(FileLimitError, match="20002 parts"):
        read(many)


def test_a_zip_that_lies_about_its_size_unpacks_no_more_than_it_says(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("word/document.xml", b"<a>" + b" " * 5_000_000 + b"</a>")
    size = (5_000_007).to_bytes(4, "little")
    path = tmp_path / "a.docx"
    path.write_bytes(buffer.getvalue().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(DamagedFileError):
        read(path)


def test_entities_in_office_xml_are_refused(tmp_path: Path) -> None:
    document = b"<?xml version='1.0'?><!DOCTYPE w [<!ENTITY a 'b'>]><w/>"
    for name, member in (
        ("a.docx", "word/document.xml"),
        ("a.pptx", "ppt/presentation.xml"),
        ("a.xlsx", "xl/workbook.xml"),
    ):
        with pytest.raises(DamagedFileError, match="document type"):
            read(zip_of(tmp_path / name, {"[Content_Types].xml": b"<x/>", member: document}))


def test_broken_encrypted_and_foreign_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    with pytest.raises(NoTextError):
        read(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DamagedFileError, match="broken"):
        read(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(EncryptedFileError, match="password"):
        read(path)
    with pytest.raises(UnsupportedFormatError, match="zip archive"):
        read(zip_of(tmp_path / "b.docx", {"readme.txt": b"hello"}))
    (tmp_path / "c.docx").write_bytes("这不是文档".encode())
    with pytest.raises(DamagedFileError, match=r"named \.docx"):
        read(tmp_path / "c.docx")


@pytest.mark.skipif(find_libreoffice() is not None, reason="LibreOffice is installed here")
def test_old_formats_without_libreoffice_name_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"))
    with pytest.raises(UnsupportedFormatError, match=r"Install LibreOffice .* or save the file as docx"):
        read(path)


@pytest.mark.slow
@pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed here")
def test_rtf_is_read_through_libreoffice(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(rb"{\rtf1\ansi Take one tablet daily.}")
    loaded = read(path)
    assert loaded.format == "rtf"
    assert loaded.pages[0].text == "Take one tablet daily."


def converter(folder: Path, script: str) -> None:
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_conversion_with_a_stand_in_for_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract with the program (arguments, output folder, time limit), without the program."""
    result = tmp_path / "result.docx"
    document = docx.Document()
    document.add_paragraph("换自旧格式")
    document.save(str(result))
    programs = tmp_path / "bin"
    programs.mkdir()
    converter(programs, f'while [ "$1" != "--outdir" ]; do shift; done; mkdir -p "$2"; cp "{result}" "$2/input.docx"')
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    path = tmp_path / "奇怪 的 name; rm.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"))
    loaded = read(path)
    assert (loaded.format, loaded.pages[0].text) == ("doc", "换自旧格式")
    converter(programs, "exit 1")
    with pytest.raises(DamagedFileError, match="LibreOffice cannot read"):
        read(path)
    converter(programs, "sleep 60")
    monkeypatch.setattr("ingest.loaders.legacy._SECONDS", 0.2)
    with pytest.raises(FileLimitError, match="did not convert"):
        read(path)
