"""Ways from one page to another that keep the session: following a plain link would load the whole app anew."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import streamlit as st

_WANTED = "frame_wanted"


def go_to(address: str) -> None:
    """Be at ``address`` (``PAGE`` or ``PAGE?NAME=VALUE``) from the next run on; for callbacks."""
    st.session_state[_WANTED] = address


def follow(pages: Mapping[str, st.Page]) -> None:
    """Go where a callback wanted to be; ``pages`` are those open to this person, by address."""
    page, _, parameters = str(st.session_state.pop(_WANTED, "")).partition("?")
    if page in pages:
        st.switch_page(pages[page], query_params=dict(parse_qsl(parameters)))
