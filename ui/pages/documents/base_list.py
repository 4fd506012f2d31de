"""All knowledge bases that the principal sees, and making a new one."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from ui.components.attempt import attempt, refusal, tell
from ui.components.clock import local_day
from ui.components.empty_state import empty_state
from ui.components.shown_values import NOTHING, shown_number
from ui.components.table import draw_table
from ui.components.table_text import Cell, Column, Row
from ui.i18n import knowledge_bases as words
from ui.i18n import say
from ui.pages.documents.place import Place, go

_LONGEST_NAME = 100


def draw_base_list(services: Services) -> None:
    """The list, or, without any base, what to do first."""
    bases = services.bases.list()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch"):
            st.title(say(words.TITLE), anchor=False)
            st.caption(say(words.INTRO))
        if bases:
            _new_button(services, "knowledge_bases_new", "secondary")
    if not bases:
        may_create = services.may(Action.CREATE_BASE)
        with empty_state(
            ":material/folder_open:", words.EMPTY_TITLE, words.EMPTY if may_create else words.EMPTY_READER
        ):
            if may_create:
                _new_button(services, "knowledge_bases_new_first", "primary")
        return
    draw_table(
        [
            Column(say(words.COLUMN_BASE), main=True),
            Column(say(words.COLUMN_DOCUMENTS), "end"),
            Column(say(words.COLUMN_PAGES), "end"),
            Column(say(words.COLUMN_CHUNKS), "end"),
            Column(say(words.COLUMN_UPDATED), "narrow"),
            Column(say(words.COLUMN_ACCESS), "narrow"),
        ],
        [_row(base) for base in bases],
        key="knowledge_bases_table",
        caption=say(words.TITLE),
        on_open=lambda name: go(Place(name)),
    )


def _row(base: BaseSummary) -> Row:
    access = say(words.OPEN_TO_GROUPS, count=len(base.groups)) if base.groups else say(words.OPEN_TO_ALL)
    retired = say(words.RETIRED_TOO, count=base.retired) if base.retired else ""
    return Row(
        base.name,
        (
            Cell(base.name, note=base.description, opens=True),
            Cell(shown_number(base.documents), note=retired),
            Cell(shown_number(base.pages)),
            Cell(shown_number(base.chunks)),
            Cell(local_day(base.updated_at) if base.updated_at else NOTHING),
            Cell(access if base.may_manage else NOTHING),
        ),
        Place(base.name).address,
    )


def _new_button(services: Services, key: str, kind: str) -> None:
    refused = refusal(services, Action.CREATE_BASE)
    pressed = st.button(
        say(words.NEW),
        key=key,
        type="primary" if kind == "primary" else "secondary",
        icon=":material/add:",
        disabled=refused is not None,
        help=refused,
    )
    if pressed:
        st.dialog(say(words.NEW))(_new_base)(services)


def _new_base(services: Services) -> None:
    with st.form("knowledge_bases_new_form", border=False):
        name = st.text_input(say(words.NAME), max_chars=_LONGEST_NAME, placeholder=say(words.NAME_HELP))
        description = st.text_area(say(words.DESCRIPTION), placeholder=say(words.DESCRIPTION_HELP), max_chars=2000)
        create = st.form_submit_button(say(words.CREATE), type="primary")
    if create:
        made = attempt(lambda: services.bases.create(name or "", description or ""))
        if made is not None:
            tell(words.CREATED, name=made.name)
            go(Place(made.name))
            st.rerun()
