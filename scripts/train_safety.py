"""Fit the learned half of the safety gate and write its weights into kbchat/medical/data.

    python scripts/train_safety.py [--check]

Reads scripts/safety_items: ``red_flags.jsonl`` and ``scope.jsonl`` (``text``, ``label``, ``origin``: ``patterns`` for items that
the patterns were written with, ``fresh`` for items written by somebody who had seen neither patterns nor other items, with the
``set`` that they were written in, ``own`` for the rest) and ``fragments.toml``, from which further items are composed. Everything
there was written for kbchat. Prints the figures of a cross-validation of the whole gate (patterns and classifier) that leaves out
one set after the other, with whatever resembles an item of it; composed items are made from the rest alone. The figures of all
sets together are kept in the manifest. ``--check`` measures and writes nothing. Needs scikit-learn; takes two to six minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.linear_model import LogisticRegression

from kbchat.medical.message_classifier import MANIFEST, SCALE, WEIGHTS, MessageClassifier
from kbchat.medical.message_features import BUCKETS, buckets, concept_features, features_mark
from kbchat.medical.red_flags import judged as judged_red_flag
from kbchat.medical.scope import ScopeLabel
from kbchat.medical.scope import judged as judged_scope
from kbchat.text.tokens import fold
from safety_composed import Examples, composed, everyday, formal, lookalikes, names, ordered

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "safety_items"
DATA = ROOT / "kbchat" / "medical" / "data"
LABELS = tuple(sorted(label.value for label in ScopeLabel))
EMERGENCY_C, SCOPE_C = 8.0, 20.0
"""Inverse strengths of the L2 penalty, chosen by cross-validation on the fresh items."""
COMPOSED_WEIGHT, BORROWED_WEIGHT = 0.5, 0.3


def items(name: str) -> list[dict[str, str]]:
    """The items of a file."""
    return [json.loads(line) for line in (ITEMS / name).read_text("utf-8").splitlines() if line.strip()]


_buckets = cache(buckets)


def matrix(texts: list[str]) -> Any:
    """Feature vectors of equal length, shape (len(texts), BUCKETS), sparse."""
    columns, starts, values = [], [0], []
    for text in texts:
        found = _buckets(text)
        columns += found
        values += [SCALE / max(len(found), 1) ** 0.5] * len(found)
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(texts), BUCKETS))


def fit(examples: Examples, extra: Examples, extra_weight: float, strength: float) -> Any:
    """A logistic regression on examples, and on extra ones at a lower weight."""
    together = [*examples, *extra]
    weights = np.concatenate([np.ones(len(examples)), np.full(len(extra), extra_weight)])
    # With a looser tolerance the fit stops far from its end, and a few items more give other judgements.
    model = LogisticRegression(C=strength, max_iter=1000, tol=1e-5)
    return model.fit(matrix([text for text, _ in together]), [label for _, label in together], sample_weight=weights)


def fit_red_flags(examples: Examples, scope_items: Examples) -> Any:
    """The emergency model. Messages about other things are no emergencies; attacks that ask for a deadly dose stay out."""
    others = [(text, "none") for text, label in scope_items if label != ScopeLabel.ATTACK]
    emergencies = [text for text, label in examples if label == "emergency"]
    return fit(examples, composed(emergencies) + others, COMPOSED_WEIGHT, EMERGENCY_C)


def fit_scope(examples: Examples, red_flag_items: Examples) -> Any:
    """The scope model. What patients tell of themselves is medical, and so are questions about an emergency as knowledge.

    Harmless messages that name an animal stay out: they are about the animal, or about the person, and the label does not say.
    """
    emergencies = [text for text, label in red_flag_items if label == "emergency"]
    harmless_animals = {
        text for text, label in red_flag_items if label == "none" and "<animal>" in concept_features(fold(text))
    }
    people = [item for item in red_flag_items if item[0] not in harmless_animals]
    borrowed = [(text, "medical") for text, _ in [*people, *composed(emergencies, seed=1)]]
    return fit(
        examples,
        borrowed + lookalikes() + everyday() + formal() + ordered() + [(name, "medical") for name in names()],
        BORROWED_WEIGHT,
        SCOPE_C,
    )


def together(red_flags: Any, scope: Any) -> MessageClassifier:
    """Both models as the classifier, rounded to whole steps as they are shipped."""
    assert list(red_flags.classes_) == ["emergency", "none"]
    assert tuple(scope.classes_) == LABELS
    whole, steps = in_steps(np.concatenate([-red_flags.coef_, scope.coef_]))
    intercepts = np.concatenate([-red_flags.intercept_, scope.intercept_]).astype(np.float32)
    return MessageClassifier(whole * steps[:, None], intercepts, LABELS)


def in_steps(weights: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights as whole numbers from -127 to 127, and the step of each row."""
    steps = (np.abs(weights).max(axis=1) / 127).astype(np.float32)
    return np.rint(weights / steps[:, None]).astype(np.int8), steps


