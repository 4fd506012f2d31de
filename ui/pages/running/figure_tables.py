"""Tables of the dashboard: what to add next, flagged answers, documents used."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from ui.components.clock import local_day, local_moment
from ui.components.csv_button import csv_button
from ui.components.figures_text import (
    document_columns,
    document_use_row,
    flagged_columns,
    flagged_row,
    unanswered_columns,
    unanswered_row,
)
from ui.components.page_links import go_to
from ui.components.table import draw_table
from ui.i18n import dashboard as words
from ui.i18n import language, say
from ui.pages.documents.place import Place

_MOST = 100


def draw_unanswered(services: Services, days: int) -> None:
    """Groups of questions without an answer."""
    st.caption(say(words.UNANSWERED_INTRO))
    groups = services.figures.unanswered(days, limit=_MOST)
    if not groups:
        st.success(say(words.NONE_UNANSWERED), icon=":material/check:")
        return
    rows = [
        unanswered_row(number, group, local_day(group.last_asked), language()) for number, group in enumerate(groups)
    ]
    draw_table(unanswered_columns(language()), rows, key="dashboard_unanswered", caption=say(words.TAB_UNANSWERED))
    csv_button(services, "unanswered", words.TAB_UNANSWERED, days)


def draw_flagged(services: Services, days: int) -> None:
    """Answers with something flagged."""
    st.caption(say(words.FLAGGED_INTRO))
    found = services.figures.flagged(days, limit=_MOST)
    if not found:
        st.success(say(words.NONE_FLAGGED), icon=":material/check:")
        return
    rows = [flagged_row(one, local_moment(one.asked_at), language()) for one in found]
    draw_table(flagged_columns(language()), rows, key="dashboard_flagged", caption=say(words.TAB_FLAGGED))
    csv_button(services, "flagged", words.TAB_FLAGGED, days)


def draw_documents_used(services: Services, days: int) -> None:
    """The documents cited most; each leads to its page."""
    st.caption(say(words.DOCUMENTS_INTRO))
    found = services.figures.documents_used(days, limit=_MOST)
    if not found:
        st.info(say(words.NO_DOCUMENTS))
        return
    most = found[0].questions
    rows = [document_use_row(one, most, language(), Place(one.base, one.document_id).address) for one in found]
    addresses = {row.id: row.href for row in rows}
    draw_table(
        document_columns(language()),
        rows,
        key="dashboard_documents",
        caption=say(words.TAB_DOCUMENTS),
        on_open=lambda row: go_to(addresses.get(row, "")),
    )
    csv_button(services, "documents", words.TAB_DOCUMENTS, days)
