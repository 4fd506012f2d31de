"""How kbchat behaves on sets of labelled messages: emergencies, scope, conversations, identifiers, numbers, refusals.

Each set is a file of one JSON object a line. Read for every set: ``id``; besides,

- ``red_flags``: ``text``, ``label`` (``emergency`` or ``none``)
- ``scope``: ``text``, ``label`` (medical, non_medical, chitchat, identity, attack)
- ``multiturn``: ``turns`` (``role``, ``content``), ``entities``, ``section``, ``not_entities``
- ``phi``: ``text``, ``spans`` (``start``, ``end``, ``type``)
- ``numbers``: ``source``, ``answer``, ``verdict`` (``supported`` or ``unsupported``), ``wrong``
- ``unanswerable``: ``question``; needs ``outcome_of``, which asks the system

Labels may be absent: then predictions are made and no metrics.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbchat.answering.fidelity import check_quantities
from kbchat.answering.followups import resolve
from kbchat.errors import InvalidInputError
from kbchat.medical.phi import find_identifiers
from kbchat.medical.red_flags import assess
from kbchat.medical.scope import classify
from kbchat.messages import Bilingual
from kbchat.types import Outcome, Turn

SETS = ("red_flags", "scope", "multiturn", "phi", "numbers", "unanswerable")
"""The names of the sets that :func:`evaluate` knows."""

Item = Mapping[str, Any]
Prediction = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BehaviourReport:
    """``metrics`` by name (shares between 0 and 1, counts, milliseconds a message), and one prediction an item."""

    set_name: str
    metrics: dict[str, float]
    predictions: tuple[Prediction, ...]


def _unusable(en: str, zh: str) -> InvalidInputError:
    return InvalidInputError(
        Bilingual(en, zh),
        Bilingual(
            "See the module documentation of kbchat.evaluation.behaviour for the format.",
            "格式见 kbchat.evaluation.behaviour 的说明。",
        ),
    )


def read_items(path: Path) -> tuple[Item, ...]:
    """The items of a file, one JSON object a line; blank lines are skipped.

    Raises:
        InvalidInputError: the file cannot be read, or a line is no JSON object.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(f"The file {path} cannot be read: {error}.", f"无法读取文件 {path}：{error}。") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise _unusable(
                f"Line {number} of {path} is not JSON: {error}.", f"{path} 第 {number} 行不是 JSON：{error}。"
            ) from error
        if not isinstance(item, dict) or "id" not in item:
            raise _unusable(f"Line {number} of {path} has no id.", f"{path} 第 {number} 行缺少 id。")
        found.append(item)
    return tuple(found)


# --------------------------------------------------------------------------------------------------------------------
# Predictions


def _predict_red_flag(item: Item) -> Prediction:
    flag = assess(item["text"])
    return {"id": item["id"], "label": "emergency" if flag else "none", "category": flag.category if flag else ""}


def _predict_scope(item: Item) -> Prediction:
    return {"id": item["id"], "label": classify(item["text"]).label.value}


def _predict_multiturn(item: Item, known_names: Collection[str]) -> Prediction:
    turns = [Turn(turn["role"], turn["content"]) for turn in item["turns"]]
    resolved = resolve(turns[:-1], turns[-1].content, known_names=known_names)
    return {
        "id": item["id"],
        "entities": list(resolved.entities),
        "section": resolved.section.value,
        "standalone": resolved.standalone_text,
        "topic_changed": resolved.topic_changed,
    }


def _predict_phi(item: Item) -> Prediction:
    spans = [{"start": span.start, "end": span.end, "type": span.type} for span in find_identifiers(item["text"])]
    return {"id": item["id"], "spans": spans}


def _predict_numbers(item: Item) -> Prediction:
    result = check_quantities(item["answer"], item["source"])
    verdict = "supported" if result.supported else "unsupported"
    return {"id": item["id"], "verdict": verdict, "wrong": list(result.wrong)}


# --------------------------------------------------------------------------------------------------------------------
# Metrics


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else 0.0


Pairs = Sequence[tuple[Item, Prediction]]


def _red_flag_metrics(pairs: Pairs) -> dict[str, float]:
    return {
        "recall": _share(p["label"] == "emergency" for i, p in pairs if i["label"] == "emergency"),
        "false_alarms": _share(p["label"] == "emergency" for i, p in pairs if i["label"] != "emergency"),
    }


def _scope_metrics(pairs: Pairs) -> dict[str, float]:
    metrics = {"accuracy": _share(p["label"] == i["label"] for i, p in pairs)}
    metrics["attacks_caught"] = _share(p["label"] == "attack" for i, p in pairs if i["label"] == "attack")
    metrics["medical_refused"] = _share(p["label"] != "medical" for i, p in pairs if i["label"] == "medical")
    return metrics


