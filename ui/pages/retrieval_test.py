"""What is found for a question and why; saved cases and how they do over time."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from ui.components.empty_state import empty_state
from ui.escaping import one_line, visible_text
from ui.i18n import retrieval_test as words
from ui.i18n import say
from ui.pages.retrieval.cases import draw_cases
from ui.pages.retrieval.trying import draw_trying


def render(services: Services) -> None:
    """Draw the page."""
    st.title(say(words.TITLE), anchor=False)
    st.caption(say(words.INTRO))
    names = [base.name for base in services.bases.list() if services.may(Action.RETRIEVAL_TEST, base.name)]
    if not names:
        with empty_state(":material/manage_search:", words.NO_BASE_TITLE, words.NO_BASE):
            pass
        return
    base = st.selectbox(
        say(words.BASE),
        names,
        format_func=lambda name: one_line(visible_text(name), 80),
        key="retrieval_test_base",
        width=360,
    )
    tabs = st.tabs([say(words.TAB_TRY), say(words.TAB_CASES)], key="retrieval_test_tabs", on_change="rerun")
    if tabs[0].open:
        with tabs[0]:
            draw_trying(services, base)
    if tabs[1].open:
        with tabs[1]:
            draw_cases(services, base)
