"""The learned half of the safety gate: a linear classifier of messages beside the patterns.

Two models over the same features (:mod:`kbchat.medical.message_features`): whether a message tells of an emergency, and what
its scope is. The weights (``data/safety_weights.safetensors``: whole numbers from -127 to 127, a step for each row) were fitted by ``scripts/train_safety.py`` to the items in
``scripts/safety_items``; ``data/safety_weights.json`` names the file's SHA-256, the features it belongs to and the figures of
the cross-validation. The same text gives the same score in every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.medical.message_features import BUCKETS, buckets, features_mark
from kbchat.medical.shipped_weights import ShippedWeights, shipped_folder
from kbchat.messages import Bilingual

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "safety_weights.safetensors"
MANIFEST: Final = "safety_weights.json"
FILES: Final = ShippedWeights(
    WEIGHTS,
    MANIFEST,
    Bilingual("of the safety gate", "安全识别模型"),
    Bilingual("concepts or the features", "概念表或特征"),
    "scripts/train_safety.py",
)
SCALE: Final = 2.0
"""The length of a message's feature vector; every bucket in it has the same value."""

_LONGEST = 300
_LONGEST_MESSAGE = 4000


@dataclass(frozen=True, slots=True)
class MessageClassifier:
    """Linear scores of a message.

    Attributes:
        weights: float32, shape (1 + len(labels), BUCKETS): the emergency model, then one row for each scope label.
        intercepts: float32, shape (1 + len(labels),).
        labels: the scope labels in the order of their rows.
    """

    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    labels: tuple[str, ...]

    def emergency(self, text: str) -> float:
        """The log-odds that ``text`` tells of an emergency; of a long message the highest of its stretches."""
        return max(float(self._scores(part)[0]) for part in _stretches(text[:_LONGEST_MESSAGE]))

    def scope(self, text: str) -> dict[str, float]:
        """A score for each label, comparable among themselves; the first 300 characters are read."""
        scores = self._scores(text[:_LONGEST])
        return {label: float(score) for label, score in zip(self.labels, scores[1:], strict=True)}

    def _scores(self, text: str) -> NDArray[np.float32]:
        found = buckets(text)
        if not found:
            return self.intercepts
        total: NDArray[np.float32] = self.weights[:, found].sum(axis=1)
        scores: NDArray[np.float32] = total * (SCALE / len(found) ** 0.5) + self.intercepts
        return scores


def _stretches(text: str) -> list[str]:
    """A message whole, or a long one in overlapping stretches, so that one sentence is not lost in a long story."""
    if len(text) <= _LONGEST:
        return [text]
    return [text[start : start + _LONGEST] for start in range(0, len(text) - _LONGEST // 2, _LONGEST // 2)]


@cache
def message_classifier() -> MessageClassifier:
    """The classifier that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_classifier(shipped_folder())


def load_classifier(folder: Path) -> MessageClassifier:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    manifest, tensors = FILES.read(folder, features_mark())
    try:
        labels = tuple(manifest["labels"])
        weights, intercepts = tensors["weights"] * tensors["steps"][:, None], tensors["intercepts"]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FILES.damaged(folder, str(error)) from error
    if weights.shape != (1 + len(labels), BUCKETS) or intercepts.shape != (1 + len(labels),):
        raise FILES.damaged(folder, f"weights of shape {weights.shape}")
    return MessageClassifier(weights, intercepts, labels)
