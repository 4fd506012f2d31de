"""What a question in a conversation is about: the drug carried over, put aside or exchanged, and the section asked for.

Deterministic. A question that leaves its object out (孕妇能用吗, is it ok in pregnancy?) keeps the drug that was talked about;
one that asks the same of another drug (那厄贝沙坦呢, how about bicalutamide?) keeps the section and drops the old drug; one with
a subject of its own drops both: :mod:`kbchat.answering.carry_over` decides which. Only what the person wrote counts, not what
the assistant said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kbchat.answering.carry_over import CarriedOver, carried_over
from kbchat.answering.earlier_names import NamedTurn
from kbchat.answering.followup_cues import cue, cues_in
from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.section_asked import section_asked
from kbchat.answering.standalone import (
    completed_text,
    exchanged_text,
    joined_text,
    other_of_a_pair,
    without_announcement,
)
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind, Turn

_TURNS_READ = 8
"""How many of the person's last turns count; what was said before them is seldom meant and costs time."""
_FEW_WORDS, _FEW_CHARACTERS = 3, 14
_THIS_AGE = deferred(r"这个?(?:年纪|年龄|岁数)|\bat (?:his|her|this|that|my) age\b")
_OF_AN_AGE = (SectionKind.GERIATRIC, SectionKind.PEDIATRIC)
_TAKEN_BOTH = frozenset(
    {None, SectionKind.OTHER, SectionKind.CONTRAINDICATIONS, SectionKind.WARNINGS, SectionKind.INDICATIONS}
)
"""What "may both be taken?" seems to ask for by itself: it asks for interactions."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it stands after the turns before it.

    Attributes:
        standalone_text: the question with what it left out.
        entities: drugs first, then diseases and other topics, as the person wrote them.
        section: the section it asks for; ``other`` when it asks for none.
        carried: whether a name or a section came from an earlier turn.
        topic_changed: whether it leaves the earlier subject.
    """

    standalone_text: str
    entities: tuple[str, ...]
    section: SectionKind
    carried: bool
    topic_changed: bool


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What the turn before asked: its standalone text, and its section where it asked for one."""

    text: str = ""
    section: SectionKind | None = None


def resolve(turns: Sequence[Turn], question: str, *, known_names: Collection[str] = ()) -> Resolved:
    """Resolve ``question`` against the turns before it.

    Args:
        turns: the conversation so far, oldest first; only the person's turns are read, and of them the last eight.
        question: the new message.
        known_names: drug names of the knowledge base, besides those of the lexicon.

    Raises:
        ConfigurationError: the weights that ship with kbchat are damaged.
    """
    said = [turn.content for turn in turns if turn.role == "user"][-_TURNS_READ:]
    read = [_named(text, known_names) for text in (*said, question)]
    earlier = _Earlier()
    for number in range(len(said)):
        _, earlier = _step(read[number], read[:number], earlier)
    return _step(read[-1], read[:-1], earlier)[0]


def _named(text: str, known_names: Collection[str]) -> NamedTurn:
    return NamedTurn(text, fold(text).strip(), mentions_in(text, known_names))


def _step(turn: NamedTurn, before: Sequence[NamedTurn], earlier: _Earlier) -> tuple[Resolved, _Earlier]:
    """Resolve one question, and what it asked for the next one."""
    taken = carried_over(turn, before)
    own_drug = any(name.drug and name.text in taken.own for name in turn.names)
    if taken.joined:
        return _joined(turn, taken)
    if taken.exchanged is not None or (own_drug and not taken.medicines):
        return _own(turn, taken, earlier, had_subject=bool(before))
    if taken.kept:
        return _leaning(turn, taken, earlier)
    text = without_announcement(turn.text, turn.folded) if before else turn.text
    section = section_asked(text, has_drug=False)
    changed = any(one.names for one in before)
    resolved = Resolved(text, taken.own, section or SectionKind.OTHER, carried=False, topic_changed=changed)
    return resolved, _Earlier(turn.text, section)


def _is_fragment(folded: str) -> bool:
    return bool({"opener", "trailing", "correction"} & cues_in(folded))


def _is_short(folded: str) -> bool:
    return len(folded.split()) <= _FEW_WORDS if folded.isascii() else len(folded) <= _FEW_CHARACTERS


def _joined(turn: NamedTurn, taken: CarriedOver) -> tuple[Resolved, _Earlier]:
    """A medicine of its own with one talked about."""
    section = section_asked(turn.text, has_drug=True)
    asked = SectionKind.INTERACTIONS if section in _TAKEN_BOTH else section or SectionKind.OTHER
    entities = _in_order(taken)
    text = joined_text(turn.text, [name.text for name in taken.kept if name.kind != "other"])
    return Resolved(text, entities, asked, carried=True, topic_changed=False), _Earlier(text, asked)


def _in_order(taken: CarriedOver) -> tuple[str, ...]:
    """Medicines talked about, then the question's own names, then the other matters."""
    matters = [name.text for name in taken.kept if not name.is_medicine]
    return tuple(dict.fromkeys((*taken.medicines, *taken.own, *matters)))


