"""Sessions: a host token of one use is exchanged for a bearer token that lasts a conversation.

Stateless: the token carries the principal, signed with a secret that lives in this process alone, so that a restart
ends all sessions and nothing is stored.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt

from kbchat.access.principal import Principal
from kbchat.server.authentication import claims as claim
from kbchat.server.authentication.json_web_tokens import VerificationKey, verified

ISSUER = "kbchat:session"
_ALGORITHM = "HS256"
_REQUIRED = ("exp", "iat", "aud", "iss", "sub", "roles")


class Sessions:
    """Makes and verifies session tokens."""

    def __init__(self, minutes: int) -> None:
        self.seconds = minutes * 60
        self._key = VerificationKey("session", _ALGORITHM, secrets.token_bytes(32))

    def token(self, principal: Principal) -> str:
        """A bearer token for ``principal``."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "iat": now,
            "exp": now + self.seconds,
            "sub": principal.user,
            "roles": sorted(principal.roles),
            "groups": sorted(principal.groups),
        }
        for name, limit in (("bases", principal.bases), ("curated", principal.curated)):
            if limit is not None:
                said[name] = sorted(limit)
        return jwt.encode(said, self._secret, algorithm=_ALGORITHM)

    def principal(self, token: str) -> Principal:
        """Whom a session token was made for. Raises UnauthenticatedError."""
        said = verified(token, self._key, audience=ISSUER, issuer=ISSUER, required=_REQUIRED)
        return Principal(
            claim.user_name(said["sub"]),
            claim.roles(claim.names(said, "roles") or ()),
            bases=claim.names(said, "bases"),
            groups=claim.names(said, "groups") or frozenset(),
            curated=claim.names(said, "curated"),
            method="session",
        )

    @property
    def _secret(self) -> bytes:
        assert isinstance(self._key.material, bytes)
        return self._key.material
