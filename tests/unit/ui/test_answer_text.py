from __future__ import annotations

from kbchat.answering.checks import QUANTITY_FLAG, SENTENCE_FLAG
from ui.components.answer_text import Run, blocks_of


def words(runs: tuple[Run, ...]) -> str:
    return "".join(f"[{run.cite}]" if run.cite else run.text for run in runs)


def test_headings_items_and_paragraphs():
    blocks = blocks_of("**阿莫西林胶囊** (2022-09-06) · 【用法用量】\n- 口服。 [1]\n- • 饭后。 [1]\n请遵医嘱。", {1})

    assert [(block.kind, words(block.runs)) for block in blocks] == [
        ("heading", "阿莫西林胶囊 (2022-09-06) · 【用法用量】"),
        ("item", "口服。[1]"),
        ("item", "饭后。[1]"),
        ("paragraph", "请遵医嘱。"),
    ]
    assert blocks[0].runs[0] == Run("阿莫西林胶囊", bold=True)


def test_a_number_that_is_no_citation_stays_text():
    (block,) = blocks_of("见 [3] 与 [1]。", {1})

    assert block.runs == (Run("见 [3] 与"), Run(cite=1), Run("。"))


def test_rows_become_a_table_whose_head_has_no_figures():
    text = "肌酐清除率 | 单次剂量 [1]\n＞30ml/min | 0.5g [1]\n10～30ml/min | 0.25g [1]"

    (block,) = blocks_of(text, {1})

    assert block.kind == "table"
    assert block.head
    assert [[words(cell) for cell in row] for row in block.rows] == [
        ["肌酐清除率", "单次剂量[1]"],
        ["＞30ml/min", "0.5g[1]"],
        ["10～30ml/min", "0.25g[1]"],
    ]


def test_a_table_of_a_model_loses_its_rule():
    (block,) = blocks_of("| dose 1 | b |\n|---|---|\n| 1 | 2 |", set())

    assert block.head
    assert [[words(cell) for cell in row] for row in block.rows] == [["dose 1", "b"], ["1", "2"]]


def test_one_line_with_a_bar_is_no_table():
    assert [block.kind for block in blocks_of("a | b", set())] == ["paragraph"]


def test_a_flagged_sentence_is_marked_with_its_reason():
    text = f"第一句有依据。第二句没有依据。{SENTENCE_FLAG.zh}第三句。"

    (block,) = blocks_of(text, set())

    reason = SENTENCE_FLAG.zh.strip("（）")
    assert block.runs == (
        Run("第一句有依据。"),
        Run("第二句没有依据。", flag=reason),
        Run(reason, flag=reason),
        Run("第三句。"),
    )


def test_only_the_figures_named_are_marked():
    flag = QUANTITY_FLAG.en.format(wrong="8 g, 3 days")

    (block,) = blocks_of(f"Take 2 g. Then 8 g for 3 days{flag}.", set())

    assert [run.text for run in block.runs if run.flag] == ["8 g", "3 days", flag.strip(" ()")]


def test_markup_of_documents_is_text():
    (block,) = blocks_of("<b>x</b> $y$ [z](javascript:1) `c`", set())

    assert block.runs == (Run("<b>x</b> $y$ [z](javascript:1) `c`"),)


def test_an_empty_answer_has_no_blocks():
    assert blocks_of("\n \n", {1}) == []
