"""Errors as messages with a remedy, never as a traceback."""

from __future__ import annotations

import time

import streamlit as st

from kbchat.errors import KbchatError
from ui.escaping import literal_markdown
from ui.i18n import frame as words
from ui.i18n import language, say


def show_error(error: KbchatError) -> None:
    """What happened, and what to do."""
    chosen = language()
    said = literal_markdown(error.user_message.in_language(chosen))
    remedy = literal_markdown(error.remedy.in_language(chosen))
    st.error(f"**{said}**\n\n{remedy}" if remedy else said, icon=":material/error:")


def show_unexpected() -> None:
    """An error nobody expected: that it happened, and when; the log has what it was."""
    st.error(say(words.UNEXPECTED, time=time.strftime("%H:%M:%S")), icon=":material/error:")
