"""Assistants: the list, and one of them with its form and a place to try it."""

from __future__ import annotations

import streamlit as st

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError
from kbchat.services import Services
from ui.components.assistant_text import assistant_columns, assistant_row
from ui.components.attempt import attempt, refusal, tell
from ui.components.file_drop import file_drop
from ui.components.table import draw_table
from ui.i18n import assistants as words
from ui.i18n import language, say
from ui.pages.presets.assistant_view import draw_assistant
from ui.pages.presets.chosen import NEW, address, choose, chosen

_LARGEST_FILE = 1


def render(services: Services) -> None:
    """Draw the list, or the assistant that the address names."""
    name = chosen()
    if name:
        draw_assistant(services, name)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch"):
            st.title(say(words.TITLE), anchor=False)
            st.caption(say(words.INTRO))
        _buttons(services)
    draw_table(
        assistant_columns(language()),
        [
            assistant_row(one, language(), resettable=services.assistants.can_be_reset(one.id), href=address(one.id))
            for one in services.assistants.list()
        ],
        key="assistants_table",
        caption=say(words.TITLE),
        on_open=choose,
    )


def _buttons(services: Services) -> None:
    refused = refusal(services, Action.CHANGE_ASSISTANTS)
    if st.button(
        say(words.IMPORT),
        key="assistants_import",
        icon=":material/upload:",
        disabled=refused is not None,
        help=refused,
    ):
        st.dialog(say(words.IMPORT_TITLE))(_import)(services)
    st.button(
        say(words.NEW),
        key="assistants_new",
        icon=":material/add:",
        disabled=refused is not None,
        help=refused,
        on_click=choose,
        args=(NEW,),
    )


def _import(services: Services) -> None:
    """Body of the dialog."""
    st.caption(say(words.IMPORT_INTRO))
    files = file_drop(
        words.IMPORT_FILE, key="assistants_import_file", limit=_LARGEST_FILE, several=False, types=["toml"]
    )
    pressed = st.button(say(words.IMPORT), type="primary", key="assistants_import_do", disabled=not files)
    if pressed and files:
        data = files[0][1].getvalue()
        made = attempt(lambda: services.assistants.import_toml(_text(data)))
        if made is not None:
            tell(words.IMPORTED, name=made.name.in_language(language()))
            choose(made.id)
            st.rerun()


def _text(data: bytes) -> str:
    """The text of a file. Raises InvalidInputError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError(words.NOT_TEXT, words.NOT_TEXT_REMEDY) from error
