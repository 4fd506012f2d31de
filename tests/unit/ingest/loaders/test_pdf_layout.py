"""Layout, tables and furniture on pieces placed by hand."""

from __future__ import annotations

import pytest

from ingest.loaders.page_texts import pages_of
from ingest.loaders.pdf_furniture import without_furniture
from ingest.loaders.pdf_layout import lay_out
from ingest.loaders.pdf_objects import merged_rules
from ingest.loaders.pieces import Line, PagePieces, Piece, Rule, Sheet, Table
from kbchat.types import BlockKind

SIZE = 10.0


def piece(text: str, x: float, y: float, *, size: float = SIZE, bold: bool = False) -> Piece:
    """A piece whose letters are half an em wide (Chinese: one em), its top at ``y``."""
    width = sum(size if ord(character) > 0x2E80 else size / 2 for character in text)
    return Piece(text, x, y, x + width, y + size * 1.08, size, bold)


def page(*pieces: Piece, rules: tuple[Rule, ...] = ()) -> PagePieces:
    return PagePieces(600, 840, pieces, rules)


def flat(y: float, x0: float = 50, x1: float = 550) -> Rule:
    return Rule(x0, y, x1, y)


def cells(table: Table) -> list[list[str]]:
    return [["/".join(p.text for line in cell.lines for p in line) for cell in row] for row in table.rows]


def only_table(layout_of: PagePieces) -> Table:
    (table,) = [element for element in lay_out(layout_of).elements if isinstance(element, Table)]
    return table


def test_banded_table_with_labels_in_the_middle_of_their_rows() -> None:
    pieces = [piece("分类", 60, 104), piece("适应症", 200, 104), piece("禁忌症", 400, 104)]
    for top, label, uses in ((130, "钙通道阻滞剂", 6), (230, "利尿剂", 4), (300, "受体阻滞剂", 3)):
        pieces += [piece(f"适应症第{n}项", 200, top + 15 * n) for n in range(uses)]
        pieces.append(piece(label, 60, top + 15 * (uses - 1) / 2))
        pieces.append(piece("妊娠", 400, top + 15 * (uses - 1) / 2 + 4))
    rules = tuple(flat(y) for y in (100, 124, 224, 294, 350))
    assert cells(only_table(page(*pieces, rules=rules))) == [
        ["分类", "适应症", "禁忌症"],
        ["钙通道阻滞剂", "/".join(f"适应症第{n}项" for n in range(6)), "妊娠"],
        ["利尿剂", "/".join(f"适应症第{n}项" for n in range(4)), "妊娠"],
        ["受体阻滞剂", "/".join(f"适应症第{n}项" for n in range(3)), "妊娠"],
    ]


def test_cells_spanning_rows_of_a_grid_stand_in_the_first() -> None:
    rules = (flat(100), flat(120), flat(140, 200, 550), flat(160), *(Rule(x, 100, x, 160) for x in (50, 200, 400, 550)))
    pieces = (
        piece("药品", 60, 104), piece("项目", 210, 104), piece("内容", 410, 104),
        piece("100mg片", 60, 135),
        piece("性状", 210, 124), piece("白色片", 410, 124), piece("规格", 210, 144), piece("100mg", 410, 144),
    )  # fmt: skip
    assert cells(only_table(page(*pieces, rules=rules))) == [
        ["药品", "项目", "内容"],
        ["100mg片", "性状", "白色片"],
        ["", "规格", "100mg"],
    ]


def test_three_line_table_without_lines_between_its_rows() -> None:
    rows = [
        ("硝普钠", "0.25-10μg/kg/min", "立即"),
        ("硝酸甘油", "5-100μg/min", "2-5分"),
        ("尼卡地平", "0.5-10μg/kg/min", "5-10分"),
    ]
    pieces = [piece(text, x, 104) for text, x in zip(("降压药", "剂量", "起效"), (60, 200, 400), strict=True)]
    for number, row in enumerate(rows):
        pieces += [piece(text, x, 130 + 16 * number) for text, x in zip(row, (60, 200, 400), strict=True)]
    rules = (flat(100), flat(124), flat(180))
    table = only_table(page(*pieces, rules=rules))
    assert cells(table) == [["降压药", "剂量", "起效"], *(list(row) for row in rows)]
    assert table.headers == 1


def test_prose_in_a_frame_is_no_table() -> None:
    lines = [piece("妊娠及哺乳期妇女禁用本品，肝肾功能不全者慎用，老年人酌减。", 60, 110 + 15 * n) for n in range(6)]
    rules = (flat(100), flat(210), Rule(50, 100, 50, 210), Rule(550, 100, 550, 210))
    assert all(isinstance(element, Line) for element in lay_out(page(*lines, rules=rules)).elements)


def test_contents_with_page_numbers_are_no_table() -> None:
    entries = [
        p
        for n in range(8)
        for p in (piece(f"{n + 1} Section number {n}", 60, 100 + 16 * n), piece(str(n + 3), 500, 100 + 16 * n))
    ]
    assert all(isinstance(element, Line) for element in lay_out(page(*entries)).elements)


def test_rules_in_parts_and_double_strokes_become_one() -> None:
    parts = (Rule(50, 100, 150, 100), Rule(151, 100.4, 300, 100.4), Rule(50, 101, 300, 101), Rule(50, 160, 300, 160))
    assert [(r.x0, r.x1) for r in merged_rules(parts)] == [(50, 300), (50, 300)]


