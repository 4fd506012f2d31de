"""Names that no pattern foresaw: a linear model of what a name is made of and of what stands around it.

Every run that could be a name (:mod:`kbchat.medical.phi_name_features`) gets a score; of those above the threshold the best
ones that do not overlap are names. The weights (``data/name_weights.safetensors``) were fitted by
``scripts/train_identifiers.py``; ``data/name_weights.json`` names their SHA-256, the threshold and the figures.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.errors import ConfigurationError
from kbchat.medical.lexicon import Lexicon
from kbchat.medical.phi_name_features import BUCKETS, VERSION, candidates
from kbchat.medical.phi_tables import IdentifierSpan
from kbchat.messages import Bilingual

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "name_weights.safetensors"
MANIFEST: Final = "name_weights.json"
_OF_A_PROGRAM = re.compile(r"[a-z]{3}[A-Z]")
"""As in InvalidInputError; MacDonald and DeShawn have fewer small letters there."""
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
            if score >= self.threshold:
                scored.append((-score, candidate.start, candidate.end))
        chosen: list[tuple[int, int]] = []
        for _, start, end in sorted(scored):
            if not any(start < high and low < end for low, high in chosen):
                chosen.append((start, end))
        return tuple(chosen)


def medicines_in(text: str) -> list[tuple[int, int]]:
    """Where the curated lexicon finds medicines in ``text``."""
    return [(match.start, match.end) for match in _lexicon().matches(text) if match.is_drug]


@cache
def _lexicon() -> Lexicon:
    return Lexicon.curated()


@cache
def name_model() -> NameModel:
    """The model that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_name_model(Path(str(resources.files("kbchat.medical").joinpath("data"))))


def load_name_model(folder: Path) -> NameModel:
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
        expected, version = str(manifest["sha256"]), str(manifest["features"])
        intercept, threshold = float(manifest["intercept"]), float(manifest["threshold"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise _damaged(folder, f"{WEIGHTS} has SHA-256 {found[:12]}…, {expected[:12]}… was expected")
    if version != VERSION:
        raise _damaged(folder, f"the weights belong to features {version}, these are {VERSION}")
    try:
        weights = load(content)["weights"].astype(np.float32)
    except (SafetensorError, KeyError) as error:
        raise _damaged(folder, str(error)) from error
    if weights.shape != (BUCKETS,):
        raise _damaged(folder, f"weights of shape {weights.shape}")
    return NameModel(weights, intercept, threshold)


def _damaged(folder: Path, cause: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The weights that find names in {folder} are not as they were shipped: {cause}.",
            f"{folder} 中识别姓名的权重与发布时不一致：{cause}。",
        ),
        Bilingual(
            "Install kbchat again (`pip install --force-reinstall --no-deps kbchat`); after a change of the features, run "
            "scripts/train_identifiers.py.",
            "请重新安装 kbchat（`pip install --force-reinstall --no-deps kbchat`）；若修改过特征，请运行 scripts/train_identifiers.py。",
        ),
    )
