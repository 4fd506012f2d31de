"""The revisions of a document, and what has changed between two of them."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from kbchat.services.documents import DocumentDetail, RevisionRow
from ui.components.clock import local_moment
from ui.components.difference_view import counted, difference_html
from ui.components.document_text import revision_columns, revision_table_row
from ui.components.table import draw_table
from ui.i18n import documents as words
from ui.i18n import language, say
from ui.pages.documents.place import Place, go

_LINES_SHOWN = 600


def draw_revisions(services: Services, place: Place, detail: DocumentDetail) -> None:
    """The list, and the difference below it."""
    draw_table(
        revision_columns(language()),
        [
            revision_table_row(
                one, language(), Place(place.base, place.document, one.id).address, local_moment(one.created_at)
            )
            for one in detail.revisions
        ],
        key=f"knowledge_bases_revisions_{place.document}",
        caption=say(words.TAB_REVISIONS),
        on_open=lambda row: go(Place(place.base, place.document, int(row))),
    )
    st.subheader(say(words.COMPARE), anchor=False)
    if len(detail.revisions) < 2:
        st.caption(say(words.ONE_REVISION))
        return
    old, new = _choose(detail.revisions)
    if old.id == new.id:
        st.info(say(words.SAME_REVISION))
        return
    lines = services.documents.difference(place.base, place.document, old.id, new.id)
    if not lines:
        st.success(say(words.NO_CHANGE), icon=":material/check:")
        return
    added, removed = counted(lines)
    st.caption(say(words.CHANGES, added=added, removed=removed))
    st.html(difference_html(lines[:_LINES_SHOWN], language()))
    if len(lines) > _LINES_SHOWN:
        st.caption(say(words.MORE_CHANGES, count=_LINES_SHOWN))


def _choose(revisions: tuple[RevisionRow, ...]) -> tuple[RevisionRow, RevisionRow]:
    """Two revisions; the newest and the one before it, to begin with."""
    with st.container(horizontal=True):
        old = st.selectbox(
            say(words.FROM), revisions, index=1, format_func=_named, key="knowledge_bases_compare_old", width=260
        )
        new = st.selectbox(
            say(words.TO), revisions, index=0, format_func=_named, key="knowledge_bases_compare_new", width=260
        )
    return old, new


def _named(revision: RevisionRow) -> str:
    named = say(words.VIEW_REVISION, number=revision.number)
    return f"{named} · {revision.date or local_moment(revision.created_at)}"
