"""The models in use, and trying the one that writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from kbchat.access.table import Action
from kbchat.messages import Bilingual
from kbchat.services import Services
from kbchat.services.status import GeneratorTest, ModelState, Status
from ui.components.attempt import attempt, refusal
from ui.components.clock import local_moment
from ui.components.shown_values import shown_seconds
from ui.escaping import literal_markdown
from ui.i18n import language, say
from ui.i18n import status as words

_TESTED = "status_tested"
_COLOURS: Mapping[str, Literal["green", "red", "orange", "gray"]] = {
    "ready": "green",
    "failed": "red",
    "unknown": "orange",
    "not loaded": "gray",
}
_EXTRACTIVE = "extractive"


def draw_models(services: Services, status: Status) -> None:
    """Generator and embedder side by side."""
    st.subheader(say(words.MODELS), anchor=False)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        _model(words.GENERATOR, status.generator)
        if status.generator.spec == _EXTRACTIVE:
            st.caption(say(words.EXTRACTIVE))
        _try(services)
    with right, st.container(border=True, height="stretch"):
        _model(words.EMBEDDER, status.embedder)


def _model(label: Bilingual, model: ModelState) -> None:
    st.caption(say(label))
    name = model.name or say(words.NO_EMBEDDER)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal_markdown(name)}**", width="content")
        state = say(words.STATES[model.state]) if model.state in words.STATES else literal_markdown(model.state)
        st.badge(state, color=_COLOURS.get(model.state, "gray"))
    facts = [say(words.SPEC, spec=literal_markdown(model.spec))]
    if model.checked_at is not None:
        facts.append(say(words.CHECKED, moment=local_moment(model.checked_at)))
    st.caption(" · ".join(facts))
    if model.why is not None:
        st.error(literal_markdown(model.why.in_language(language())), icon=":material/error:")


def _try(services: Services) -> None:
    refused = refusal(services, Action.TEST_GENERATOR)
    pressed = st.button(
        say(words.TRY),
        key="status_try",
        icon=":material/play_arrow:",
        disabled=refused is not None,
        help=refused or say(words.TRY_HELP),
    )
    if pressed:
        with st.spinner(say(words.TRYING)):
            st.session_state[_TESTED] = attempt(services.status.test_generator)
    tested: GeneratorTest | None = st.session_state.get(_TESTED)
    if tested is None:
        return
    first, total = shown_seconds(tested.first_piece), shown_seconds(tested.total)
    if not tested.works:
        why = literal_markdown(tested.why.in_language(language())) if tested.why else ""
        st.error(say(words.WORKS_NOT, why=why), icon=":material/error:")
    elif tested.cites:
        st.success(say(words.WORKS, first=first, total=total), icon=":material/check_circle:")
    else:
        st.warning(say(words.WORKS_NO_SOURCE, first=first, total=total), icon=":material/warning:")
