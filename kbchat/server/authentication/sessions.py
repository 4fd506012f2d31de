"""Sessions: a host token of one use is exchanged for a bearer token that lasts a conversation.

The token is 256 random bits; the store keeps its hash with the person's rights, so that a session outlives a restart,
is known to every process over the data folder, and can be ended before its time.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta

from kbchat.access.principal import Principal, Role
from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.server.authentication.json_web_tokens import refused
from kbchat.store import Store
from kbchat.store.sessions import StoredSession

SESSION_MARK = "kbs_"
"""How every session token begins."""
METHOD = "session"
_BYTES = 32
_FORM = re.compile(r"kbs_[A-Za-z0-9_-]{43}")


class Sessions:
    """Makes, recognises and ends sessions."""

    def __init__(self, store: Store, minutes: int) -> None:
        self._store = store
        self.seconds = minutes * 60

    def token(self, principal: Principal) -> str:
        """A bearer token for ``principal``; on disk when this returns. Raises StoreError, BusyError."""
        token = SESSION_MARK + secrets.token_urlsafe(_BYTES)
        now = datetime.now(UTC)
        self._store.add_session(
            _hash(token),
            StoredSession(
                principal.user,
                tuple(sorted(role.value for role in principal.roles)),
                _sorted(principal.bases),
                tuple(sorted(principal.groups)),
                _sorted(principal.curated),
                now,
                now + timedelta(seconds=self.seconds),
            ),
        )
        return token

    def principal(self, token: str) -> Principal:
        """Whom a session token was made for. Raises UnauthenticatedError, StoreError."""
        found = self._store.session(_hash(token)) if _FORM.fullmatch(token) else None
        if found is None:
            raise _over("unknown_session", Bilingual("the session is not known or was ended", "会话不存在或已被结束"))
        if found.expires_at <= datetime.now(UTC):
            raise _over("expired", Bilingual("the session has expired", "会话已过期"))
        return Principal(
            found.user,
            frozenset(Role(role) for role in found.roles),
            bases=None if found.bases is None else frozenset(found.bases),
            groups=frozenset(found.groups),
            curated=None if found.curated is None else frozenset(found.curated),
            method=METHOD,
        )

    def end(self, token: str) -> bool:
        """End a session before its time; whether it was one. Raises StoreError, BusyError."""
        return bool(_FORM.fullmatch(token)) and self._store.end_session(_hash(token))


def _hash(token: str) -> str:
    """What is kept of a token; 256 random bits need no slow hash (see :mod:`kbchat.access.keys`)."""
    return hashlib.sha256(token.encode()).hexdigest()


def _sorted(names: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))


def _over(reason: str, why: Bilingual) -> UnauthenticatedError:
    return refused(why, reason)
