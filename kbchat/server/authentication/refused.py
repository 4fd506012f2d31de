"""What can be told of a credential that was refused: how it was tried, and in whose name, proven by nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kbchat.access.keys import prefix_of
from kbchat.errors import AccessError, KbchatError, UnauthenticatedError
from kbchat.server.authentication import claims as claim
from kbchat.server.authentication.json_web_tokens import looks_like_token, unverified
from kbchat.server.authentication.request_identity import Address, RequestIdentity
from kbchat.server.authentication.sessions import SESSION_MARK
from kbchat.services.refusals import Refusal
from kbchat.settings import AccessSettings
from kbchat.store import Store

KEY_MARK = "kbc_"
"""How every API key begins."""


def refusal_of(request: RequestIdentity, error: AccessError, access: AccessSettings, store: Store) -> Refusal | None:
    """What the audit tells of a refused request; None when no sign-in was tried. May read the database."""
    if not error.reason:
        return None
    address = shown_address(request.peer)
    try:
        presented, named = request.bearer, request.header(access.proxy_user_header)
    except UnauthenticatedError:
        return Refusal(error.reason, address, "none")
    if presented is None:
        return Refusal(error.reason, address, "proxy" if named else "none", _name(named))
    if presented.startswith(KEY_MARK):
        return _of_key(presented, error.reason, address, store)
    if presented.startswith(SESSION_MARK):
        return Refusal(error.reason, address, "session")
    return refusal_of_token(presented, error.reason, address, access)


def refusal_of_token(token: str, reason: str, address: str, access: AccessSettings) -> Refusal:
    """What the audit tells of a refused token: whom it names, proven or not."""
    if not looks_like_token(token):
        return Refusal(reason, address, "none")
    try:
        _, said = unverified(token)
    except UnauthenticatedError:
        return Refusal(reason, address, "token")
    if access.oidc_issuer and said.get("iss") == access.oidc_issuer:
        return refusal_of_claims(said, reason, address, access)
    return Refusal(reason, address, "token", _name(said.get("sub")))


def refusal_of_claims(said: Mapping[str, Any], reason: str, address: str, access: AccessSettings) -> Refusal:
    """What the audit tells of refused claims of an identity provider."""
    return Refusal(reason, address, "oidc", _name(claim.inner(said, access.oidc_user_claim)))


def shown_address(peer: Address | None) -> str:
    """An address as the audit writes it."""
    return "" if peer is None else str(peer)


def _of_key(text: str, reason: str, address: str, store: Store) -> Refusal:
    prefix = prefix_of(text)
    try:
        key = store.key_with_prefix(prefix) if prefix else None
    except KbchatError:
        key = None
    detail = f"key {prefix}" if prefix else "not the form of a key"
    return Refusal(reason, address, "key", "" if key is None else key.user, detail)


def _name(value: object) -> str:
    try:
        return claim.user_name(value)
    except UnauthenticatedError:
        return ""
