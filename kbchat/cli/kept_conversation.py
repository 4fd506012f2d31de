"""A conversation of ``kbchat chat`` as the store keeps it: identifiers of persons masked, answers without passages."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from kbchat.answering.safety import Safety
from kbchat.app import App
from kbchat.cli.json_output import answer_json
from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import NewMessage, StoredConversation
from kbchat.types import Answer, Turn


def local_user() -> str:
    """The name conversations of this command line are kept under."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number without a name
        return "local"


class KeptConversation:
    """Keeps one conversation; begun in the store with its first answer."""

    def __init__(
        self, app: App, base_names: Sequence[str], assistant: str = "", kept: StoredConversation | None = None
    ) -> None:
        self._store = app.store
        self._safety = Safety(app.settings.safety, app.settings.hospital)
        self._wanted = app.settings.safety.keep_conversations
        self._base_names = tuple(base_names)
        self._assistant = assistant
        self._owner = local_user()
        self._kept = kept

    def turns(self) -> list[Turn]:
        """What was said so far."""
        if self._kept is None:
            return []
        return [Turn(message.role, message.text) for message in self._store.messages(self._owner, self._kept.id)]

    def add(self, question: str, answer: Answer) -> None:
        """Keep a question and its answer, where the settings want it."""
        if not self._wanted:
            return
        asked = self._safety.masked(question)
        if self._kept is None:
            self._kept = self._store.create_conversation(
                self._owner, asked, assistant=self._assistant, bases=self._base_names
            )
        record = answer_json(asked, answer)
        del record["passages"]
        text = self._safety.masked(answer.text) if not answer.citations else answer.text
        added = [
            NewMessage("user", asked),
            NewMessage("assistant", text, answer.outcome.value, record | {"text": text}),
        ]
        self._store.add_messages(self._owner, self._kept.id, added)

    def begin_anew(self) -> None:
        """What comes now is another conversation."""
        self._kept = None


def resumed(app: App, conversation_id: int | None) -> StoredConversation:
    """The conversation with this id, or the one used last. Raises NotFoundError."""
    if conversation_id is not None:
        return app.store.conversation(local_user(), conversation_id)
    latest = app.store.conversations(local_user(), limit=1)
    if not latest:
        raise NotFoundError(
            Bilingual("There is no conversation to resume.", "没有可以继续的对话。"),
            Bilingual("Begin one with `kbchat chat`.", "请用 `kbchat chat` 开始新对话。"),
        )
    return latest[0]
