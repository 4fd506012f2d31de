"""How the networks that read the section asked are fitted: the twin of :mod:`kbchat.answering.section_network` in torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kbchat.answering.section_classifier import ROWS, SAME
from kbchat.answering.section_network import MOST_TOKENS, QUANTISED, WINDOW
from kbchat.embedding.builtin import builtin_embedder

OUTCOMES = SAME + 1
HIDDEN, RESPONSES, LEARNED = 96, 128, 16
BATCH, RATE, SLOWEST = 128, 2e-3, 0.2
FEATURES_KEPT, TOKENS_KEPT, DROPPED = 0.85, 0.9, 0.4
DECAY, DECAY_STRAIGHT, DECAY_HIDDEN = 0.02, 4.7e-8, 3e-7
"""Weight decay of the dense layers, and the penalties on each batch's mean for the two wide tables."""
KEPT = 0.995
"""How much of the mean of the weights stays at a step; the mean of the second half of the rounds is what is shipped."""
NOT_POSSIBLE = -30.0

Features = dict[int, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A training row.

    Attributes:
        features: rows of the network's tables with their values.
        tokens: numbers of the question's tokens.
        right: how much each outcome is right, shape (OUTCOMES,).
        weight: how much the row counts.
        may_be_same: whether "as the turn before" is possible.
    """

    features: Features
    tokens: NDArray[np.int32]
    right: NDArray[np.float32]
    weight: float
    may_be_same: bool


class Network(nn.Module):
    """Scores of the outcomes of a batch of questions."""

    def __init__(self) -> None:
        """Fresh weights; what the embedding knows of the tokens stays as it is."""
        super().__init__()
        embedder = builtin_embedder()
        self.none = embedder.vocabulary  # stands where a shorter question has no token
        self.known = torch.cat([_unit_vectors(), torch.zeros(1, embedder.dimension)])
        self.hidden = nn.EmbeddingBag(ROWS, HIDDEN, mode="sum")
        self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
        self.straight = nn.EmbeddingBag(ROWS, OUTCOMES, mode="sum")
        self.tuned = nn.Embedding(embedder.vocabulary + 1, LEARNED, padding_idx=self.none)
        self.window = nn.Conv1d(embedder.dimension + LEARNED, RESPONSES, WINDOW, padding=WINDOW // 2)
        self.out = nn.Linear(HIDDEN + 2 * RESPONSES + embedder.dimension, OUTCOMES)
        self.drop = nn.Dropout(DROPPED)
        nn.init.normal_(self.hidden.weight, std=0.15)
        nn.init.zeros_(self.straight.weight)
        nn.init.zeros_(self.tuned.weight)

    def forward(self, rows: Tensor, starts: Tensor, values: Tensor, tokens: Tensor) -> Tensor:
        """Scores, shape (questions, OUTCOMES); ``rows``, ``starts``, ``values`` as EmbeddingBag takes them, ``tokens`` padded."""
        there = (tokens != self.none).float()
        if self.training:
            there = there * (torch.rand(tokens.shape) < TOKENS_KEPT).float()
            values = values * (torch.rand(values.shape) < FEATURES_KEPT).float() / FEATURES_KEPT
        known = self.known[tokens] * there[..., None]
        read = torch.cat([known, self.tuned(tokens) * there[..., None]], dim=-1)
        responses = torch.relu(self.window(read.transpose(1, 2))) * there[:, None]
        mean = responses.sum(-1) / (there.sum(-1, keepdim=True) + 1)
        hidden = torch.tanh(self.hidden(rows, starts, per_sample_weights=values) + self.hidden_bias)
        total = known.sum(1)
        unit = total / (total.norm(dim=1, keepdim=True) + 1e-6)
        deep = self.out(self.drop(torch.cat([hidden, responses.max(-1).values, mean, unit], dim=-1)))
        scores: Tensor = deep + self.straight(rows, starts, per_sample_weights=values)
        return scores


def _unit_vectors() -> Tensor:
    """The unit vectors of all tokens, shape (vocabulary, dimension)."""
    return torch.from_numpy(builtin_embedder().vectors_of_tokens())


def fit(rows: Sequence[Row], rounds: int, seed: int) -> Network:
    """A network fitted to ``rows`` in so many rounds."""
    torch.manual_seed(seed)
    network = Network().train()
    wide = [network.hidden.weight, network.straight.weight]
    rest = [one for one in network.parameters() if not any(one is table for table in wide)]
    optimizer = torch.optim.AdamW(
        [{"params": wide, "weight_decay": 0.0}, {"params": rest, "weight_decay": DECAY}], lr=RATE
    )
    mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(KEPT))  # type: ignore[no-untyped-call]
    for number in range(rounds):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - (1 - SLOWEST) * number / rounds)
        order = np.random.default_rng([seed, number]).permutation(len(rows))
        for start in range(0, len(rows), BATCH):
            batch = [rows[int(place)] for place in order[start : start + BATCH]]
            loss = _loss(network, batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if number >= rounds // 2:
                mean.update_parameters(network)
    averaged = mean.module.eval()
    if not isinstance(averaged, Network):  # for the type's sake: a mean of networks is one
        raise TypeError(type(averaged).__name__)
    return averaged


def _loss(network: Network, batch: Sequence[Row]) -> Tensor:
    scores = network(*_tensors(network, batch))
    outcome = torch.arange(OUTCOMES) == SAME
    impossible = ~torch.tensor([row.may_be_same for row in batch])[:, None] & outcome[None]
    shares = torch.softmax(scores.masked_fill(impossible, NOT_POSSIBLE), dim=-1)
    right = torch.from_numpy(np.stack([row.right for row in batch]))
    weights = torch.tensor([row.weight for row in batch])
    missed = -(weights * torch.log((shares * right).sum(-1) + 1e-9)).mean()
    return (
        missed + DECAY_STRAIGHT * (network.straight.weight**2).sum() + DECAY_HIDDEN * (network.hidden.weight**2).sum()
    )


def _tensors(network: Network, batch: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    rows: list[int] = []
    values: list[float] = []
    starts = []
    for row in batch:
        starts.append(len(rows))
        rows += row.features.keys()
        values += row.features.values()
    longest = max(WINDOW, *(len(row.tokens) for row in batch))
    tokens = np.full((len(batch), longest), network.none, np.int64)
    for line, row in enumerate(batch):
        tokens[line, : len(row.tokens)] = row.tokens[:MOST_TOKENS]
    return torch.tensor(rows), torch.tensor(starts), torch.tensor(values), torch.from_numpy(tokens)


def tensors_of(network: Network) -> dict[str, NDArray[np.generic]]:
    """The weights under the names and in the shapes that :class:`kbchat.answering.section_network.SectionNetwork` reads."""
    window = network.window.weight.detach().numpy()  # (responses, dimension + learned, WINDOW)
    wide = {
        "hidden": network.hidden.weight.detach().numpy(),
        "straight": network.straight.weight.detach().numpy(),
        "tuned": network.tuned.weight.detach().numpy()[: network.none],
    }
    found: dict[str, NDArray[np.generic]] = {}
    for name in QUANTISED:
        scales = np.maximum(np.abs(wide[name]).max(axis=0), 1e-9) / 127
        found[name] = np.ascontiguousarray(np.rint(wide[name] / scales), dtype=np.int8)
        found[f"{name}.scales"] = scales.astype(np.float32)
    dense = {
        "hidden.bias": network.hidden_bias.detach().numpy(),
        "window": window.transpose(2, 1, 0).reshape(-1, RESPONSES),
        "window.bias": network.window.bias.detach().numpy(),  # type: ignore[union-attr]
        "out": network.out.weight.detach().numpy().T,
        "out.bias": network.out.bias.detach().numpy(),
    }
    return found | {name: np.ascontiguousarray(one, dtype=np.float16) for name, one in dense.items()}
