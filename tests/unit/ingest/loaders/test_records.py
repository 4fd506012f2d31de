"""Records, questions with answers, and exported data."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ingest.loaders import LoadOptions, load_file
from kbchat.errors import DamagedFileError, UnsupportedFormatError
from kbchat.types import BlockKind, LoadedFile

H, P = BlockKind.HEADING, BlockKind.PARAGRAPH


def outline(loaded: LoadedFile) -> list[tuple[int, str]]:
    page = loaded.pages[0]
    return [(block.level, page.text[block.start : block.end]) for block in page.blocks]


def load(tmp_path: Path, text: str | bytes, name: str = "a.jsonl") -> LoadedFile:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_file(path, LoadOptions())


def lines(*values: Any) -> str:
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in values)


def test_docs_lines_split_drug_and_section_at_the_last_space(tmp_path: Path) -> None:
    text = lines(
        {"docs": ["重组人 干扰素 适应症\n用于乙肝。", "重组人 干扰素 不良反应\n1、发热。\n2、乏力。"]},
        {"docs": ["阿司匹林 适应症\n解热镇痛。"]},
    )
    loaded = load(tmp_path, text)
    assert loaded.format == "records"
    assert outline(loaded) == [
        (1, "重组人 干扰素"), (2, "适应症"), (0, "用于乙肝。"), (2, "不良反应"), (0, "1、发热。"), (0, "2、乏力。"),
        (1, "阿司匹林"), (2, "适应症"), (0, "解热镇痛。"),
    ]  # fmt: skip


def test_text_records_take_title_then_id_then_their_place(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        lines(
            {
                "id": "x-1",
                "title": "华法林片",
                "section": "禁忌",
                "text": "孕妇禁用。<br/>出血者禁用。",
                "source": "说明书",
            },
            {"id": "x-2", "title": "华法林片", "section": "贮藏", "text": "密封。"},
            {"id": 7, "text": "没有标题。"},
            {"text": "没有编号。"},
        ),
    )
    assert outline(loaded) == [
        (1, "华法林片"), (2, "禁忌"), (0, "孕妇禁用。"), (0, "出血者禁用。"), (0, "来源：说明书"), (2, "贮藏"), (0, "密封。"),
        (1, "7"), (0, "没有标题。"), (1, "#4"), (0, "没有编号。"),
    ]  # fmt: skip


def test_json_lists_wrapped_lists_and_single_objects(tmp_path: Path) -> None:
    records = [{"title": "甲", "text": "一。"}, {"title": "乙", "text": "二。"}]
    expected = [(1, "甲"), (0, "一。"), (1, "乙"), (0, "二。")]
    assert outline(load(tmp_path, json.dumps(records), "a.json")) == expected
    assert outline(load(tmp_path, json.dumps({"data": records}, indent=1), "b.json")) == expected
    assert outline(load(tmp_path, json.dumps({"docs": ["甲 适应症\n一。"]}), "c.json"))[0] == (1, "甲")
    assert outline(load(tmp_path, lines(*records), "lines.json")) == expected


def test_question_records(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, lines({"question": "能饮酒吗？", "answer": "不能。"}, {"问题": "漏服怎么办？", "回答": "尽快补服。"})
    )
    assert loaded.format == "qa"
    assert outline(loaded) == [(1, "能饮酒吗？"), (0, "不能。"), (1, "漏服怎么办？"), (0, "尽快补服。")]


def test_few_damaged_lines_are_named_many_are_refused(tmp_path: Path) -> None:
    good = lines(*({"title": f"药{n}", "text": "用法。"} for n in range(5)))
    loaded = load(tmp_path, good + '\n{"title": "断\n')
    assert loaded.warnings == ("1 of 6 lines are no records and were left out: line 6.",)
    with pytest.raises(DamagedFileError, match=r"3 of 4 lines are no records: line 2, 3, 4"):
        load(tmp_path, '{"text": "好"}\n{"a": 1}\nnot json\n{"text": 3}\n')


def test_a_first_damaged_line_does_not_hide_the_rest(tmp_path: Path) -> None:
    loaded = load(tmp_path, "{broken\n" + lines(*({"text": f"第{n}条。", "id": n} for n in range(4))))
    assert "line 1" in loaded.warnings[0]
    assert len(outline(loaded)) == 8


def test_other_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormatError, match="no records"):
        load(tmp_path, '{"name": "kbchat", "version": 1}', "package.json")


def test_records_in_gb18030(tmp_path: Path) -> None:
    loaded = load(tmp_path, lines({"docs": ["阿莫西林 适应症\n敏感菌感染。"]}).encode("gb18030"))
    assert outline(loaded)[0] == (1, "阿莫西林")


def test_deeply_nested_json_is_refused_not_fatal(tmp_path: Path) -> None:
    with pytest.raises((DamagedFileError, UnsupportedFormatError)):
        load(tmp_path, "[" * 100_000, "a.json")


ROWS = "a01\t一、诊断\tI. Diagnosis\tT1\na02\t呼吸≥30次/分。\tRR ≥30 BPM.\tP\n"


@pytest.mark.parametrize(
    "script",
    [
        f"const data = `\n{ROWS}`;\n\nmodule.exports = data;\n",
        f"// export\nexport default `{ROWS}`;",
        f"window.data = `{ROWS}`",
    ],
)
def test_data_export_keeps_both_languages_in_step(tmp_path: Path, script: str) -> None:
    loaded = load(tmp_path, script, "plan.js")
    assert loaded.format == "bilingual"
    assert outline(loaded) == [(1, "一、诊断 / I. Diagnosis"), (0, "呼吸≥30次/分。"), (0, "RR ≥30 BPM.")]


def test_json_in_a_script(tmp_path: Path) -> None:
    loaded = load(tmp_path, 'var kb = [{"title": "甲", "text": "一。"}];', "kb.js")
    assert outline(loaded) == [(1, "甲"), (0, "一。")]


@pytest.mark.parametrize(
    "script",
    [
        "const a = `x\ty`; fetch('http://example.org');",
        "const a = `x${steal()}\ty`;",
        "function f() { return 1 }",
        "const a = {b: 1};",
        "const a = `x\ty`; module.exports = b;",
        "import x from 'y'; const a = `x\ty`;",
    ],
)
def test_programs_are_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(UnsupportedFormatError, match="program"):
        load(tmp_path, script, "a.js")


def test_corpus_of_the_predecessor(shared_data: Path) -> None:
    path = shared_data / "medicineqa" / "corpus_medicineqa.jsonl"
    page = load_file(path, LoadOptions()).pages[0]
    drugs = [page.text[block.start : block.end] for block in page.blocks if block.level == 1]
    assert drugs[:3] == ["吡喹酮片", "环孢素软胶囊", "环孢素胶囊"]
    assert all(first != second for first, second in pairwise(drugs))


def test_untitled_records_never_run_together(shared_data: Path) -> None:
    page = load_file(shared_data / "medicineqa" / "distractors.jsonl", LoadOptions()).pages[0]
    assert sum(block.level == 1 for block in page.blocks) == 1500


def test_bilingual_plan(shared_data: Path) -> None:
    loaded = load_file(next((shared_data / "documents").glob("14_*.js")), LoadOptions())
    assert outline(loaded)[:3] == [
        (1, "四、临床特点 / IV. Clinical Characteristics"),
        (2, "（一）临床表现。 / 1. Clinical manifestations"),
        (0, "基于目前的流行病学调查，潜伏期1-14天，多为3-7天。"),
    ]
