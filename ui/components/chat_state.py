"""What the chat page knows of one session: which conversation is open, what is being answered, which source is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.services.chat_events import Done
from kbchat.types import Turn
from ui.components.asking import Asking

_KEY = "chat_state"


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message on the screen. ``document`` is an answer's JSON; ``number`` its place in a kept conversation (else 0)."""

    role: str
    text: str
    document: Mapping[str, Any] | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class OpenSource:
    """The source that is open: citation ``number`` of message ``message`` (from 0), on ``page``.

    ``token`` is new with every opening, so that the pane comes into view once.
    """

    message: int
    number: int
    page: int
    token: int


@dataclass(slots=True)
class ChatState:
    """The state of one session's chat. ``choices`` counts how often what is chosen above the input was chosen for the person.

    ``kept_as`` gets the number of the conversation under which a stopped answer was kept. ``answered`` is the answer just
    made, ``suggestions`` what can be asked after the last answer; None before that is worked out.
    """

    conversation: int | None = None
    title: str = ""
    messages: list[ShownMessage] = field(default_factory=list)
    asking: Asking | None = None
    source: OpenSource | None = None
    closed: str = ""
    problem: KbchatError | None = None
    failed: bool = False
    editing: bool = False
    unanswered: str = ""
    asked: int = 0
    kept_as: list[int] = field(default_factory=list)
    answered: Done | None = None
    suggestions: list[str] | None = None
    verdicts: dict[int, str] = field(default_factory=dict)
    reasoning: int = 0
    choices: int = 0
    assistant: str = ""
    bases: tuple[str, ...] = ()
    saved: bool = True
    searched: str = ""
    listed: int = 20
    deleted: tuple[int, str] | None = None
    opened_sources: int = 0
    moves: int = 0
    resumed: bool = False

    def clear(self) -> None:
        """Begin a new conversation; what is chosen above the input stays.

        An answer under way is made to its end and kept, unless nothing is to be kept.
        """
        if self.asking is not None and not self.saved:
            self.asking.stop()
        self.conversation, self.title, self.messages, self.asking = None, "", [], None
        self.source, self.problem, self.failed, self.editing = None, None, False, False
        self.suggestions, self.answered = None, None
        self.verdicts, self.closed, self.unanswered = {}, "", ""
        self.reasoning, self.asked = 0, 0
        self.moves += 1

    def history(self) -> tuple[Turn, ...]:
        """What was said, for a conversation that is not kept."""
        return tuple(Turn(one.role, one.text) for one in self.messages if one.text)

    def open_source(self, message: int, number: int, page: int) -> None:
        """Open a source, or close it where it is open already."""
        if self.source is not None and (self.source.message, self.source.number) == (message, number):
            self.close_source()
            return
        self.opened_sources += 1
        self.source = OpenSource(message, number, page, self.opened_sources)
        self.closed = ""

    def turn_page(self, page: int) -> None:
        """Show another page of the open source."""
        if self.source is not None:
            self.source = OpenSource(self.source.message, self.source.number, page, self.source.token)

    def close_source(self) -> None:
        """Close the open source; the keyboard goes back to the control that opened it."""
        if self.source is not None:
            self.closed = f"{self.source.number}:{self.source.message}:{self.source.token}"
        self.source = None


def chat_state() -> ChatState:
    """The state of this session."""
    state: ChatState = st.session_state.setdefault(_KEY, ChatState())
    return state
