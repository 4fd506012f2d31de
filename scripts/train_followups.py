"""Fit the model of what a follow-up carries over and write its weights into kbchat/medical/data.

    python scripts/train_followups.py [--check] [--errors WRITER ...]

Reads scripts/followup_items, all written for kbchat: the dialogues that name their ``entities`` (see dialogue_items.py), and
``wordings.txt``: ways of going on, put after the beginnings of dialogues. Questions of scripts/section_items that name nothing
count as wordings that stay with the drug; those of ``other`` that name a matter, as wordings that leave it. Logistic
regression over hashed features. Prints the figures of every writer's dialogues judged by a model that saw none of them, and keeps
their mean in the manifest. ``--check`` measures and writes nothing; ``--errors`` lists what is wrong in some writers' dialogues.
Needs scikit-learn; takes about two minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from dialogue_items import Dialogue, among, dialogues, turn
from kbchat.answering.carry_features import BUCKETS, asked_turn, carry_features, features_mark
from kbchat.answering.carry_over import MANIFEST, WEIGHTS, CarryModel, candidates, carried_over
from kbchat.answering.earlier_names import EarlierName, NamedTurn, offered_names
from kbchat.answering.mentions import mentions_in
from kbchat.medical.lexicon import DRUG, Lexicon

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "followup_items"
SECTION_ITEMS = ROOT / "scripts" / "section_items"
DATA = ROOT / "kbchat" / "medical" / "data"
STRENGTH = 1.0
"""Inverse strength of the L2 penalty."""
UNTOLD_MATTER, STRAY_QUESTION, WORDING, WORDING_OF_MATTER = 0.4, 0.3, 0.4, 0.2
"""Weights of examples: an earlier disease no label names; another dialogue's first question; a wording."""
COPIES = 2
FOLDS = 4
_PLACEHOLDER = re.compile(r"(?<![A-Za-z])[XY](?![A-Za-z])")
_WITHOUT_MEDICINE = ("recommendation", "diagnosis", "other", "none")

Features = dict[int, float]
Example = tuple[Features, int, float]


def labelled_dialogues() -> dict[str, tuple[Dialogue, ...]]:
    """Of every writer, the dialogues that tell what the question is about."""
    found = {writer: tuple(one for one in some if one.entities is not None) for writer, some in dialogues().items()}
    return {writer: some for writer, some in found.items() if some}


def wordings() -> Iterator[tuple[str, str]]:
    """Ways of going on with their labels."""
    for path in (ITEMS / "wordings.txt", SECTION_ITEMS / "zh.txt", SECTION_ITEMS / "en.txt"):
        label = ""
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("["):
                label = line.strip("[] \n")
            elif line and not line.startswith("#"):
                if path.parent == ITEMS:
                    yield line, label
                elif label not in _WITHOUT_MEDICINE and not _PLACEHOLDER.search(line):
                    yield line, "stays"
                elif label == "other" and mentions_in(line, ()):
                    yield line, "new matter"


@cache
def _drug_names(english: bool) -> tuple[str, ...]:
    drugs = [concept for concept in Lexicon.curated().concepts if concept.kind == DRUG]
    names = [(concept.en if english else concept.zh)[:1] for concept in drugs]
    return tuple(name[0] for name in names if name and (name[0].isalpha() and 3 <= len(name[0]) <= 14))


def read(turns: Sequence[NamedTurn]) -> list[tuple[EarlierName, Features]]:
    """The candidates of a conversation with their features."""
    *before, question = turns
    earlier = candidates(question, before)
    asked = asked_turn(question, before)
    return [(name, carry_features(name, asked, earlier)) for name in (*earlier, *offered_names(before, question))]


def labelled(dialogue: Dialogue) -> Iterator[Example]:
    """The examples of a dialogue; an earlier drug that no label names is none."""
    for name, features in read(dialogue.turns):
        if among(name.text, dialogue.entities or ()):
            yield features, 1, 1.0
        elif among(name.text, dialogue.not_entities):
            yield features, 0, 1.0
        elif name.kind != "drug" or name.offered:
            yield features, 0, 1.0 if name.offered else UNTOLD_MATTER


def stray(pool: Sequence[Dialogue], chance: random.Random) -> Iterator[Example]:
    """Beginnings of dialogues that go on with the first question of another: all that was named is left."""
    for dialogue in pool:
        first = chance.choice(pool).turns[0]
        if any(name.drug or name.disease for name in first.names):
            yield from ((features, 0, STRAY_QUESTION) for _, features in read((*dialogue.turns[:-1], first)))


