"""Requests that may be sent twice and must act once: the first claims its key, the second gets the first one's reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from kbchat.errors import BusyError, ConflictError, StoreError
from kbchat.messages import Bilingual
from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, storable

_replies = operation.idempotency
_UNDER_WAY = 0
_ABANDONED = timedelta(minutes=15)
"""A claim without a reply for so long is that of a killed process."""


@dataclass(frozen=True, slots=True)
class KeptReply:
    """What was answered to a request: HTTP status and JSON.

    ``content_hash`` is of a body that was read after the request was claimed; empty: there was none.
    """

    status: int
    response: Mapping[str, Any] | None
    content_hash: str = ""


class Idempotency(DatabasePart):
    """Replies by owner and key."""

    def claim_request(self, owner: str, key: str, route: str, request_hash: str) -> KeptReply | None:
        """Claim a key: None means go on (and keep the reply afterwards), else the reply to the same request before.

        Raises ConflictError when the key was used for another request, BusyError while the first is under way.
        """
        name = {"owner": storable(owner), "key": storable(key)}
        now = datetime.now(UTC)
        mine = and_(_replies.c.owner == name["owner"], _replies.c.key == name["key"])
        abandoned = and_(mine, _replies.c.status == _UNDER_WAY, _replies.c.created_at < now - _ABANDONED)
        values = {"route": route, "request_hash": request_hash, "status": _UNDER_WAY, "created_at": now}
        try:
            with self._database.write() as connection:
                connection.execute(delete(_replies).where(abandoned))
                row = connection.execute(select(_replies).where(mine)).first()
                if row is None:
                    connection.execute(insert(_replies).values(**name, **values))
                    return None
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):  # PostgreSQL: another process came first
                raise _under_way() from error
            raise
        if row.route != route or row.request_hash != request_hash:
            raise other_request()
        if row.status == _UNDER_WAY:
            raise _under_way()
        return KeptReply(row.status, row.response, row.content_hash)

    def keep_reply(
        self, owner: str, key: str, status: int, response: Mapping[str, Any] | None, content_hash: str = ""
    ) -> None:
        """Keep the reply to a claimed request."""
        kept = None if response is None else json_storable(response)
        self._update(owner, key, {"status": status, "response": kept, "content_hash": content_hash})

    def give_up_request(self, owner: str, key: str) -> None:
        """The request failed and may be sent again with the same key."""
        with self._database.write() as connection:
            connection.execute(
                delete(_replies).where(
                    _replies.c.owner == storable(owner),
                    _replies.c.key == storable(key),
                    _replies.c.status == _UNDER_WAY,
                )
            )

    def forget_replies_before(self, moment: datetime) -> int:
        """Forget old replies; returns how many."""
        with self._database.write() as connection:
            return int(connection.execute(delete(_replies).where(_replies.c.created_at < moment)).rowcount)

    def _update(self, owner: str, key: str, values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(_replies)
                .where(_replies.c.owner == storable(owner), _replies.c.key == storable(key))
                .values(**values)
            )


def other_request() -> ConflictError:
    """The error for a key that was used for something else."""
    return ConflictError(
        Bilingual("This idempotency key was used for another request.", "该幂等键已用于另一个请求。"),
        Bilingual("Send a new key with every new request.", "每个新请求请使用新的幂等键。"),
    )


def _under_way() -> BusyError:
    return BusyError(
        Bilingual("The same request is being worked on.", "相同的请求正在处理中。"),
        Bilingual("Wait a moment and ask again with the same key.", "请稍候，再以相同的幂等键重试。"),
    )
