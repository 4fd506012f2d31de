"""What the browser of this session sent: headers, cookies, its language. Streamlit's tests have no browser; then all is empty."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def cookie(name: str) -> str:
    """The value of a cookie; empty where there is none."""
    value: object = st.context.cookies.get(name, "")
    return value if isinstance(value, str) else ""


def browser_locale() -> str:
    """The browser's language, such as ``zh-CN``; empty where it is not known."""
    value: object = st.context.locale
    return value if isinstance(value, str) else ""


def headers() -> list[tuple[str, str]]:
    """The headers of its web socket, every value of each; empty where there was none."""
    sent = st.context.headers
    return [(name, value) for name in sent for value in sent.get_all(name)] if isinstance(sent, Mapping) else []
