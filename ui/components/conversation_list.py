"""The person's conversations in the sidebar: search, open, rename, pin, export, delete with undo."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.services import Services
from kbchat.services.export import ExportFormat, file_name
from kbchat.store import StoredConversation
from ui.components.chat_flow import open_conversation
from ui.components.chat_state import ChatState, chat_state
from ui.components.dialog_keys import keep_keyboard
from ui.components.page_links import go_to
from ui.escaping import literal_label, literal_markdown
from ui.i18n import chat as words
from ui.i18n import language, say

_SEARCH = "chat_search"
_STEP = 20
_TITLE_SHOWN = 60
_NEWEST = 8
_PAGE = "chat"
# On a phone the list covers the page: it makes room when a conversation is chosen from it.
_MAKE_ROOM = """
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".moves");
  const before = place.dataset.moves;
  place.dataset.moves = String(data.moves);
  if (before === undefined || before === place.dataset.moves || window.innerWidth > 768) return;
  const close = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
  if (close) close.click();
}
"""
_make_room = st.components.v2.component("kbchat_make_room", html='<div class="moves"></div>', js=_MAKE_ROOM)
_MEDIA_TYPES: dict[ExportFormat, str] = {
    "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}


def make_room(state: ChatState) -> None:
    """On a phone, fold the list away after a conversation was chosen from it."""
    _make_room(key="chat_make_room", data={"moves": state.moves}, height=1)


def draw_conversations(services: Services, state: ChatState) -> None:
    """New, search, the list by date."""
    st.button(
        say(words.NEW),
        key="chat_new",
        icon=":material/add_comment:",
        type="primary",
        width="stretch",
        on_click=state.clear,
    )
    _undo(services, state)
    st.text_input(
        say(words.SEARCH),
        key=_SEARCH,
        placeholder=say(words.SEARCH),
        icon=":material/search:",
        label_visibility="collapsed",
        type="search",
    )
    searched = str(st.session_state.get(_SEARCH) or "").strip()
    listing = services.conversations.list(searched, limit=state.listed)
    if not listing.items:
        st.caption(say(words.NONE_FOUND if searched else words.NO_CONVERSATIONS))
        return
    for group in listing.groups:
        st.caption(say(group.label))
        with st.container(gap=None):
            for one in group.items:
                _row(services, state, one)
    if listing.total > len(listing.items):
        st.button(say(words.MORE), key="chat_more", type="tertiary", on_click=_more, args=(state,), width="stretch")


def _more(state: ChatState) -> None:
    state.listed += _STEP


def _row(services: Services, state: ChatState, one: StoredConversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap=None, wrap=False, key=f"chat_row_{one.id}"):
        st.button(
            literal_label(one.title, _TITLE_SHOWN),
            key=f"chat_open_{one.id}",
            type="secondary" if one.id == state.conversation else "tertiary",
            width="stretch",
            on_click=_open,
            args=(services, state, one.id),
        )
        menu = f"chat_menu_{one.id}"
        actions = ("rename", "unpin" if one.pinned else "pin", "export", "delete")
        st.menu_button(
            say(words.MENU, title=literal_label(one.title, 40)),
            actions,
            key=menu,
            icon=":material/more_vert:",
            type="tertiary",
            format_func=lambda name: say(_ACTIONS[name]),
            on_click=_act,
            args=(services, state, one, menu),
        )
    wanted = (
        st.session_state.pop("chat_dialog", None) if st.session_state.get("chat_dialog", ("", 0))[1] == one.id else None
    )
    if wanted is not None:
        if wanted[0] == "rename":
            _rename_dialog(services, state, one)
        else:
            _export_dialog(services, one)


_ACTIONS = {
    "rename": words.RENAME,
    "pin": words.PIN,
    "unpin": words.UNPIN,
    "export": words.EXPORT,
    "delete": words.DELETE,
}


def _open(services: Services, state: ChatState, conversation_id: int) -> None:
    try:
        open_conversation(services, state, conversation_id)
    except KbchatError as error:
        state.problem = error


def _act(services: Services, state: ChatState, one: StoredConversation, menu: str) -> None:
    chosen = st.session_state.get(menu)
    try:
        if chosen in ("rename", "export"):
            st.session_state["chat_dialog"] = (chosen, one.id)
        elif chosen in ("pin", "unpin"):
            services.conversations.pin(one.id, pinned=chosen == "pin")
        elif chosen == "delete":
            services.conversations.delete(one.id)
            state.deleted = (one.id, one.title)
            if state.conversation == one.id:
                state.clear()
    except KbchatError as error:
        state.problem = error


def draw_way_back(services: Services) -> None:
    """On the other pages: to a new question, and to the newest conversations."""
    state = chat_state()

    def anew() -> None:
        state.clear()
        go_to(_PAGE)

    def resume(number: int) -> None:
        _open(services, state, number)
        go_to(_PAGE)

    st.button(say(words.NEW), key="chat_new", icon=":material/add_comment:", width="stretch", on_click=anew)
    newest = services.conversations.list(limit=_NEWEST).groups
    items = [one for group in newest for one in group.items]
    if not items:
        return
    st.caption(say(words.NEWEST))
    with st.container(gap=None):
        for one in items:
            st.button(
                literal_label(one.title, _TITLE_SHOWN),
                key=f"chat_open_{one.id}",
                type="tertiary",
                width="stretch",
                on_click=resume,
                args=(one.id,),
            )


def _undo(services: Services, state: ChatState) -> None:
    if state.deleted is None:
        return
    number, title = state.deleted

    def undo() -> None:
        state.deleted = None
        try:
            services.conversations.undo_delete(number)
        except KbchatError as error:
            state.problem = error

    with st.container(border=True, horizontal=True, vertical_alignment="center", key="chat_undo_box"):
        st.markdown(say(words.DELETED, title=literal_label(title, 30)))
        st.button(say(words.UNDO), key="chat_undo", icon=":material/undo:", on_click=undo)


def _rename_dialog(services: Services, state: ChatState, one: StoredConversation) -> None:
    @st.dialog(say(words.RENAME))
    def dialog() -> None:
        with st.form("chat_rename", border=False):
            title = st.text_input(say(words.TITLE_OF_CONVERSATION), value=one.title, max_chars=200)
            sent = st.form_submit_button(say(words.SAVE), type="primary")
        if sent and title.strip():
            try:
                services.conversations.rename(one.id, title)
            except KbchatError as error:
                state.problem = error
            st.rerun()

    dialog()


def _exported(services: Services, conversation_id: int, form: ExportFormat, spoken: Language) -> bytes:
    return services.conversations.export(conversation_id, form, language=spoken).data


def _export_dialog(services: Services, one: StoredConversation) -> None:
    @st.dialog(say(words.EXPORT))
    def dialog() -> None:
        st.markdown(f"**{literal_markdown(one.title)}**")
        st.caption(say(words.EXPORT_HINT))
        keep_keyboard("chat_export_keys")
        for form, name in words.EXPORT_FORMATS.items():
            st.download_button(
                say(name),
                data=partial(_exported, services, one.id, form, language()),
                file_name=f"{file_name(one.title)}.{form}",
                mime=_MEDIA_TYPES[form],
                key=f"chat_export_{form}",
                icon=":material/download:",
                width="stretch",
                on_click="ignore",
            )

    dialog()
