"""Conversations: who asked what, and what was answered. Texts come in with persons' identifiers masked already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, storable
from kbchat.store.records import NewMessage, StoredConversation, StoredMessage

_conversations, _messages = schema.conversations, schema.messages
_LONGEST_TITLE = 60


class Conversations(DatabasePart):
    """The conversations of all people; each is read and changed under its owner's name only."""

    def create_conversation(
        self, owner: str, first_question: str, *, assistant: str = "", bases: Sequence[str] = ()
    ) -> StoredConversation:
        """A new conversation, titled by the beginning of its first question."""
        now = datetime.now(UTC)
        line = " ".join(storable(first_question).split())
        values: dict[str, Any] = {
            "owner": owner,
            "assistant": assistant,
            "bases": json_storable(list(bases)),
            "title": line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…",
            "created_at": now,
            "updated_at": now,
        }
        with self._database.write() as connection:
            key = connection.execute(insert(_conversations).values(**values)).inserted_primary_key
            assert key is not None
        return self.conversation(owner, int(key[0]))

    def conversation(self, owner: str, conversation_id: int) -> StoredConversation:
        """One conversation. Raises NotFoundError, also where it is another person's."""
        found = _selected().where(_conversations.c.owner == owner, _conversations.c.id == conversation_id)
        with self._database.read() as connection:
            row = connection.execute(found).first()
        if row is None:
            raise NotFoundError(
                Bilingual(f"There is no conversation {conversation_id}.", f"没有编号为 {conversation_id} 的对话。"),
                Bilingual("`kbchat conversation list` shows yours.", "可用 `kbchat conversation list` 查看已有对话。"),
            )
        return _conversation(row)

    def conversations(self, owner: str, *, limit: int = 50) -> list[StoredConversation]:
        """A person's conversations, the one used last first."""
        latest = (_conversations.c.updated_at.desc(), _conversations.c.id.desc())
        query = _selected().where(_conversations.c.owner == owner).order_by(*latest).limit(limit)
        with self._database.read() as connection:
            return [_conversation(row) for row in connection.execute(query)]

    def add_messages(self, owner: str, conversation_id: int, added: Sequence[NewMessage]) -> None:
        """Put messages at the end of a conversation, all or none. Raises NotFoundError."""
        self.conversation(owner, conversation_id)
        now = datetime.now(UTC)
        last = select(func.max(_messages.c.number)).where(_messages.c.conversation_id == conversation_id)
        with self._database.write() as connection:
            # The row is taken first: two writers of one conversation number their messages one after the other.
            connection.execute(
                update(_conversations).where(_conversations.c.id == conversation_id).values(updated_at=now)
            )
            begin = int(connection.scalar(last) or 0)
            for number, message in enumerate(added, begin + 1):
                connection.execute(
                    insert(_messages).values(
                        conversation_id=conversation_id,
                        number=number,
                        role=message.role,
                        text=storable(message.text),
                        outcome=message.outcome,
                        answer=None if message.answer is None else json_storable(message.answer),
                        created_at=now,
                    )
                )

    def messages(self, owner: str, conversation_id: int) -> list[StoredMessage]:
        """The messages of a conversation in order. Raises NotFoundError."""
        self.conversation(owner, conversation_id)
        columns = [column for column in _messages.c if column is not _messages.c.conversation_id]
        query = select(*columns).where(_messages.c.conversation_id == conversation_id).order_by(_messages.c.number)
        with self._database.read() as connection:
            return [StoredMessage(**row._asdict()) for row in connection.execute(query)]

    def delete_conversation(self, owner: str, conversation_id: int) -> None:
        """Remove a conversation with its messages. Raises NotFoundError."""
        self.conversation(owner, conversation_id)
        with self._database.write() as connection:
            connection.execute(delete(_messages).where(_messages.c.conversation_id == conversation_id))
            connection.execute(delete(_conversations).where(_conversations.c.id == conversation_id))


def _selected() -> Select[Any]:
    counted = (
        select(func.count())
        .select_from(_messages)
        .where(_messages.c.conversation_id == _conversations.c.id)
        .scalar_subquery()
    )
    return select(*_conversations.c, counted.label("messages"))


def _conversation(row: Row[Any]) -> StoredConversation:
    values: Mapping[str, Any] = row._asdict()
    return StoredConversation(**{**values, "bases": tuple(values["bases"])})
