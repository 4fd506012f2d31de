"""Which assistant is on the screen; it is in the address."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

NEW = "+"
"""Stands for one that is being made; no assistant can have it as its id."""
_PARAMETER = "assistant"
_ADDRESS = "assistants"
_ROUND = "assistants_round"


def chosen() -> str:
    """The id, :data:`NEW`, or nothing for the list."""
    return st.query_params.get(_PARAMETER, "")


def choose(assistant: str = "") -> None:
    """Show another one (empty: the list) from the next run on, its form as it is kept."""
    st.session_state[_ROUND] = form_round() + 1
    st.query_params.from_dict({_PARAMETER: assistant} if assistant else {})


def form_round() -> int:
    """Changes whenever forms are to be filled anew; part of the keys of their fields."""
    return int(st.session_state.get(_ROUND, 0))


def address(assistant: str) -> str:
    """A link to an assistant, from anywhere in the app."""
    return f"{_ADDRESS}?{urlencode({_PARAMETER: assistant})}"
