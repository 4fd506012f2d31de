"""Fit the classifier of the section asked and write its weights into kbchat/medical/data.

    python scripts/train_sections.py [--check]

Reads scripts/section_items: ``zh.txt`` and ``en.txt``, short questions under the section they ask for (``X`` stands for a drug, ``Y``
for a disease, ``none`` for questions that ask for no section by themselves), and ``dialogues.jsonl``: what a person said turn by
turn, the section that the last turn asks for, and that turn as it stands alone. All were written for kbchat.

Multinomial logistic regression. Where the turn before (as the model itself reads it) asked for the section of the last
question, nobody knows whether that question asked for it by itself or as "the same": both outcomes count together there. Prints the
accuracy of a cross-validation that leaves out one writer of dialogues at a time, and keeps it in the manifest. ``--check`` measures
and writes nothing. Takes about a minute; OMP_NUM_THREADS=1 makes it faster on a busy machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from safetensors.numpy import save
from scipy.optimize import minimize

from kbchat.answering.mentions import mentions_in
from kbchat.answering.section_classifier import (
    EARLIER_LENGTH,
    MANIFEST,
    SAME,
    SECTIONS,
    WEIGHTS,
    SectionClassifier,
    SectionReading,
)
from kbchat.answering.section_features import BUCKETS, features_mark, section_features

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "section_items"
DATA = ROOT / "kbchat" / "medical" / "data"
OUTCOMES = len(SECTIONS) + 1
PENALTY = 0.25
WEIGHT_OF_DIALOGUES, WEIGHT_OF_STANDALONE = 1.5, 0.7
STEPS_ALONE, STEPS_TOGETHER = 20, 35
NOT_POSSIBLE = -30.0

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What the person said, turn by turn; the section of the last turn, and that turn as it stands alone."""

    writer: str
    turns: tuple[str, ...]
    standalone: str
    section: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Training rows: features, which outcomes are right, how much each counts, whether "the same" is possible."""

    features: sp.csr_matrix
    right: Matrix
    weights: Matrix
    may_be_same: NDArray[np.bool_]


def questions() -> list[tuple[str, str]]:
    """Questions with their labels."""
    found, label = [], ""
    for language in ("zh", "en"):
        for line in (ITEMS / f"{language}.txt").read_text("utf-8").splitlines():
            if line.startswith("["):
                label = line.strip("[]")
            elif line and not line.startswith("#"):
                found.append((line, label))
    return found


def dialogues() -> list[Dialogue]:
    """The dialogues of all writers."""
    lines = (ITEMS / "dialogues.jsonl").read_text("utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    return [Dialogue(item["writer"], tuple(item["turns"]), item["standalone"], item["section"]) for item in items]


def question_rows(texts: Sequence[str]) -> sp.csr_matrix:
    """Features of questions, shape (len(texts), BUCKETS)."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        features = section_features(text, mentions_in(text, ()))
        columns += features.keys()
        values += features.values()
        ends.append(len(columns))
    return sp.csr_matrix((np.array(values, np.float32), columns, ends), shape=(len(texts), BUCKETS))


def earlier_rows(readings: Sequence[SectionReading | None]) -> sp.csr_matrix:
    """Features of the turns before, shape (len(readings), OUTCOMES)."""
    found = np.zeros((len(readings), OUTCOMES), np.float32)
    for row, reading in enumerate(readings):
        if reading is None:
            found[row, SAME] = EARLIER_LENGTH
        else:
            found[row, :SAME] = EARLIER_LENGTH * np.array(reading.shares)
    return sp.csr_matrix(found)


def outcomes(labels: Sequence[str]) -> Matrix:
    """One row a label, 1 for its outcome."""
    order = [*SECTIONS, "none"]
    return np.eye(OUTCOMES, dtype=np.float32)[[order.index(label) for label in labels]]


