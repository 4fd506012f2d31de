"""The dialogues in scripts/followup_items, written for kbchat, as train_followups.py and train_sections.py read them.

One file a writer, ``dialogues_*.jsonl``; a line has ``turns`` (what the person and the assistant said in turn, the question last;
empty where no reply was written) and what is known of the question: ``section`` and ``section_before`` (that of the first
question), ``standalone`` (the question as it stands alone), ``entities`` (what it is about) and ``not_entities`` (earlier drugs it is no longer about).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kbchat.answering.earlier_names import NamedTurn, named_turn
from kbchat.text.tokens import fold

ITEMS = Path(__file__).resolve().parent / "followup_items"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The person's turns with names, the question last, and its labels; None or empty where nobody set one."""

    turns: tuple[NamedTurn, ...]
    section: str
    section_before: str
    standalone: str
    entities: tuple[str, ...] | None
    not_entities: tuple[str, ...]


@cache
def turn(text: str, reply: str = "") -> NamedTurn:
    """A turn with its names and those of the reply to it."""
    return named_turn(text, (), reply)


def named_turns(turns: Sequence[str]) -> tuple[NamedTurn, ...]:
    """The person's turns out of alternating ones; only the last reply is read, as in a conversation."""
    said, replies = turns[::2], turns[1::2]
    return tuple(turn(text, replies[-1] if number == len(said) - 2 else "") for number, text in enumerate(said))


@cache
def dialogues() -> dict[str, tuple[Dialogue, ...]]:
    """The dialogues of every writer."""
    found = {}
    for path in sorted(ITEMS.glob("dialogues_*.jsonl")):
        items = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        found[path.stem.removeprefix("dialogues_")] = tuple(
            Dialogue(
                named_turns(item["turns"]),
                item.get("section", ""),
                item.get("section_before", ""),
                item.get("standalone", ""),
                tuple(item["entities"]) if "entities" in item else None,
                tuple(item.get("not_entities", ())),
            )
            for item in items
        )
    return found


def norm(name: str) -> str:
    """Letters and digits of a folded name."""
    return "".join(character for character in fold(name) if character.isalnum())


def among(name: str, names: Sequence[str]) -> bool:
    """Whether a name is one of ``names``, or a part of one, or holds one."""
    return any(norm(name) in norm(other) or norm(other) in norm(name) for other in names if norm(other))
