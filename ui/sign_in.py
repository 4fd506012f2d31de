"""The ways by which the pages know people: a trusted proxy, a host token, OpenID Connect, or being on this machine.

The rules are those of the HTTP service (``kbchat.server.authentication``); here they are put together for a page, which
knows somebody for as long as its web socket lives and cannot send a header of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Mapping
from typing import Any

from kbchat.access.principal import Principal, local_principal
from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.server.authentication import Authenticator, listening
from kbchat.server.authentication.ambient import LOOPBACK_NAMES, proxy_principal, single_user_principal
from kbchat.server.authentication.claims import LONGEST_NAME
from kbchat.server.authentication.json_web_tokens import CLOCK_SKEW
from kbchat.server.authentication.openid import principal_of
from kbchat.server.authentication.refused import refusal_of_claims, shown_address
from kbchat.server.authentication.request_identity import Address, RequestIdentity
from kbchat.settings import Settings
from kbchat.store import Store
from ui.oidc_client import check_client

_HOUR = 3600


def check_address(settings: Settings, host: str) -> None:
    """Raises ConfigurationError when the app on ``host`` would be open to everybody, or to nobody."""
    access = settings.access
    ways = (access.host_keys, access.proxy_addresses, settings.ui.oidc_client)
    listening.check_address(host, single_user=access.single_user, can_sign_in=lambda: any(ways), remedy=_WAYS)


def allowed_hosts(settings: Settings, *, single_user: bool) -> frozenset[str]:
    """The names by which a browser may call the app; empty: any."""
    listed = frozenset(name.lower() for name in settings.server.allowed_hosts)
    return listed | LOOPBACK_NAMES if listed or single_user else listed


class SignIn:
    """Knows people by what their connection, their token or their sign-in page brought. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Reads the key files and the client that the settings name. Raises ConfigurationError."""
        if settings.ui.oidc_client is not None:
            check_client(settings.ui.oidc_client)
        self._settings = settings
        self._authenticator = Authenticator(settings, store)
        self.single_user = self._authenticator.single_user
        self.takes_tokens = bool(settings.access.host_keys)
        self.offers_openid = settings.ui.oidc_client is not None

    def by_proxy(self, request: RequestIdentity) -> Principal | None:
        """Whom a listed proxy names; None when no such proxy speaks. Raises UnauthenticatedError."""
        return proxy_principal(request, self._settings)

    def by_token(self, token: str, peer: Address | None = None) -> tuple[Principal, float]:
        """Whom a host token vouches for, and when (``time.time``) the session it begins must end.

        The token is used up by this. A refusal is entered in the audit, with the address ``peer`` where it is known.
        Raises UnauthenticatedError.
        """
        found = self._authenticator.host_token(token, peer)
        return dataclasses.replace(found, method="session"), time.time() + self._settings.access.session_minutes * 60

    def by_openid(self, claims: Mapping[str, Any], peer: Address | None = None) -> Principal:
        """Whom the claims of a verified ID token stand for. Raises UnauthenticatedError, and enters it in the audit."""
        try:
            return self._by_openid(claims)
        except UnauthenticatedError as error:
            if error.reason:
                found = refusal_of_claims(claims, error.reason, shown_address(peer), self._settings.access)
                self._authenticator.refusals.note(found)
            raise

    def _by_openid(self, claims: Mapping[str, Any]) -> Principal:
        issuer, issued = self._settings.access.oidc_issuer, claims.get("iat")
        if issuer and claims.get("iss") != issuer:
            raise UnauthenticatedError(
                Bilingual("This sign-in comes from another issuer.", "该登录信息来自其他签发者。"),
                _AGAIN,
                "wrong_issuer",
            )
        age = time.time() - issued if isinstance(issued, int | float) else None
        if age is None or not -CLOCK_SKEW <= age <= self._settings.ui.sign_in_hours * _HOUR:
            raise UnauthenticatedError(Bilingual("Your sign-in has ended.", "您的登录已到期。"), _AGAIN)
        return principal_of(claims, self._settings.access)

    def by_machine(self, request: RequestIdentity, browser_id: str) -> Principal:
        """The person of this browser on this machine. Raises UnauthenticatedError, ForbiddenError."""
        single_user_principal(request, self._settings)
        return local_principal(user_of_browser(browser_id))


def user_of_browser(browser_id: str) -> str:
    """The user that a browser's id stands for; a hash, so that records do not hold what proves it."""
    return f"local:{hashlib.sha256(browser_id.encode()).hexdigest()[:20]}"


def shown_name(claims: Mapping[str, Any], principal: Principal) -> str:
    """What a person signed in by OpenID Connect is called on the page."""
    for claim in ("name", "preferred_username"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST_NAME:
            return value.strip()
    return principal.user


_AGAIN = Bilingual("Sign in again.", "请重新登录。")
_WAYS = Bilingual(
    "Set up a way to sign in first: access.host_keys (signed tokens), access.proxy_addresses (a proxy that signs people "
    "in), or ui.oidc_client (OpenID Connect). Or stay on 127.0.0.1.",
    "请先配置一种登录方式：access.host_keys（签名令牌）、access.proxy_addresses（由反向代理登录）或 ui.oidc_client"
    "（OpenID Connect）；也可以只监听 127.0.0.1。",
)
