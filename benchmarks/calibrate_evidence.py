"""Fit the weights of the evidence gate on the development questions.

    python benchmarks/calibrate_evidence.py [--data-dir DIR]

Answerable: gold zh+en over documents/, MedicineQA over its corpus. Unanswerable: gold/unanswerable over documents/, and
each set asked of the other base (its drugs are not there). Logistic regression with an L2 pull towards the present weights,
so that few questions do not overrule sense; prints the weights, the refusal rates at the threshold and a ten-fold
cross-validated estimate of them.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
from gold import SHARED, gold_questions, json_records, medicine_questions
from results_file import print_table, write_results
from retrieval import prepare

from kbchat.answering.evidence import EvidenceModel, signals
from kbchat.app import App
from kbchat.generation.sentence_scoring import score_sentences

_NAMES = [field.name for field in fields(EvidenceModel) if field.name != "bias"]
_PULL = 0.15
_FOLDS = 10


def collect(app: App) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Signals (questions, signals), labels (1: answerable) and the set of each question."""
    sets = [
        ("gold", "documents", [q.question for q in gold_questions()], 1),
        ("medicineqa", "medicineqa", [q.question for q in medicine_questions()], 1),
        ("unanswerable", "documents", [r["question"] for r in json_records(SHARED / "gold" / "unanswerable.jsonl")], 0),
        ("medicineqa elsewhere", "documents", [q.question for q in medicine_questions()][::2], 0),
    ]
    rows, labels, names = [], [], []
    for name, base, questions, label in sets:
        retriever = app.retriever([base])
        for question in questions:
            found = retriever.retrieve(question)
            sentences = score_sentences(found.query, found.passages, found.information)
            measured = asdict(signals(found, sentences, retriever.weights))
            rows.append([measured[key] for key in _NAMES])
            labels.append(label)
            names.append(name)
    return np.array(rows), np.array(labels), names


def fit(rows: np.ndarray, labels: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Weights (bias first) by Newton's method, classes weighed equally, pulled towards ``prior``."""
    inputs = np.hstack([np.ones((len(rows), 1)), rows])
    share = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    weights = prior.copy()
    for _ in range(50):
        predicted = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (share * (predicted - labels)) + _PULL * (weights - prior)
        curvature = (inputs.T * (share * predicted * (1 - predicted))) @ inputs + _PULL * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def refused(rows: np.ndarray, weights: np.ndarray, threshold: float) -> np.ndarray:
    """Which questions fall below the threshold."""
    return 1 / (1 + np.exp(-(weights[0] + rows @ weights[1:]))) < threshold


def main() -> None:
    """Collect, fit, cross-validate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--threshold", type=float, default=0.5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        app = prepare((arguments.data_dir or Path(scratch)) / "whole", "default")
        rows, labels, names = collect(app)
        app.close()
    model = EvidenceModel()
    prior = np.array([model.bias, *(getattr(model, name) for name in _NAMES)])
    fitted = fit(rows, labels, prior)
    folds = np.random.default_rng(0).permutation(len(labels)) % _FOLDS
    held_out = np.zeros(len(labels), dtype=bool)
    for fold in range(_FOLDS):
        inside = folds != fold
        held_out[~inside] = refused(rows[~inside], fit(rows[inside], labels[inside], prior), arguments.threshold)
    print_table(
        ("signal", "present", "fitted"),
        [(n, round(float(p), 2), round(float(f), 2)) for n, p, f in zip(["bias", *_NAMES], prior, fitted, strict=True)],
    )
    figures = {}
    for name in dict.fromkeys(names):
        chosen = np.array([item == name for item in names])
        figures[name] = {
            "questions": int(chosen.sum()),
            "refused now": round(float(refused(rows[chosen], prior, arguments.threshold).mean()), 3),
            "refused fitted": round(float(refused(rows[chosen], fitted, arguments.threshold).mean()), 3),
            "refused cross-validated": round(float(held_out[chosen].mean()), 3),
        }
    print_table(
        ("set", "questions", "now", "fitted", "cross-validated"), [(n, *f.values()) for n, f in figures.items()]
    )
    print(write_results("calibrate_evidence", "python benchmarks/calibrate_evidence.py", figures))


if __name__ == "__main__":
    main()
