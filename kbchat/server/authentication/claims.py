"""From the claims of a token, or the words of a header, to a principal: every field is checked for type and size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kbchat.access.principal import Role
from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual

LONGEST_NAME = 200
_MOST_NAMES = 200


def _wrong(what: str) -> UnauthenticatedError:
    return UnauthenticatedError(
        Bilingual(f"{what!r} of the sign-in cannot be used.", f"登录信息中的 {what!r} 无法使用。"),
        Bilingual("Tell whoever runs the system you came from.", "请告知来源系统的管理人员。"),
        "bad_claim",
    )


def user_name(value: object, what: str = "sub") -> str:
    """A person's name in the system that vouches for it. Raises UnauthenticatedError."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME or not value.isprintable():
        raise _wrong(what)
    return value.strip()


def names(claims: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    """A claim that lists names; None where it is absent. Raises UnauthenticatedError for anything else."""
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > _MOST_NAMES:
        raise _wrong(claim)
    if not all(isinstance(one, str) and 0 < len(one) <= LONGEST_NAME and one.isprintable() for one in value):
        raise _wrong(claim)
    return frozenset(value)


def roles(given: Iterable[str], what: str = "roles") -> frozenset[Role]:
    """Names of roles as roles. Raises UnauthenticatedError for a name that is none."""
    try:
        return frozenset(Role(name) for name in given)
    except ValueError as error:
        raise _wrong(what) from error


def inner(claims: Mapping[str, Any], path: str) -> object:
    """The value at a path with dots (``realm_access.roles``); a claim of that very name comes first."""
    if path in claims:
        return claims[path]
    value: object = claims
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value
