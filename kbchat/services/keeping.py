"""Conversations as the store keeps them: identifiers of persons masked, answers without passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kbchat.answering.markers import strip_markers
from kbchat.answering.safety import Safety
from kbchat.app import App
from kbchat.messages import Bilingual, Language
from kbchat.services.answer_json import answer_json
from kbchat.store import NewMessage, StoredConversation, StoredMessage
from kbchat.types import Answer, Checks, Outcome, Turn

STOPPED = "stopped"
"""The outcome of an answer whose reader left before its end."""
_NOTHING_SAID = Bilingual("(stopped before an answer)", "（回答前已停止）")


class KeptConversation:
    """Keeps one conversation of ``owner``; begun in the store with its first answer."""

    def __init__(
        self,
        app: App,
        owner: str,
        base_names: Sequence[str],
        assistant: str = "",
        kept: StoredConversation | None = None,
        *,
        save: bool = True,
    ) -> None:
        """``kept`` is an earlier conversation to go on with; without ``save`` nothing is kept."""
        self._store = app.store
        self._safety = Safety(app.settings.safety, app.settings.hospital)
        self._wanted = save and app.settings.safety.keep_conversations
        self._base_names = tuple(base_names)
        self._assistant = assistant
        self._owner = owner
        self._kept = kept

    @property
    def id(self) -> int | None:
        """The conversation's number; None before anything is kept."""
        return self._kept.id if self._kept else None

    @property
    def is_wanted(self) -> bool:
        """Whether what is added is kept."""
        return self._wanted

    def masked(self, text: str) -> str:
        """``text`` as it may be kept."""
        return self._safety.masked(text)

    def add(self, question: str, answer: Answer, *, instead_of: Sequence[int] = ()) -> int | None:
        """Keep a question and its answer, where that is wanted; the number of the answer's message.

        ``instead_of`` are the numbers of the last messages, which they take the place of.
        """
        if not self._wanted:
            return None
        asked = self.masked(question)
        record = answer_json(asked, answer, passages=False)
        text = self.masked(answer.text) if not answer.citations else answer.text
        return self._add(asked, text, answer.outcome.value, record, instead_of)

    def add_stopped(
        self, question: str, shown: str, answer: Answer | None = None, *, instead_of: Sequence[int] = ()
    ) -> int | None:
        """Keep a question whose answer was not read to its end, with what was ``shown`` of it.

        With ``answer`` that is its beginning, and its citations stay; otherwise it is text that nothing has checked,
        and loses its markers.
        """
        if not self._wanted:
            return None
        asked = self.masked(question)
        if answer is None:
            text = self.masked(strip_markers(shown)).strip()
            record = answer_json(asked, Answer(text, (), (), Outcome.ANSWERED, Checks()), passages=False)
        else:
            text = shown if answer.citations else self.masked(shown)
            record = answer_json(asked, answer, passages=False)
            record["citations"] = [one for one in record["citations"] if f"[{one['number']}]" in text]
        record |= {"outcome": STOPPED, "unchecked": answer is None and bool(text)}
        return self._add(asked, text, STOPPED, record, instead_of)

    def _add(
        self, asked: str, text: str, outcome: str, record: Mapping[str, Any], instead_of: Sequence[int]
    ) -> int | None:
        if self._kept is None:
            self._kept = self._store.create_conversation(
                self._owner, asked, assistant=self._assistant, bases=self._base_names
            )
        elif (self._kept.assistant, self._kept.bases) != (self._assistant, self._base_names):
            self._kept = self._store.choose_for_conversation(
                self._owner, self._kept.id, assistant=self._assistant, bases=self._base_names
            )
        lean = {key: value for key, value in record.items() if key != "passages"}
        lean |= {"text": text, "bases": list(self._base_names)}  # who may read it later depends on them
        added = [NewMessage("user", asked), NewMessage("assistant", text, outcome, lean)]
        return self._store.add_messages(self._owner, self._kept.id, added, instead_of=instead_of) + 1


def turns_of(messages: Sequence[StoredMessage], language: Language = "zh") -> list[Turn]:
    """Kept messages as the turns of a conversation; none is empty."""
    return [Turn(one.role, one.text or _NOTHING_SAID.in_language(language)) for one in messages]