def _norm(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", name).lower() if c.isalnum())


def _named(name: str, names: Iterable[str]) -> bool:
    """Whether ``name`` is among ``names``; 长效针 and 长效针剂, antacid and antacids are the same name."""
    wanted = _norm(name)
    return any(wanted in _norm(other) or _norm(other) in wanted for other in names if _norm(other))


def _multiturn_metrics(pairs: Pairs) -> dict[str, float]:
    entities = [all(_named(name, p["entities"]) for name in i["entities"]) for i, p in pairs]
    sections = [p["section"] == i["section"] for i, p in pairs]
    old = [any(_named(name, p["entities"]) for name in i.get("not_entities", ())) for i, p in pairs]
    together = zip(entities, sections, old, strict=True)
    return {
        "entities_and_section": _share(entity and section and not carried for entity, section, carried in together),
        "entities": _share(entities),
        "section": _share(sections),
        "old_drug_carried": _share(
            carried for (i, _), carried in zip(pairs, old, strict=True) if i.get("not_entities")
        ),
    }


def _span_set(spans: Iterable[Mapping[str, Any]]) -> set[tuple[int, int, str]]:
    return {(int(span["start"]), int(span["end"]), str(span["type"])) for span in spans}


def _phi_metrics(pairs: Pairs) -> dict[str, float]:
    gold = [_span_set(i["spans"]) for i, _ in pairs]
    found = [_span_set(p["spans"]) for _, p in pairs]
    hits = sum(len(g & f) for g, f in zip(gold, found, strict=True))
    predicted, expected = sum(map(len, found)), sum(map(len, gold))
    return {
        "precision": hits / predicted if predicted else 0.0,
        "recall": hits / expected if expected else 0.0,
        "f1": 2 * hits / (predicted + expected) if predicted + expected else 0.0,
        "hard_negatives_masked": _share(bool(f) for g, f in zip(gold, found, strict=True) if not g),
    }


def _numbers_metrics(pairs: Pairs) -> dict[str, float]:
    unsupported = [(i, p) for i, p in pairs if i["verdict"] == "unsupported"]
    return {
        "accuracy": _share(p["verdict"] == i["verdict"] for i, p in pairs),
        "unsupported_let_through": _share(p["verdict"] == "supported" for _, p in unsupported),
        "supported_flagged": _share(p["verdict"] != "supported" for i, p in pairs if i["verdict"] == "supported"),
        "wrong_strings_named": _share(
            _overlap(wrong, p["wrong"]) for i, p in unsupported for wrong in i.get("wrong", ())
        ),
    }


def _overlap(wrong: str, named: Iterable[str]) -> bool:
    return any(_norm(wrong) in _norm(other) or _norm(other) in _norm(wrong) for other in named)


def _refusal_metrics(pairs: Pairs) -> dict[str, float]:
    refusals = (Outcome.INSUFFICIENT_EVIDENCE.value, Outcome.OUT_OF_SCOPE.value)
    return {"refused": _share(p["outcome"] in refusals for _, p in pairs)}


_METRICS: dict[str, tuple[str, Callable[[Pairs], dict[str, float]]]] = {
    "red_flags": ("label", _red_flag_metrics),
    "scope": ("label", _scope_metrics),
    "multiturn": ("section", _multiturn_metrics),
    "phi": ("spans", _phi_metrics),
    "numbers": ("verdict", _numbers_metrics),
    "unanswerable": ("question", _refusal_metrics),
}


def _predictor(
    set_name: str, known_names: Collection[str], outcome_of: Callable[[str], Outcome] | None
) -> Callable[[Item], Prediction]:
    if set_name == "multiturn":
        return lambda item: _predict_multiturn(item, known_names)
    if set_name == "unanswerable":
        if outcome_of is None:
            raise _unusable(
                "The set unanswerable needs a knowledge base to ask.", "unanswerable 集需要指定知识库才能评测。"
            )
        ask = outcome_of
        return lambda item: {"id": item["id"], "outcome": ask(item["question"]).value}
    simple: dict[str, Callable[[Item], Prediction]] = {
        "red_flags": _predict_red_flag,
        "scope": _predict_scope,
        "phi": _predict_phi,
        "numbers": _predict_numbers,
    }
    if set_name not in simple:
        names = ", ".join(SETS)
        raise _unusable(
            f"There is no set {set_name!r}; the sets are {names}.", f"没有名为 {set_name!r} 的评测集；可用：{names}。"
        )
    return simple[set_name]


def evaluate(
    set_name: str,
    items: Sequence[Item],
    *,
    known_names: Collection[str] = (),
    outcome_of: Callable[[str], Outcome] | None = None,
) -> BehaviourReport:
    """Predict every item and measure where labels are given.

    Args:
        set_name: one of :data:`SETS`.
        items: the items, as :func:`read_items` gives them.
        known_names: drug names of the knowledge base, for ``multiturn``.
        outcome_of: asks the system a question; needed for ``unanswerable``.

    Raises:
        InvalidInputError: the set is unknown, or an item lacks a field of its format.
    """
    predict = _predictor(set_name, known_names, outcome_of)
    started = time.perf_counter()
    predictions = []
    for item in items:
        try:
            predictions.append(predict(item))
        except (KeyError, TypeError, AttributeError) as error:
            raise _unusable(
                f"Item {item['id']} is not in the format of {set_name}: {error}.",
                f"条目 {item['id']} 不符合 {set_name} 的格式：{error}。",
            ) from error
    elapsed = time.perf_counter() - started
    label, measure = _METRICS[set_name]
    pairs = [(item, prediction) for item, prediction in zip(items, predictions, strict=True) if label in item]
    metrics = {"items": float(len(items))}
    if pairs:
        metrics |= measure(pairs)
    metrics["milliseconds_each"] = 1000.0 * elapsed / len(items) if items else 0.0
    return BehaviourReport(set_name, metrics, tuple(predictions))


def write_predictions(report: BehaviourReport, path: Path) -> None:
    """Write one prediction a line as JSON."""
    lines = [json.dumps(prediction, ensure_ascii=False) for prediction in report.predictions]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
