"""Questions and answers: the page people open first."""

from __future__ import annotations

import time

import streamlit as st

from kbchat.access.principal import Role
from kbchat.errors import NotFoundError
from kbchat.services import Services
from ui.components.asking import Heard, nobody_waits
from ui.components.chat_flow import ask, one_at_a_time, open_conversation, regenerate, settle, stop, suggestions
from ui.components.chat_state import ChatState, chat_state
from ui.components.composer import draw_composer
from ui.components.conversation_list import draw_conversations, make_room
from ui.components.message import draw_message, draw_question
from ui.components.page_links import go_to
from ui.components.problem import show_error, show_unexpected
from ui.escaping import literal_html, literal_label
from ui.i18n import chat as words
from ui.i18n import language, say

_TICK = 0.25
_PAUSES = (0.05, 0.2)
"""Seconds between two drawings of a growing answer: short at first, longer once there is something to read."""
_FEW = 200
_EXAMPLES_SHOWN = 4
_PATIENCE, _JUST_ASKED = 5.0, 0.3
"""Seconds that what to ask next waits at most, and seconds after a question in which others are likely to follow."""


def render(services: Services) -> None:
    """Draw the page."""
    state = chat_state()
    _resume(services, state)
    with st.sidebar:
        draw_conversations(services, state)
        make_room(state)
    bases = [one.name for one in services.bases.list() if one.documents]
    if not bases and not state.messages:
        _nothing_to_ask(services)
        return
    below = _messages(services, state)
    draw_composer(services, state, bases, lambda text: ask(services, state, text))
    if not state.messages and state.asking is None:
        _welcome(services, state)
    if state.asking is not None:
        _answering(services, state)
    elif state.messages:
        with below:
            _suggestions(services, state)


def _resume(services: Services, state: ChatState) -> None:
    """Open the conversation that the address names, when the session begins; then the address names the open one."""
    named = st.query_params.get("c", "")
    begins, state.resumed = not state.resumed, True
    if begins and named.isdigit() and len(named) < 16:
        try:
            open_conversation(services, state, int(named))
        except NotFoundError:
            st.toast(say(words.GONE))
    if state.conversation is not None:
        st.query_params["c"] = str(state.conversation)
    elif "c" in st.query_params:
        del st.query_params["c"]


def _nothing_to_ask(services: Services) -> None:
    may_fill = services.principal.has(Role.CURATOR)
    hint = words.NO_BASE if may_fill else words.NO_BASE_READER
    st.html(
        f'<div class="kb-welcome"><h1>{literal_html(say(words.NO_BASE_TITLE))}</h1>'
        f'<p class="kb-hint">{literal_html(say(hint))}</p></div>'
    )
    if may_fill:
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button(
                say(words.TO_DOCUMENTS),
                key="chat_to_documents",
                type="primary",
                on_click=go_to,
                args=("knowledge-bases",),
            )


def _welcome(services: Services, state: ChatState) -> None:
    st.html(
        f'<div class="kb-welcome"><h1>{literal_html(say(words.WELCOME))}</h1>'
        f'<p class="kb-hint">{literal_html(say(words.WELCOME_HINT))}</p></div>'
    )
    examples = services.chat.examples(state.bases, language())[:_EXAMPLES_SHOWN]
    with st.container(key="chat_examples", gap="small"):
        if examples:
            st.caption(say(words.TRY_ONE))
        for number, question in enumerate(examples):
            st.button(
                literal_label(question, 120),
                key=f"chat_example_{number}",
                width="stretch",
                on_click=ask,
                args=(services, state, question),
            )


def _messages(services: Services, state: ChatState) -> st.delta_generator.DeltaGenerator:
    """The messages; what comes back is the place below them."""
    last = len(state.messages) - 1
    for index, message in enumerate(state.messages):
        if message.role == "user":
            if state.editing and index == last - 1:
                _edit(services, state, message.text)
            else:
                draw_question(message.text)
        else:
            newest = index == last and state.asking is None
            draw_message(
                services,
                state,
                index,
                ask_again=(lambda: regenerate(services, state)) if newest else None,
                newest=f"{state.asked}:answered" if newest and state.asked else "",
            )
    if state.asking is None:
        _after(services, state)
    return st.container()


