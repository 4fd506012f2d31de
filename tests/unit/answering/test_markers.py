from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kbchat.answering.markers import blank_markers, find_markers, strip_markers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("见[1]。", [(1,)]),
        ("[1,2]", [(1, 2)]),
        ("[1、3]", [(1, 3)]),
        ("[1-3]", [(1, 2, 3)]),
        ("[1–3]", [(1, 2, 3)]),
        ("[1] [2]", [(1,), (2,)]),
        ("【1】", [(1,)]),
        ("［２］", [(2,)]),
        ("根据文档[1]", [(1,)]),
        ("[No.1]", [(1,)]),
        ("[文档2]", [(2,)]),
        ("[文档1、文档2]", [(1, 2)]),
        ("[^1]", [(1,)]),
        ("[Document 3]", [(3,)]),
        ("[1 and 3]", [(1, 3)]),
        ("【5†source】", [(5,)]),
        ("[[4]]", [(4,)]),
        ("[1.2]", [(1,)]),
        ("Eliquis[1] is", [(1,)]),
        ("[No.] 说明书", [()]),
        ("[12][13]", [(12,), (13,)]),
    ],
)
def test_forms_that_models_write(text: str, numbers: list[tuple[int, ...]]) -> None:
    assert [marker.numbers for marker in find_markers(text)] == numbers


@pytest.mark.parametrize(
    "text",
    ["[0.5mg]", "[2018]", "[10-20mg]", "[0,1]", "[140/90]", "【用法用量】", "[回复]", "[AI]", "[95%CI]", "苯并[1,4]二氮䓬",
     "benzo[1,2-b]furan", "(1)", "[100]", "[IV]", "[a]", "[5-2]"],
)  # fmt: skip
def test_brackets_that_cite_nothing(text: str) -> None:
    assert find_markers(text) == ()


def test_strip_and_blank() -> None:
    assert strip_markers("每日一次 [1]，每次一片【2】。") == "每日一次，每次一片。"
    text = "每日一次[1]，每次一片"
    assert len(blank_markers(text)) == len(text)
    assert "[1]" not in blank_markers(text)


def test_every_marker_of_recorded_answers(shared_data: Path) -> None:
    written = re.compile(r"\[(?:No\.?\s*)?\d{1,2}(?:\.\d)?\]|\[No\.\]")
    lines = (shared_data / "medicineqa" / "recorded_answers.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        answer = json.loads(line)["answer"]
        assert len(find_markers(answer)) == len(written.findall(answer))
