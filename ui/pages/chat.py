"""Questions and answers: the page people open first."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from ui.i18n import chat as words
from ui.i18n import say


def render(services: Services) -> None:
    """Draw the page."""
    st.title(say(words.TITLE))
    st.text(services.principal.user)
