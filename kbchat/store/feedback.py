"""What people said of answers, and what became of it. Texts come in with persons' identifiers masked already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable
from kbchat.store.records import NewFeedback, StoredFeedback

_feedback = operation.feedback


class Feedback(DatabasePart):
    """The feedback of all people."""

    def add_feedback(self, given: NewFeedback) -> int:
        """Keep what somebody says of an answer, in place of what the same person said of it before; its id."""
        values = json_storable({name: getattr(given, name) for name in NewFeedback.__dataclass_fields__})
        values |= {"created_at": datetime.now(UTC), "handled_at": None, "handled_by": ""}
        same = (
            _feedback.c.owner == given.owner,
            _feedback.c.conversation_id == given.conversation_id,
            _feedback.c.message_number == given.message_number,
        )
        with self._database.write() as connection:
            if given.conversation_id is not None:
                connection.execute(delete(_feedback).where(*same))
            key = connection.execute(insert(_feedback).values(**values)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def feedback_of(self, owner: str, conversation_id: int) -> dict[int, StoredFeedback]:
        """What a person said of the answers of a conversation, by the number of the message."""
        query = select(_feedback).where(_feedback.c.owner == owner, _feedback.c.conversation_id == conversation_id)
        with self._database.read() as connection:
            found = [_stored(row) for row in connection.execute(query)]
        return {one.message_number: one for one in found if one.message_number is not None}

    def withdraw_feedback(self, owner: str, conversation_id: int, message_number: int) -> bool:
        """Forget what a person said of an answer; False when there is nothing."""
        with self._database.write() as connection:
            found = connection.execute(
                delete(_feedback).where(
                    _feedback.c.owner == owner,
                    _feedback.c.conversation_id == conversation_id,
                    _feedback.c.message_number == message_number,
                )
            )
            return bool(found.rowcount)

    def feedback(
        self, *, open_only: bool = False, verdict: str = "", offset: int = 0, limit: int = 100
    ) -> tuple[list[StoredFeedback], int]:
        """Feedback, newest first (with ``open_only`` what nobody has worked through), and how much there is in all."""
        query = select(_feedback)
        if open_only:
            query = query.where(_feedback.c.handled_at.is_(None))
        if verdict:
            query = query.where(_feedback.c.verdict == verdict)
        page = query.order_by(_feedback.c.id.desc()).offset(offset).limit(limit)
        counted = select(func.count()).select_from(query.with_only_columns(_feedback.c.id).subquery())
        with self._database.read() as connection:
            return [_stored(row) for row in connection.execute(page)], int(connection.scalar(counted) or 0)

    def handle_feedback(self, feedback_id: int, by: str, *, handled: bool = True) -> None:
        """Note that somebody worked through it, or that it is open again. Raises NotFoundError."""
        values = {"handled_at": datetime.now(UTC) if handled else None, "handled_by": by if handled else ""}
        with self._database.write() as connection:
            changed = connection.execute(update(_feedback).where(_feedback.c.id == feedback_id).values(**values))
        if not changed.rowcount:
            raise NotFoundError(
                Bilingual(f"There is no feedback {feedback_id}.", f"没有编号为 {feedback_id} 的反馈。"),
                Bilingual("Load the list again.", "请刷新列表。"),
            )


def _stored(row: Row[Any]) -> StoredFeedback:
    values: Mapping[str, Any] = row._asdict()
    return StoredFeedback(**{**values, "bases": tuple(values["bases"])})
