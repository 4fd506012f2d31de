"""Figures of a model: cross-lingual retrieval on a file of aligned paragraphs, and retrieval on held-out pairs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.corpus import Pair

_FIRST = 64
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def hit_rates(scores: NDArray[np.float32], ranks: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Share of rows whose own column is among the best k. ``scores``: shape (n, n)."""
    own = np.diag(scores)[:, None]
    place = (scores > own).sum(axis=1)
    return {k: float((place < k).mean()) for k in ranks}


def read_aligned(path: Path) -> tuple[list[str], list[str]]:
    """Chinese and English paragraphs of a file like ``crosslingual_dev.jsonl``."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["zh"] for row in rows], [row["en"] for row in rows]


def crosslingual(encode: Encode, zh: Sequence[str], en: Sequence[str]) -> dict[str, float]:
    """hit@1 and hit@5 both ways, the pool being all paragraphs of the other language."""
    a, b = encode(zh), encode(en)
    forth, back = hit_rates(b @ a.T), hit_rates(a @ b.T)
    first = hit_rates(b[:, :_FIRST] @ _unit(a[:, :_FIRST]).T)
    return {
        "en-zh hit@1": forth[1],
        "en-zh hit@5": forth[5],
        "zh-en hit@1": back[1],
        "zh-en hit@5": back[5],
        f"en-zh hit@5, the first {_FIRST} numbers": first[5],
    }


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)


def held_out(encode: Encode, pairs: Sequence[Pair]) -> dict[str, float]:
    """hit@1 for each source of the held-out pairs, the pool being the source's own positives."""
    found = {}
    for source in sorted({pair.source for pair in pairs}):
        rows = [pair for pair in pairs if pair.source == source]
        scores = encode([row.anchor for row in rows]) @ encode([row.positive for row in rows]).T
        found[source] = hit_rates(scores)[1]
    return found
