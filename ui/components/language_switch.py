"""The switch between Chinese and English, remembered in the browser."""

from __future__ import annotations

import streamlit as st

from kbchat.messages import Language
from ui.i18n import LANGUAGE_COOKIE, choose_language, language, say
from ui.i18n import frame as words

_NAMES: dict[str, str] = {"zh": "中文", "en": "English"}
_KEY = "frame_language"
_CHANGED = "frame_language_changed"
_REMEMBER = """
export default function ({ data }) {
  const year = 365 * 24 * 3600;
  document.cookie = `${data.name}=${data.value}; path=/; max-age=${year}; samesite=lax`;
}
"""
_remember = st.components.v2.component("kbchat_remember_language", js=_REMEMBER)


def language_switch() -> None:
    """Two names of languages, the one in use marked."""
    now = language()
    st.segmented_control(
        say(words.LANGUAGE),
        options=list(_NAMES),
        default=now,
        format_func=_NAMES.__getitem__,
        key=_KEY,
        label_visibility="collapsed",
        required=True,
        on_change=_changed,
    )
    if _CHANGED in st.session_state:
        _remember(key="frame_remember_language", data={"name": LANGUAGE_COOKIE, "value": language()}, height=1)


def _changed() -> None:
    chosen: Language = "zh" if st.session_state.get(_KEY) == "zh" else "en"
    choose_language(chosen)
    st.session_state[_CHANGED] = True
