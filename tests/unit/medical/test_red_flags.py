from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kbchat.medical.red_flags import assess

MESSAGES = [
    json.loads(line) for line in (Path(__file__).parent / "red_flag_messages.jsonl").read_text("utf-8").splitlines()
]


def _rates(items: list[dict[str, str]]) -> tuple[float, float]:
    emergencies = [item for item in items if item["label"] == "emergency"]
    others = [item for item in items if item["label"] != "emergency"]
    found = sum(assess(item["text"]) is not None for item in emergencies)
    false = sum(assess(item["text"]) is not None for item in others)
    return found / len(emergencies), false / len(others)


def test_messages_written_for_this_test() -> None:
    recall, false_alarms = _rates(MESSAGES)
    assert recall >= 0.97
    assert false_alarms <= 0.03


def test_gold(shared_data: Path) -> None:
    lines = (shared_data / "gold" / "red_flags.jsonl").read_text("utf-8").splitlines()
    recall, false_alarms = _rates([json.loads(line) for line in lines])
    assert recall >= 0.97
    assert false_alarms <= 0.08


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("我爸嘴歪了，右手抬不起来，说话不清楚", "stroke"),
        ("血糖只有1.8，人叫不醒", "hypoglycaemia"),
        ("孩子误喝了洁厕灵", "poisoning"),
        ("my son swallowed a button battery", "foreign_body"),
        ("I want to die", "suicide"),
    ],
)
def test_category_and_advice(text: str, category: str) -> None:
    flag = assess(text)
    assert flag is not None
    assert flag.category == category
    assert flag.evidence
    assert flag.advice.zh != flag.advice.en != ""


def test_feeling_well_after_an_overdose_is_no_relief() -> None:
    flag = assess("he took a whole bottle of paracetamol last night but says he is fine now")
    assert flag is not None
    assert flag.category == "overdose"
    assert assess("the nosebleed has stopped now, he is fine now") is None


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        ("我爸突然嘴歪了，说话不清，艾乐妥说明书上说会这样吗", "中风的表现有哪些"),
        ("去年做过支架，现在胸口又压着疼，出冷汗", "去年做过支架，现在复查要做什么"),
        ("没有胸痛，但是突然说不出话，右手动不了", "没有胸痛，也不喘"),
    ],
)
def test_event_outweighs_the_form_of_the_question(event: str, topic: str) -> None:
    assert assess(event) is not None
    assert assess(topic) is None


def test_long_and_hostile_messages_stay_fast() -> None:
    assess("头痛")
    for text in ("胸口" * 3000, "a" * 20000, "没有" * 5000, "吃了药" * 2000, "血" * 8000, "hit " * 5000):
        started = time.perf_counter()
        assess(text)
        assert time.perf_counter() - started < 2.0, text[:4]