def worded(pool: Sequence[Dialogue], chance: random.Random) -> Iterator[Example]:
    """Beginnings of dialogues about a drug that go on with a wording."""
    beginnings: dict[bool, list[tuple[NamedTurn, ...]]] = {True: [], False: []}
    for dialogue in pool:
        if any(name.drug for one in dialogue.turns[:-1] for name in one.names):
            beginnings[dialogue.turns[-1].folded.isascii()].append(dialogue.turns[:-1])
    for line, label in wordings():
        english = line.isascii()
        for _ in range(COPIES if label != "stays" else 1):
            question = _PLACEHOLDER.sub(lambda _: chance.choice(_drug_names(english)), line)  # noqa: B023 - used at once
            for name, features in read((*chance.choice(beginnings[english]), turn(question))):
                target = _target(name, label)
                if target is not None:
                    yield features, target, WORDING if name.is_medicine else WORDING_OF_MATTER


def _target(name: EarlierName, label: str) -> int | None:
    """Whether a name stays under a wording; None where the wording does not tell."""
    if label.startswith("new"):
        return 0
    if name.offered:
        return 0
    subject = name.kind == "drug" and name.latest and not name.place
    if label in ("joins", "stays"):
        return 1 if subject else None
    if name.kind == "drug":
        return 0 if subject else 1 if name.latest and name.partner else None
    return 1 if name.turns_back == 1 else None


def matrix(rows: Sequence[Features]) -> Any:
    """Feature vectors, shape (len(rows), BUCKETS), sparse."""
    pairs = [(row, bucket, value) for row, features in enumerate(rows) for bucket, value in features.items()]
    lines, columns, values = zip(*pairs, strict=True)
    return csr_matrix((values, (lines, columns)), shape=(len(rows), BUCKETS))


def fit(pool: Sequence[Dialogue]) -> CarryModel:
    """The model fitted to some dialogues, rounded to half precision as it is shipped."""
    chance = random.Random(0)
    examples = [example for dialogue in pool for example in labelled(dialogue)]
    examples += [*stray(pool, chance), *worded(pool, chance)]
    rows, targets, weights = zip(*examples, strict=True)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(matrix(rows), targets, sample_weight=weights)
    return CarryModel(model.coef_[0].astype(np.float16).astype(np.float32), float(np.float32(model.intercept_[0])))


def judged(model: CarryModel, some: Sequence[Dialogue]) -> list[tuple[bool, bool, tuple[str, ...]]]:
    """For every dialogue: whether all entities are found, whether an old drug is carried, and what was found."""
    found = []
    for dialogue in some:
        decided = carried_over(dialogue.turns[-1], dialogue.turns[:-1], model=model)
        names = (*decided.own, *(name.text for name in decided.kept))
        right = all(among(name, names) for name in dialogue.entities or ())
        found.append((right, any(among(name, names) for name in dialogue.not_entities), names))
    return found


def cross_validated(errors: Sequence[str]) -> dict[str, float]:
    """Figures of each writer's dialogues under a model that saw none of them, and over all of them."""
    figures: dict[str, float] = {}
    everything: list[tuple[bool, bool, bool]] = []
    talks = labelled_dialogues()
    for fold in range(FOLDS):
        held = sorted(talks)[fold::FOLDS]
        model = fit([one for writer, some in talks.items() if writer not in held for one in some])
        for writer in held:
            results = judged(model, talks[writer])
            pairs = list(zip(results, talks[writer], strict=True))
            rows = [(right, old, bool(one.not_entities)) for (right, old, _), one in pairs]
            everything += rows
            figures |= {f"{name}_{writer}": value for name, value in _figures(rows).items()}
            if writer in errors:
                _print_errors(pairs)
    return figures | _figures(everything)


def _print_errors(pairs: Sequence[tuple[tuple[bool, bool, tuple[str, ...]], Dialogue]]) -> None:
    for (right, old, names), one in pairs:
        if old or not right:
            told = " / ".join(turn.text for turn in one.turns)
            wrong = f"{'OLD ' if old else ''}{'' if right else 'MISS '}"
            print(f"{wrong}{told} -> {names}; {one.entities}, not {one.not_entities}")


def _figures(rows: Sequence[tuple[bool, bool, bool]]) -> dict[str, float]:
    right, old, any_old = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "entities": round(float(right.mean()), 4),
        "entities_none_carried": round(float((right & ~old).mean()), 4),
        "old_drug_carried": round(float(old[any_old].mean()), 4),
    }


def write(model: CarryModel, figures: dict[str, float]) -> None:
    """The weights and their manifest."""
    weights = np.ascontiguousarray(model.weights, dtype=np.float16)
    content = save({"weights": weights, "intercept": np.array([model.intercept], dtype=np.float32)})
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": features_mark(),
        "cross_validation": figures,
        "made_by": "scripts/train_followups.py from scripts/followup_items",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure only")
    parser.add_argument(
        "--errors", metavar="WRITER", nargs="*", default=(), help="list what is wrong in their dialogues"
    )
    arguments = parser.parse_args()
    figures = cross_validated(arguments.errors)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    if not arguments.check:
        write(fit([one for some in labelled_dialogues().values() for one in some]), figures)


if __name__ == "__main__":
    main()
