"""What the model of carried names reads: an earlier name, the question, and how the two stand together.

Own names of the question are masked first (a drug is ``X``, a disease ``Y``), so that weights learn ways of asking and not
medicines. Buckets come from CRC-32, which is the same in every process and on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.answering.earlier_names import EarlierName, NamedTurn, detailed_kind, is_kin, kind_of, same_name
from kbchat.answering.followup_cues import allergens, cue_table, cues_in, is_partner
from kbchat.answering.named_subjects import subject_kind
from kbchat.answering.section_features import concepts_in, masked
from kbchat.medical.hashed_features import bucket, mark_of
from kbchat.medical.message_features import ngrams
from kbchat.medical.sections import question_intents
from kbchat.text.tokens import fold

BUCKETS = 1 << 15
"""How many buckets features fall into; weights have this length."""

_VERSION = 4  # to be raised when the same conversation gives other features
_LONGEST = 200
_LENGTHS = (6, 10, 14, 20, 30, 45, 70)
_WORDS_TO_CHARACTERS = 3  # a short English word says about as much as two or three Chinese characters
STATE, PAIR, WORDING = 0.3, 0.2, 1.0
_LEANING = frozenset(
    "pronoun person opener trailing missing_object missing_en bare_section bare_predicate bare_question why population".split()
)


_KINDS = ("drug", "class", "disease", "matter", "procedure", "test", "food")
"""What a question is about: the first of these that it names."""


def features_mark() -> str:
    """The version of the features and a mark of the cues: weights belong to one of them."""
    return mark_of(_VERSION, cue_table())


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """The question, as the model reads it.

    Attributes:
        turn: the question with its names.
        own: what it names itself: ``drug``, ``class``, ``disease``, ``matter``, ``procedure``, ``test``, ``food``, ``other`` or
            ``none``, the first that applies.
        state: what it is like, without its wording.
        wording: n-grams of the masked question.
    """

    turn: NamedTurn
    own: str
    state: frozenset[str]
    wording: frozenset[str]


def asked_turn(turn: NamedTurn, before: Sequence[NamedTurn]) -> AskedTurn:
    """Read a question once for all its candidates."""
    folded, names = turn.folded, turn.names
    allergic = allergens(folded, [name.text for name in names])
    told = [name for name in names if name.text not in allergic]
    kinds, detailed = [kind_of(name) for name in told], {detailed_kind(name) for name in told}
    own = next((kind for kind in _KINDS if kind in detailed), "other" if told else "none")
    intents = question_intents(turn.text)
    earlier = question_intents(before[-1].text) if before else ()
    partners = [name for name in names if is_partner(folded, name.text)]
    size = len(folded.split()) * _WORDS_TO_CHARACTERS if folded.isascii() else len(folded)
    state = {
        *cues_in(folded),
        *(f"asks {kind.value}" for kind in intents),
        *(f"names {kind}" for kind in kinds),
        *(f"subject {subject_kind(name.text)}" for name in names if not name.drug),
        *(f"concept {concept}" for concept in concepts_in(folded)),
        f"length {sum(size > bound for bound in _LENGTHS)}",
        f"english {folded.isascii()}",
        f"drugs {kinds.count('drug')}",
        f"intent {'none' if not intents else 'same' if set(intents) & set(earlier) else 'other'}",
        f"before asks {earlier[0].value if earlier else 'nothing'}",
        f"partner {'drug' if any(name.drug for name in partners) else 'other' if partners else 'none'}",
        f"known {any(same_name(name.text, other.text) for name in names for one in before for other in one.names)}",
        f"before names {any(name.drug for name in before[-1].names) if before else False}",
        f"reply names {min(len(before[-1].answered), 3) if before else 0}",
    }
    if allergic:
        state.add("allergic")
    if not _LEANING & state:
        state.add("leans on nothing")
    hidden = fold(masked(turn.text[:_LONGEST], [name for name in names if name.end <= _LONGEST])).replace("’", "'")
    return AskedTurn(turn, own, frozenset(state), frozenset(ngrams(hidden) | _ends(hidden)))


def _ends(folded: str) -> set[str]:
    words = folded.split()
    if not words:
        return set()
    if folded.isascii():
        return {f"^{words[0]}", f"^{' '.join(words[:2])}", f"{words[-1]}$"}
    return {f"^{folded[:1]}", f"^{folded[:2]}", f"^{folded[:3]}", f"{folded.rstrip(' ?!。.')[-2:]}$"}


def _of(name: EarlierName, asked: AskedTurn, all_names: Sequence[EarlierName]) -> set[str]:
    """What an earlier name is like."""
    drugs = [other.text for other in asked.turn.names if other.drug]
    own = name.kind == "drug" and is_kin(name.text, drugs)
    another = any(is_kin(other.text, drugs) for other in all_names if other.kind == "drug")
    kin = "own" if own else "another" if another else "none"
    return {
        f"back {min(name.turns_back, 3)}",
        f"latest {name.latest}",
        f"place {min(name.place, 2)} of {min(name.beside, 3)}",
        f"partner {name.partner}",
        f"taken {name.taken}",
        f"repeated {name.repeated}",
        f"left {name.left}",
        f"offered {name.offered}",
        f"kin {kin}",
        f"with drug {any(other.is_medicine for other in all_names if other is not name and other.latest)}",
    }


def carry_features(name: EarlierName, asked: AskedTurn, all_names: Sequence[EarlierName]) -> dict[int, float]:
    """The buckets of one candidate with their values: what it and the question are, both together, and the wording.

    Args:
        name: the earlier name that may be carried over.
        asked: the question.
        all_names: every candidate of the conversation.
    """
    group = ("offered " if name.offered else "") + ("medicine" if name.is_medicine else "matter")
    scene = f"{'offered ' if name.offered else ''}{name.kind}/{asked.own}"
    own = _of(name, asked, all_names)
    state = {
        scene,
        *(f"{group}|{one}" for one in (*own, *asked.state)),
        *(f"{scene}|{one}" for one in (*own, *asked.state)),
    }
    telling = [one for one in own if not one.endswith("False") and one not in ("back 1", "latest True", "place 0 of 1")]
    pairs = {f"{group}|{one}&{other}" for one in telling for other in asked.state}
    wording = {f"{group}|{one}" for one in asked.wording} | {
        f"{group}/{asked.own != 'none'}|{one}" for one in asked.wording
    }
    found: dict[int, float] = {}
    for features, value in ((state, STATE), (pairs, PAIR), (wording, WORDING / len(wording) ** 0.5 if wording else 0)):
        for feature in sorted(features):
            place = bucket(feature, BUCKETS)
            found[place] = found.get(place, 0.0) + value
    return found