def test_a_label_page_repeated_now_and_then_keeps_its_last_line() -> None:
    """The same last line on every third page (carton texts) is text, on every page it is a footer."""
    body = [piece("Keep out of the sight and reach of children.", 60, 400)]
    with_line = page(*body, piece("Do not store above 30 °C.", 60, 780))
    plain = page(*body)
    kept = without_furniture([with_line, plain, plain, with_line, plain, plain, with_line])
    assert [len(p.pieces) for p in kept] == [2, 1, 1, 2, 1, 1, 2]
    assert [len(p.pieces) for p in without_furniture([with_line] * 4)] == [1, 1, 1, 1]


def test_headers_and_page_numbers_of_short_files() -> None:
    header = piece("示例片说明书 仅用于演示", 60, 30)
    first, second = page(header, piece("【贮藏】密封保存", 60, 80)), page(header, piece("【有效期】48个月", 60, 80))
    kept = without_furniture([first, second])
    assert [[p.text for p in kept_page.pieces] for kept_page in kept] == [
        ["示例片说明书 仅用于演示", "【贮藏】密封保存"],
        ["【有效期】48个月"],
    ]
    numbered = page(piece("Stroke", 60, 80), piece("Page 1", 280, 800))
    assert [[p.text for p in of.pieces] for of in without_furniture([numbered])] == [["Stroke"]]
    other = page(piece("另一药品说明书 仅用于演示", 60, 30), piece("【有效期】48个月", 60, 80))
    assert [len(p.pieces) for p in without_furniture([first, other])] == [2, 2]


def test_table_header_at_the_top_of_every_page_is_no_running_header() -> None:
    def sheet(number: int) -> Sheet:
        pieces = [piece("药物", 60, 64), piece("剂量", 300, 64)]
        for row in range(3):
            pieces += [piece(f"药物{number}号{row}", 60, 84 + 20 * row), piece(f"{row + 1}mg", 300, 84 + 20 * row)]
        rules = (*(flat(60 + 20 * n) for n in range(5)), *(Rule(x, 60, x, 140) for x in (50, 290, 550)))
        return Sheet(600, 840, (page(*pieces, rules=rules),))

    read = pages_of([sheet(n) for n in range(4)])
    assert all(p.text.startswith("药物 | 剂量") for p in read)
    assert {block.table for p in read for block in p.blocks} == {1}
    assert [p.blocks[0].kind for p in read] == [BlockKind.TABLE_HEADER] * 4


def test_paragraph_runs_from_column_to_column() -> None:
    line = "本品可引起血钾升高，应定期检查血清电解质水平并注意心电图变化"
    left = [piece(line[:25], 50, 100 + 14 * n) for n in range(12)]
    right = [piece(line[:25], 320, 100 + 14 * n) for n in range(11)] + [piece("结束。", 320, 254)]
    (read,) = pages_of([Sheet(600, 840, (page(*left, *right),))])
    assert read.text == line[:25] * 23 + "结束。"


def test_reference_to_a_section_at_a_line_start_opens_no_heading() -> None:
    first = "肝功能不全者使用本品时应当减少剂量并监测肝功能，参见"
    width = piece(first, 50, 100).x1
    lines = [piece(first, 50, 100), piece("【注意事项】及【药代动力学】。", 50, 115)]
    filler = [piece("本" * round((width - 50) / SIZE), 50, 160 + 15 * n) for n in range(5)]
    (read,) = pages_of([Sheet(600, 840, (page(*lines, *filler),))])
    assert read.text.startswith(first + "【注意事项】及【药代动力学】。")
    assert not [b for b in read.blocks if b.kind is BlockKind.HEADING]


def test_chinese_hanging_below_a_label_is_one_paragraph() -> None:
    full = "成年男性一次一片一天一次用本品治疗应当在开始"  # 23 characters
    pieces = (piece("成人", 50, 100), piece(full, 100, 100), piece("用类似物治疗之前至少三天服用。", 100, 115))
    pieces += (piece("儿童", 50, 130), piece("禁用。", 100, 130))
    pieces += tuple(
        piece("本品为处方药请仔细阅读说明书并在医师指导下使用谢", 50 + 280 - 240, 160 + 15 * n) for n in range(3)
    )
    (read,) = pages_of([Sheet(600, 840, (page(*pieces),))])
    texts = [line for line in read.text.split("\n") if "成年" in line or "禁用" in line]
    assert len(texts) == 2
    assert "应当在开始用类似物" in texts[0]


def _text_of(*pieces: Piece) -> str:
    (read,) = pages_of([Sheet(600, 840, (page(*pieces),))])
    return read.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Isolated erythema migrans (early", "stage, a red or pink circular rash): 4 g a day."),
        ("given as two 40", "mg injections in one day"),
        ("每次服用（早饭", "后半小时）两片。"),
        ("每日最大剂量为300", "毫克，分三次服用。"),
    ],
)
def test_a_bracket_or_a_number_with_its_unit_is_not_parted_by_an_early_break(first: str, second: str) -> None:
    filler = "The dose depends on the infection and on the kidneys of the patient who is to be treated with it."
    pieces = [piece(filler, 50, 100), piece(first, 50, 114, bold=True), piece(second, 50, 128)]
    texts = _text_of(*pieces).split("\n")
    assert any(first in text and second in text for text in texts), texts


def test_a_new_sentence_after_a_short_line_is_a_paragraph_of_its_own() -> None:
    filler = "The dose depends on the infection and on the kidneys of the patient who is to be treated with it."
    texts = _text_of(piece(filler, 50, 100), piece("See section 4", 50, 114), piece("Store below 25", 50, 128))
    assert "See section 4\nStore below 25" in texts
