"""Errors as messages with a remedy, never as a traceback."""

from __future__ import annotations

import streamlit as st

from kbchat.errors import KbchatError
from ui.escaping import literal_markdown
from ui.i18n import language


def show_error(error: KbchatError) -> None:
    """What happened, and what to do."""
    chosen = language()
    said = literal_markdown(error.user_message.in_language(chosen))
    remedy = literal_markdown(error.remedy.in_language(chosen))
    st.error(f"**{said}**\n\n{remedy}" if remedy else said, icon=":material/error:")
