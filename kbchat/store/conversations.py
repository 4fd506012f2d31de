"""Conversations: who asked what, and what was answered. Texts come in with persons' identifiers masked already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, storable
from kbchat.store.records import NewMessage, StoredConversation, StoredMessage

_conversations, _messages = schema.conversations, schema.messages
_LONGEST_TITLE = 60
_LONGEST_GIVEN_TITLE = 200


class Conversations(DatabasePart):
    """The conversations of all people; each is read and changed under its owner's name only."""

    def create_conversation(
        self, owner: str, first_question: str, *, assistant: str = "", bases: Sequence[str] = ()
    ) -> StoredConversation:
        """A new conversation, titled by the beginning of its first question."""
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "owner": owner,
            "assistant": assistant,
            "bases": json_storable(list(bases)),
            "title": title_of(first_question),
            "created_at": now,
            "updated_at": now,
        }
        with self._database.write() as connection:
            key = connection.execute(insert(_conversations).values(**values)).inserted_primary_key
            assert key is not None
        return self.conversation(owner, int(key[0]))

    def conversation(self, owner: str, conversation_id: int, *, put_aside: bool = False) -> StoredConversation:
        """One conversation; with ``put_aside`` one that was put aside.

        Raises NotFoundError, also where it is another person's.
        """
        found = _of(owner, put_aside=put_aside).where(_conversations.c.id == conversation_id)
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
        query = _of(owner).order_by(*_LATEST).limit(limit)
        with self._database.read() as connection:
            return [_conversation(row) for row in connection.execute(query)]

    def find_conversations(
        self, owner: str, text: str = "", *, offset: int = 0, limit: int = 50, questions_only: bool = False
    ) -> tuple[list[StoredConversation], int]:
        """A person's conversations with ``text`` in the title or a message, and how many there are in all.

        With ``questions_only`` answers are not looked into. Pinned ones first, then the one used last. Upper and lower case of Latin letters count as the same.
        """
        query = _of(owner)
        if text.strip():
            pattern = f"%{_escaped(storable(text).strip().lower())}%"
            said = (
                select(_messages.c.conversation_id)
                .where(_messages.c.conversation_id == _conversations.c.id)
                .where(func.lower(_messages.c.text).like(pattern, escape="\\"))
            )
            if questions_only:
                said = said.where(_messages.c.role == "user")
            query = query.where(or_(func.lower(_conversations.c.title).like(pattern, escape="\\"), said.exists()))
        page = query.order_by(_conversations.c.pinned.desc(), *_LATEST).offset(offset).limit(limit)
        counted = select(func.count()).select_from(query.with_only_columns(_conversations.c.id).subquery())
        with self._database.read() as connection:
            rows = connection.execute(page).all()
            return [_conversation(row) for row in rows], int(connection.scalar(counted) or 0)

    def rename_conversation(self, owner: str, conversation_id: int, title: str) -> None:
        """Give a conversation another title. Raises NotFoundError."""
        self._change(owner, conversation_id, title=" ".join(storable(title).split())[:_LONGEST_GIVEN_TITLE])

    def pin_conversation(self, owner: str, conversation_id: int, *, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or no longer. Raises NotFoundError."""
        self._change(owner, conversation_id, pinned=pinned)

    def choose_for_conversation(
        self, owner: str, conversation_id: int, *, assistant: str, bases: Sequence[str]
    ) -> StoredConversation:
        """Note the assistant and the knowledge bases that it goes on with. Raises NotFoundError."""
        self._change(owner, conversation_id, assistant=assistant, bases=json_storable(list(bases)))
        return self.conversation(owner, conversation_id)

    def put_conversation_aside(self, owner: str, conversation_id: int) -> None:
        """Take a conversation out of every list, so that it can still be brought back. Raises NotFoundError."""
        self._change(owner, conversation_id, deleted_at=datetime.now(UTC))

    def bring_conversation_back(self, owner: str, conversation_id: int) -> None:
        """Undo putting aside. Raises NotFoundError."""
        self.conversation(owner, conversation_id, put_aside=True)
        with self._database.write() as connection:
            found = update(_conversations).where(_conversations.c.id == conversation_id)
            connection.execute(found.values(deleted_at=None))

    def remove_conversations_aside(self, before: datetime, owner: str | None = None) -> int:
        """Remove for good what was put aside before a moment (of one person, or of all); how many there were."""
        with self._database.write() as connection:
            query = select(_conversations.c.id).where(_conversations.c.deleted_at < before)
            if owner is not None:
                query = query.where(_conversations.c.owner == owner)
            gone = list(connection.scalars(query))
            for one in gone:
                _remove(connection, one)
            return len(gone)

    def _change(self, owner: str, conversation_id: int, **values: Any) -> None:
        self.conversation(owner, conversation_id)
        with self._database.write() as connection:
            connection.execute(update(_conversations).where(_conversations.c.id == conversation_id).values(**values))

    def add_messages(
        self, owner: str, conversation_id: int, added: Sequence[NewMessage], *, instead_of: Sequence[int] = ()
    ) -> int:
        """Put messages at the end of a conversation, all or none; the number of the first of them.

        ``instead_of`` are the numbers of its last messages, which go, unless more has been said meanwhile; numbers are
        never used twice while what follows them is kept. A title taken from a question follows it. Raises NotFoundError.
        """
        kept = self.conversation(owner, conversation_id)
        now = datetime.now(UTC)
        here = _messages.c.conversation_id == conversation_id
        with self._database.write() as connection:
            # The row is taken first: two writers of one conversation number their messages one after the other.
            connection.execute(
                update(_conversations).where(_conversations.c.id == conversation_id).values(updated_at=now)
            )
            last = int(connection.scalar(select(func.max(_messages.c.number)).where(here)) or 0)
            if instead_of and max(instead_of) == last:
                self._retitle(connection, kept, min(instead_of), added)
                connection.execute(delete(_messages).where(here, _messages.c.number.in_(instead_of)))
            for number, message in enumerate(added, last + 1):
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
        return last + 1

    def _retitle(
        self, connection: Connection, kept: StoredConversation, replaced: int, added: Sequence[NewMessage]
    ) -> None:
        """A conversation titled by the question that goes is titled by the one that comes."""
        here = _messages.c.conversation_id == kept.id
        old = connection.scalar(select(_messages.c.text).where(here, _messages.c.number == replaced))
        if old is not None and added and kept.title == title_of(str(old)):
            found = update(_conversations).where(_conversations.c.id == kept.id)
            connection.execute(found.values(title=title_of(added[0].text)))

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
            _remove(connection, conversation_id)


_LATEST = (_conversations.c.updated_at.desc(), _conversations.c.id.desc())


def title_of(question: str) -> str:
    """The title that a conversation takes from a question: its beginning, on one line."""
    line = " ".join(storable(question).split())
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 1] + "…"


def _of(owner: str, *, put_aside: bool = False) -> Select[Any]:
    """The conversations of one person: those in use, or those put aside."""
    aside = _conversations.c.deleted_at
    return _selected().where(_conversations.c.owner == owner, aside.is_not(None) if put_aside else aside.is_(None))


def _remove(connection: Connection, conversation_id: int) -> None:
    connection.execute(delete(_messages).where(_messages.c.conversation_id == conversation_id))
    connection.execute(delete(_conversations).where(_conversations.c.id == conversation_id))


def _escaped(text: str) -> str:
    """``text`` with nothing in it that LIKE would take for a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


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
