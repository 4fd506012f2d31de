"""Fit the classifier of the section asked and write its weights into kbchat/medical/data.

    python scripts/train_sections.py [--check]

Reads scripts/section_items (``zh.txt``, ``en.txt``: short questions under the section they ask for, all written for kbchat; ``X``
stands for a drug, ``Y`` for a disease). Ridge regression on labels of plus and minus, solved in its dual form. Prints the accuracy of
an eight-fold cross-validation beside that of the rules alone and keeps both in the manifest. ``--check`` measures and writes
nothing. Takes about ten seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from kbchat.answering.mentions import mentions_in
from kbchat.answering.section_asked import section_by_rules
from kbchat.answering.section_classifier import MANIFEST, NO_SECTION, WEIGHTS
from kbchat.answering.section_features import BUCKETS, features_mark, section_features

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "section_items"
DATA = ROOT / "kbchat" / "medical" / "data"
FOLDS = 8
PENALTY = 0.3
OTHER_READING = 0.3
"""The weight of an item read as if a drug were (not) talked about, against its usual reading."""
WITHOUT_DRUG = ("recommendation", "diagnosis")

Features = dict[int, float]


def items() -> list[tuple[str, str]]:
    """Questions with their labels."""
    found, label = [], ""
    for language in ("zh", "en"):
        for line in (ITEMS / f"{language}.txt").read_text("utf-8").splitlines():
            if line.startswith("["):
                label = line.strip("[]")
            elif line and not line.startswith("#"):
                found.append((line, label))
    return found


def usual_reading(question: str, label: str) -> bool:
    """Whether a question speaks of a drug."""
    return label not in WITHOUT_DRUG and not (label == "other" and "Y" in question)


def features(question: str, *, has_drug: bool) -> Features:
    """What the classifier reads, as it does in a conversation."""
    by_rules = section_by_rules(question, has_drug=has_drug)
    return section_features(question, mentions_in(question, ()), by_rules=by_rules, has_drug=has_drug)


def dense(rows: list[Features]) -> NDArray[np.float32]:
    """Feature vectors, shape (len(rows), BUCKETS)."""
    found = np.zeros((len(rows), BUCKETS), dtype=np.float32)
    for row, values in enumerate(rows):
        found[row, list(values)] = list(values.values())
    return found


def fit(
    vectors: NDArray[np.float32], labels: list[str], weights: NDArray[np.float64], kinds: list[str]
) -> NDArray[np.float32]:
    """Ridge weights, shape (BUCKETS, len(kinds))."""
    targets = np.where(np.array(labels)[:, None] == np.array(kinds)[None, :], 1.0, -1.0 / (len(kinds) - 1))
    kernel = (vectors @ vectors.T).astype(np.float64) + np.diag(PENALTY / weights)
    solved: NDArray[np.float32] = vectors.T @ np.linalg.solve(kernel, targets).astype(np.float32)
    return solved


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure only")
    arguments = parser.parse_args()
    examples = items()
    labels = [label for _, label in examples]
    kinds = sorted(set(labels))
    readings = [usual_reading(*example) for example in examples]
    usual = dense([features(text, has_drug=drug) for (text, _), drug in zip(examples, readings, strict=True)])
    other = dense([features(text, has_drug=not drug) for (text, _), drug in zip(examples, readings, strict=True)])
    figures = _cross_validated(usual, other, labels, kinds)
    rules = [section_by_rules(text, has_drug=drug) for (text, _), drug in zip(examples, readings, strict=True)]
    said = [kind.value if kind else NO_SECTION for kind in rules]
    figures["rules_alone"] = round(float(np.mean([one == label for one, label in zip(said, labels, strict=True)])), 4)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    if not arguments.check:
        weights = np.concatenate([np.ones(len(labels)), np.full(len(labels), OTHER_READING)])
        _write(fit(np.concatenate([usual, other]), labels * 2, weights, kinds), kinds, figures)


def _cross_validated(
    usual: NDArray[np.float32], other: NDArray[np.float32], labels: list[str], kinds: list[str]
) -> dict[str, float]:
    truth = np.array(labels)
    held = np.random.default_rng(0).permutation(len(labels)) % FOLDS
    predicted = np.empty(len(labels), dtype=object)
    for part in range(FOLDS):
        known, new = np.flatnonzero(held != part), np.flatnonzero(held == part)
        weights = np.concatenate([np.ones(len(known)), np.full(len(known), OTHER_READING)])
        model = fit(np.concatenate([usual[known], other[known]]), list(truth[known]) * 2, weights, kinds)
        predicted[new] = [kinds[best] for best in (usual[new] @ model).argmax(axis=1)]
    return {"questions": float(len(labels)), "accuracy": round(float((predicted == truth).mean()), 4)}


def _write(weights: NDArray[np.float32], kinds: list[str], figures: dict[str, float]) -> None:
    content = save({"weights": np.ascontiguousarray(weights, dtype=np.float16)})
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": features_mark(),
        "labels": kinds,
        "cross_validation": figures,
        "made_by": "scripts/train_sections.py from scripts/section_items",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
