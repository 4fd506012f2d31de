"""The learned half of the section asked: a linear classifier of short questions beside the rules.

The weights (``kbchat/medical/data/section_weights.safetensors``) were fitted by ``scripts/train_sections.py`` to the questions in
``scripts/section_items``; ``section_weights.json`` names the file's SHA-256, the features it belongs to and the figures of the
cross-validation. The same question gives the same score in every process. Nothing is read before the first question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.answering.mentions import Mention
from kbchat.answering.section_features import BUCKETS, features_mark, section_features
from kbchat.medical.shipped_weights import ShippedWeights, shipped_folder
from kbchat.messages import Bilingual
from kbchat.types import SectionKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "section_weights.safetensors"
MANIFEST: Final = "section_weights.json"
FILES: Final = ShippedWeights(
    WEIGHTS,
    MANIFEST,
    Bilingual("for the section asked", "用于识别所问章节"),
    Bilingual("concepts or the features", "概念表或特征"),
    "scripts/train_sections.py",
)
NO_SECTION: Final = "none"
"""The label of a question that asks for no section by itself (what about X?)."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The best label (None: no section by itself) and how far its score is ahead of the second."""

    section: SectionKind | None
    margin: float


@dataclass(frozen=True, slots=True)
class SectionClassifier:
    """Linear scores of a question.

    Attributes:
        weights: float32, shape (BUCKETS, len(labels)).
        labels: section kinds and ``none``.
    """

    weights: NDArray[np.float32]
    labels: tuple[str, ...]

    def guess(
        self, question: str, mentions: Sequence[Mention], *, by_rules: SectionKind | None, has_drug: bool
    ) -> Guess:
        """The section that ``question`` asks for; the arguments are those of :func:`section_features`."""
        features = section_features(question, mentions, by_rules=by_rules, has_drug=has_drug)
        scores = sum((self.weights[bucket] * value for bucket, value in features.items()), 0.0 * self.weights[0])
        first, second = sorted(range(len(self.labels)), key=lambda row: -float(scores[row]))[:2]
        label = self.labels[first]
        return Guess(None if label == NO_SECTION else SectionKind(label), float(scores[first] - scores[second]))


@cache
def section_classifier() -> SectionClassifier:
    """The classifier that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_section_classifier(shipped_folder())


def load_section_classifier(folder: Path) -> SectionClassifier:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    manifest, tensors = FILES.read(folder, features_mark())
    try:
        labels, weights = tuple(manifest["labels"]), tensors["weights"]
    except (KeyError, TypeError) as error:
        raise FILES.damaged(folder, str(error)) from error
    if weights.shape != (BUCKETS, len(labels)):
        raise FILES.damaged(folder, f"weights of shape {weights.shape}")
    return SectionClassifier(weights, labels)