def fit(rows: Rows, start: Matrix | None, steps: int) -> Matrix:
    """Weights, shape (BUCKETS + OUTCOMES, OUTCOMES)."""
    features, transposed = rows.features, rows.features.T.tocsr()
    shape = (features.shape[1], OUTCOMES)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        scores = features @ weights
        scores[~rows.may_be_same, SAME] = NOT_POSSIBLE
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        hit = shares * rows.right
        total = hit.sum(axis=1, keepdims=True) + 1e-12
        slope = ((shares - hit / total) * rows.weights[:, None]).astype(np.float32)
        slope[~rows.may_be_same, SAME] = 0.0
        value = -float(rows.weights @ np.log(total[:, 0])) + PENALTY / 2 * float((weights**2).sum())
        return value, (transposed @ slope + PENALTY * weights).ravel().astype(np.float64)

    first = np.zeros(shape) if start is None else start
    solved = minimize(loss, first.ravel().astype(np.float64), jac=True, method="L-BFGS-B", options={"maxiter": steps})
    weights: Matrix = solved.x.reshape(shape).astype(np.float32)
    return weights


def train(examples: Sequence[tuple[str, str, float]], talks: Sequence[Dialogue]) -> Matrix:
    """Fit to questions alone (text, label, weight), then to those and the last turns of dialogues together."""
    labels = [label for _, label, _ in examples]
    alone = Rows(
        sp.hstack([question_rows([text for text, _, _ in examples]), earlier_rows([None] * len(examples))]).tocsr(),
        outcomes(labels),
        np.array([weight for _, _, weight in examples], np.float32),
        np.array([label == "none" for label in labels]),
    )
    weights = fit(alone, None, STEPS_ALONE)
    before = [read_through(classifier(weights), talk.turns[:-1]) for talk in talks]
    right = outcomes([talk.section for talk in talks])
    for row, (reading, talk) in enumerate(zip(before, talks, strict=True)):
        right[row, SAME] = 0.0 if reading is None else reading.shares[SECTIONS.index(talk.section)]
    last = sp.hstack([question_rows([talk.turns[-1] for talk in talks]), earlier_rows(before)])
    together = Rows(
        sp.vstack([alone.features, last]).tocsr(),
        np.concatenate([alone.right, right]),
        np.concatenate([alone.weights, np.full(len(talks), WEIGHT_OF_DIALOGUES, np.float32)]),
        np.concatenate([alone.may_be_same, np.ones(len(talks), bool)]),
    )
    return fit(together, weights, STEPS_TOGETHER)


def classifier(weights: Matrix) -> SectionClassifier:
    """The classifier with these weights."""
    return SectionClassifier(weights[:BUCKETS], weights[BUCKETS:])


def read_through(model: SectionClassifier, turns: Sequence[str]) -> SectionReading | None:
    """What the last of ``turns`` asks for; None without turns."""
    reading = None
    for turn in turns:
        reading = model.read(turn, mentions_in(turn, ()), previous=reading)
    return reading


def accuracy(model: SectionClassifier, talks: Sequence[Dialogue]) -> float:
    """Share of dialogues whose last question is read right."""
    readings = [read_through(model, talk.turns) for talk in talks]
    return sum(r is not None and r.section == t.section for r, t in zip(readings, talks, strict=True)) / len(talks)


def examples_with(talks: Sequence[Dialogue]) -> list[tuple[str, str, float]]:
    """All questions, and those of ``talks`` as they stand alone."""
    alone = [(talk.standalone, talk.section, WEIGHT_OF_STANDALONE) for talk in talks]
    return [(text, label, 1.0) for text, label in questions()] + alone


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure only")
    arguments = parser.parse_args()
    talks = dialogues()
    figures: dict[str, float] = {"questions": len(questions()), "dialogues": len(talks)}
    right = 0.0
    for writer in sorted({talk.writer for talk in talks}):
        others = [talk for talk in talks if talk.writer != writer]
        own = [talk for talk in talks if talk.writer == writer]
        share = accuracy(classifier(train(examples_with(others), others)), own)
        figures[f"accuracy_of_writer_{writer}"] = round(share, 4)
        right += share * len(own)
    figures["accuracy"] = round(right / len(talks), 4)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    if not arguments.check:
        _write(train(examples_with(talks), talks), figures)


def _write(weights: Matrix, figures: dict[str, float]) -> None:
    scales = np.abs(weights[:BUCKETS]).max(axis=0) / 127
    tensors = {
        "weights": np.ascontiguousarray(np.rint(weights[:BUCKETS] / scales), dtype=np.int8),
        "scales": scales.astype(np.float32),
        "earlier": np.ascontiguousarray(weights[BUCKETS:], dtype=np.float32),
    }
    content = save(tensors)
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": features_mark(),
        "labels": [*SECTIONS, "same"],
        "left_out_by_writer": figures,
        "made_by": "scripts/train_sections.py from scripts/section_items",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
