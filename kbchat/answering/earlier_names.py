"""What was named in the turns before a question, by the person and in the last reply: candidates for what the question leaves out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from kbchat.answering.followup_cues import cue, is_partner, is_put_aside, is_taken
from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.named_subjects import subject_kind
from kbchat.medical.drug_names import core_name
from kbchat.medical.lexicon_tables import headings_of_drugs
from kbchat.text.tokens import fold

Kind = Literal["drug", "class", "disease", "other"]


@dataclass(frozen=True, slots=True)
class NamedTurn:
    """A turn of the person with the names in it.

    Attributes:
        text: as written.
        folded: the same folded.
        names: the names in it.
        answered: the names in the reply to it; empty where the reply is long or names many, as a quotation does.
    """

    text: str
    folded: str
    names: tuple[Mention, ...]
    answered: tuple[Mention, ...] = ()


_LONGEST_REPLY, _MOST_ANSWERED = 300, 4
"""A reply of more characters, or with more names, is not read: it quotes, and what it names is not taken up with "it"."""


def named_turn(text: str, known_names: Collection[str] = (), reply: str = "") -> NamedTurn:
    """What the person wrote, and the reply to it, with the names in both."""
    names = mentions_in(text, known_names)
    answered = mentions_in(reply, known_names) if 0 < len(reply) <= _LONGEST_REPLY else ()
    new = tuple(one for one in answered if not any(same_name(one.text, name.text) for name in names))
    return NamedTurn(text, fold(text).strip(), names, new if len(new) <= _MOST_ANSWERED else ())


@dataclass(frozen=True, slots=True)
class EarlierName:
    """A name of an earlier turn.

    Attributes:
        text: as written when it was named last.
        kind: of the name.
        turns_back: 1 for the turn right before the question.
        place: how many names of its kind stand before it in that turn.
        beside: how many names of its kind stand in that turn, itself included.
        latest: whether no later turn names another medicine (for a disease or other matter: another matter) in its place.
        partner: whether it was told to be taken with something else.
        taken: whether somebody was told to take it already.
        repeated: whether several turns name it.
        left: whether a later turn announced another subject.
        put_aside: whether it was taken back.
        offered: whether only the last reply named it, and the person did not.
    """

    text: str
    kind: Kind
    turns_back: int
    place: int
    beside: int
    latest: bool
    partner: bool
    taken: bool
    repeated: bool
    left: bool
    put_aside: bool
    offered: bool = False

    @property
    def is_medicine(self) -> bool:
        """Whether it is a drug or a kind of medicine."""
        return self.kind in ("drug", "class")


def kind_of(mention: Mention) -> Kind:
    """What a name is a name of."""
    if mention.drug:
        return "drug"
    if mention.drug_class:
        return "class"
    return "disease" if mention.disease else "other"


def detailed_kind(mention: Mention) -> str:
    """The same, with the kind of subject (``food``, ``test``, ``procedure``, ``matter``) for another matter that is known."""
    kind = kind_of(mention)
    return (subject_kind(mention.text) or kind) if kind == "other" else kind


def same_name(one: str, other: str) -> bool:
    """Whether one name holds the other: 司美 and 司美格鲁肽."""
    first, second = fold(one), fold(other)
    return first in second or second in first


_STEM_ZH, _STEM_EN = 2, 4
_SHORTEST_BEGINNING = 2


def is_kin(name: str, others: Sequence[str]) -> bool:
    """Whether a drug's name ends as one of the others does (pravastatin, atorvastatin), or stands under the same heading."""
    folded = fold(name)
    stem = folded[-_STEM_EN:] if folded.isascii() else folded[-_STEM_ZH:]
    heading = _heading(folded)
    return any(fold(other).endswith(stem) or (heading and _heading(fold(other)) == heading) for other in others)


def _heading(folded: str) -> str:
    """The heading of the table of drugs that a name stands under, with its dosage form or cut short; empty where none does."""
    headings = headings_of_drugs()
    found = headings.get(folded) or headings.get(core_name(folded))
    if found is None and len(folded) >= _SHORTEST_BEGINNING:
        found = next((heading for name, heading in headings.items() if name.startswith(folded)), None)
    return found or ""


def earlier_names(turns: Sequence[NamedTurn]) -> tuple[EarlierName, ...]:
    """The names of ``turns``, each once at its last mention, oldest first."""
    found: list[EarlierName] = []
    for number, turn in enumerate(turns):
        later = turns[number + 1 :]
        for mention in turn.names:
            if any(same_name(mention.text, other.text) for after in later for other in after.names):
                continue
            found.append(_earlier(mention, turn, turns[:number], later))
    return tuple(found)


def offered_names(turns: Sequence[NamedTurn], question: NamedTurn) -> tuple[EarlierName, ...]:
    """The names of the last reply that the person has not used, in order."""
    if not turns:
        return ()
    said = [name.text for turn in (*turns, question) for name in turn.names]
    names = [name for name in turns[-1].answered if not any(same_name(name.text, other) for other in said)]
    return tuple(_offered(name, names) for name in names)


def _offered(mention: Mention, names: Sequence[Mention]) -> EarlierName:
    kind = kind_of(mention)
    alike = [other for other in names if kind_of(other) == kind]
    return EarlierName(
        text=mention.text,
        kind=kind,
        turns_back=1,
        place=alike.index(mention),
        beside=len(alike),
        latest=True,
        partner=False,
        taken=False,
        repeated=False,
        left=False,
        put_aside=False,
        offered=True,
    )


def _overtakes(medicine: bool, turn: NamedTurn) -> bool:
    """Whether a later turn names another medicine (or matter) that does not only join what was talked about."""
    alike = [name for name in turn.names if (name.drug or name.drug_class) == medicine]
    if not medicine or len(alike) != 1:
        return bool(alike)
    return not (cue("with_it").search(turn.folded) or is_partner(turn.folded, alike[0].text))


def _earlier(mention: Mention, turn: NamedTurn, before: Sequence[NamedTurn], later: Sequence[NamedTurn]) -> EarlierName:
    kind = kind_of(mention)
    alike = [other for other in turn.names if kind_of(other) == kind]
    medicine = kind in ("drug", "class")
    return EarlierName(
        text=mention.text,
        kind=kind,
        turns_back=len(later) + 1,
        place=alike.index(mention),
        beside=len(alike),
        latest=not any(_overtakes(medicine, after) for after in later),
        partner=is_partner(turn.folded, mention.text),
        taken=is_taken(turn.folded, mention.text),
        repeated=any(same_name(mention.text, other.text) for one in before for other in one.names),
        left=any(cue("change").search(after.folded) for after in later),
        put_aside=is_put_aside(turn.folded, mention.text),
    )
