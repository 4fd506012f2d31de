"""What a chat is asked, and what it tells while it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from kbchat.answering.events import Draft, Progress, Step
from kbchat.assistants.assistant import Assistant
from kbchat.messages import Language
from kbchat.types import Answer, Turn

__all__ = ["ChatEvent", "ChatEvents", "ChatRequest", "Done", "Draft", "Piece", "Progress", "Step", "pieces_of"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question to be answered.

    ``bases`` empty: the assistant's, else the conversation's, else the default base, else all that are visible.
    ``conversation_id`` goes on with a kept conversation (``history`` is then not read); without it a new one is begun.
    With ``regenerate`` the question takes the place of the conversation's last one (empty: that one is asked again).
    Without ``save`` nothing of it is kept, and the figures get no words. ``trial`` is an assistant that is not kept yet,
    tried by those who may change assistants; nothing of that is kept either. ``on_stopped`` is told under which conversation
    an answer was kept that was not read to its end.
    """

    question: str
    bases: tuple[str, ...] = ()
    assistant: str = ""
    conversation_id: int | None = None
    language: Language | None = None
    save: bool = True
    history: tuple[Turn, ...] = ()
    regenerate: bool = False
    trial: Assistant | None = None
    on_stopped: Callable[[int], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the checked answer. The first one takes the place of all drafts before it."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; always the last event.

    ``conversation_id`` and ``message_number`` are None where it was not kept. ``standalone`` is the question as it was
    understood.
    """

    answer: Answer
    conversation_id: int | None
    message_number: int | None
    question_id: int
    standalone: str


ChatEvent = Progress | Draft | Piece | Done
ChatEvents = Generator[ChatEvent, None, None]
"""The events of one answer; closing them stops whatever is under way, and keeps what was shown."""

_PIECE = re.compile(r"[^\n。；]{0,80}[\n。；]+|[^\n。；]{1,80}")
_SPLITTABLE = re.compile(r".*[\s，、,）)\]]", re.DOTALL)


def pieces_of(text: str) -> Iterator[str]:
    """``text`` in pieces that are shown one after the other; joined they are ``text``, and no ``[n]`` is torn."""
    start = 0
    while start < len(text):
        match = _PIECE.match(text, start)
        end = match.end() if match else len(text)
        if end < len(text) and text[end - 1] not in "\n。；":
            soft = _SPLITTABLE.match(text, start, end)
            end = soft.end() if soft else end
        yield text[start:end]
        start = end
