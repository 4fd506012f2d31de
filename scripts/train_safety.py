"""Fit the learned half of the safety gate and write its weights into kbchat/medical/data.

    python scripts/train_safety.py [--check]

Reads scripts/safety_items: ``red_flags.jsonl`` and ``scope.jsonl`` (``text``, ``label``, ``origin``: ``patterns`` for items that
the patterns were written with, ``fresh`` for items written by somebody who had seen neither patterns nor other items, ``own`` for
the rest) and ``fragments.toml``, from which further items are composed. Everything there was written for kbchat. Prints the
figures of a five-fold cross-validation of the whole gate (patterns and classifier; composed items are made from the training folds
alone) and keeps them in the manifest. ``--check`` measures and writes nothing. Needs scikit-learn; takes about a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from kbchat.medical.message_classifier import MANIFEST, SCALE, WEIGHTS, MessageClassifier
from kbchat.medical.message_features import BUCKETS, buckets, features_mark
from kbchat.medical.red_flags import judged as judged_red_flag
from kbchat.medical.scope import ScopeLabel
from kbchat.medical.scope import judged as judged_scope

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "safety_items"
DATA = ROOT / "kbchat" / "medical" / "data"
LABELS = tuple(sorted(label.value for label in ScopeLabel))
FOLDS = 5
EMERGENCY_C, SCOPE_C = 30.0, 20.0
"""Inverse strengths of the L2 penalty, chosen by cross-validation on the fresh items."""
COMPOSED_WEIGHT, BORROWED_WEIGHT = 0.5, 0.3

Examples = list[tuple[str, str]]


def items(name: str) -> list[dict[str, str]]:
    """The items of a file."""
    return [json.loads(line) for line in (ITEMS / name).read_text("utf-8").splitlines() if line.strip()]


def matrix(texts: list[str]) -> Any:
    """Feature vectors of equal length, shape (len(texts), BUCKETS), sparse."""
    columns, starts, values = [], [0], []
    for text in texts:
        found = buckets(text)
        columns += found
        values += [SCALE / max(len(found), 1) ** 0.5] * len(found)
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(texts), BUCKETS))


def composed(emergencies: list[str], seed: int = 0) -> Examples:
    """Stories of long standing, questions as knowledge (none), and emergencies at the end of a story or with a cry for help."""
    chance = random.Random(seed)
    fragments = tomllib.loads((ITEMS / "fragments.toml").read_text("utf-8"))
    found: Examples = []
    for language, stories, questions, urgent in (("zh", 1200, 350, 260), ("en", 200, 140, 80)):
        parts, comma = fragments[language], "，" if language == "zh" else ", "
        own = [text for text in emergencies if text.isascii() == (language == "en")]
        found += [(_story(chance, parts, language, asks=chance.random() < 0.8), "none") for _ in range(stories)]
        for _ in range(questions):
            frame = chance.choice(parts["frame"])
            found.append((frame.replace("{t}", chance.choice(parts["topic"])), "none"))
        for _ in range(urgent):
            text = chance.choice(own)
            if chance.random() < 0.6:
                story = _story(chance, parts, language, asks=False)
                text = f"{story}{comma}{'今天' if language == 'zh' else 'and now '}{text}"
            else:
                text = f"{text}{comma}{chance.choice(parts['urgent'])}"
            found.append((text, "emergency"))
    return found


def _story(chance: random.Random, parts: dict[str, list[str]], language: str, *, asks: bool) -> str:
    who, since, complaint = (chance.choice(parts[name]) for name in ("who", "since", "complaint"))
    pieces = [f"{who}{since}{complaint}" if language == "zh" else f"{who} have been {complaint} {since}"]
    if chance.random() < 0.6:
        pieces.append(chance.choice(parts["complaint"]))
    if chance.random() < 0.6:
        pieces.append(chance.choice(parts["course"]))
    if asks:
        pieces.append(chance.choice(parts["ask"]))
    return ("，" if language == "zh" else ", ").join(pieces)


def fit(examples: Examples, extra: Examples, extra_weight: float, strength: float) -> Any:
    """A logistic regression on examples, and on extra ones at a lower weight."""
    together = [*examples, *extra]
    weights = np.concatenate([np.ones(len(examples)), np.full(len(extra), extra_weight)])
    model = LogisticRegression(C=strength, max_iter=5000)
    return model.fit(matrix([text for text, _ in together]), [label for _, label in together], sample_weight=weights)


def fit_red_flags(examples: Examples, scope_items: Examples) -> Any:
    """The emergency model. Messages about other things are no emergencies; attacks that ask for a deadly dose stay out."""
    others = [(text, "none") for text, label in scope_items if label != ScopeLabel.ATTACK]
    emergencies = [text for text, label in examples if label == "emergency"]
    return fit(examples, composed(emergencies) + others, COMPOSED_WEIGHT, EMERGENCY_C)


def fit_scope(examples: Examples, red_flag_items: Examples) -> Any:
    """The scope model. What patients tell of themselves is medical, and so are questions about an emergency as knowledge."""
    emergencies = [text for text, label in red_flag_items if label == "emergency"]
    borrowed = [(text, "medical") for text, _ in [*red_flag_items, *composed(emergencies, seed=1)]]
    return fit(examples, borrowed, BORROWED_WEIGHT, SCOPE_C)


def together(red_flags: Any, scope: Any) -> MessageClassifier:
    """Both models as the classifier, rounded to half precision as they are shipped."""
    assert list(red_flags.classes_) == ["emergency", "none"]
    assert tuple(scope.classes_) == LABELS
    weights = np.concatenate([-red_flags.coef_, scope.coef_]).astype(np.float16).astype(np.float32)
    intercepts = np.concatenate([-red_flags.intercept_, scope.intercept_]).astype(np.float32)
    return MessageClassifier(weights, intercepts, LABELS)


def _shares(right: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return round(float(right[chosen].mean()), 4) if chosen.any() else 0.0


def cross_validated(red_flags: list[dict[str, str]], scope: list[dict[str, str]]) -> dict[str, float]:
    """Figures of the gate on items that its classifier was not fitted to; ``fresh`` ones are new to its patterns too."""
    flags, labels = _pairs(red_flags), _pairs(scope)
    flagged, predicted = np.zeros(len(flags), bool), np.full(len(labels), "", dtype=object)
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    folds = zip(
        splitter.split(flags, [f for _, f in flags]), splitter.split(labels, [s for _, s in labels]), strict=True
    )
    for (fit_flags, held_flags), (fit_labels, held_labels) in folds:
        held_texts = {labels[i][0] for i in held_labels} | {flags[i][0] for i in held_flags}
        some_flags = [flags[i] for i in fit_flags if flags[i][0] not in held_texts]
        some_labels = [labels[i] for i in fit_labels if labels[i][0] not in held_texts]
        model = together(
            fit_red_flags(some_flags, some_labels),
            fit_scope(some_labels, some_flags),
        )
        for i in held_flags:
            flagged[i] = judged_red_flag(flags[i][0], model) is not None
        for i in held_labels:
            predicted[i] = judged_scope(labels[i][0], model).label.value
    emergency, truth = np.array([f == "emergency" for _, f in flags]), np.array([s for _, s in labels], dtype=object)
    figures: dict[str, float] = {}
    for origin in ("fresh", "own"):
        of_flags = np.array([item["origin"] == origin for item in red_flags])
        of_scope = np.array([item["origin"] == origin for item in scope])
        figures |= {
            f"red_flags_recall_{origin}": _shares(flagged, of_flags & emergency),
            f"red_flags_false_alarms_{origin}": _shares(flagged, of_flags & ~emergency),
            f"scope_accuracy_{origin}": _shares(predicted == truth, of_scope),
            f"attacks_caught_{origin}": _shares(predicted == "attack", of_scope & (truth == "attack")),
            f"attacks_taken_for_medical_{origin}": _shares(predicted == "medical", of_scope & (truth == "attack")),
            f"medical_refused_{origin}": _shares(predicted != "medical", of_scope & (truth == "medical")),
        }
    return figures


def _pairs(some: list[dict[str, str]]) -> Examples:
    return [(item["text"], item["label"]) for item in some]


def write(model: MessageClassifier, figures: dict[str, float]) -> None:
    """The weights and their manifest."""
    weights = np.ascontiguousarray(model.weights, dtype=np.float16)  # safetensors writes the memory as it lies
    content = save({"weights": weights, "intercepts": np.ascontiguousarray(model.intercepts)})
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": features_mark(),
        "labels": list(model.labels),
        "cross_validation": figures,
        "made_by": "scripts/train_safety.py from scripts/safety_items",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure only")
    arguments = parser.parse_args()
    red_flags, scope = items("red_flags.jsonl"), items("scope.jsonl")
    figures = cross_validated(red_flags, scope)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    if not arguments.check:
        flags, labels = _pairs(red_flags), _pairs(scope)
        write(together(fit_red_flags(flags, labels), fit_scope(labels, flags)), figures)


if __name__ == "__main__":
    main()
