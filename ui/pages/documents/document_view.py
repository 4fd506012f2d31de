"""One document: its head, and tabs for its pages, its card and its revisions."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.documents import DocumentDetail, DocumentRow, RevisionRow
from ui.components.attempt import attempt, refusal, tell
from ui.components.clock import local_moment
from ui.components.document_text import facts_of, title_of
from ui.components.problem import show_error
from ui.escaping import literal_label, literal_markdown, one_line
from ui.i18n import documents as words
from ui.i18n import language, say
from ui.pages.documents.card_form import draw_card
from ui.pages.documents.document_list import ask_how_to_reread
from ui.pages.documents.place import Place, go
from ui.pages.documents.reading import draw_reading
from ui.pages.documents.revision_view import draw_revisions

_LONGEST_TITLE = 160


def draw_document(services: Services, place: Place) -> None:
    """The document that ``place`` names. Raises NotFoundError."""
    st.button(
        literal_label(place.base, 60),
        key="knowledge_bases_back_to_base",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=go,
        args=(Place(place.base),),
    )
    detail = services.documents.get(place.base, place.document)
    revision = next((one for one in detail.revisions if one.id == place.revision), detail.revisions[0])
    _head(services, place, detail, revision)
    tabs = st.tabs(
        [say(words.TAB_TEXT), say(words.TAB_CARD), say(words.TAB_REVISIONS)],
        key=f"knowledge_bases_document_tabs_{place.document}",
        on_change="rerun",
    )
    if tabs[0].open:
        with tabs[0]:
            draw_reading(services, place, detail.row, revision)
    if tabs[1].open:
        with tabs[1]:
            draw_card(services, place, detail)
    if tabs[2].open:
        with tabs[2]:
            draw_revisions(services, place, detail)


def _head(services: Services, place: Place, detail: DocumentDetail, revision: RevisionRow) -> None:
    row = detail.row
    st.title(literal_markdown(one_line(title_of(row), _LONGEST_TITLE)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(say(words.KINDS[row.kind.value]), color="gray")
        retired = row.status == "retired"
        st.badge(say(words.RETIRED if retired else words.LIVE), color="orange" if retired else "green")
        st.caption(
            literal_markdown(facts_of(row, revision, language(), local_moment(revision.created_at))), width="content"
        )
    if retired:
        st.warning(say(words.RETIRED_NOTE), icon=":material/archive:")
    if not revision.current:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(say(words.OLD_REVISION, number=revision.number), icon=":material/history:", width="stretch")
            st.button(
                say(words.TO_NEWEST), key="knowledge_bases_newest", on_click=go, args=(Place(place.base, row.id),)
            )
    with st.container(horizontal=True):
        _original(services, place, revision)
        _switch(services, place.base, row)
        _reread(services, place.base, row)
    if revision.warnings:
        with st.expander(say(words.WARNINGS, count=len(revision.warnings)), icon=":material/info:"):
            for warning in revision.warnings:
                st.markdown(f"- {literal_markdown(warning)}")


def _original(services: Services, place: Place, revision: RevisionRow) -> None:
    try:
        file = services.documents.original(place.base, place.document, revision.id)
    except KbchatError as error:  # an original that is gone must not take the page away
        show_error(error)
        return
    st.download_button(
        say(words.ORIGINAL),
        data=file.path.read_bytes,
        file_name=file.name,
        mime=file.media_type,
        key="knowledge_bases_original",
        icon=":material/download:",
        on_click="ignore",
    )


def _switch(services: Services, base: str, row: DocumentRow) -> None:
    """Retire, or restore."""
    refused = refusal(services, Action.CHANGE_DOCUMENT, base)
    retired = row.status == "retired"
    pressed = st.button(
        say(words.RESTORE if retired else words.RETIRE),
        key="knowledge_bases_switch",
        icon=":material/unarchive:" if retired else ":material/archive:",
        disabled=refused is not None,
        help=refused or (None if retired else say(words.RETIRE_HELP)),
    )
    if pressed:
        change = services.documents.restore if retired else services.documents.retire
        if attempt(lambda: change(base, row.id)) is not None:
            tell(words.DONE_RESTORED if retired else words.DONE_RETIRED, title=one_line(title_of(row), 60))
            st.rerun()


def _reread(services: Services, base: str, row: DocumentRow) -> None:
    refused = refusal(services, Action.REREAD, base)
    pressed = st.button(
        say(words.REREAD),
        key="knowledge_bases_reread_open",
        icon=":material/refresh:",
        disabled=refused is not None or row.status == "retired",
        help=refused or (say(words.RETIRED_NOTE) if row.status == "retired" else None),
    )
    if pressed:
        st.dialog(say(words.REREAD_TITLE))(ask_how_to_reread)(services, base, [row.id])
