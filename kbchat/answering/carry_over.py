"""Which names of the earlier turns a question is still about.

What wording makes certain is decided by rules: another subject announced, a name pointed back to, two taken together, one drug in
the place of another. The rest is weighed by a logistic model, one probability for each earlier name. Its weights
(``kbchat/medical/data/followup_weights.safetensors``) were fitted by ``scripts/train_followups.py`` to the dialogues in
``scripts/followup_items``; ``followup_weights.json`` names the file's SHA-256, the features and the figures of the
cross-validation. The same conversation gives the same answer in every process. Nothing is read before it is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.answering.carry_features import BUCKETS, AskedTurn, asked_turn, carry_features, features_mark
from kbchat.answering.earlier_names import (
    EarlierName,
    NamedTurn,
    detailed_kind,
    earlier_names,
    is_kin,
    offered_names,
    same_name,
)
from kbchat.answering.followup_cues import allergens, is_partner, is_put_aside, pointed_back
from kbchat.answering.section_features import about
from kbchat.medical.shipped_weights import ShippedWeights, shipped_folder
from kbchat.messages import Bilingual
from kbchat.text.tokens import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Final = "followup_weights.safetensors"
MANIFEST: Final = "followup_weights.json"
FILES: Final = ShippedWeights(
    WEIGHTS,
    MANIFEST,
    Bilingual("for what a follow-up carries over", "用于判断追问所承接内容"),
    Bilingual("cues or the features", "线索表或特征"),
    "scripts/train_followups.py",
)
MEDICINE_KEPT, MATTER_KEPT, OFFERED_KEPT = 0.5, 0.3, 0.5
"""From what probability a name stays: a medicine, another matter, one that only the reply named. A disease that stays without need
costs less than one that is lost."""
_FEW_CHARACTERS, _FEW_WORDS = 5, 4


@dataclass(frozen=True, slots=True)
class CarryModel:
    """Logistic regression over hashed features: ``weights`` of shape (BUCKETS,), and the intercept."""

    weights: NDArray[np.float32]
    intercept: float

    def probability(self, features: Mapping[int, float]) -> float:
        """How likely the question is about the name with these features."""
        score = self.intercept + sum(float(self.weights[bucket]) * value for bucket, value in features.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


@cache
def carry_model() -> CarryModel:
    """The model that ships with kbchat, loaded once. Raises ConfigurationError when its files are not those shipped."""
    return load_carry_model(shipped_folder())


def load_carry_model(folder: Path) -> CarryModel:
    """Read and check the weights in ``folder``.

    Raises:
        ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
    """
    _, tensors = FILES.read(folder, features_mark())
    weights, intercept = tensors.get("weights"), tensors.get("intercept")
    if weights is None or intercept is None or weights.shape != (BUCKETS,) or intercept.shape != (1,):
        raise FILES.damaged(folder, "tensors are missing or of another shape")
    return CarryModel(weights, float(intercept[0]))


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What a question takes from the turns before it.

    Attributes:
        own: the names of the question that it is about.
        kept: earlier names it is about too, medicines first, then other matters.
        joined: whether a medicine of its own comes to one talked about.
        exchanged: the earlier medicine whose place one of its own takes, or None.
        left: whether it leaves the earlier subject.
    """

    own: tuple[str, ...]
    kept: tuple[EarlierName, ...]
    joined: bool
    exchanged: str | None
    left: bool

    @property
    def medicines(self) -> tuple[str, ...]:
        """The earlier medicines that stay."""
        return tuple(name.text for name in self.kept if name.is_medicine)


def subject_of(question: NamedTurn, taken: CarriedOver) -> frozenset[str]:
    """What the question is about with what it takes from the turns before it, for the classifier of sections."""
    own = [detailed_kind(name) for name in question.names if name.text in taken.own]
    return about(own, [name.kind for name in taken.kept])


def candidates(question: NamedTurn, before: Sequence[NamedTurn]) -> tuple[EarlierName, ...]:
    """The earlier names that the question may be about beside its own, oldest first."""
    return tuple(
        name
        for name in earlier_names(before)
        if not name.put_aside
        and not is_put_aside(question.folded, name.text)
        and not any(same_name(name.text, own.text) for own in question.names)
    )


