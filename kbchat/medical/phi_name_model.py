"""Names that no pattern foresaw: a linear model of what a name is made of and of what stands around it.

Every run that could be a name (:mod:`kbchat.medical.phi_name_features`) gets a score; of those above the threshold the best
ones that do not overlap are names. The weights (``data/name_weights.safetensors``) were fitted by
``scripts/train_identifiers.py``; ``data/name_weights.json`` names their SHA-256, the threshold and the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.medical.lexicon import Lexicon
from kbchat.medical.phi_name_features import BUCKETS, VERSION, Candidate, candidates
from kbchat.medical.phi_tables import IdentifierSpan
from kbchat.medical.shipped_weights import ShippedWeights, shipped_folder
from kbchat.messages import Bilingual
from kbchat.text.deferred_pattern import deferred

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "name_weights.safetensors"
MANIFEST: Final = "name_weights.json"
FILES: Final = ShippedWeights(
    WEIGHTS,
    MANIFEST,
    Bilingual("that find names", "识别姓名"),
    Bilingual("features", "特征"),
    "scripts/train_identifiers.py",
)
_OF_A_PROGRAM = deferred(r"[a-z]{3}[A-Z]")
"""As in InvalidInputError; MacDonald and DeShawn have fewer small letters there."""
_SURER = 1.5
"""Log-odds that a run gains beside another identifier, sex or age: questions that name nobody hold none of them."""
_BESIDE = 2
_SEX_OR_AGE = deferred(
    r"\s?[,、;|/( ]\s?(?:[男女](?=[,、;|/)\s性\d]|$)|\d{1,3}(?:岁|周岁|个月)|\d{1,3}\s?(?:[MF]\b|y/?o\b|years? old))"
)
_LONGEST = 4000
"""Characters of a message that are read; names come early, and the time stays bounded."""


@dataclass(frozen=True, slots=True)
class NameModel:
    """Log-odds that a run is a name.

    Attributes:
        weights: float32, shape (BUCKETS,).
        intercept: added to every score.
        threshold: a run that scores as much is a name.
    """

    weights: NDArray[np.float32]
    intercept: float
    threshold: float

    def names(self, text: str, found: Sequence[IdentifierSpan]) -> tuple[tuple[int, int], ...]:
        """Start and end of the names in unified ``text`` beside what is ``found`` already, the surest first."""
        text = text[:_LONGEST]
        scored = []
        for candidate in candidates(text, found, medicines_in(text)):
            if _OF_A_PROGRAM.search(text, candidate.start, candidate.end):
                continue
            score = float(self.weights[list(candidate.buckets)].sum()) + self.intercept
            if score >= self.threshold - (_SURER if _told_of_a_person(text, candidate, found) else 0.0):
                scored.append((-score, candidate.start, candidate.end))
        chosen: list[tuple[int, int]] = []
        for _, start, end in sorted(scored):
            if not any(start < high and low < end for low, high in chosen):
                chosen.append((start, end))
        return tuple(chosen)


def _told_of_a_person(text: str, run: Candidate, found: Sequence[IdentifierSpan]) -> bool:
    """Whether another identifier, sex or age stands right beside a run."""
    touching = any(0 <= run.start - span.end <= _BESIDE or 0 <= span.start - run.end <= _BESIDE for span in found)
    return touching or bool(_SEX_OR_AGE.match(text, run.end))


def medicines_in(text: str) -> list[tuple[int, int]]:
    """Where the curated lexicon finds medicines in ``text``."""
    return [(match.start, match.end) for match in Lexicon.curated().matches(text) if match.is_drug]


@cache
def name_model() -> NameModel:
    """The model that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_name_model(shipped_folder())


def load_name_model(folder: Path) -> NameModel:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    manifest, tensors = FILES.read(folder, VERSION)
    try:
        intercept, threshold = float(manifest["intercept"]), float(manifest["threshold"])
        weights = tensors["weights"]
    except (ValueError, KeyError, TypeError) as error:
        raise FILES.damaged(folder, str(error)) from error
    if weights.shape != (BUCKETS,):
        raise FILES.damaged(folder, f"weights of shape {weights.shape}")
    return NameModel(weights, intercept, threshold)
