"""One question: the passages found with their reasons, with the settings as they are and with others beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from kbchat.services import Services
from kbchat.services.expected_passage import ExpectedPassage
from kbchat.services.retrieval import SearchResult
from kbchat.types import Passage
from ui.components.attempt import attempt, tell
from ui.components.score_view import (
    colours_of,
    gains,
    passage_html,
    place_line,
    score_html,
    settings_line,
    understood_line,
)
from ui.escaping import literal_markdown, one_line
from ui.i18n import language, say
from ui.i18n import retrieval_test as words
from ui.pages.documents.place import Place

_FOUND = "retrieval_test_found"
OTHER = "retrieval_test_other"
"""Where the session keeps the other numbers: (base, name -> value)."""
_WHOLE_NUMBERS = frozenset({"candidates", "passage_budget"})


@dataclass(frozen=True, slots=True)
class _Found:
    """The last search: with the settings as they are, and with other numbers where that was asked for."""

    base: str
    question: str
    usual: SearchResult
    other: SearchResult | None
    overrides: Mapping[str, float]


def draw_trying(services: Services, base: str) -> None:
    """The question and what was found for it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        question = st.text_input(
            say(words.QUESTION), key="retrieval_test_question", placeholder=say(words.QUESTION_HINT), width="stretch"
        )
        count = st.number_input(say(words.PASSAGES), 1, 30, 8, key="retrieval_test_count", width=130)
        pressed = st.button(say(words.SEARCH), key="retrieval_test_search", type="primary", icon=":material/search:")
    overrides: Mapping[str, float] = {}
    if st.toggle(say(words.COMPARE), key="retrieval_test_compare"):
        overrides = _other_numbers(services)
    st.session_state[OTHER] = dict(overrides)
    if pressed or (question and _is_new(base, question, overrides, int(count))):
        _search(services, base, question or "", int(count), overrides)
    found: _Found | None = st.session_state.get(_FOUND)
    if found is None or found.base != base:
        return
    _draw_found(services, found)


def _is_new(base: str, question: str, overrides: Mapping[str, float], count: int) -> bool:
    """Whether Enter was pressed, or a number changed, since the last search."""
    asked = (base, question, tuple(sorted(overrides.items())), count)
    known = st.session_state.get("retrieval_test_asked")
    st.session_state["retrieval_test_asked"] = asked
    return known != asked


def _search(services: Services, base: str, question: str, count: int, overrides: Mapping[str, float]) -> None:
    st.session_state.pop(_FOUND, None)
    usual = attempt(lambda: services.retrieval.search(question, [base], k=count))
    if usual is None:
        return
    other = None
    if overrides:
        other = attempt(lambda: services.retrieval.search(question, [base], k=count, overrides=overrides))
    st.session_state[_FOUND] = _Found(base, question, usual, other, dict(overrides))


def _other_numbers(services: Services) -> dict[str, float]:
    """Numbers of this test alone; those that are as set are left out."""
    usual = services.retrieval.weights()
    changed: dict[str, float] = {}
    with st.container(border=True):
        st.markdown(f"**{say(words.OTHER_NUMBERS)}**")
        st.caption(say(words.OTHER_HELP))
        with st.container(horizontal=True):
            for name, label in words.NUMBERS.items():
                whole = name in _WHOLE_NUMBERS
                given = st.number_input(
                    say(label),
                    value=int(usual[name]) if whole else float(usual[name]),
                    step=10 if whole else 0.05,
                    key=f"retrieval_test_number_{name}",
                    width=145,
                )
                if abs(float(given) - usual[name]) > 1e-9:
                    changed[name] = float(given)
    return changed


def _draw_found(services: Services, found: _Found) -> None:
    st.caption(f"{say(words.UNDERSTOOD)}: {literal_markdown(understood_line(found.usual, language()))}")
    if not found.usual.passages and not (found.other and found.other.passages):
        st.info(f"{say(words.NOTHING)} {say(words.NOTHING_HINT)}", icon=":material/search_off:")
        return
    results = [found.usual] if found.other is None else [found.usual, found.other]
    explained = [services.retrieval.explain(one) for result in results for one in result.passages]
    colours, most = colours_of(explained), max((gains(parts) for parts in explained), default=0.0)
    places = {passage.chunk_id: number for number, passage in enumerate(found.usual.passages, start=1)}
    for side, column in enumerate(st.columns(len(results), gap="medium")):
        with column:
            if len(results) > 1:
                st.markdown(f"**{literal_markdown(settings_line(found.overrides if side else {}, language()))}**")
            for number, passage in enumerate(results[side].passages, start=1):
                parts = services.retrieval.explain(passage)
                moved = _moved(places.get(passage.chunk_id), number) if side else ""
                reasons = score_html(parts, colours, most, language())
                _draw_passage(services, found, passage, number=number, side=side, reasons=reasons, moved=moved)


def _moved(before: int | None, now: int) -> str:
    if before == now:
        return ""
    return say(words.NEW_HERE) if before is None else say(words.MOVED, place=before)


def _draw_passage(
    services: Services, found: _Found, passage: Passage, *, number: int, side: int, reasons: str, moved: str
) -> None:
    with st.container(border=True):
        title = literal_markdown(one_line(passage.subject or passage.document_title, 90))
        st.markdown(f"**{number}. {title}** &nbsp; {say(words.SCORE, score=f'{passage.score:.2f}')}")
        st.caption(literal_markdown(place_line(passage, language())))
        if moved:
            st.badge(moved, color="orange", icon=":material/swap_vert:")
        st.html(reasons)
        st.html(passage_html(passage))
        with st.container(horizontal=True):
            if st.button(
                say(words.SAVE_CASE),
                key=f"retrieval_test_save_{side}_{number}_{passage.chunk_id}",
                icon=":material/bookmark_add:",
                type="tertiary",
            ):
                st.dialog(say(words.SAVE_TITLE))(_save_case)(services, found, passage)
            st.link_button(
                say(words.OPEN),
                Place(found.base, passage.document_id).address,
                icon=":material/open_in_new:",
                type="tertiary",
            )


def _save_case(services: Services, found: _Found, passage: Passage) -> None:
    """Body of the dialog."""
    st.markdown(f"**{literal_markdown(one_line(found.question, 200))}**")
    st.caption(say(words.SAVE_INTRO))
    strictness = st.radio(
        say(words.EXPECT),
        list(words.EXPECT_CHOICES),
        format_func=lambda one: say(words.EXPECT_CHOICES[one]),
        key="retrieval_test_expect",
    )
    st.html(passage_html(passage, 300))
    if st.button(say(words.SAVE), type="primary", key="retrieval_test_save"):
        expected = _expected(passage, strictness)
        if attempt(lambda: services.retrieval.save_case(found.base, found.question, expected)) is not None:
            tell(words.SAVED)
            st.rerun()


def _expected(passage: Passage, strictness: str) -> ExpectedPassage:
    exact = ExpectedPassage.of(passage)
    if strictness == "document":
        return replace(exact, section_kind=None, page=None, text="")
    return exact if strictness == "passage" else replace(exact, page=None, text="")
