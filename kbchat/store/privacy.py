"""What concerns persons: forgetting by age, everything about one person, and forgetting one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, update

from kbchat.store import schema
from kbchat.store import schema_operation as operation
from kbchat.store.audit import Audit, NewAuditEntry, append_entry
from kbchat.store.committing import reserve
from kbchat.store.encoding import storable

_conversations, _messages, _feedback = schema.conversations, schema.messages, operation.feedback


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """What was erased of a person: numbers of rows. ``pseudonym`` is all that the audit still knows (empty: nothing)."""

    pseudonym: str
    conversations: int
    messages: int
    feedback: int
    keys: int


class Privacy(Audit):
    """Forgetting. Deleted rows are overwritten in a SQLite file, not only marked as free."""

    def remove_conversations_before(self, moment: datetime) -> int:
        """Remove conversations not used since ``moment``; how many there were."""
        old = select(_conversations.c.id).where(_conversations.c.updated_at < moment)
        with self._database.write() as connection:
            return _remove_conversations(connection, list(connection.scalars(old)))[0]

    def remove_feedback_before(self, moment: datetime) -> int:
        """Remove feedback given before ``moment``; how many there were."""
        with self._database.write() as connection:
            return int(connection.execute(delete(_feedback).where(_feedback.c.created_at < moment)).rowcount)

    def person_data(self, user: str) -> dict[str, Any]:
        """Everything kept about a person, as JSON values: conversations, feedback, keys, sessions, jobs, audit."""
        name = storable(user)
        with self._database.read() as connection:
            conversations = _rows(connection, _conversations, _conversations.c.owner == name)
            for one in conversations:
                one["messages"] = _rows(connection, _messages, _messages.c.conversation_id == one["id"])
            keys = _rows(connection, operation.api_keys, operation.api_keys.c.user == name)
            jobs = _rows(connection, operation.jobs, operation.jobs.c.owner == name)
            feedback = _rows(connection, _feedback, _feedback.c.owner == name)
            sessions = _rows(connection, operation.sessions, operation.sessions.c.user == name)
        for one in (*keys, *sessions):
            del one["hash"]
        audit = [
            {"seq": one.seq, "at": one.at.isoformat(), "action": one.action, "base": one.base, "object": one.object,
             "revisions": list(one.revisions), "question_hash": one.question_hash, "outcome": one.outcome}
            for one in self.audit_of_person(name)
        ]  # fmt: skip
        return {
            "user": user,
            "conversations": conversations,
            "feedback": feedback,
            "keys": keys,
            "sessions": sessions,
            "jobs": [
                {name: one[name] for name in ("id", "kind", "state", "created_at", "finished_at")} for one in jobs
            ],
            "audit": audit,
        }

    def erase_person(self, user: str, by: NewAuditEntry) -> ErasedPerson:
        """Forget a person in one step, and write so in the audit, where only the pseudonym stays.

        Conversations, feedback, keys and sessions go; what the person did for others (documents read in, test cases) stays without
        the name. ``by`` is the audit's entry; its object is set to the pseudonym.
        """
        name = storable(user)
        pseudonym = self.pseudonym_of(name)
        key = self._audit_key()
        entry = NewAuditEntry(
            by.user, by.method, by.action, object=pseudonym or "nobody in the audit", outcome=by.outcome
        )
        with self._database.write() as connection:
            append_entry(connection, key, reserve(connection, "audit", 1), entry)
            ids = list(connection.scalars(select(_conversations.c.id).where(_conversations.c.owner == name)))
            conversations, messages = _remove_conversations(connection, ids)
            feedback = connection.execute(delete(_feedback).where(_feedback.c.owner == name)).rowcount
            keys = connection.execute(delete(operation.api_keys).where(operation.api_keys.c.user == name)).rowcount
            connection.execute(delete(operation.sessions).where(operation.sessions.c.user == name))
            connection.execute(delete(operation.idempotency).where(operation.idempotency.c.owner == name))
            connection.execute(delete(operation.audit_people).where(operation.audit_people.c.user == name[:200]))
            _take_name_out(connection, name)
        self._database.empty_log()
        return ErasedPerson(pseudonym, conversations, messages, int(feedback), int(keys))


def _take_name_out(connection: Connection, name: str) -> None:
    for column in (
        operation.jobs.c.owner,
        operation.test_cases.c.created_by,
        operation.test_runs.c.created_by,
        operation.api_keys.c.created_by,
        operation.feedback.c.handled_by,
    ):
        connection.execute(update(column.table).where(column == name).values({column.name: ""}))


def _remove_conversations(connection: Connection, ids: list[int]) -> tuple[int, int]:
    """How many conversations and messages went."""
    messages = 0
    for one in ids:
        count = select(func.count()).select_from(_messages).where(_messages.c.conversation_id == one)
        messages += int(connection.scalar(count) or 0)
        connection.execute(delete(_messages).where(_messages.c.conversation_id == one))
        connection.execute(delete(_conversations).where(_conversations.c.id == one))
    return len(ids), messages


def _rows(connection: Connection, table: Table, condition: Any) -> list[dict[str, Any]]:
    """Rows as JSON values."""
    rows = connection.execute(select(table).where(condition).order_by(*table.primary_key))
    return [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row._asdict().items()}
        for row in rows
    ]
