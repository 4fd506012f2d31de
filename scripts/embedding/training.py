"""Contrastive training of the token vectors.

Method: the recipe of sentence-transformers' StaticEmbedding: a text is the mean of its token vectors; the loss is multiple
negatives ranking (Henderson et al. 2017), both ways, at several widths at once (Matryoshka, Kusupati et al. 2022).
Three things are done to the pairs, anew each time they are drawn:

- **translation**: a text in one language is replaced word by word by its translation, so that a question meets an answer
  in the other language (order does not matter to a mean);
- **hiding what overlaps**: words of the question that also stand in the answer are dropped, so that the model learns what
  BM25 cannot (副作用 and 不良反应);
- **a window**: of a long answer a random stretch is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from embedding.translation import Candidates, Ids

WIDTHS = ((256, 1.0), (128, 0.5), (64, 0.25))


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs that share a batch: the same kind of text on either side, so that a negative is told by its meaning.

    ``rate`` is the share of the group drawn in an epoch. ``translate`` is the chance that one of the two sides is
    translated, ``hide`` that an overlapping word is dropped from the anchor of a pair chosen for it (half of them).
    """

    name: str
    anchors: Sequence[Ids]
    positives: Sequence[Ids]
    rate: float = 1.0
    translate: float = 0.0
    hide: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Numbers of a training run.

    ``share`` of the trained vectors and the rest of the starting ones make the result: averaging the two keeps what the
    start knew of words that training saw seldom (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    """

    epochs: int = 4
    batch: int = 1024
    learning_rate: float = 0.004
    scale: float = 20.0
    window: int = 110
    share: float = 0.75
    seed: int = 20


class Sampler:
    """Draws batches of token ids."""

    def __init__(self, groups: Sequence[Group], tables: Sequence[Candidates], recipe: Recipe) -> None:
        self._groups = groups
        self._recipe = recipe
        self._rng = np.random.default_rng(recipe.seed)
        self._ids = np.where(tables[0].weights > 0, tables[0].ids, tables[1].ids)
        weights = np.where(tables[0].weights > 0, tables[0].weights, tables[1].weights)
        self._cumulative = weights.cumsum(axis=1)
        self._known = self._cumulative[:, -1] > 0

    def steps(self) -> int:
        """Batches of an epoch."""
        return sum(int(len(group.anchors) * group.rate) // self._size(group) for group in self._groups)

    def _size(self, group: Group) -> int:
        return min(self._recipe.batch, max(1, int(len(group.anchors) * group.rate)))

    def epoch(self) -> Iterator[tuple[list[Ids], list[Ids]]]:
        """The batches of one epoch, groups mixed."""
        plan = []
        for group in self._groups:
            order = self._rng.permutation(len(group.anchors))[: int(len(group.anchors) * group.rate)]
            size = self._size(group)
            plan += [(group, order[i : i + size]) for i in range(0, len(order) - size + 1, size)]
        for chosen in self._rng.permutation(len(plan)):
            group, rows = plan[chosen]
            pairs = [self._pair(group, int(row)) for row in rows]
            yield [anchor for anchor, _ in pairs], [positive for _, positive in pairs]

    def _pair(self, group: Group, row: int) -> tuple[Ids, Ids]:
        rng = self._rng
        anchor, positive = self._window(group.anchors[row]), self._window(group.positives[row])
        if rng.random() < group.translate:
            if rng.random() < 0.5:
                return self._translated(anchor), positive
            return anchor, self._translated(positive)
        if group.hide and rng.random() < 0.5:
            hidden = np.isin(anchor, positive) & (rng.random(len(anchor)) < group.hide)
            if not hidden.all():
                anchor = anchor[~hidden]
        return anchor, positive

    def _window(self, ids: Ids) -> Ids:
        excess = len(ids) - self._recipe.window
        if excess <= 0:
            return ids
        start = int(self._rng.integers(0, excess + 1))
        return ids[start : start + self._recipe.window]

    def _translated(self, ids: Ids) -> Ids:
        draw = self._rng.random(len(ids))[:, None]
        choice = (self._cumulative[ids] < draw).sum(axis=1).clip(max=self._ids.shape[1] - 1)
        translated = self._ids[ids, choice]
        known = self._known[ids]
        kept = known | (self._rng.random(len(ids)) < 0.3)
        result = np.where(known & (translated > 0), translated, ids)[kept]
        return result if len(result) else ids


def _loss(anchors: torch.Tensor, positives: torch.Tensor, scale: float) -> torch.Tensor:
    labels = torch.arange(len(anchors))
    total = torch.zeros(())
    for width, weight in WIDTHS:
        a = torch.nn.functional.normalize(anchors[:, :width], dim=1)
        b = torch.nn.functional.normalize(positives[:, :width], dim=1)
        scores = scale * a @ b.T
        both = torch.nn.functional.cross_entropy(scores, labels) + torch.nn.functional.cross_entropy(scores.T, labels)
        total = total + weight * both
    return total


def train(
    start: NDArray[np.float32],
    groups: Sequence[Group],
    tables: Sequence[Candidates],
    recipe: Recipe,
    report: Callable[[int, float, NDArray[np.float32]], None],
) -> NDArray[np.float32]:
    """Token vectors after training, averaged with the starting ones; ``report(epoch, seconds, vectors)`` is called after each epoch."""
    torch.manual_seed(recipe.seed)
    bag = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(start.copy()), freeze=False, mode="mean")
    optimiser = torch.optim.Adam(bag.parameters(), lr=recipe.learning_rate)
    sampler = Sampler(groups, tables, recipe)
    total = sampler.steps() * recipe.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.05 * total), max(0.0, (total - step) / (0.95 * total)))
    )

    def embed(texts: list[Ids]) -> torch.Tensor:
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        offsets = np.concatenate([[0], lengths.cumsum()[:-1]])
        means: torch.Tensor = bag(torch.from_numpy(np.concatenate(texts).astype(np.int64)), torch.from_numpy(offsets))
        return means

    began = time.monotonic()
    for epoch in range(recipe.epochs):
        for anchors, positives in sampler.epoch():
            loss = _loss(embed(anchors), embed(positives), recipe.scale)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch gives it no types
            optimiser.step()
            schedule.step()
        report(epoch, time.monotonic() - began, bag.weight.detach().numpy())
    trained: NDArray[np.float32] = bag.weight.detach().numpy()
    return np.asarray(recipe.share * trained + (1 - recipe.share) * start, dtype=np.float32)
