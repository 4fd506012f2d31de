"""The words of the screen in both languages, and which language this person reads.

One module a page (``ui/i18n/chat.py``) holds its words as ``Bilingual`` constants in capitals. A page writes
``say(words.TITLE)``, or ``say(words.FOUND, count=3)`` where the text has ``{count}`` in it.
"""

from __future__ import annotations

import streamlit as st

from kbchat.messages import Bilingual, Language
from ui.browser_request import browser_locale, cookie

LANGUAGE_COOKIE = "kbchat_language"
_CHOSEN = "language"


def language(default: Language = "en") -> Language:
    """The language of this session: chosen here, chosen in this browser before, the browser's own, or ``default``."""
    chosen = st.session_state.get(_CHOSEN)
    if chosen is None:
        chosen = remembered_language(cookie(LANGUAGE_COOKIE), browser_locale(), default)
        st.session_state[_CHOSEN] = chosen
    return "zh" if chosen == "zh" else "en"


def choose_language(chosen: Language) -> None:
    """Speak ``chosen`` for the rest of the session."""
    st.session_state[_CHOSEN] = chosen


def remembered_language(cookie: str, locale: str, default: Language) -> Language:
    """The language that a cookie names, else that of a browser's locale (``zh-CN``), else ``default``."""
    if cookie in ("zh", "en"):
        return "zh" if cookie == "zh" else "en"
    primary = locale.lower().split("-")[0]
    if primary in ("zh", "en"):
        return "zh" if primary == "zh" else "en"
    return default


def say(text: Bilingual, **values: object) -> str:
    """``text`` in this session's language, with ``{name}`` replaced by ``values``."""
    return worded(text, language(), **values)


def worded(text: Bilingual, in_language: Language, **values: object) -> str:
    """``text`` in a language, with ``{name}`` replaced by ``values``; without values it is taken as it is.

    ``{s}`` is the s of an English plural: nothing where ``count`` is 1.
    """
    template = text.in_language(in_language)
    return template.format(**{"s": "" if values.get("count") in (1, "1") else "s", **values}) if values else template
