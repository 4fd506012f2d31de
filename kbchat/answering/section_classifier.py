"""The learned half of the section asked: a linear classifier of short questions beside the rules.

The weights (``kbchat/medical/data/section_weights.safetensors``) were fitted by ``scripts/train_sections.py`` to the questions in
``scripts/section_items``; ``section_weights.json`` names the file's SHA-256, the features it belongs to and the figures of the
cross-validation. The same question gives the same score in every process. Nothing is read before the first question.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.answering.mentions import Mention
from kbchat.answering.section_features import BUCKETS, features_mark, section_features
from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual
from kbchat.types import SectionKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "section_weights.safetensors"
MANIFEST: Final = "section_weights.json"
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
    return load_section_classifier(Path(str(resources.files("kbchat.medical").joinpath("data"))))


def load_section_classifier(folder: Path) -> SectionClassifier:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    # numpy and safetensors take a moment to load, which a first question need not pay.
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
        weights = load(content)["weights"].astype(np.float32)
    except (SafetensorError, KeyError) as error:
        raise _damaged(folder, str(error)) from error
    if weights.shape != (BUCKETS, len(labels)):
        raise _damaged(folder, f"weights of shape {weights.shape}")
    return SectionClassifier(weights, labels)


def _damaged(folder: Path, cause: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The weights for the section asked in {folder} are not as they were shipped: {cause}.",
            f"{folder} 中用于识别所问章节的权重与发布时不一致：{cause}。",
        ),
        Bilingual(
            "Install kbchat again (`pip install --force-reinstall --no-deps kbchat`); after a change of the concepts or the "
            "features, run scripts/train_sections.py.",
            "请重新安装 kbchat（`pip install --force-reinstall --no-deps kbchat`）；若修改过概念表或特征，请运行 scripts/train_sections.py。",
        ),
    )
