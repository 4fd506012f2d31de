"""Who is in front of the screen.

In single-user mode every browser is somebody of its own: ``ui.browser_cookie`` gives it a random id in a cookie that scripts
cannot read, and the person is known by a hash of it. Nobody has to sign in, and what one browser asked stays invisible to the
next.
"""

from __future__ import annotations

import hashlib
import secrets

import streamlit as st

from kbchat.access.principal import Principal, local_principal
from ui.browser_cookie import BROWSER_COOKIE, is_browser_id
from ui.browser_request import cookie

_OF_SESSION = "browser_id"


def current_principal() -> Principal:
    """Who uses this session."""
    return local_principal(user_of_browser(_browser_id()))


def _browser_id() -> str:
    """The id of this browser; one for this session alone where the browser keeps no cookies."""
    given = cookie(BROWSER_COOKIE)
    if is_browser_id(given):
        return given
    return str(st.session_state.setdefault(_OF_SESSION, secrets.token_urlsafe(24)))


def user_of_browser(browser_id: str) -> str:
    """The user that a browser's id stands for; a hash, so that records do not hold what proves it."""
    return f"local:{hashlib.sha256(browser_id.encode()).hexdigest()[:20]}"
