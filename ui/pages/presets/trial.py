"""Trying an assistant as the form says it is, without keeping anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from kbchat.assistants.toml_format import assistant_from_values
from kbchat.services import Services
from kbchat.services.answer_json import answer_json
from kbchat.services.chat import ChatRequest, Done, Draft, Piece, Progress
from kbchat.types import Answer
from ui.components.answer import draw_answer
from ui.components.answer_text import blocks_of
from ui.components.answer_view import labels_of, references_of
from ui.components.attempt import attempt
from ui.components.shown_values import shown_seconds
from ui.escaping import literal_markdown, one_line, visible_text
from ui.i18n import assistants as words
from ui.i18n import language, say

_TRIED = "assistants_tried"
_QUOTE = 240


@dataclass(frozen=True, slots=True)
class _Tried:
    """The last trial. ``assistant`` is the id of the one tried, ``seconds`` how long it took."""

    assistant: str
    question: str
    answer: Answer
    seconds: float


def draw_trial(services: Services, values: Mapping[str, Any]) -> None:
    """A question, and the answer of the assistant with these ``values``."""
    with st.container(border=True):
        st.subheader(say(words.TRY), anchor=False)
        st.caption(say(words.TRY_INTRO))
        bases = [base.name for base in services.bases.list()]
        chosen: list[str] = []
        if not values["knowledge_bases"] and bases:
            chosen = st.multiselect(
                say(words.TRY_BASES),
                bases,
                default=bases[:1],
                key="assistants_try_bases",
                format_func=lambda one: one_line(visible_text(one), 60),
            )
        with st.form("assistants_try", border=False):
            question = st.text_area(say(words.TRY_QUESTION), height=80, key="assistants_try_question")
            pressed = st.form_submit_button(say(words.TRY_DO), icon=":material/send:")
        if pressed:
            st.session_state.pop(_TRIED, None)
            tried = attempt(lambda: _ask(services, values, question or "", tuple(chosen)))
            if tried is not None:
                st.session_state[_TRIED] = tried
        shown: _Tried | None = st.session_state.get(_TRIED)
        if shown is not None and shown.assistant == values["id"]:
            _draw(shown)


def _ask(services: Services, values: Mapping[str, Any], question: str, bases: tuple[str, ...]) -> _Tried:
    """Ask, showing how far it is. Raises what the services raise."""
    trial = assistant_from_values({**values, "id": values["id"] or "trial"})
    request = ChatRequest(question, bases=bases, language=language(), save=False, trial=trial)
    line, text, answer = st.empty(), "", None
    for event in services.chat.ask(request):
        match event:
            case Progress():
                line.caption(f":material/hourglass_top: {event.detail.in_language(language())}")
            case Draft():
                text += event.text
                line.caption(literal_markdown(text[-400:]))
            case Piece():
                pass
            case Done():
                answer = event.answer
    line.empty()
    assert answer is not None, "an answer always ends with Done"
    return _Tried(str(values["id"]), question, answer, sum(answer.timings.values()))


def _draw(tried: _Tried) -> None:
    document = answer_json(tried.question, tried.answer)
    references = references_of(document)
    draw_answer(
        blocks_of(tried.answer.text or say(words.NO_TEXT), [one.number for one in references]),
        key="assistants_try_answer",
        language=language(),
        labels=labels_of(references, language()),
        table_label=say(words.TRY),
        open_citation=int(st.session_state.get("assistants_try_cited") or 0),
        focus="",
        on_cite=lambda number: st.session_state.update({"assistants_try_cited": number}),
    )
    generator = literal_markdown(tried.answer.generator or say(words.NO_TEXT))
    st.caption(say(words.TRY_TOOK, generator=generator, time=shown_seconds(tried.seconds)))
    if references:
        cited = st.session_state.get("assistants_try_cited")
        with st.expander(say(words.TRY_SOURCES), icon=":material/format_quote:", expanded=bool(cited)):
            for one in references:
                mark = "**" if one.number == cited else ""
                title = literal_markdown(one_line(one.title, 80))
                quote = literal_markdown(one_line(one.quote, _QUOTE))
                st.markdown(f"{mark}\\[{one.number}\\] {title}, {one.page}{mark}  \n{quote}")
