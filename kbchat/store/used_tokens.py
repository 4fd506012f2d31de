"""Host tokens that have been used: each works once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from kbchat.errors import StoreError
from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart

_used = operation.used_tokens


class UsedTokens(DatabasePart):
    """The tokens used so far, until they would have expired anyway."""

    def use_token(self, token: str, expires_at: datetime) -> bool:
        """Use a token (its ``jti``, or any text that is the same only for the same token). False when it was used before.

        Of several calls at the same moment, in any number of processes, one gets True.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        try:
            with self._database.write() as connection:
                connection.execute(insert(_used).values(token=digest, expires_at=expires_at))
        except StoreError as error:
            if isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    def forget_used_tokens(self, now: datetime | None = None) -> int:
        """Forget tokens that have expired; returns how many."""
        with self._database.write() as connection:
            expired = delete(_used).where(_used.c.expires_at < (now or datetime.now(UTC)))
            return int(connection.execute(expired).rowcount)
