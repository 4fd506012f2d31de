"""Word translations out of aligned texts: IBM Model 1, both ways, on token ids.

Method: Brown et al. 1993, "The Mathematics of Statistical Machine Translation", Model 1, trained by expectation
maximisation on titles, abstracts, keyword pairs and lexicon names; the two directions are multiplied, which keeps what
both agree on. Positions do not matter to an embedding that averages its words, so Model 1 is all that is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Translations of tokens: row ``token`` holds ids and weights (summing to 1) of its best few; weight 0: none."""

    ids: NDArray[np.int32]
    weights: NDArray[np.float32]


def _links(pairs: Sequence[tuple[Ids, Ids]], weights: Sequence[float]) -> tuple[NDArray[np.int64], ...]:
    sources, targets, groups, link_weights = [], [], [], []
    group = 0
    for (source, target), weight in zip(pairs, weights, strict=True):
        if not len(source) or not len(target):
            continue
        sources.append(np.tile(source, len(target)))
        targets.append(np.repeat(target, len(source)))
        groups.append(np.repeat(np.arange(group, group + len(target), dtype=np.int32), len(source)))
        link_weights.append(np.full(len(source) * len(target), weight, dtype=np.float32))
        group += len(target)
    return tuple(np.concatenate(part) for part in (sources, targets, groups, link_weights))


def model_one(
    pairs: Sequence[tuple[Ids, Ids]], weights: Sequence[float], size: int, *, rounds: int = 6
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Translation probabilities t(target | source) as keys ``source * size + target`` and values."""
    source, target, group, weight = _links(pairs, weights)
    keys, link = np.unique(source.astype(np.int64) * size + target, return_inverse=True)
    link = link.astype(np.int32)
    key_source = (keys // size).astype(np.int32)
    probability = np.full(len(keys), 1e-3)
    for _ in range(rounds):
        share = probability[link]
        share /= np.bincount(group, share)[group]
        counts = np.bincount(link, share * weight, minlength=len(keys))
        probability = counts / (np.bincount(key_source, counts, minlength=size)[key_source] + 1e-9)
    return keys, probability


def translations(
    pairs: Sequence[tuple[Ids, Ids]], weights: Sequence[float], size: int, *, best: int = 4, least: float = 0.02
) -> tuple[Candidates, Candidates]:
    """Candidates from the first language to the second, and back."""
    forth_keys, forth = model_one(pairs, weights, size)
    back_keys, back = model_one([(b, a) for a, b in pairs], weights, size)
    turned = (back_keys % size) * size + back_keys // size
    order = np.argsort(turned)
    back = back[order]  # now the same keys: every link exists in both directions
    agreed = forth * back > least**2
    keys, forth, back = forth_keys[agreed], forth[agreed], back[agreed]
    there = _best(keys // size, keys % size, forth * np.sqrt(back), size, best)
    return there, _best(keys % size, keys // size, back * np.sqrt(forth), size, best)


def _best(
    source: NDArray[np.int64], target: NDArray[np.int64], score: NDArray[np.float64], size: int, best: int
) -> Candidates:
    order = np.lexsort((-score, source))
    source, target, score = source[order], target[order], score[order]
    rank = np.arange(len(source)) - np.searchsorted(source, source)
    top = rank < best
    ids = np.zeros((size, best), dtype=np.int32)
    weights = np.zeros((size, best), dtype=np.float32)
    ids[source[top], rank[top]] = target[top]
    weights[source[top], rank[top]] = score[top]
    total = weights.sum(axis=1, keepdims=True)
    return Candidates(ids, np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))
