"""Fit the classifier of the section asked and write its weights into kbchat/medical/data.

    python scripts/train_sections.py [--check | --write-only]

Reads scripts/section_items, ``zh.txt`` and ``en.txt``: short questions under the section they ask for (``X`` stands for a drug, ``Y``
for a disease, ``none`` for questions that ask for no section by themselves); and the dialogues of scripts/followup_items that
name their ``section`` (see dialogue_items.py). All were written for kbchat.

The questions count alone and after the beginning of some dialogue. Where the turn before (as the model itself reads it) asked for the section of the last question, nobody knows whether that
question asked for it by itself or as "the same": both outcomes count together there. Prints the accuracy of a cross-validation
in which each writer's dialogues are judged by networks fitted without them, and keeps it in the manifest. ``--check`` measures and
writes nothing; ``--write-only`` fits and writes and leaves the figures out. Run train_followups.py first: it tells what the
earlier turns of a dialogue are about. Needs torch; takes about five minutes, a minute of it the weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from dialogue_items import Dialogue, among, dialogues
from kbchat.answering.carry_over import candidates, carried_over, subject_of
from kbchat.answering.earlier_names import NamedTurn, detailed_kind, offered_names
from kbchat.answering.mentions import mentions_in
from kbchat.answering.section_classifier import (
    MANIFEST,
    NETWORKS,
    SAME,
    SECTIONS,
    WEIGHTS,
    SectionClassifier,
    SectionReading,
    network_features,
    weights_mark,
)
from kbchat.answering.section_features import about, masked
from kbchat.answering.section_network import MOST_TOKENS, QUANTISED, SectionNetwork
from kbchat.embedding.builtin import builtin_embedder
from section_training import OUTCOMES, Features, Network, Row, fit, tensors_of

ROOT = Path(__file__).resolve().parents[1]
ITEMS = ROOT / "scripts" / "section_items"
DATA = ROOT / "kbchat" / "medical" / "data"
WEIGHT_OF_DIALOGUES, WEIGHT_OF_STANDALONE = 1.5, 0.7
ROUNDS_ALONE, ROUNDS_TOGETHER = 4, 8
FOLDS = 2
ORDER = [*SECTIONS, "none"]

Subject = Collection[str]


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


def right_of(label: str) -> NDArray[np.float32]:
    """How much each outcome is right where ``label`` alone is, shape (OUTCOMES,)."""
    right: NDArray[np.float32] = np.eye(OUTCOMES, dtype=np.float32)[ORDER.index(label)]
    return right


def row_of(text: str, features: Features, right: NDArray[np.float32], weight: float, *, same: bool) -> Row:
    """A training row."""
    tokens, _ = builtin_embedder().tokens(masked(text, mentions_in(text, ())), MOST_TOKENS)
    return Row(features, tokens, right, weight, same)


def alone(text: str, label: str, weight: float) -> Row:
    """A question without a conversation."""
    right = right_of(label)
    return row_of(text, network_features(text, mentions_in(text, ()), None, ()), right, weight, same=label == "none")


def rows_alone(talks: Sequence[Dialogue]) -> list[Row]:
    """All questions, those of ``talks`` as they stand alone, and the first ones of ``talks``."""
    standing = [alone(talk.standalone, talk.section, WEIGHT_OF_STANDALONE) for talk in talks if talk.standalone]
    return (
        [alone(*one, 1.0) for one in questions()] + standing + [first_row(one) for one in talks if one.section_before]
    )


def first_row(talk: Dialogue) -> Row:
    """The first question of a dialogue."""
    turn = talk.turns[0]
    features = network_features(turn.text, turn.names, None, about([detailed_kind(name) for name in turn.names], []))
    right = right_of(talk.section_before)
    return row_of(turn.text, features, right, WEIGHT_OF_STANDALONE, same=False)


def subjects(talk: Dialogue) -> Iterator[Subject]:
    """What each turn is about: the last by its labels, the others as the shipped model carries names over."""
    for number, turn in enumerate(talk.turns):
        before = talk.turns[:number]
        if number < len(talk.turns) - 1 or talk.entities is None:
            yield subject_of(turn, carried_over(turn, before))
        else:
            yield _labelled(turn, before, talk.entities)


def _labelled(turn: NamedTurn, before: Sequence[NamedTurn], entities: Sequence[str]) -> Subject:
    own = [name for name in turn.names if among(name.text, entities)] or list(turn.names)
    earlier = (*candidates(turn, before), *offered_names(before, turn))
    return about([detailed_kind(name) for name in own], [name.kind for name in earlier if among(name.text, entities)])


def rows_of_dialogues(model: SectionClassifier, talks: Sequence[Dialogue]) -> list[Row]:
    """The last turns of dialogues, after the turns before them as ``model`` reads them."""
    found = []
    for talk in talks:
        *_, subject = subjects(talk)
        reading, last = read_through(model, talk, talk.turns[:-1]), talk.turns[-1]
        right = right_of(talk.section)
        right[SAME] = 0.0 if reading is None else reading.shares[SECTIONS.index(talk.section)]
        features = network_features(last.text, last.names, reading, subject)
        found.append(row_of(last.text, features, right, WEIGHT_OF_DIALOGUES, same=True))
    return found


def rows_after(model: SectionClassifier, talks: Sequence[Dialogue]) -> list[Row]:
    """All questions again, each after the first question of some dialogue, as ``model`` reads that."""
    chance, found = random.Random(0), []
    for text, label in questions():
        first = chance.choice(talks).turns[0]
        reading = model.read(first.text, first.names)
        names = mentions_in(text, ())
        kept = [] if label == "other" and names else ["drug"]
        subject = about([detailed_kind(name) for name in names], kept)
        features = network_features(text, names, reading, subject)
        found.append(row_of(text, features, right_of(label), WEIGHT_OF_STANDALONE, same=True))
    return found


def read_through(model: SectionClassifier, talk: Dialogue, turns: Sequence[NamedTurn]) -> SectionReading | None:
    """What the last of ``turns``, the first of ``talk``, asks for; None without turns."""
    reading = None
    for turn, subject in zip(turns, subjects(talk), strict=False):
        reading = model.read(turn.text, turn.names, previous=reading, subject=subject)
    return reading


def train(talks: Sequence[Dialogue]) -> SectionClassifier:
    """Fit to questions alone, then to those and the last turns of dialogues together."""
    first = rows_alone(talks)
    reader = classifier([fit(first, ROUNDS_ALONE, seed) for seed in range(NETWORKS)])
    together = first + rows_of_dialogues(reader, talks) + rows_after(reader, talks)
    return classifier([fit(together, ROUNDS_TOGETHER, seed) for seed in range(NETWORKS)])


def classifier(networks: Sequence[Network]) -> SectionClassifier:
    """The networks as they are shipped."""
    shipped = []
    for network in networks:
        tensors = tensors_of(network)
        kept = {name: one if name in QUANTISED else one.astype(np.float32) for name, one in tensors.items()}
        shipped.append(SectionNetwork(kept))
    return SectionClassifier(tuple(shipped))


def cross_validated(talks: dict[str, list[Dialogue]]) -> dict[str, float]:
    """The share of each writer's dialogues whose last question is read right by networks that saw none of them."""
    figures, right = {}, 0
    for fold in range(FOLDS):
        held = sorted(talks)[fold::FOLDS]
        model = train([one for writer, some in talks.items() if writer not in held for one in some])
        for writer in held:
            readings = [read_through(model, talk, talk.turns) for talk in talks[writer]]
            hits = sum(r is not None and r.section == t.section for r, t in zip(readings, talks[writer], strict=True))
            figures[f"accuracy_of_writer_{writer}"] = round(hits / len(readings), 4)
            right += hits
    figures = dict(sorted(figures.items()))
    return figures | {"accuracy": round(right / sum(map(len, talks.values())), 4)}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="measure only")
    mode.add_argument("--write-only", action="store_true", help="do not measure")
    arguments = parser.parse_args()
    labelled = {writer: [one for one in some if one.section] for writer, some in dialogues().items()}
    talks = {writer: some for writer, some in labelled.items() if some}
    figures: dict[str, float] = {"questions": len(questions()), "dialogues": sum(map(len, talks.values()))}
    if not arguments.write_only:
        figures |= cross_validated(talks)
    for name, value in figures.items():
        print(f"{name:40} {value:.4f}")
    if not arguments.check:
        _write(train([one for some in talks.values() for one in some]), figures)


def _write(model: SectionClassifier, figures: dict[str, float]) -> None:
    tensors = {
        f"{number}.{name}": np.ascontiguousarray(one, dtype=one.dtype if name in QUANTISED else np.float16)
        if not name.endswith(".scales")
        else np.ascontiguousarray(one, dtype=np.float32)
        for number, network in enumerate(model.networks)
        for name, one in network.tensors.items()
    }
    content = save(tensors)
    (DATA / WEIGHTS).write_bytes(content)
    manifest = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "features": weights_mark(),
        "labels": [*SECTIONS, "same"],
        "left_out_by_writer": figures,
        "made_by": "scripts/train_sections.py from scripts/section_items and scripts/followup_items",
    }
    (DATA / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