def _own(turn: NamedTurn, taken: CarriedOver, earlier: _Earlier, *, had_subject: bool) -> tuple[Resolved, _Earlier]:
    """A medicine of its own, in the place of another or with a question of its own."""
    folded = turn.folded
    own = _medicines_first(turn.names, taken.own)
    plain = without_announcement(turn.text, folded)
    section = section_asked(plain, has_drug=True)
    like_before = taken.exchanged is not None or _is_fragment(folded) or _is_short(folded)
    if section is None and not cue("change").search(folded) and earlier.section is not None and like_before:
        text = exchanged_text(earlier.text, taken.exchanged, own[0], turn.text)
        entities = (*own, *(name.text for name in taken.kept if name.text not in own))
        return Resolved(text, entities, earlier.section, carried=True, topic_changed=False), _Earlier(
            text, earlier.section
        )
    kept = [name.text for name in taken.kept]
    text = completed_text(turn.text, kept, earlier.text) if kept else plain if had_subject else turn.text
    changed = had_subject and taken.exchanged is None and not kept
    resolved = Resolved(text, (*own, *kept), section or SectionKind.OTHER, carried=bool(kept), topic_changed=changed)
    return resolved, _Earlier(text, section)


def _medicines_first(names: Sequence[Mention], own: Sequence[str]) -> tuple[str, ...]:
    told = [name for name in names if name.text in own]
    return tuple(dict.fromkeys(name.text for name in sorted(told, key=lambda name: not (name.drug or name.drug_class))))


def _leaning(turn: NamedTurn, taken: CarriedOver, earlier: _Earlier) -> tuple[Resolved, _Earlier]:
    """A question that leaves out what it is about."""
    cues = cues_in(turn.folded)
    fragment = bool({"opener", "trailing"} & cues)
    has_drug = bool(taken.medicines)
    section = section_asked(turn.text, has_drug=has_drug, known_section=fragment and earlier.section is not None)
    if _THIS_AGE.search(turn.folded):
        section = next((kind for kind in question_intents(earlier.text) if kind in _OF_AN_AGE), section)
    if earlier.section is SectionKind.INTERACTIONS and "spacing" in cues:
        section = SectionKind.INTERACTIONS
    elif section is None and (fragment or {"person", "why"} & cues):
        section = earlier.section
    elif section is SectionKind.RENAL_HEPATIC and fragment and earlier.section is SectionKind.DOSAGE:
        section = SectionKind.DOSAGE  # "and in severe kidney failure?" after a dose asks for that dose
    other, other_text = other_of_a_pair(turn.text, earlier.text)
    entities = tuple(dict.fromkeys((*taken.medicines, *other, *_in_order(taken))))
    told = [name.text for name in taken.kept if name.is_medicine or name.kind == "disease"]
    text = other_text or completed_text(turn.text, told or [name.text for name in taken.kept], earlier.text)
    resolved = Resolved(text, entities, section or SectionKind.OTHER, carried=True, topic_changed=False)
    return resolved, _Earlier(text, section or earlier.section)
