"""One question or answer on the screen, with what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.text.language import language_of
from ui.components.answer import draw_answer
from ui.components.answer_text import blocks_of
from ui.components.answer_view import copied_text, labels_of, notices_of, references_of
from ui.components.banners import notice_banners, outcome_banner
from ui.components.chat_state import ChatState, ShownMessage
from ui.components.copy_button import copy_button
from ui.components.source_pane import draw_source
from ui.escaping import literal_html
from ui.i18n import chat as words
from ui.i18n import language, say


def draw_question(text: str) -> None:
    """A question, as it was asked."""
    st.html(
        f'<div class="kb-question" dir="auto"><h2 class="kb-hidden">{literal_html(say(words.YOU))}</h2>'
        f"{literal_html(text)}</div>"
    )


def draw_message(
    services: Services, state: ChatState, index: int, *, ask_again: Callable[[], None] | None = None
) -> None:
    """The answer that is message ``index``, with its source beside it where that is open.

    ``ask_again`` is given for the last answer, which can be made anew.
    """
    message = state.messages[index]
    opened = state.source if state.source is not None and state.source.message == index else None
    reference = None
    if opened is not None:
        reference = next((one for one in references_of(message.document or {}) if one.number == opened.number), None)
    if opened is None or reference is None:
        _answer(services, state, index, ask_again)
        return
    beside, pane = st.columns([6, 5], gap="medium")
    with beside:
        _answer(services, state, index, ask_again)
    with pane:
        draw_source(services, state, opened, reference)


def _answer(services: Services, state: ChatState, index: int, ask_again: Callable[[], None] | None) -> None:
    message = state.messages[index]
    document = message.document or {"text": message.text, "outcome": "answered"}
    spoken = language()
    references = references_of(document)
    st.html(
        f'<h2 class="kb-hidden">{literal_html(say(words.ANSWER))}</h2>'
        f"{outcome_banner(document, spoken)}{notice_banners(notices_of(document, spoken))}"
    )
    opened = state.source if state.source is not None and state.source.message == index else None
    number, _, rest = state.closed.partition(":")
    here = bool(rest) and rest.split(":")[0] == str(index)

    def cite(chosen: int) -> None:
        page = next((one.page for one in references if one.number == chosen), 1)
        state.open_source(index, chosen, page)

    draw_answer(
        blocks_of(message.text, {one.number for one in references}),
        key=f"chat_answer_{state.conversation or 0}_{index}",
        language=language_of(message.text),
        labels=labels_of(references, spoken),
        table_label=say(words.TABLE),
        open_citation=opened.number if opened else 0,
        focus=f"{number}:{rest}" if here else "",
        on_cite=cite,
    )
    if document.get("footer"):
        st.html(f'<div class="kb-footer" dir="auto">{literal_html(str(document["footer"]))}</div>')
    _tools(services, state, index, ask_again)


def _tools(services: Services, state: ChatState, index: int, ask_again: Callable[[], None] | None) -> None:
    message = state.messages[index]
    question = state.messages[index - 1].text if index else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"chat_tools_{index}"):
        copy_button(
            copied_text(question, message.document or {"text": message.text}, language()),
            label=say(words.COPY),
            done=say(words.COPIED),
            key=f"chat_copy_{state.conversation or 0}_{index}",
        )
        if ask_again is not None:
            st.button(
                say(words.REGENERATE),
                key="chat_regenerate",
                icon=":material/refresh:",
                type="tertiary",
                on_click=ask_again,
            )
            st.button(
                say(words.EDIT),
                key="chat_edit",
                icon=":material/edit:",
                type="tertiary",
                on_click=_begin_edit,
                args=(state,),
            )
        if message.number and state.conversation is not None:
            _verdict(services, state, message)
    if message.number and state.verdicts.get(message.number) == "down":
        _reasons(services, state, message)


def _begin_edit(state: ChatState) -> None:
    state.editing = True


def _verdict(services: Services, state: ChatState, message: ShownMessage) -> None:
    key = f"chat_verdict_{state.conversation}_{message.number}"

    def given() -> None:
        chosen = st.session_state.get(key)
        if chosen == 1:
            _give(services, state, message, "up")
        elif chosen == 0:
            state.verdicts[message.number] = "down"
        else:
            state.verdicts.pop(message.number, None)

    st.feedback("thumbs", key=key, on_change=given)


def _reasons(services: Services, state: ChatState, message: ShownMessage) -> None:
    key = f"chat_reason_{state.conversation}_{message.number}"
    with st.form(f"{key}_form", border=True):
        reason = st.pills(
            say(words.WHAT_IS_WRONG), list(words.REASONS), format_func=lambda name: say(words.REASONS[name]), key=key
        )
        comment = st.text_input(say(words.COMMENT), key=f"{key}_comment", max_chars=1000)
        if st.form_submit_button(say(words.SEND), type="primary"):
            _give(services, state, message, "down", reason=reason or "other", comment=comment)
            st.rerun()


def _give(
    services: Services, state: ChatState, message: ShownMessage, verdict: str, *, reason: str = "", comment: str = ""
) -> None:
    if state.conversation is None:
        return
    try:
        services.feedback.give(state.conversation, message.number, verdict, reason, comment)
    except KbchatError as error:
        state.problem = error
        return
    state.verdicts[message.number] = "given"
    st.toast(say(words.THANKS), icon=":material/favorite:")
