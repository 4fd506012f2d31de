"""Keys of programs, as hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from kbchat.errors import ConflictError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import storable

_keys = operation.api_keys
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key without its secret. ``bases`` None: all that are open to its user; ``roles`` are names of roles."""

    id: int
    prefix: str
    name: str
    user: str
    roles: tuple[str, ...]
    bases: tuple[str, ...] | None
    groups: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    hash: str = field(default="", repr=False)

    def is_valid(self, now: datetime) -> bool:
        """Whether the key may be used at ``now``."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Keys(DatabasePart):
    """The keys of programs."""

    def add_key(
        self,
        *,
        prefix: str,
        hash: str,  # noqa: A002 - the column's name
        name: str,
        user: str,
        roles: Sequence[str],
        bases: Sequence[str] | None,
        groups: Sequence[str],
        created_by: str,
        expires_at: datetime | None,
    ) -> StoredKey:
        """Keep a new key. Raises ConflictError when there is a valid one of this name."""
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "prefix": prefix,
            "hash": hash,
            "name": storable(name),
            "user": storable(user),
            "roles": list(roles),
            "bases": None if bases is None else list(bases),
            "groups": list(groups),
            "created_by": storable(created_by),
            "created_at": now,
            "expires_at": expires_at,
        }
        valid = (_keys.c.revoked_at.is_(None), or_(_keys.c.expires_at.is_(None), _keys.c.expires_at > now))
        with self._database.write() as connection:
            if connection.scalar(select(_keys.c.id).where(_keys.c.name == values["name"], *valid)) is not None:
                raise ConflictError(
                    Bilingual(f"There is already a key named {name!r}.", f"名为 {name!r} 的密钥已存在。"),
                    Bilingual("Choose another name, or revoke that key first.", "请换一个名称，或先吊销该密钥。"),
                )
            connection.execute(insert(_keys).values(**values))
            return _key(connection.execute(select(_keys).where(_keys.c.prefix == prefix)).one())

    def key_with_prefix(self, prefix: str) -> StoredKey | None:
        """The key of this prefix, valid or not."""
        with self._database.read() as connection:
            row = connection.execute(select(_keys).where(_keys.c.prefix == prefix)).first()
        return None if row is None else _key(row)

    def keys(self) -> list[StoredKey]:
        """All keys, the newest first."""
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(select(_keys).order_by(_keys.c.id.desc()))]

    def revoke_key(self, prefix: str) -> StoredKey:
        """Make a key useless for ever. Raises NotFoundError; ConflictError when it is so already."""
        with self._database.write() as connection:
            done = connection.execute(
                update(_keys)
                .where(_keys.c.prefix == prefix, _keys.c.revoked_at.is_(None))
                .values(revoked_at=datetime.now(UTC))
            ).rowcount
            row = connection.execute(select(_keys).where(_keys.c.prefix == prefix)).first()
        if row is None:
            raise NotFoundError(
                Bilingual(f"There is no key {prefix[:40]!r}.", f"没有密钥 {prefix[:40]!r}。"),
                Bilingual("`kbchat key list` shows them.", "可用 `kbchat key list` 查看。"),
            )
        if not done:
            raise ConflictError(
                Bilingual(f"The key {prefix} has been revoked before.", f"密钥 {prefix} 此前已被吊销。"),
                Bilingual("Nothing needs to be done.", "无需处理。"),
            )
        return _key(row)

    def note_key_use(self, key: StoredKey) -> None:
        """Note that a key is used now; at most once a minute is written."""
        now = datetime.now(UTC)
        if key.last_used_at is not None and now - key.last_used_at < _USE_NOTED_EVERY:
            return
        with self._database.write() as connection:
            connection.execute(update(_keys).where(_keys.c.id == key.id).values(last_used_at=now))


def _key(row: Row[Any]) -> StoredKey:
    values = row._asdict()
    lists = {name: None if values[name] is None else tuple(values[name]) for name in ("roles", "bases", "groups")}
    return StoredKey(**{**values, **lists})
