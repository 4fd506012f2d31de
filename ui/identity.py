"""Who uses this session of the app: one way of ``ui.sign_in``, the first that speaks.

1. The header of a trusted proxy.
2. A host token in the address: used up at once and taken out of the address; who it named is kept in the session's
   memory alone. It outlives reruns and a broken connection, never a reload. No cookie is needed.
3. OpenID Connect, where ``ui.oidc_client`` is set; Streamlit keeps the proof in a signed cookie.
4. Single-user mode. Every browser is somebody of its own: ``ui.browser_cookie`` gives it a random id in a cookie that
   scripts cannot read, and the person is known by a hash of it, so what one browser asked is invisible to the next.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

import streamlit as st

from kbchat.access.principal import Principal
from kbchat.errors import AccessError, UnauthenticatedError
from kbchat.messages import Bilingual
from kbchat.server.authentication.request_identity import RequestIdentity
from ui import browser_request
from ui.browser_cookie import BROWSER_COOKIE, is_browser_id
from ui.request_guard import request_of_headers
from ui.sign_in import SignIn, shown_name

TOKEN_PARAMETER = "token"  # noqa: S105 - the name of a parameter
_OF_SESSION = "browser_id"
_TOKEN_SESSION = "sign_in_session"  # noqa: S105 - a name, too
_WHO = "sign_in_who"
_ENDED = "sign_in_ended"
_REFUSED = "sign_in_refused"
_KEPT = frozenset({"language", "frame_language"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody known. ``name`` is what to call them; ``method`` of the principal tells how they can leave."""

    principal: Principal
    name: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Nobody is known. ``error`` says why what was brought did not do; ``ended`` names the session that was there before."""

    error: AccessError | None = None
    ended: str = ""


def who(sign_in: SignIn) -> SignedIn | SignedOut:
    """Who uses this session now. Another person than before finds nothing of the one before in the session."""
    found = _recognised(sign_in)
    now = (found.principal.method, found.principal.user) if isinstance(found, SignedIn) else None
    before = st.session_state.get(_WHO)
    if before is not None and before != now:
        kept = st.session_state.get(_TOKEN_SESSION)
        leave()
        if kept is not None:
            st.session_state[_TOKEN_SESSION] = kept
    if isinstance(found, SignedOut):
        return SignedOut(found.error, ended=st.session_state.get(_ENDED, ""))
    st.session_state[_WHO] = now
    for key in (_ENDED, _REFUSED):
        st.session_state.pop(key, None)
    return found


def current_principal(sign_in: SignIn) -> Principal:
    """Who uses this session. Raises UnauthenticatedError, ForbiddenError."""
    found = who(sign_in)
    if isinstance(found, SignedIn):
        return found.principal
    raise found.error or UnauthenticatedError(
        Bilingual("Nobody is signed in.", "尚未登录。"), Bilingual("Sign in.", "请登录。")
    )


def _recognised(sign_in: SignIn) -> SignedIn | SignedOut:
    token = st.query_params.pop(TOKEN_PARAMETER, None)
    request = connection()
    try:
        by_proxy = sign_in.by_proxy(request)
        if by_proxy is not None:
            return SignedIn(by_proxy, by_proxy.user)
        if token is not None and sign_in.takes_tokens:
            use_token(sign_in, token)
        kept = _kept_session()
        if kept is not None:
            return SignedIn(kept, kept.user)
        if sign_in.offers_openid and st.user.is_logged_in:
            claims = st.user.to_dict()
            person = sign_in.by_openid(claims, request.peer)
            return SignedIn(person, shown_name(claims, person))
        if sign_in.single_user:
            return SignedIn(sign_in.by_machine(request, _browser_id()), "")
    except AccessError as error:
        return SignedOut(error)
    return SignedOut(st.session_state.get(_REFUSED))


def connection() -> RequestIdentity:
    """What the web socket of this session brought with it."""
    return request_of_headers(browser_request.headers())


def use_token(sign_in: SignIn, token: str) -> None:
    """Exchange a host token for this session; why it does not do is told on the page to sign in, until one does."""
    for key in (_TOKEN_SESSION, _REFUSED):
        st.session_state.pop(key, None)
    try:
        st.session_state[_TOKEN_SESSION] = sign_in.by_token(token, connection().peer)
    except AccessError as error:
        st.session_state[_REFUSED] = error


def _kept_session() -> Principal | None:
    """Whom a host token named that began this session, until its time is over."""
    kept: tuple[Principal, float] | None = st.session_state.get(_TOKEN_SESSION)
    if kept is None or kept[1] <= time.time():
        st.session_state.pop(_TOKEN_SESSION, None)
        return None
    return kept[0]


def leave() -> None:
    """End the session: take everything out of its memory but the language."""
    for key in list(st.session_state):
        if key not in _KEPT:
            del st.session_state[key]
    st.session_state[_ENDED] = secrets.token_urlsafe(6)


def _browser_id() -> str:
    """The id of this browser; one for this session alone where the browser keeps no cookies."""
    given = browser_request.cookie(BROWSER_COOKIE)
    if is_browser_id(given):
        return given
    return str(st.session_state.setdefault(_OF_SESSION, secrets.token_urlsafe(24)))
