"""How much is asked, how it ends, what is missing: for the person who runs kbchat."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from ui.components.charts import latency_chart, outcomes_chart, questions_chart
from ui.components.csv_button import csv_button
from ui.components.empty_state import empty_state
from ui.components.figures_text import day_points, latency_points, median_first, share_of
from ui.components.shown_values import NOTHING, shown_number
from ui.i18n import dashboard as words
from ui.i18n import language, say
from ui.pages.running.feedback import draw_feedback
from ui.pages.running.figure_tables import draw_documents_used, draw_flagged, draw_unanswered

_PERIODS = (7, 30, 90, 365)


def render(services: Services) -> None:
    """Draw the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch"):
            st.title(say(words.TITLE), anchor=False)
            st.caption(say(words.INTRO))
        days = st.segmented_control(
            say(words.PERIOD),
            _PERIODS,
            default=30,
            required=True,
            format_func=lambda count: say(words.DAYS, count=count),
            key="dashboard_days",
            label_visibility="collapsed",
        )
    period = int(days or 30)
    tabs = st.tabs(
        [
            say(one)
            for one in (
                words.TAB_OVERVIEW,
                words.TAB_UNANSWERED,
                words.TAB_FEEDBACK,
                words.TAB_FLAGGED,
                words.TAB_DOCUMENTS,
            )
        ],
        key="dashboard_tabs",
        on_change="rerun",
    )
    parts = (_overview, draw_unanswered, draw_feedback, draw_flagged, draw_documents_used)
    for tab, part in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                part(services, period)


def _overview(services: Services, days: int) -> None:
    """Figures in one line, and the plots."""
    per_day = services.figures.per_day(days)
    total = sum(day.questions for day in per_day)
    if not total:
        with empty_state(":material/monitoring:", words.NO_QUESTIONS_TITLE, words.NO_QUESTIONS):
            pass
        return
    outcomes, latency = services.figures.outcomes(days), services.figures.latency(days)
    first = median_first(latency)
    cards = (
        (words.QUESTIONS, shown_number(total), None),
        (words.ANSWERED, share_of(outcomes, "answered"), words.ANSWERED_HELP),
        (words.UNANSWERED, share_of(outcomes, "insufficient_evidence"), words.UNANSWERED_HELP),
        (words.FLAGGED, shown_number(sum(day.flagged for day in per_day)), words.FLAGGED_INTRO),
        (words.FIRST_WORDS, NOTHING if first is None else f"{first:.1f} s", words.FIRST_WORDS_HELP),
        (words.OPEN_FEEDBACK, shown_number(services.feedback.open_items(limit=1).total), words.FEEDBACK_INTRO),
    )
    with st.container(horizontal=True, gap="small"):
        for label, value, hint in cards:
            st.metric(say(label), value, border=True, width=138, help=say(hint) if hint else None)
    st.subheader(say(words.PER_DAY), anchor=False)
    points = day_points(per_day, language())
    st.altair_chart(questions_chart(points, language()), width="stretch", alt=say(words.CHART_PER_DAY))
    csv_button(services, "per_day", words.PER_DAY, days)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader(say(words.HOW_ENDED), anchor=False)
        st.altair_chart(outcomes_chart(outcomes, language()), width="stretch", alt=say(words.CHART_OUTCOMES))
        csv_button(services, "outcomes", words.HOW_ENDED, days)
    with right:
        st.subheader(say(words.LATENCY), anchor=False)
        times = latency_points(latency, language())
        st.altair_chart(latency_chart(times, language()), width="stretch", alt=say(words.CHART_LATENCY))
        csv_button(services, "latency", words.LATENCY, days)
