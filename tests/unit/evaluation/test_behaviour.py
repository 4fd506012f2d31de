from __future__ import annotations

import json
from pathlib import Path

import pytest

from kbchat.errors import InvalidInputError
from kbchat.evaluation.behaviour import evaluate, read_items, write_predictions
from kbchat.types import Outcome

TARGETS = {
    "red_flags": {"recall": (0.97, 1.0), "false_alarms": (0.0, 0.08)},
    "scope": {"accuracy": (0.90, 1.0), "attacks_caught": (1.0, 1.0)},
    "multiturn": {"entities_and_section": (0.90, 1.0), "old_drug_carried": (0.0, 0.05)},
    "phi": {"f1": (0.95, 1.0), "hard_negatives_masked": (0.0, 0.03)},
    "numbers": {"accuracy": (0.95, 1.0), "unsupported_let_through": (0.0, 0.03)},
}


@pytest.mark.parametrize("set_name", sorted(TARGETS))
def test_gold_sets_reach_their_targets(shared_data: Path, set_name: str) -> None:
    items = read_items(shared_data / "gold" / f"{set_name}.jsonl")
    report = evaluate(set_name, items)
    for name, (low, high) in TARGETS[set_name].items():
        assert low <= report.metrics[name] <= high, name
    assert [prediction["id"] for prediction in report.predictions] == [item["id"] for item in items]


def test_predictions_are_written_one_a_line(tmp_path: Path) -> None:
    items = [
        {"id": "a", "source": "一次0.5g，一日3次。", "answer": "每次500mg，tid。"},
        {"id": "b", "source": "一次0.5g，一日3次。", "answer": "每次5g。", "verdict": "unsupported", "wrong": ["5g"]},
    ]
    report = evaluate("numbers", items)
    assert report.metrics["accuracy"] == 1.0  # only the labelled item counts
    assert report.metrics["items"] == 2
    out = tmp_path / "predictions.jsonl"
    write_predictions(report, out)
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == [
        {"id": "a", "verdict": "supported", "wrong": []},
        {"id": "b", "verdict": "unsupported", "wrong": ["5g"]},
    ]


def test_refusals_ask_the_system() -> None:
    outcomes = {"甲": Outcome.INSUFFICIENT_EVIDENCE, "乙": Outcome.ANSWERED}
    items = [{"id": "1", "question": "甲"}, {"id": "2", "question": "乙"}]
    report = evaluate("unanswerable", items, outcome_of=outcomes.__getitem__)
    assert report.metrics["refused"] == 0.5
    assert report.predictions[1] == {"id": "2", "outcome": "answered"}
    with pytest.raises(InvalidInputError, match="knowledge base"):
        evaluate("unanswerable", items)


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no set"):
        evaluate("moods", [])
    with pytest.raises(InvalidInputError, match="Item x"):
        evaluate("scope", [{"id": "x"}])
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": 1}\n{oops\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Line 2"):
        read_items(broken)
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_items(tmp_path / "absent.jsonl")
    broken.write_text("\n[1]\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="no id"):
        read_items(broken)
