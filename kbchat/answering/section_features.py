"""What the classifier of sections reads of a question: hashed n-grams, concepts, and the sections that patterns find in it.

Names are masked first (a drug is ``X``, a disease ``Y``), so that weights learn ways of asking and not medicines. The n-grams are
those of :mod:`kbchat.medical.message_features`. Concepts (``data/section_concepts.toml``: an amount, a missed dose, an old person)
count alone and in pairs, so that new words in known company are understood. What the question is about after the turns before it
(a medicine carried over, a disease and no medicine) counts alone and with the concepts. Buckets come from CRC-32, which is the same
in every process and on every machine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from itertools import combinations

from kbchat.answering.mentions import Mention
from kbchat.medical.hashed_features import bucket, mark_of, shipped_table
from kbchat.medical.message_features import ngrams
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

BUCKETS = 1 << 14
"""How many buckets features fall into; weights have this length."""

_VERSION = 3  # to be raised when the same question gives other features
_LONGEST = 200
_WORDING, _INTENTS, _CONCEPTS, _ABOUT = 1.0, 0.6, 1.0, 0.8
_MASK = deferred(r"(?<![A-Za-z])[XY](?![A-Za-z])")
_LENGTH_STEP, _LENGTH_STEPS = 4, 8


def features_mark() -> str:
    """The version of the features and a mark of the concepts: weights belong to one of them."""
    return mark_of(_VERSION, _concept_table())


def _concept_table() -> str:
    return shipped_table("section_concepts.toml")


@cache
def _concepts(language: str) -> dict[str, re.Pattern[str]]:
    patterns: dict[str, str] = tomllib.loads(_concept_table())[language]
    return {name: re.compile(rf"\b(?:{one})" if language == "en" else one) for name, one in patterns.items()}


def masked(question: str, mentions: Sequence[Mention]) -> str:
    """The question with ``X`` for every drug and ``Y`` for every disease in it."""
    pieces, end = [], 0
    for mention in mentions:
        if mention.start < end or not (mention.drug or mention.disease):
            continue
        pieces += [question[end : mention.start], "X" if mention.drug else "Y"]
        end = mention.start + len(mention.text)
    return "".join((*pieces, question[end:]))


def about(own: Sequence[str], kept: Sequence[str]) -> frozenset[str]:
    """What a question is about, as features.

    Args:
        own: the kind of each name of its own: ``drug``, ``class``, ``disease``, a kind of subject, ``other``.
        kept: the kind of each name that it takes from the turns before it.
    """
    subject = "own medicine" if _medicines(own) else "kept medicine" if _medicines(kept) else "no medicine"
    number = f"medicines {min(_medicines(own) + _medicines(kept), 2)}"
    return frozenset((subject, number, *(f"own {kind}" for kind in own), *(f"kept {kind}" for kind in kept)))


def _medicines(kinds: Sequence[str]) -> int:
    return sum(kind in ("drug", "class") for kind in kinds)


def section_features(
    question: str, mentions: Sequence[Mention], subject: Collection[str] = frozenset()
) -> dict[int, float]:
    """The buckets of a question with their values: vectors of fixed length on top of each other.

    Args:
        question: as written; its first 200 characters are read.
        mentions: the names in it.
        subject: what :func:`about` tells; nothing where it is not known.
    """
    read = [name for name in mentions if name.start + len(name.text) <= _LONGEST]
    text = masked(question[:_LONGEST], read)
    folded = fold(text).replace("’", "'")
    names = "".join(_MASK.findall(text))
    intents = question_intents(question[:_LONGEST])
    wording = ngrams(folded) | _ends(folded) | {f"<names {names[:3]}>", f"<length {_length(folded)}>"}
    asks = {f"<first {intents[0].value if intents else None}>", *(f"<asks {kind.value}>" for kind in intents)}
    touched = concepts_in(folded)
    concepts = _concept_features((*_named(names, read), *touched))
    subjects = {f"<about {one}>" for one in subject}
    subjects |= {f"<about {one}&{concept}>" for one in subject for concept in (*touched, *asks)}
    found: dict[int, float] = {}
    for features, length in ((wording, _WORDING), (asks, _INTENTS), (concepts, _CONCEPTS), (subjects, _ABOUT)):
        for feature in sorted(features):
            place = bucket(feature, BUCKETS)
            found[place] = found.get(place, 0.0) + length / len(features) ** 0.5
    return found


def _named(names: str, mentions: Sequence[Mention]) -> list[str]:
    """What is named, as concepts."""
    other = any(not (name.drug or name.disease or name.drug_class) for name in mentions)
    present = {
        "drug": "X" in names,
        "drugs": names.count("X") > 1,
        "disease": "Y" in names,
        "class": any(name.drug_class for name in mentions),
        "subject": other,
    }
    return [name for name, is_there in present.items() if is_there]


def concepts_in(folded: str) -> list[str]:
    """The names of the concepts that folded text touches."""
    patterns = _concepts("en" if folded.isascii() else "zh")
    return [name for name, pattern in patterns.items() if pattern.search(folded)]


def _concept_features(concepts: Sequence[str]) -> set[str]:
    """The concepts of a question, and every pair of them."""
    present = sorted(concepts)
    return {f"<{name}>" for name in present} | {f"<{first}&{second}>" for first, second in combinations(present, 2)}


def _length(folded: str) -> str:
    if folded.isascii():
        return f"en {min(2 * len(folded.split()) // _LENGTH_STEP, _LENGTH_STEPS)}"
    return str(min(len(folded) // _LENGTH_STEP, _LENGTH_STEPS))


def _ends(folded: str) -> set[str]:
    """How a question begins and ends."""
    words = folded.split()
    if not words:
        return set()
    if folded.isascii():
        return {f"^{words[0]}", f"{words[-1]}$"}
    end = folded.rstrip(" ?!。.")
    return {f"^{folded[:2]}", f"{end[-2:]}$", f"{end[-1:]}$$"}
