"""One question or answer on the screen, with what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.feedback import REASONS
from kbchat.text.language import language_of
from ui import bootstrap
from ui.components.answer import AnswerTools, draw_answer
from ui.components.answer_text import blocks_of
from ui.components.answer_view import copied_text, labels_of, notices_of, references_of
from ui.components.banners import notice_banners, outcome_banner, shown_text
from ui.components.chat_state import ChatState
from ui.components.into_view import bring_into_view
from ui.components.source_pane import draw_source
from ui.escaping import literal_html
from ui.i18n import chat as words
from ui.i18n import language, say


def draw_question(text: str, *, newest: str = "") -> None:
    """A question, as it was asked. ``newest`` (new with every question) brings it into view once."""
    if newest:
        bring_into_view(newest, key="chat_newest")
    st.html(
        f'<div class="kb-question" dir="auto"><h2 class="kb-hidden">{literal_html(say(words.YOU))}</h2>'
        f"{literal_html(text)}</div>"
    )


def draw_message(
    services: Services,
    state: ChatState,
    index: int,
    *,
    ask_again: Callable[[], None] | None = None,
    newest: str = "",
) -> None:
    """The answer that is message ``index``, with its source beside it where that is open.

    ``ask_again`` is given for the last answer, which can be made anew; ``newest`` (new with every answer) brings it into view once.
    """
    message = state.messages[index]
    opened = state.source if state.source is not None and state.source.message == index else None
    reference = None
    if opened is not None:
        reference = next((one for one in references_of(message.document or {}) if one.number == opened.number), None)
    if opened is None or reference is None:
        _answer(services, state, index, ask_again, newest)
        return
    beside, pane = st.columns(2, gap="medium")
    with beside:
        _answer(services, state, index, ask_again, newest)
    with pane:
        draw_source(services, state, opened, reference)


def _answer(
    services: Services, state: ChatState, index: int, ask_again: Callable[[], None] | None, newest: str
) -> None:
    message = state.messages[index]
    document = message.document or {"text": message.text, "outcome": "answered"}
    spoken = language()
    references = references_of(document)
    banners = outcome_banner(document, spoken, bootstrap.settings().hospital.ambulance)
    banners += notice_banners(notices_of(document, spoken))
    if banners:  # they stand above what they are about, below its heading
        st.html(f'<h2 class="kb-hidden">{literal_html(say(words.ANSWER))}</h2>{banners}')
    opened = state.source if state.source is not None and state.source.message == index else None
    number, _, rest = state.closed.partition(":")
    here = bool(rest) and rest.split(":")[0] == str(index)

    def cite(chosen: int) -> None:
        page = next((one.page for one in references if one.number == chosen), 1)
        state.open_source(index, chosen, page)

    draw_answer(
        blocks_of(shown_text(document, message.text), {one.number for one in references}),
        key=f"chat_answer_{state.conversation or 0}_{index}",
        language=language_of(message.text),
        labels=labels_of(references, spoken),
        table_label=say(words.TABLE),
        open_citation=opened.number if opened else 0,
        focus=f"{number}:{rest}" if here else "",
        on_cite=cite,
        heading="" if banners else say(words.ANSWER),
        footer=str(document.get("footer") or ""),
        newest=newest,
        tools=_tools(services, state, index, ask_again),
    )
    if message.number and state.reasoning == message.number:
        _reasons(services, state, message.number)


def _tools(services: Services, state: ChatState, index: int, ask_again: Callable[[], None] | None) -> AnswerTools:
    message = state.messages[index]
    question = state.messages[index - 1].text if index else ""
    rated = message.number and state.conversation is not None

    def act(name: str) -> None:
        if name in ("up", "down", "withdraw") and rated:
            _verdict(services, state, message.number, name)
        elif name == "regenerate" and ask_again is not None:
            ask_again()
        elif name == "edit" and ask_again is not None:
            state.editing = True

    return AnswerTools(
        copied=copied_text(question, message.document or {"text": message.text}, language()),
        last=ask_again is not None,
        verdict=state.verdicts.get(message.number, "") if rated else None,
        on_act=act,
    )


def _verdict(services: Services, state: ChatState, number: int, said: str) -> None:
    """Thumbs; one that points down asks for the reason."""
    verdict: Literal["up", "down"] | None = "up" if said == "up" else "down" if said == "down" else None
    state.reasoning = number if verdict == "down" else 0
    _give(services, state, number, verdict)


def _reasons(services: Services, state: ChatState, number: int) -> None:
    key = f"chat_reason_{state.conversation}_{number}"
    with st.form(f"{key}_form"):
        reason = st.pills(
            say(words.WHAT_IS_WRONG),
            list(REASONS),
            format_func=lambda name: say(REASONS[name]),
            key=key,
            required=False,
        )
        comment = st.text_input(say(words.COMMENT), key=f"{key}_comment", max_chars=1000)
        if st.form_submit_button(say(words.SEND), type="primary"):
            state.reasoning = 0
            _give(services, state, number, "down", reason=reason or "", comment=comment)
            st.rerun()


def _give(
    services: Services,
    state: ChatState,
    number: int,
    verdict: Literal["up", "down"] | None,
    *,
    reason: str = "",
    comment: str = "",
) -> None:
    """Keep what was said of an answer; None takes it back."""
    if state.conversation is None:
        return
    try:
        if verdict is None:
            services.feedback.withdraw(state.conversation, number)
            state.verdicts.pop(number, None)
            return
        services.feedback.give(state.conversation, number, verdict, reason, comment)
    except KbchatError as error:
        state.problem = error
        return
    state.verdicts[number] = verdict
    if verdict == "up" or reason or comment:
        st.toast(say(words.THANKS), icon=":material/favorite:")
