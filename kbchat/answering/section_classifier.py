"""Which section a question asks for, learned: a linear classifier that may also answer "the same as the turn before".

Multinomial logistic regression over :mod:`kbchat.answering.section_features` and over what the turn before asked for. One of
its outcomes is ``same``: 那厄贝沙坦呢 or "would atorvastatin do that too?" have no section of their own, and the share of that outcome
goes to the sections of the turn before. The weights (``kbchat/medical/data/section_weights.safetensors``) were fitted by
``scripts/train_sections.py`` to the questions and dialogues in ``scripts/section_items``; ``section_weights.json`` names the file's
SHA-256, the features it belongs to and the figures of the cross-validation. The same question gives the same shares in every
process. Nothing is read before the first question.
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
SECTIONS: Final = tuple(
    kind
    for kind in SectionKind
    if kind not in (SectionKind.RENAL_HEPATIC, SectionKind.RECOMMENDATION, SectionKind.DIAGNOSIS)
)
"""The sections that a question is read as asking for. Kidney and liver are no section of their own here: the amount asks for the
dosage, the leave for contraindications; matters of guidelines are ``other``."""
SAME: Final = len(SECTIONS)
"""The row of the outcome "as the turn before", behind the sections."""
EARLIER_LENGTH: Final = 0.4
"""The length of what the turn before tells, beside the unit vectors of the question."""


@dataclass(frozen=True, slots=True)
class SectionReading:
    """What a question asks for, after the turns before it.

    Attributes:
        section: the likeliest section.
        by_itself: whether its own wording says so, and not only the turn before.
        shares: how likely each of ``SECTIONS`` is; together 1.
    """

    section: SectionKind
    by_itself: bool
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SectionClassifier:
    """Linear scores of a question.

    Attributes:
        weights: float32, shape (BUCKETS, len(SECTIONS) + 1).
        earlier: float32, shape (len(SECTIONS) + 1, len(SECTIONS) + 1): a row for each section of the turn before, the last row
            for a question without a turn before it.
    """

    weights: NDArray[np.float32]
    earlier: NDArray[np.float32]

    def read(
        self, question: str, mentions: Sequence[Mention], *, previous: SectionReading | None = None
    ) -> SectionReading:
        """What ``question`` asks for.

        Args:
            question: as written.
            mentions: the names in it.
            previous: the reading of the turn before, if there is one; without it the wording alone decides.
        """
        import numpy as np  # noqa: PLC0415 - reading the module need not pay for it

        outcomes = self._outcomes(question, mentions, previous)
        own = outcomes[:SAME]
        taken = 0.0 * own if previous is None else outcomes[SAME] * np.asarray(previous.shares)
        shares = (own + taken) / (own + taken).sum()
        best = int(shares.argmax())
        return SectionReading(SECTIONS[best], bool(own[best] >= taken[best]), tuple(shares.tolist()))

    def _outcomes(
        self, question: str, mentions: Sequence[Mention], previous: SectionReading | None
    ) -> NDArray[np.float64]:
        import numpy as np  # noqa: PLC0415

        features = section_features(question, mentions)
        scores = np.asarray(list(features.values()), np.float32) @ self.weights[list(features)]
        if previous is None:
            scores = scores + EARLIER_LENGTH * self.earlier[SAME]
        else:
            scores = scores + EARLIER_LENGTH * (np.asarray(previous.shares, np.float32) @ self.earlier[:SAME])
        powers = np.exp(scores.astype(np.float64) - scores.max())
        found: NDArray[np.float64] = powers / powers.sum()
        return found


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
        labels = tuple(manifest["labels"])
        weights, scales, earlier = tensors["weights"], tensors["scales"], tensors["earlier"]
    except (KeyError, TypeError) as error:
        raise FILES.damaged(folder, str(error)) from error
    outcomes = len(SECTIONS) + 1
    if labels != (*SECTIONS, "same") or weights.shape != (BUCKETS, outcomes) or scales.shape != (outcomes,):
        raise FILES.damaged(folder, f"weights of shape {weights.shape} for {labels}")
    if earlier.shape != (outcomes, outcomes):
        raise FILES.damaged(folder, f"weights of the turn before of shape {earlier.shape}")
    return SectionClassifier(weights * scales, earlier)
