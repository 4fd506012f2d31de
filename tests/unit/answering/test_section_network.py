"""The network that reads the section asked: its forward pass against torch, and what it makes of odd input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from kbchat.answering.section_network import WINDOW, SectionNetwork

FEATURES, HIDDEN, OUTCOMES, TOKENS, KNOWN, LEARNED, RESPONSES = 50, 7, 5, 30, 12, 4, 6


@pytest.fixture
def network() -> SectionNetwork:
    chance = np.random.default_rng(7)

    def dense(*shape: int) -> np.ndarray:
        return chance.normal(size=shape).astype(np.float32)

    tables = {"hidden": (FEATURES, HIDDEN), "straight": (FEATURES, OUTCOMES), "tuned": (TOKENS, LEARNED)}
    tensors: dict[str, np.ndarray] = {}
    for name, shape in tables.items():
        tensors[name] = chance.integers(-127, 128, shape).astype(np.int8)
        tensors[f"{name}.scales"] = np.abs(dense(shape[1])) / 127
    return SectionNetwork(
        tensors
        | {
            "hidden.bias": dense(HIDDEN),
            "window": dense(WINDOW * (KNOWN + LEARNED), RESPONSES),
            "window.bias": dense(RESPONSES),
            "out": dense(HIDDEN + 2 * RESPONSES + KNOWN, OUTCOMES),
            "out.bias": dense(OUTCOMES),
        }
    )


def by_torch(
    network: SectionNetwork, features: dict[int, float], tokens: np.ndarray, vectors: np.ndarray
) -> np.ndarray:
    """The same scores by torch's own layers."""
    weights = {name: torch.from_numpy(np.asarray(one, np.float32)) for name, one in network.tensors.items()}
    rows, values = torch.tensor([list(features)]), torch.tensor([list(features.values())])

    def bag(name: str) -> torch.Tensor:
        table = weights[name] * weights[f"{name}.scales"]
        return functional.embedding_bag(rows, table, per_sample_weights=values, mode="sum")[0]

    learned = (weights["tuned"] * weights["tuned.scales"])[torch.from_numpy(tokens).long()]
    read = torch.cat([torch.from_numpy(vectors), learned], dim=1).T[None]
    kernel = weights["window"].reshape(WINDOW, KNOWN + LEARNED, RESPONSES).permute(2, 1, 0)
    responses = torch.relu(functional.conv1d(read, kernel, weights["window.bias"], padding=1))[0]
    total = torch.from_numpy(vectors).sum(0)
    parts = (
        torch.tanh(bag("hidden") + weights["hidden.bias"]),
        responses.max(1).values,
        responses.sum(1) / (len(tokens) + 1),
        total / (total.norm() + 1e-6),
    )
    return (torch.cat(parts) @ weights["out"] + weights["out.bias"] + bag("straight")).numpy()


@pytest.mark.parametrize("length", [1, 2, 3, 17])
def test_it_gives_what_the_layers_of_torch_give(network: SectionNetwork, length: int) -> None:
    chance = np.random.default_rng(length)
    tokens = chance.integers(0, TOKENS, length).astype(np.int32)
    vectors = chance.normal(size=(length, KNOWN)).astype(np.float32)
    features = {3: 0.5, 17: -0.25, 49: 1.0}
    assert network.scores(features, tokens, vectors) == pytest.approx(
        by_torch(network, features, tokens, vectors), abs=1e-4
    )


def test_a_question_without_tokens_has_scores(network: SectionNetwork) -> None:
    scores = network.scores({0: 1.0}, np.zeros(0, np.int32), np.zeros((0, KNOWN), np.float32))
    assert scores.shape == (OUTCOMES,)
    assert np.isfinite(scores).all()
