"""Keys of programs: made, listed, revoked, and recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kbchat.access.keys import fits, hash_of, new_key, prefix_of
from kbchat.access.principal import Principal, Role
from kbchat.access.table import Action, authorise
from kbchat.errors import InvalidInputError, UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.services.audit import AuditTrail
from kbchat.store import Store
from kbchat.store.keys import StoredKey

_NOBODYS_HASH = hash_of("")
_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made: ``text`` is shown to a person once."""

    text: str = field(repr=False)
    key: StoredKey


class KeyService:
    """The keys. ``principal`` None: the command line, which can read the data folder anyway."""

    def __init__(self, store: Store, principal: Principal | None = None) -> None:
        self._store = store
        self._principal = principal

    def create(
        self,
        name: str,
        *,
        user: str = "",
        roles: Sequence[Role] = (Role.READER,),
        bases: Sequence[str] | None = None,
        groups: Sequence[str] = (),
        days: int | None = 365,
    ) -> IssuedKey:
        """Make a key that acts as ``user`` (default: ``key:NAME``). ``days`` until it expires; None: never.

        Raises ForbiddenError, InvalidInputError, NotFoundError for an unknown base, ConflictError for a name in use.
        """
        self._allow()
        kept = name.strip()
        if not kept or len(kept) > 200 or not kept.isprintable():
            raise _unusable(name)
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise InvalidInputError(
                Bilingual(f"A key cannot be valid for {days} days.", f"密钥有效期不能为 {days} 天。"),
                Bilingual(f"Give 1 to {_MOST_DAYS} days.", f"请指定 1 到 {_MOST_DAYS} 天。"),
            )
        known = None if bases is None else [self._store.base(one).name for one in bases]
        made = new_key()
        stored = self._store.add_key(
            prefix=made.prefix,
            hash=made.hash,
            name=kept,
            user=user.strip() or f"key:{kept}",
            roles=[role.value for role in roles],
            bases=known,
            groups=list(groups),
            created_by="" if self._principal is None else self._principal.user,
            expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
        )
        self._record(f"created {stored.prefix}")
        return IssuedKey(made.text, stored)

    def list(self) -> list[StoredKey]:
        """All keys, the newest first, without what would let anybody use them. Raises ForbiddenError."""
        self._allow()
        return self._store.keys()

    def revoke(self, prefix: str) -> StoredKey:
        """End a key, by its prefix or its beginning up to the secret. Raises ForbiddenError, NotFoundError."""
        self._allow()
        wanted = prefix.strip()
        key = self._store.revoke_key(prefix_of(wanted) or wanted.removeprefix("kbc_").rstrip("_"))
        self._record(f"revoked {key.prefix}")
        return key

    def authenticate(self, text: str) -> Principal:
        """Who presents this key. Raises UnauthenticatedError, whose words are the same for every reason."""
        key = self._store.key_with_prefix(prefix_of(text)) if prefix_of(text) else None
        is_right = fits(text, _NOBODYS_HASH if key is None else key.hash)
        reason = _why_not(key, is_right)
        if key is None or reason:
            raise UnauthenticatedError(
                Bilingual("The key is not valid.", "密钥无效。"),
                Bilingual(
                    "It may be mistyped, expired or revoked; ask an administrator for a new one.",
                    "密钥可能有误、已过期或已被吊销，请向管理员申请新的密钥。",
                ),
                reason,
            )
        self._store.note_key_use(key)
        return principal_of(key)

    def _allow(self) -> None:
        if self._principal is not None:
            authorise(self._principal, Action.MANAGE_KEYS)

    def _record(self, what: str) -> None:
        AuditTrail(self._store).record(self._principal, Action.MANAGE_KEYS.value, object=f"key {what}")


def _why_not(key: StoredKey | None, is_right: bool) -> str:
    """Why a key is refused, for the audit; empty when it is not."""
    if key is None:
        return "unknown_api_key"
    if not is_right:
        return "wrong_secret"
    if key.revoked_at is not None:
        return "revoked"
    return "" if key.is_valid(datetime.now(UTC)) else "expired"


def principal_of(key: StoredKey) -> Principal:
    """Who acts with this key. A curator's key may change the bases it names."""
    known = {role.value for role in Role}
    bases = None if key.bases is None else frozenset(key.bases)
    roles = frozenset(Role(role) for role in key.roles if role in known)
    return Principal(key.user, roles, bases, frozenset(key.groups), bases, "key")


def _unusable(name: str) -> InvalidInputError:
    return InvalidInputError(
        Bilingual(f"{name[:60]!r} cannot be the name of a key.", f"{name[:60]!r} 不能用作密钥名称。"),
        Bilingual("Say what the key is for, in 1 to 200 characters.", "请用 1 到 200 个字符说明密钥用途。"),
    )
