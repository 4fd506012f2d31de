"""The person's conversations in the sidebar: search, open, rename, pin, export, delete with undo."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.services import Services
from kbchat.services.conversations import ConversationGroup
from kbchat.services.export import ExportFormat, file_name
from kbchat.store import StoredConversation
from ui.components.chat_flow import open_conversation
from ui.components.chat_state import ChatState, chat_state
from ui.components.conversation_rows import draw_rows
from ui.components.dialog_keys import keep_keyboard
from ui.components.page_links import go_to
from ui.escaping import literal_label, literal_markdown
from ui.i18n import chat as words
from ui.i18n import language, say

_SEARCH = "chat_search"
_STEP = 20
_NEWEST = 8
_PAGE, _DIALOG = "chat", "chat_dialog"
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
    known = {one.id: one for group in listing.groups for one in group.items}

    def act(name: str, number: int) -> None:
        if number in known:
            _act(services, state, known[number], name)

    draw_rows(
        listing.groups or (ConversationGroup(words.NONE_FOUND if searched else words.NO_CONVERSATIONS, ()),),
        key="chat_conversations",
        current=state.conversation,
        on_open=lambda number: _open(services, state, number),
        on_act=act,
    )
    name, number = st.session_state.pop(_DIALOG, ("", 0))
    if number in known:
        if name == "rename":
            _rename_dialog(services, state, known[number])
        else:
            _export_dialog(services, known[number])
    if listing.total > len(listing.items):
        st.button(say(words.MORE), key="chat_more", type="tertiary", on_click=_more, args=(state,), width="stretch")


def _more(state: ChatState) -> None:
    state.listed += _STEP


def _open(services: Services, state: ChatState, conversation_id: int) -> None:
    try:
        open_conversation(services, state, conversation_id)
    except KbchatError as error:
        state.problem = error


def _act(services: Services, state: ChatState, one: StoredConversation, chosen: str) -> None:
    try:
        if chosen in ("rename", "export"):
            st.session_state[_DIALOG] = (chosen, one.id)
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
    items = services.conversations.list(limit=_NEWEST).items
    if items:
        newest = ConversationGroup(words.NEWEST, items)
        draw_rows((newest,), key="chat_newest_conversations", current=None, on_open=resume)


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
