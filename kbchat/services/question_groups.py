"""Questions that ask the same in other words, put together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from kbchat.embedding.protocol import Embedder, Vectors
from kbchat.medical.lexicon import Lexicon
from kbchat.store import StoredQuestion
from kbchat.text.tokens import query_tokens

_ALIKE = 0.6
"""Share of the weight of their words that two questions have in common to be one by words alone."""
_ALIKE_IN_MEANING = 0.3
"""The same where their vectors are as close as ``_CLOSE``."""
_CLOSE = 0.85


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that ask the same: the wording asked most (``question``), all wordings, how often, when last."""

    question: str
    wordings: tuple[str, ...]
    count: int
    last_asked: datetime
    bases: tuple[str, ...]


@dataclass(slots=True)
class _Kind:
    """Questions put together so far; the newest one stands for all."""

    tokens: frozenset[str]
    drugs: frozenset[str]
    vector: Vectors | None
    members: list[StoredQuestion]


def group_questions(
    questions: Sequence[StoredQuestion], lexicon: Lexicon, embedder: Embedder | None = None
) -> list[QuestionGroup]:
    """``questions`` (newest first) in groups, the largest first, then the newest.

    Two are in one group when their words, weighed by rarity, overlap enough, or somewhat with vectors that are close;
    never when they name different drugs.
    """
    distinct = {one.question: frozenset(query_tokens(one.question)) for one in questions}
    vectors = embedder.embed_documents(list(distinct)) if embedder is not None and distinct else None
    vector_of = dict(zip(distinct, vectors, strict=True)) if vectors is not None else {}
    weights = _rarity(list(distinct.values()))
    kinds: list[_Kind] = []
    holding: dict[str, list[int]] = {}
    known: dict[str, int] = {}
    for one in questions:
        number = known.get(one.question)
        if number is None:
            made = _Kind(
                distinct[one.question], frozenset(lexicon.drugs_in(one.question)), vector_of.get(one.question), []
            )
            number = _nearest(made, kinds, holding, weights)
            if number is None:
                number = len(kinds)
                kinds.append(made)
                for token in made.tokens:
                    holding.setdefault(token, []).append(number)
            known[one.question] = number
        kinds[number].members.append(one)
    groups = [_group(kind.members) for kind in kinds]
    return sorted(groups, key=lambda group: (-group.count, -group.last_asked.timestamp(), group.question))


def _rarity(token_sets: Sequence[frozenset[str]]) -> dict[str, float]:
    counts = Counter(token for tokens in token_sets for token in tokens)
    return {token: math.log(1 + len(token_sets) / count) for token, count in counts.items()}


def _nearest(
    wanted: _Kind, kinds: Sequence[_Kind], holding: dict[str, list[int]], weights: dict[str, float]
) -> int | None:
    """The group that ``wanted`` belongs to; None when there is none."""
    best, best_share = None, 0.0
    for number in sorted({number for token in wanted.tokens for number in holding.get(token, ())}):
        other = kinds[number]
        if wanted.drugs != other.drugs:
            continue
        common = sum(weights[token] for token in wanted.tokens & other.tokens)
        share = common / sum(weights[token] for token in wanted.tokens | other.tokens)
        least = _ALIKE_IN_MEANING if _close(wanted.vector, other.vector) else _ALIKE
        if share >= least and share > best_share:
            best, best_share = number, share
    return best


def _close(one: Vectors | None, other: Vectors | None) -> bool:
    return one is not None and other is not None and float(np.dot(one, other)) >= _CLOSE


def _group(members: Sequence[StoredQuestion]) -> QuestionGroup:
    wordings = Counter(one.question for one in members)
    ordered = sorted(wordings, key=lambda text: (-wordings[text], text))
    bases = tuple(sorted({base for one in members for base in one.bases}))
    return QuestionGroup(ordered[0], tuple(ordered), len(members), max(one.asked_at for one in members), bases)