def carried_over(question: NamedTurn, before: Sequence[NamedTurn], *, model: CarryModel | None = None) -> CarriedOver:
    """Decide what ``question`` takes from ``before``, the person's turns, oldest first.

    Args:
        question: the question with its names.
        before: the turns before it.
        model: other weights than those shipped.
    """
    own = tuple(name.text for name in question.names if not is_put_aside(question.folded, name.text))
    earlier = candidates(question, before)
    offered = offered_names(before, question)
    if not earlier and not offered:
        return CarriedOver(own, (), joined=False, exchanged=None, left=False)
    asked = asked_turn(question, before)
    if "leaves" in asked.state and not {"pronoun", "with_it"} & asked.state:
        return CarriedOver(own, (), joined=False, exchanged=None, left=True)
    weigh = model or carry_model()
    chances = {name: weigh.probability(carry_features(name, asked, earlier)) for name in (*earlier, *offered)}
    medicines, exchanged = _medicines(asked, before, earlier, chances)
    matters = tuple(name for name in earlier if not name.is_medicine and chances[name] >= MATTER_KEPT)
    if exchanged is not None and _is_bare(asked):  # the whole of the earlier question is asked of another medicine
        matters = tuple(name for name in earlier if not name.is_medicine and name.latest)
    if (
        asked.own == "disease" and not medicines and {"opener", "trailing"} & asked.state
    ):  # 那糖尿病呢: in the place of another
        matters = tuple(name for name in matters if name.kind != "disease")
    if medicines and not any(name.latest for name in medicines):  # pointed back to: what came after it is left
        spoken = {name.turns_back for name in medicines}
        matters = tuple(name for name in matters if name.turns_back in spoken)
    taken_up = tuple(name for name in offered if chances[name] >= OFFERED_KEPT)
    medicines = (*medicines, *(name for name in taken_up if name.is_medicine))
    matters = (*matters, *(name for name in taken_up if not name.is_medicine))
    joined = bool(medicines) and exchanged is None and bool(_own_medicines(asked))
    left = not medicines and not matters and exchanged is None
    return CarriedOver(own, (*medicines, *matters), joined, exchanged, left)


def _medicines(
    asked: AskedTurn, before: Sequence[NamedTurn], earlier: Sequence[EarlierName], chances: Mapping[EarlierName, float]
) -> tuple[tuple[EarlierName, ...], str | None]:
    """The earlier medicines that stay, and the one whose place another takes."""
    medicines = [name for name in earlier if name.is_medicine]
    latest = [name for name in medicines if name.latest]
    several = "plural" in asked.state or ("spacing" in asked.state and not _own_medicines(asked))
    if asked.own != "drug" and several and len(latest) > 1:
        return tuple(latest), None
    everything = [name.text for name in earlier_names(before) if name.kind == "drug"]
    back = pointed_back(asked.turn.folded, everything, [name.text for name in latest])
    if back is not None:
        return tuple(name for name in medicines if name.text == back), None
    own = _own_medicines(asked)
    likely = tuple(name for name in latest if chances[name] >= MEDICINE_KEPT)
    if len(own) != 1 or not latest:
        return likely, None
    if _joins(asked, own[0]):
        subject = [name for name in latest if not is_kin(name.text, own)] or latest
        first = [name for name in subject if not name.partner] or subject
        return tuple(first), None
    if not _is_exchange(asked):
        taken = [name for name in latest if name.taken and name.beside == 1 and not is_kin(name.text, own)]
        both = taken if "may_take" in asked.state and "change" not in asked.state else []  # she takes A. Is B ok?
        return tuple(name for name in latest if name in likely or name in both), None
    replaced = _replaced(latest, own)
    # A with B, and C? One of the two stays, unless something else is asked of C: 换成C呢，孕妇能用吗.
    together = any(name.partner for name in latest) and "intent other" not in asked.state
    return tuple(name for name in latest if name is not replaced and (together or name in likely)), replaced.text


def _is_bare(asked: AskedTurn) -> bool:
    """Whether a question says next to nothing but its own names: X呢, and X?"""
    rest = asked.turn.folded
    for name in asked.turn.names:
        rest = rest.replace(fold(name.text), " ")
    if asked.turn.folded.isascii():
        return len(rest.split()) <= _FEW_WORDS
    return sum(character.isalnum() for character in rest) <= _FEW_CHARACTERS


def _replaced(latest: Sequence[EarlierName], own: Sequence[str]) -> EarlierName:
    """The medicine whose place another takes: one of its kind, else one that nobody was told to take already, else the first."""
    kin = [name for name in latest if is_kin(name.text, own)]
    return next((name for name in kin or latest if not name.taken), (kin or latest)[0])


def _own_medicines(asked: AskedTurn) -> list[str]:
    """The drugs that the question is about itself; without any, the kinds of medicine."""
    names = [name for name in asked.turn.names if not is_put_aside(asked.turn.folded, name.text)]
    allergic = allergens(asked.turn.folded, [name.text for name in names])
    told = [name for name in names if name.text not in allergic]
    return [name.text for name in told if name.drug] or [name.text for name in told if name.drug_class]


def _joins(asked: AskedTurn, medicine: str) -> bool:
    """Whether the one medicine of the question is told to be taken with what was talked about."""
    others = [name for name in asked.turn.names if name.text != medicine and not name.disease]
    if any(is_partner(asked.turn.folded, name.text) for name in others) or {"change", "correction"} & asked.state:
        return False
    return "with_it" in asked.state or is_partner(asked.turn.folded, medicine)


def _is_exchange(asked: AskedTurn) -> bool:
    """Whether the question asks the same of another medicine."""
    if "change" in asked.state:
        return False
    cues = (
        {"opener", "trailing", "correction"}
        if asked.own == "class"
        else {"opener", "trailing", "likewise", "correction"}
    )
    return bool(cues & asked.state)
