"""The learned half of the safety gate: a linear classifier of messages beside the patterns.

Two models over the same features (:mod:`kbchat.medical.message_features`): whether a message tells of an emergency, and what
its scope is. The weights (``data/safety_weights.safetensors``) were fitted by ``scripts/train_safety.py`` to the items in
``scripts/safety_items``; ``data/safety_weights.json`` names the file's SHA-256, the features it belongs to and the figures of
the cross-validation. The same text gives the same score in every process.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.errors import ConfigurationError
from kbchat.medical.message_features import BUCKETS, buckets, features_mark
from kbchat.messages import Bilingual

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "safety_weights.safetensors"
MANIFEST: Final = "safety_weights.json"
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
    return load_classifier(Path(str(resources.files("kbchat.medical").joinpath("data"))))


def load_classifier(folder: Path) -> MessageClassifier:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    # numpy and safetensors take a moment to load, which reading this module's callers need not pay.
    import numpy as np  # noqa: PLC0415
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.numpy import load  # noqa: PLC0415

    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        content = (folder / WEIGHTS).read_bytes()
        expected, mark, labels = str(manifest["sha256"]), str(manifest["features"]), tuple(manifest["labels"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise _damaged(folder, f"{WEIGHTS} has SHA-256 {found[:12]}…, {expected[:12]}… was expected")
    if mark != features_mark():
        raise _damaged(folder, f"the weights belong to features {mark}, these are {features_mark()}")
    try:
        tensors = load(content)
        weights, intercepts = tensors["weights"].astype(np.float32), tensors["intercepts"].astype(np.float32)
    except (SafetensorError, KeyError) as error:
        raise _damaged(folder, str(error)) from error
    if weights.shape != (1 + len(labels), BUCKETS) or intercepts.shape != (1 + len(labels),):
        raise _damaged(folder, f"weights of shape {weights.shape}")
    return MessageClassifier(weights, intercepts, labels)


def _damaged(folder: Path, cause: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The weights of the safety gate in {folder} are not as they were shipped: {cause}.",
            f"{folder} 中安全识别模型的权重与发布时不一致：{cause}。",
        ),
        Bilingual(
            "Install kbchat again (`pip install --force-reinstall --no-deps kbchat`); after a change of the concepts or the "
            "features, run scripts/train_safety.py.",
            "请重新安装 kbchat（`pip install --force-reinstall --no-deps kbchat`）；若修改过概念表或特征，请运行 scripts/train_safety.py。",
        ),
    )
