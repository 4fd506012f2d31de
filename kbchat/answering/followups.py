"""What a question in a conversation is about: the drug carried over, put aside or exchanged, and the section asked for.

Deterministic. A question that leaves its object out (孕妇能用吗, is it ok in pregnancy?) keeps the drug that was talked about;
one that asks the same of another drug (那厄贝沙坦呢, how about bicalutamide?) keeps the section and drops the old drug; one with
a subject of its own drops both: :mod:`kbchat.answering.carry_over` decides which. Of the assistant's turns only the last counts,
when it is short: what it alone has named may be taken up (这药晚上吃行吗).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kbchat.answering.carry_over import CarriedOver, carried_over, subject_of
from kbchat.answering.earlier_names import NamedTurn, named_turn
from kbchat.answering.followup_cues import cue, points_back
from kbchat.answering.mentions import Mention
from kbchat.answering.section_asked import SectionReading, section_reading
from kbchat.answering.standalone import (
    completed_text,
    exchanged_text,
    joined_text,
    other_of_a_pair,
    without_announcement,
)
from kbchat.types import SectionKind, Turn

_TURNS_READ = 8
"""How many of the person's last turns count; what was said before them is seldom meant and costs time."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question as it stands after the turns before it.

    Attributes:
        standalone_text: the question with what it left out.
        entities: drugs first, then diseases and other topics, as the person wrote them.
        section: the section it asks for; ``other`` when it asks for none of a leaflet's.
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
    """What the turn before asked: its standalone text, and what was read of its section."""

    text: str = ""
    reading: SectionReading | None = None


def resolve(turns: Sequence[Turn], question: str, *, known_names: Collection[str] = ()) -> Resolved:
    """Resolve ``question`` against the turns before it.

    Args:
        turns: the conversation so far, oldest first; the person's last eight turns are read, and the last reply.
        question: the new message.
        known_names: drug names of the knowledge base, besides those of the lexicon.

    Raises:
        ConfigurationError: the weights that ship with kbchat are damaged.
    """
    said = [turn.content for turn in turns if turn.role == "user"][-_TURNS_READ:]
    reply = turns[-1].content if turns and turns[-1].role == "assistant" else ""
    replies = [*[""] * (len(said) - 1), reply] if said else []
    read = [named_turn(text, known_names, one) for text, one in zip((*said, question), (*replies, ""), strict=True)]
    earlier, begun = _Earlier(), 0
    for number, turn in enumerate(read[:-1]):
        resolved, earlier = _step(turn, _before(read, begun, number), earlier)
        begun = number if resolved.topic_changed else begun
    return _step(read[-1], _before(read, begun, len(said)), earlier)[0]


def _before(read: Sequence[NamedTurn], begun: int, number: int) -> Sequence[NamedTurn]:
    """The turns that question ``number`` may lean on: since the last change of subject, or all where it points back."""
    return read[:number] if points_back(read[number].folded) else read[begun:number]


def _step(turn: NamedTurn, before: Sequence[NamedTurn], earlier: _Earlier) -> tuple[Resolved, _Earlier]:
    """Resolve one question, and what it asked for the next one."""
    taken = carried_over(turn, before)
    reading = section_reading(turn.text, turn.names, previous=earlier.reading, subject=subject_of(turn, taken))
    own_drug = any(name.drug and name.text in taken.own for name in turn.names)
    if taken.joined:
        resolved = _joined(turn, taken, reading)
    elif taken.exchanged is not None or (own_drug and not taken.medicines):
        resolved = _own(turn, taken, earlier, reading, had_subject=bool(before))
    elif taken.kept:
        resolved = _leaning(turn, taken, earlier, reading)
    else:
        text = without_announcement(turn.text, turn.folded) if before else turn.text
        changed = any(one.names for one in before)
        resolved = Resolved(text, taken.own, reading.section, carried=False, topic_changed=changed)
        return resolved, _Earlier(turn.text, reading)
    return resolved, _Earlier(resolved.standalone_text, reading)


def _joined(turn: NamedTurn, taken: CarriedOver, reading: SectionReading) -> Resolved:
    """A medicine of its own with one talked about."""
    text = joined_text(turn.text, [name.text for name in taken.kept if name.kind != "other"])
    return Resolved(text, _in_order(taken), reading.section, carried=True, topic_changed=False)


def _in_order(taken: CarriedOver) -> tuple[str, ...]:
    """Medicines talked about, then the question's own names, then the other matters."""
    matters = [name.text for name in taken.kept if not name.is_medicine]
    return tuple(dict.fromkeys((*taken.medicines, *taken.own, *matters)))


def _own(
    turn: NamedTurn, taken: CarriedOver, earlier: _Earlier, reading: SectionReading, *, had_subject: bool
) -> Resolved:
    """A medicine of its own, in the place of another or with a question of its own."""
    own = _medicines_first(turn.names, taken.own)
    if earlier.text and not reading.by_itself and not cue("change").search(turn.folded):
        text = exchanged_text(earlier.text, taken.exchanged, own[0], turn.text)
        entities = (*own, *(name.text for name in taken.kept if name.text not in own))
        return Resolved(text, entities, reading.section, carried=True, topic_changed=False)
    kept = [name.text for name in taken.kept]
    plain = without_announcement(turn.text, turn.folded) if had_subject else turn.text
    text = completed_text(turn.text, kept, earlier.text) if kept else plain
    changed = had_subject and taken.exchanged is None and not kept
    return Resolved(text, (*own, *kept), reading.section, carried=bool(kept), topic_changed=changed)


def _medicines_first(names: Sequence[Mention], own: Sequence[str]) -> tuple[str, ...]:
    told = [name for name in names if name.text in own]
    return tuple(dict.fromkeys(name.text for name in sorted(told, key=lambda name: not (name.drug or name.drug_class))))


def _leaning(turn: NamedTurn, taken: CarriedOver, earlier: _Earlier, reading: SectionReading) -> Resolved:
    """A question that leaves out what it is about."""
    other, other_text = other_of_a_pair(turn.text, earlier.text)
    entities = tuple(dict.fromkeys((*taken.medicines, *other, *_in_order(taken))))
    told = [name.text for name in taken.kept if name.is_medicine or name.kind == "disease"]
    text = other_text or completed_text(turn.text, told or [name.text for name in taken.kept], earlier.text)
    return Resolved(text, entities, reading.section, carried=True, topic_changed=False)
