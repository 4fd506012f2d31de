"""Sessions of people whom a host token vouched for, as hashes: what lies in the database opens none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select

from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import storable

_sessions = operation.sessions


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Whose session it is, with the rights it was begun with, and when it ends.

    ``bases`` and ``curated`` None: not limited. ``roles`` are names of roles.
    """

    user: str
    roles: tuple[str, ...]
    bases: tuple[str, ...] | None
    groups: tuple[str, ...]
    curated: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime


class SignedInSessions(DatabasePart):
    """The sessions. All processes over one data folder know the same ones."""

    def add_session(self, hash: str, session: StoredSession) -> None:  # noqa: A002 - the column's name
        """Keep a new session under the hash of its token."""
        values = {
            "hash": hash,
            "user": storable(session.user),
            "roles": list(session.roles),
            "bases": _listed(session.bases),
            "groups": list(session.groups),
            "curated": _listed(session.curated),
            "created_at": session.created_at,
            "expires_at": session.expires_at,
        }
        with self._database.write() as connection:
            connection.execute(insert(_sessions).values(**values))

    def session(self, hash: str) -> StoredSession | None:  # noqa: A002
        """The session of this hash, over or not; None when there is none or it was ended."""
        with self._database.read() as connection:
            row = connection.execute(select(_sessions).where(_sessions.c.hash == hash)).first()
        if row is None:
            return None
        limits = {name: None if getattr(row, name) is None else tuple(getattr(row, name)) for name in _LIMITS}
        return StoredSession(
            row.user, tuple(row.roles), limits["bases"], tuple(row.groups), limits["curated"], row.created_at,
            row.expires_at,
        )  # fmt: skip

    def end_session(self, hash: str) -> bool:  # noqa: A002
        """End one session; whether there was one."""
        with self._database.write() as connection:
            return connection.execute(delete(_sessions).where(_sessions.c.hash == hash)).rowcount > 0

    def end_sessions_of(self, user: str) -> int:
        """End all sessions of a person; how many there were, over or not."""
        with self._database.write() as connection:
            return int(connection.execute(delete(_sessions).where(_sessions.c.user == storable(user))).rowcount)

    def forget_sessions(self, now: datetime | None = None) -> int:
        """Forget sessions that are over; how many."""
        with self._database.write() as connection:
            over = delete(_sessions).where(_sessions.c.expires_at < (now or datetime.now(UTC)))
            return int(connection.execute(over).rowcount)


_LIMITS = ("bases", "curated")


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(names)
