"""Who asks: a person or a program, with roles and the knowledge bases open to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for; each role may do all that the one before it may."""

    READER = "reader"
    CURATOR = "curator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Higher may do more."""
        return _RANKS[self]


_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody known.

    ``bases`` are the names of the knowledge bases that a token or key allows (None: all that are open to this
    principal). ``groups`` open knowledge bases that are closed to groups. ``curated`` are the bases a curator may
    change (None: all that it may see). ``method`` tells how it was recognised: ``local``, ``token``, ``oidc``,
    ``proxy`` or ``key``.
    """

    user: str
    roles: frozenset[Role]
    bases: frozenset[str] | None = None
    groups: frozenset[str] = frozenset()
    curated: frozenset[str] | None = None
    method: str = "local"

    def has(self, role: Role) -> bool:
        """Whether it has ``role`` or one above it."""
        return any(own.rank >= role.rank for own in self.roles)


def local_principal(user: str) -> Principal:
    """The one person of single-user mode, who may do everything."""
    return Principal(user, frozenset({Role.ADMIN}))
