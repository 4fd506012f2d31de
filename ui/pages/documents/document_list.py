"""The documents of a base as a table with filter, order and pages."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from kbchat.services.documents import Listing
from ui.components.attempt import attempt, tell
from ui.components.document_text import document_columns, document_table_row
from ui.components.empty_state import empty_state
from ui.components.table import draw_table
from ui.i18n import documents as words
from ui.i18n import language, say
from ui.pages.documents.job_access import jobs_of
from ui.pages.documents.job_view import draw_activity
from ui.pages.documents.place import Place, go
from ui.pages.documents.upload import draw_reading_options

_PAGE = 50
_SORT, _CHOSEN = "knowledge_bases_sort", "knowledge_bases_chosen"


def draw_document_list(services: Services, base: BaseSummary) -> None:
    """The list; above it what is being read just now."""
    may_change = services.may(Action.CHANGE_DOCUMENT, base.name)
    if may_change:
        draw_activity(services, base)
    if not base.documents and not base.retired:
        with empty_state(":material/description:", words.NONE_TITLE, words.NONE):
            pass
        return
    found, turned = _filtered(services, base)
    if not found.total:
        st.info(say(words.NONE_FOUND), icon=":material/search_off:")
        return
    st.caption(_counted(found, _page(turned)))
    chosen = _chosen(base.name)
    if chosen and may_change:
        _with_chosen(services, base.name, chosen)
    draw_table(
        document_columns(language()),
        [
            document_table_row(row, language(), Place(base.name, row.id).address, st.context.timezone_offset)
            for row in found.items
        ],
        key=f"knowledge_bases_documents_{base.name}",
        caption=say(words.FOUND, count=found.total),
        sort=_order(),
        selected=sorted(chosen) if may_change else None,
        select_label=say(words.CHOOSE),
        on_open=lambda row: go(Place(base.name, int(row))),
        on_sort=lambda sort: st.session_state.update({_SORT: sort}),
        on_pick=lambda row, on: chosen.add(row) if on else chosen.discard(row),
    )
    pages = -(-found.total // _PAGE)
    if pages > 1:
        st.pagination(pages, key=turned, width="stretch")


def _filtered(services: Services, base: BaseSummary) -> tuple[Listing, str]:
    """What passes the filter, and the key under which the session keeps the page of exactly this list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            say(words.SEARCH),
            key=f"knowledge_bases_text_{base.name}",
            type="search",
            icon=":material/search:",
            placeholder=say(words.SEARCH),
            label_visibility="collapsed",
            width=320,
        )
        kind = st.selectbox(
            say(words.KIND),
            ["", *words.KINDS],
            format_func=lambda one: say(words.KINDS[one] if one else words.ALL_KINDS),
            key=f"knowledge_bases_kind_{base.name}",
            label_visibility="collapsed",
            width=160,
        )
        st.selectbox(
            say(words.SORT),
            _sorts(),
            format_func=lambda one: say(words.SORTS[one]) if one in words.SORTS else _column(one),
            key=_SORT,
            label_visibility="collapsed",
            width=220,
        )
        retired = base.retired > 0 and st.toggle(say(words.SHOW_RETIRED), key=f"knowledge_bases_retired_{base.name}")
    with_retired = retired or not base.documents
    turned = f"knowledge_bases_page_{base.name}_{text}_{kind}_{_order()}_{with_retired}"

    def listed(page: int) -> Listing:
        return services.documents.list(
            base.name,
            include_retired=with_retired,
            text=text or "",
            kind=kind or "",
            sort=_order(),
            offset=(page - 1) * _PAGE,
            limit=_PAGE,
        )

    found = listed(_page(turned))
    if found.total and not found.items:  # documents went while a late page was looked at
        st.session_state.pop(turned, None)
        found = listed(1)
    return found, turned


def _sorts() -> list[str]:
    """The orders of the menu, joined by the one that a heading was clicked for."""
    known = list(words.SORTS)
    return known if _order() in known else [*known, _order()]


def _column(sort: str) -> str:
    for column in document_columns(language()):
        if column.sort == sort.removeprefix("-"):
            return f"{column.label} {'↓' if sort.startswith('-') else '↑'}"
    return sort


def _order() -> str:
    return str(st.session_state.get(_SORT) or "name")


def _page(turned: str) -> int:
    return int(st.session_state.get(turned) or 1)


def _counted(found: Listing, page: int) -> str:
    if found.total <= _PAGE:
        return say(words.FOUND, count=found.total)
    first = (page - 1) * _PAGE + 1
    return say(words.FOUND_PART, first=first, last=first + len(found.items) - 1, count=found.total)


def _chosen(base: str) -> set[str]:
    """The ids of the documents that are ticked; a choice ends with its base."""
    kept = st.session_state.get(_CHOSEN)
    if kept is None or kept[0] != base:
        st.session_state[_CHOSEN] = kept = (base, set())
    chosen: set[str] = kept[1]
    return chosen


def _with_chosen(services: Services, base: str, chosen: set[str]) -> None:
    """What can be done with all ticked documents at once."""
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{say(words.CHOSEN, count=len(chosen))}**", width="content")
        if st.button(say(words.REREAD), key="knowledge_bases_many_reread", icon=":material/refresh:"):
            st.dialog(say(words.REREAD_TITLE))(ask_how_to_reread)(services, base, sorted(int(row) for row in chosen))
        if st.button(say(words.RETIRE), key="knowledge_bases_many_retire", icon=":material/archive:"):
            retired = attempt(lambda: [services.documents.retire(base, int(row)) for row in sorted(chosen)])
            if retired is not None:
                tell(words.DONE_MANY, count=len(retired))
                chosen.clear()
                st.rerun()
        st.button(say(words.CLEAR), key="knowledge_bases_many_clear", type="tertiary", on_click=chosen.clear)


def ask_how_to_reread(services: Services, base: str, documents: list[int]) -> None:
    """Body of the dialog that queues stored documents to be read again."""
    st.markdown(say(words.REREAD_INTRO))
    options = draw_reading_options("knowledge_bases_reread")
    if st.button(say(words.REREAD_START), type="primary", key="knowledge_bases_reread_start"):
        job = attempt(lambda: jobs_of(services).submit_reread(base, documents, options=options))
        if job is not None:
            st.session_state.pop(_CHOSEN, None)
            tell(words.REREAD_STARTED)
            go(Place(base))
            st.rerun()