def near_duplicates(texts: list[str]) -> NDArray[np.int32]:
    """A number for each text; texts that share half of their pieces (two Chinese characters, four others) share the number."""
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for row, text in enumerate(texts):
        plain = re.sub(r"\W", "", fold(text))
        length = 2 if re.search("[\u4e00-\u9fff]", plain) else 4
        pieces = {plain[start : start + length] for start in range(max(1, len(plain) - length + 1))}
        columns += [vocabulary.setdefault(piece, len(vocabulary)) for piece in pieces]
        rows += [row] * len(pieces)
    held = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(vocabulary)))
    sizes = np.asarray(held.sum(axis=1)).ravel()
    shared = (held @ held.T).tocoo()
    alike = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data) >= 0.5
    links = csr_matrix((np.ones(alike.sum()), (shared.row[alike], shared.col[alike])), shape=(len(texts), len(texts)))
    groups: NDArray[np.int32] = connected_components(links, directed=False)[1]
    return groups


def cross_validated(red_flags: list[dict[str, str]], scope: list[dict[str, str]]) -> dict[str, dict[str, float]]:
    """Figures of the gate on each set of ``fresh`` items, judged by a classifier fitted to no item of the set nor any like it.

    The patterns, the concepts and the ``own`` items were written with the mistakes on earlier sets in view, so the figures are
    kinder than those of items that nobody has read.
    """
    flags, labels = _pairs(red_flags), _pairs(scope)
    groups = near_duplicates([text for text, _ in [*flags, *labels]])
    set_of = np.array([item.get("set", "") for item in [*red_flags, *scope]], dtype=object)
    flagged, predicted = np.zeros(len(flags), bool), np.full(len(labels), "", dtype=object)
    for held_set in sorted(set(set_of) - {""}):
        held = set(groups[set_of == held_set])
        some_flags = [pair for pair, group in zip(flags, groups[: len(flags)], strict=True) if group not in held]
        some_labels = [pair for pair, group in zip(labels, groups[len(flags) :], strict=True) if group not in held]
        model = together(fit_red_flags(some_flags, some_labels), fit_scope(some_labels, some_flags))
        for i in np.flatnonzero(set_of == held_set):
            if i < len(flags):
                flagged[i] = judged_red_flag(flags[i][0], model) is not None
            else:
                predicted[i - len(flags)] = judged_scope(labels[i - len(flags)][0], model).label.value
    emergency, truth = np.array([f == "emergency" for _, f in flags]), np.array([s for _, s in labels], dtype=object)
    figures = {}
    for name in [*sorted(set(set_of) - {""}), "all"]:
        chosen = set_of == name if name != "all" else set_of != ""
        of_flags, of_scope = chosen[: len(flags)], chosen[len(flags) :]
        figures[name] = {
            "red_flags_recall": _share(flagged, of_flags & emergency),
            "red_flags_false_alarms": _share(flagged, of_flags & ~emergency),
            "scope_accuracy": _share(predicted == truth, of_scope),
            "attacks_caught": _share(predicted == "attack", of_scope & (truth == "attack")),
            "attacks_taken_for_medical": _share(predicted == "medical", of_scope & (truth == "attack")),
            "medical_refused": _share(predicted != "medical", of_scope & (truth == "medical")),
        }
    return figures


def _share(right: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return round(float(right[chosen].mean()), 4) if chosen.any() else float("nan")


def _pairs(some: list[dict[str, str]]) -> Examples:
    return [(item["text"], item["label"]) for item in some]


def write(model: MessageClassifier, figures: dict[str, float]) -> None:
    """The weights and their manifest."""
    whole, steps = in_steps(model.weights)  # safetensors writes the memory as it lies
    tensors = {"weights": whole, "steps": steps, "intercepts": model.intercepts}
    content = save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
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
    for name, values in figures.items():
        print(name, "  ".join(f"{figure} {value:.3f}" for figure, value in values.items()))
    if not arguments.check:
        flags, labels = _pairs(red_flags), _pairs(scope)
        write(together(fit_red_flags(flags, labels), fit_scope(labels, flags)), figures["all"])


if __name__ == "__main__":
    main()
