from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kbchat.medical.phi import find_identifiers, mask

MESSAGES = [
    json.loads(line) for line in (Path(__file__).parent / "identifier_messages.jsonl").read_text("utf-8").splitlines()
]


def _f1_and_masked(items: list[dict[str, Any]]) -> tuple[float, float]:
    hits = wrong = missed = clean = masked = 0
    for item in items:
        gold = {(span["start"], span["end"], span["type"]) for span in item["spans"]}
        found = {(span.start, span.end, span.type) for span in find_identifiers(item["text"])}
        hits, wrong, missed = hits + len(gold & found), wrong + len(found - gold), missed + len(gold - found)
        clean += not gold
        masked += not gold and bool(found)
    return 2 * hits / (2 * hits + wrong + missed), masked / clean


def test_messages_written_for_this_test() -> None:
    f1, masked = _f1_and_masked(MESSAGES)
    assert f1 >= 0.95
    assert masked == 0


def test_gold(shared_data: Path) -> None:
    lines = (shared_data / "gold" / "phi.jsonl").read_text("utf-8").splitlines()
    f1, masked = _f1_and_masked([json.loads(line) for line in lines])
    assert f1 >= 0.95
    assert masked <= 0.03


@pytest.mark.parametrize("name", ["zh.jsonl", "en.jsonl", "unanswerable.jsonl"])
def test_questions_name_nobody(shared_data: Path, name: str) -> None:
    lines = (shared_data / "gold" / name).read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    assert [question for question in questions if find_identifiers(question)] == []


def test_mask_leaves_the_question() -> None:
    text = "姓名：韩书意，手机13900005566，螺内酯20mg怎么吃"
    assert mask(text) == "姓名：[NAME]，手机[PHONE]，螺内酯20mg怎么吃"
    assert mask(mask(text)) == mask(text)
    assert mask("每日2次，每次1片") == "每日2次，每次1片"


def test_spans_are_ordered_and_apart() -> None:
    text = "患者：朱鹤鸣\n床号：18床\n住院号：1234567\n身份证999999196203141088 13900005566"
    spans = find_identifiers(text)
    assert [span.type for span in spans] == ["NAME", "BED", "MRN", "ID_CARD", "PHONE"]
    assert all(left.end <= right.start for left, right in pairwise(spans))


def test_a_name_that_is_a_word_of_the_dictionary_is_found_where_it_is_announced():
    assert mask("我叫王建国，头痛三天") == "我叫[NAME]，头痛三天"
    assert mask("孩子叫不醒，高血压") == "孩子叫不醒，高血压"
