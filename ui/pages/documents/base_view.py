"""One knowledge base: its documents, adding to it, its uploads with their reports, its settings."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from ui.components.clock import local_day
from ui.components.shown_values import shown_number
from ui.escaping import literal_markdown
from ui.i18n import knowledge_bases as words
from ui.i18n import say
from ui.pages.documents.base_settings import draw_base_settings
from ui.pages.documents.document_list import draw_document_list
from ui.pages.documents.job_view import draw_active_jobs, draw_earlier_jobs
from ui.pages.documents.place import Place, go
from ui.pages.documents.upload import draw_upload


def draw_base(services: Services, name: str) -> None:
    """Head and tabs of the base ``name``. Raises NotFoundError."""
    st.button(
        say(words.ALL_BASES),
        key="knowledge_bases_back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=go,
        args=(Place(),),
    )
    base = services.bases.get(name)
    st.title(literal_markdown(base.name), anchor=False)
    if base.description:
        st.markdown(literal_markdown(base.description))
    st.caption(_summary(base))
    may_add = services.may(Action.UPLOAD, base.name)
    shown = [words.TAB_DOCUMENTS]
    if may_add:
        shown += [words.TAB_ADD, words.TAB_JOBS, words.TAB_SETTINGS]
    # Chosen once a session: the tab must not change under somebody who waits for the first documents.
    empty = may_add and not base.documents and not base.retired
    first = st.session_state.setdefault(f"knowledge_bases_begun_empty_{base.name}", empty)
    tabs = st.tabs(
        [say(one) for one in shown],
        key=f"knowledge_bases_tabs_{base.name}",
        default=say(words.TAB_ADD if first and may_add else words.TAB_DOCUMENTS),
        on_change="rerun",
    )
    parts = (draw_document_list, _add, draw_earlier_jobs, draw_base_settings)
    for tab, part in zip(tabs, parts, strict=False):
        if tab.open:
            with tab:
                part(services, base)


def _add(services: Services, base: BaseSummary) -> None:
    draw_upload(services, base)
    draw_active_jobs(services, base)


def _summary(base: BaseSummary) -> str:
    facts = say(
        words.SUMMARY,
        documents=shown_number(base.documents),
        pages=shown_number(base.pages),
        chunks=shown_number(base.chunks),
    )
    if base.retired:
        facts += f" · {say(words.RETIRED_TOO, count=base.retired)}"
    if base.updated_at is not None:
        facts += f" · {say(words.LAST_CHANGE, moment=local_day(base.updated_at))}"
    return facts
