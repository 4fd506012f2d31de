"""What a request brings that may say who asks: where it comes from, and its headers as sent."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """The parts of a request that authentication looks at.

    ``peer`` is the address of the connection itself, never one that a header names. Header names are in small letters.
    """

    method: str
    peer: Address | None
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of_scope(cls, scope: Mapping[str, Any]) -> RequestIdentity:
        """From an ASGI scope."""
        headers = tuple((name.decode("latin-1").lower(), _text(value)) for name, value in scope["headers"])
        return cls(scope["method"], address(scope.get("client")), headers)

    def header(self, name: str) -> str | None:
        """The value of a header. Raises UnauthenticatedError when it was sent more than once."""
        values = [value for key, value in self.headers if key == name.lower()]
        if len(values) > 1:
            raise UnauthenticatedError(
                Bilingual(f"The header {name} was sent more than once.", f"请求头 {name} 重复。"),
                Bilingual("Send it once.", "请只发送一次。"),
                "repeated_header",
            )
        return values[0].strip() if values else None

    @property
    def bearer(self) -> str | None:
        """The bearer token. Raises UnauthenticatedError for another kind of authorisation."""
        value = self.header("authorization")
        if value is None:
            return None
        scheme, _, token = value.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError(
                Bilingual("Only “Authorization: Bearer …” is understood.", "仅支持“Authorization: Bearer …”。"),
                Bilingual("Send a token or key that way.", "请以该方式提供令牌或密钥。"),
                "other_authorisation",
            )
        return token.strip()

    @property
    def changes_something(self) -> bool:
        """Whether the method is one that may change something."""
        return self.method in _UNSAFE

    def from_own_page(self, allowed_origins: Iterable[str]) -> bool:
        """Whether no foreign page sent this: a browser names the page's origin with every request that changes.

        The port counts, the scheme does not, since a proxy may end TLS.
        """
        origin = self.header("origin")
        if origin is None:
            return self.header("sec-fetch-site") in (None, "same-origin", "none")
        return (
            origin in set(allowed_origins) or origin.partition("://")[2].lower() == (self.header("host") or "").lower()
        )


def address(client: object) -> Address | None:
    """The peer of an ASGI scope; an IPv4 address inside an IPv6 one is taken out."""
    if not isinstance(client, tuple | list) or not client:
        return None
    try:
        found = ipaddress.ip_address(str(client[0]).partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def within(found: Address | None, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks."""
    return found is not None and any(found.version == network.version and found in network for network in networks)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
