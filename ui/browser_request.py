"""What the browser of this session sent: cookies, its language, where it came from.

Streamlit's own tests have no browser: there, all is as if it came from this machine and said nothing.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from kbchat.server.authentication.request_identity import RequestIdentity, address

_THIS_MACHINE = "127.0.0.1"


def cookie(name: str) -> str:
    """The value of a cookie; empty where there is none."""
    value: object = st.context.cookies.get(name, "")
    return value if isinstance(value, str) else ""


def browser_locale() -> str:
    """The browser's language, such as ``zh-CN``; empty where it is not known."""
    value: object = st.context.locale
    return value if isinstance(value, str) else ""


def connection() -> RequestIdentity:
    """The connection of this session as authentication looks at it; Streamlit checks its origin itself."""
    found: Any = st.context.ip_address  # None: this machine
    if found is not None and not isinstance(found, str):
        return RequestIdentity("GET", address((_THIS_MACHINE,)), (("host", _THIS_MACHINE),))
    sent = st.context.headers
    headers = tuple((name.lower(), value) for name in sent for value in sent.get_all(name))
    return RequestIdentity("GET", address((found or _THIS_MACHINE,)), headers)
