"""What people said of answers, to be worked through."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from kbchat.services.feedback import REASONS, FeedbackItem, FeedbackList
from ui.components.attempt import attempt, tell
from ui.components.clock import local_moment
from ui.escaping import literal_html, literal_markdown, one_line
from ui.i18n import dashboard as words
from ui.i18n import language, say

_MOST = 30
_LONGEST_QUESTION = 300


def draw_feedback(services: Services, _days: int) -> None:
    """The list, newest first; feedback stays until it is worked through, whatever the period."""
    st.caption(say(words.FEEDBACK_INTRO))
    shown = st.segmented_control(
        say(words.FEEDBACK_SHOW),
        list(words.FEEDBACK_CHOICES),
        default="open",
        required=True,
        format_func=lambda one: say(words.FEEDBACK_CHOICES[one]),
        key="dashboard_feedback_shown",
        label_visibility="collapsed",
    )
    found = _listed(services, shown or "open")
    if not found.items:
        st.success(say(words.NO_FEEDBACK), icon=":material/check:")
        return
    if found.total > len(found.items):
        st.caption(say(words.FEEDBACK_PART, shown=len(found.items), count=found.total))
    for item in found.items:
        _draw(services, item)


def _listed(services: Services, shown: str) -> FeedbackList:
    if shown == "all":
        return services.feedback.items(limit=_MOST)
    return services.feedback.open_items(verdict="" if shown == "praise" else "down", limit=_MOST)


def _draw(services: Services, item: FeedbackItem) -> None:
    good = item.verdict == "up"
    reason = REASONS[item.reason].in_language(language()) if item.reason in REASONS else item.reason
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(
                say(words.UP if good else words.DOWN),
                icon=":material/thumb_up:" if good else ":material/thumb_down:",
                color="green" if good else "orange",
            )
            if reason:
                st.badge(literal_markdown(reason), color="gray")
            st.caption(literal_markdown(" · ".join((local_moment(item.created_at), *item.bases))), width="stretch")
            _handle_button(services, item)
        st.markdown(f"**{literal_markdown(one_line(item.question, _LONGEST_QUESTION))}**")
        if item.comment:
            st.markdown(f"{say(words.COMMENT)}: {literal_markdown(item.comment)}")
        with st.expander(say(words.THE_ANSWER)):
            st.html(f'<div dir="auto" style="overflow-wrap:anywhere">{literal_html(item.answer)}</div>')
        if item.handled_at is not None:
            st.caption(say(words.HANDLED_AT, moment=local_moment(item.handled_at)))


def _handle_button(services: Services, item: FeedbackItem) -> None:
    is_open = item.handled_at is None
    pressed = st.button(
        say(words.HANDLED if is_open else words.REOPEN),
        key=f"dashboard_handle_{item.id}",
        icon=":material/task_alt:" if is_open else ":material/undo:",
    )
    if pressed and attempt(lambda: _handle(services, item.id, handled=is_open)):
        tell(words.FEEDBACK_DONE if is_open else words.FEEDBACK_REOPENED)
        st.rerun()


def _handle(services: Services, feedback: int, *, handled: bool) -> bool:
    services.feedback.handle(feedback, handled=handled)
    return True
