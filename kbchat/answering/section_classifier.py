"""Which section a question asks for, learned: a classifier that may also answer "the same as the turn before".

Two small networks (:mod:`kbchat.answering.section_network`) over :mod:`kbchat.answering.section_features`, the tokens of the
question and what the turn before asked for; the mean of their shares counts. One of their outcomes is ``same``: 那厄贝沙坦呢 or "would
atorvastatin do that too?" have no section of their own, and the share of that outcome goes to the sections of the turn before. The
weights (``kbchat/medical/data/section_weights.safetensors``) were fitted by
``scripts/train_sections.py`` to the questions in ``scripts/section_items`` and the dialogues in ``scripts/followup_items``; ``section_weights.json`` names the file's
SHA-256, the features it belongs to and the figures of the cross-validation. The same question gives the same shares in every
process. Nothing is read before the first question.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kbchat.answering.mentions import Mention
from kbchat.answering.section_features import BUCKETS, features_mark, masked, section_features
from kbchat.answering.section_network import MOST_TOKENS, QUANTISED, TENSORS, WINDOW, SectionNetwork
from kbchat.embedding.builtin import MODEL_NAME, builtin_embedder
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
ROWS: Final = BUCKETS + SAME + 1
"""Rows of a network's tables: the buckets, then each section of the turn before and "none before"."""
NETWORKS: Final = 2
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
    """The networks that vote."""

    networks: tuple[SectionNetwork, ...]

    def read(
        self,
        question: str,
        mentions: Sequence[Mention],
        *,
        previous: SectionReading | None = None,
        subject: Collection[str] = frozenset(),
    ) -> SectionReading:
        """What ``question`` asks for.

        Args:
            question: as written.
            mentions: the names in it.
            previous: the reading of the turn before, if there is one; without it the wording alone decides.
            subject: what the question is about (:func:`kbchat.answering.section_features.about`); nothing where it is not known.

        Raises:
            EmbedderError: the files of the built-in embedding are damaged.
        """
        outcomes = self._outcomes(question, mentions, previous, subject)
        return reading_of(outcomes, previous)

    def _outcomes(
        self, question: str, mentions: Sequence[Mention], previous: SectionReading | None, subject: Collection[str]
    ) -> NDArray[np.float64]:
        import numpy as np  # noqa: PLC0415 - reading the module need not pay for it

        features = network_features(question, mentions, previous, subject)
        tokens, vectors = builtin_embedder().tokens(masked(question, mentions), MOST_TOKENS)
        scores = np.stack([network.scores(features, tokens, vectors) for network in self.networks]).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = (powers / powers.sum(axis=1, keepdims=True)).mean(axis=0)
        return found


def reading_of(outcomes: NDArray[np.float64], previous: SectionReading | None) -> SectionReading:
    """The reading out of the shares of the outcomes, shape (SAME + 1,); what "the same" has goes to the turn before."""
    import numpy as np  # noqa: PLC0415

    own = outcomes[:SAME]
    taken = 0.0 * own if previous is None else outcomes[SAME] * np.asarray(previous.shares)
    shares = (own + taken) / (own + taken).sum()
    best = int(shares.argmax())
    return SectionReading(SECTIONS[best], bool(own[best] >= taken[best]), tuple(shares.tolist()))


def certain_reading(section: SectionKind) -> SectionReading:
    """The reading of a question whose section is certain."""
    return SectionReading(section, True, tuple(float(one is section) for one in SECTIONS))


def network_features(
    question: str, mentions: Sequence[Mention], previous: SectionReading | None, subject: Collection[str]
) -> dict[int, float]:
    """The rows of a network's tables with their values: the question's buckets, and what the turn before asked for."""
    earlier = {SAME: 1.0} if previous is None else dict(enumerate(previous.shares))
    told = {BUCKETS + row: EARLIER_LENGTH * share for row, share in earlier.items()}
    return section_features(question, mentions, subject) | told


@cache
def section_classifier() -> SectionClassifier:
    """The classifier that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_section_classifier(shipped_folder())


def weights_mark() -> str:
    """What the weights belong to: the features, and the embedding whose tokens are read."""
    return f"{features_mark()}-{MODEL_NAME}"


def load_section_classifier(folder: Path) -> SectionClassifier:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    manifest, tensors = FILES.read(folder, weights_mark(), keep_bytes=True)
    labels = tuple(manifest.get("labels", ()))
    if labels != (*SECTIONS, "same"):
        raise FILES.damaged(folder, f"weights for {labels}")
    networks = []
    for number in range(NETWORKS):
        try:
            own = {name: tensors[f"{number}.{name}"] for name in TENSORS}
        except KeyError as error:
            raise FILES.damaged(folder, f"{error} is missing") from error
        _check_shapes(folder, own)
        networks.append(SectionNetwork(own))
    return SectionClassifier(tuple(networks))


def _check_shapes(folder: Path, tensors: dict[str, NDArray[Any]]) -> None:
    embedder = builtin_embedder()
    hidden, learned, responses = (tensors[name].shape[-1] for name in ("hidden.bias", "tuned.scales", "window.bias"))
    expected = {
        "hidden": (ROWS, hidden),
        "straight": (ROWS, SAME + 1),
        "tuned": (embedder.vocabulary, learned),
        "window": (WINDOW * (embedder.dimension + learned), responses),
        "out": (hidden + 2 * responses + embedder.dimension, SAME + 1),
        "out.bias": (SAME + 1,),
    } | {f"{name}.scales": tensors[name].shape[1:] for name in QUANTISED}
    for name, shape in expected.items():
        if tensors[name].shape != shape:
            raise FILES.damaged(folder, f"{name} of shape {tensors[name].shape}, expected {shape}")
