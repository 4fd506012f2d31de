"""What stands above the input: assistant, knowledge bases, whether the conversation is kept. And the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from kbchat.assistants.assistant import Assistant
from kbchat.services import Services
from ui.components.chat_state import ChatState
from ui.escaping import literal_label, visible_text
from ui.i18n import chat as words
from ui.i18n import language, say

_ASSISTANT, _BASES, _NOT_SAVED, _INPUT = "chat_assistant", "chat_bases", "chat_not_saved", "chat_input"


def draw_composer(services: Services, state: ChatState, bases: Sequence[str], ask: Callable[[str], None]) -> None:
    """The choices and the input; ``ask`` is called with what was sent, before the page is drawn again."""
    assistants = services.assistants.list()
    with st.bottom:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chat_choices"):
            assistant = _assistant(state, assistants)
            _bases(state, bases, assistant)
            _saving(state)

        def sent() -> None:
            text = st.session_state.get(_INPUT)
            if isinstance(text, str) and text.strip():
                ask(text)

        st.chat_input(say(words.INPUT), key=_INPUT, max_chars=4000, on_submit=sent, disabled=state.asking is not None)


def _assistant(state: ChatState, assistants: Sequence[Assistant]) -> Assistant | None:
    known = {one.id: one for one in assistants}
    if not known:
        return None
    if state.assistant not in known:
        state.assistant = next(iter(known))
    spoken = language()
    key = f"{_ASSISTANT}_{spoken}_{state.choices}"  # a box that is on the screen keeps the words it was drawn with

    def chosen() -> None:
        given = st.session_state.get(key)  # gone when the session was emptied meanwhile: somebody signed out
        if isinstance(given, str):
            state.assistant = given

    st.selectbox(
        say(words.ASSISTANT),
        list(known),
        index=list(known).index(state.assistant),
        format_func=lambda one: known[one].name.in_language(spoken),
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        width=240,
    )
    return known[state.assistant]


def _bases(state: ChatState, bases: Sequence[str], assistant: Assistant | None) -> None:
    if assistant is not None and assistant.knowledge_bases:
        state.bases = assistant.knowledge_bases
        st.caption(say(words.BASES_OF_ASSISTANT, names=literal_label("、".join(assistant.knowledge_bases), 80)))
        return
    state.bases = tuple(name for name in state.bases if name in bases) or tuple(bases[:1])

    key = f"{_BASES}_{state.choices}"

    def chosen() -> None:
        given = st.session_state.get(key)
        if given is None:
            return
        if given:
            state.bases = tuple(given)
        else:  # one is needed: the box is drawn anew with those there were
            state.choices += 1

    if len(state.bases) == 1:
        label = literal_label(state.bases[0], 24)
    else:
        label = say(words.BASES_CHOSEN, count=len(state.bases))
    with st.popover(label, icon=":material/library_books:", help=say(words.BASES)):
        st.multiselect(
            say(words.BASES),
            list(bases),
            default=list(state.bases),
            format_func=visible_text,
            key=key,
            on_change=chosen,
            placeholder=say(words.CHOOSE_BASE),
        )


def _saving(state: ChatState) -> None:
    key = f"{_NOT_SAVED}_{state.choices}"

    def chosen() -> None:
        state.saved = not st.session_state.get(key, False)

    begun = bool(state.messages) or state.asking is not None
    st.toggle(
        say(words.NOT_SAVED),
        value=not state.saved,
        key=key,
        on_change=chosen,
        disabled=begun,
    )