def _after(services: Services, state: ChatState) -> None:
    """Below the last answer: what went wrong."""
    if state.problem is not None:
        show_error(state.problem)
    if state.failed:
        show_unexpected()
    if (state.problem is not None or state.failed) and state.unanswered:
        draw_question(state.unanswered)
        st.button(
            say(words.ASK_AGAIN),
            key="chat_ask_again",
            icon=":material/refresh:",
            on_click=ask,
            args=(services, state, state.unanswered),
        )


def _suggestions(services: Services, state: ChatState) -> None:
    """What to ask next: worked out when all else is on the screen and nobody waits for an answer."""
    found = _in_turn(services, state)
    if not found:
        return
    st.caption(say(words.FOLLOW_UPS))
    with st.container(horizontal=True, key="chat_suggestions", gap="small"):
        for number, question in enumerate(found):
            st.button(
                literal_label(question, 80),
                key=f"chat_suggestion_{number}",
                on_click=ask,
                args=(services, state, question),
            )


def _in_turn(services: Services, state: ChatState) -> list[str]:
    """What can be asked next. It takes several searches, so that people who wait for an answer come first, if not for long."""
    until = time.monotonic() + _PATIENCE
    while state.suggestions is None:
        mine = nobody_waits(_JUST_ASKED, _TICK) or time.monotonic() >= until
        if mine and one_at_a_time.acquire(timeout=_TICK):
            try:
                return suggestions(services, state)
            finally:
                one_at_a_time.release()
        time.sleep(_PAUSES[0])
        chat_state()  # here Streamlit can stop this run for another one
    return state.suggestions


def _edit(services: Services, state: ChatState, text: str) -> None:
    with st.form("chat_edit_form", border=False):
        changed = st.text_area(say(words.YOUR_QUESTION), value=text, key="chat_edit_text", max_chars=4000)
        with st.container(horizontal=True, horizontal_alignment="right"):
            cancelled = st.form_submit_button(say(words.CANCEL), type="tertiary")
            sent = st.form_submit_button(say(words.SEND), type="primary")
    if cancelled or (sent and not changed.strip()):
        state.editing = False
        st.rerun()
    if sent:
        regenerate(services, state, changed)
        st.rerun()


def _answering(services: Services, state: ChatState) -> None:
    """The question under way: what is happening, and the answer as it comes. Ends when the answer is there."""
    asking = state.asking
    assert asking is not None
    draw_question(asking.question, newest=f"{state.asked}:asked")
    text, line = st.empty(), st.empty()
    st.button(say(words.STOP), key="chat_stop", icon=":material/stop_circle:", on_click=stop, args=(services, state))
    heard = asking.heard()
    shown = None
    while not heard.ended:
        if heard is not shown:
            _draw_heard(text, heard)
        shown = heard
        line.html(_progress(heard, asking.seconds))  # in every turn: here Streamlit can stop this run for another one
        heard = asking.wait(heard, _TICK, least=_PAUSES[len(heard.draft or heard.text) > _FEW])
    settle(services, state)
    st.rerun()


def _draw_heard(place: st.delta_generator.DeltaGenerator, heard: Heard) -> None:
    if heard.text:
        place.html(f'<div class="kb-stream" dir="auto">{literal_html(heard.text.replace("**", ""))}</div>')
    elif heard.draft:
        said = literal_html(say(words.DRAFT))
        place.html(
            f'<div class="kb-hint">{said}</div><div class="kb-stream kb-draft" dir="auto">{literal_html(heard.draft.replace("**", ""))}</div>'
        )


def _progress(heard: Heard, seconds: float) -> str:
    said = say(words.WRITING if heard.draft else heard.progress or words.STARTING)
    if seconds >= 2:
        said = f"{said} · {say(words.SECONDS, seconds=int(seconds))}"
    return f'<div class="kb-progress" role="status">{literal_html(said)}</div>'
