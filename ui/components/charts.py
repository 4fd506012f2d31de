"""The charts of the dashboard. They are drawn in the browser by what Streamlit brings along; nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from kbchat.messages import Language
from ui.components.figures_text import COLOURS, outcome_name
from ui.i18n import dashboard as words

_HEIGHT = 260
_LINES = ("#0b8a8f", "#74c3c6", "#4c78c8", "#a9c1ea")


def questions_chart(points: Sequence[Mapping[str, Any]], language: Language) -> alt.Chart:
    """Questions a day, stacked by outcome."""
    chart: alt.Chart = (
        alt.Chart({"values": list(points)})
        .mark_bar()
        .encode(
            x=alt.X("day:T", title=None, timeUnit="yearmonthdate", axis=alt.Axis(format="%m-%d", tickCount=8)),
            y=alt.Y("count:Q", title=words.COUNT.in_language(language), axis=alt.Axis(tickMinStep=1)),
            color=_outcome_colour(language, legend=True),
            tooltip=[
                alt.Tooltip("day:T", format="%Y-%m-%d", title=words.DAY.in_language(language)),
                alt.Tooltip("outcome:N", title=words.OUTCOME.in_language(language)),
                alt.Tooltip("count:Q", title=words.COUNT.in_language(language)),
            ],
        )
        .properties(height=_HEIGHT)
    )
    return chart


def outcomes_chart(outcomes: Mapping[str, int], language: Language) -> alt.Chart:
    """Questions by outcome, as horizontal bars."""
    points = [{"outcome": outcome_name(name, language), "count": count} for name, count in outcomes.items()]
    chart: alt.Chart = (
        alt.Chart({"values": points})
        .mark_bar(cornerRadiusEnd=4)
        .encode(
            y=alt.Y("outcome:N", title=None, sort="-x", axis=alt.Axis(labelLimit=160)),
            x=alt.X("count:Q", title=words.COUNT.in_language(language), axis=alt.Axis(tickMinStep=1)),
            color=_outcome_colour(language, legend=False),
            tooltip=[
                alt.Tooltip("outcome:N", title=words.OUTCOME.in_language(language)),
                alt.Tooltip("count:Q", title=words.COUNT.in_language(language)),
            ],
        )
        .properties(height=_HEIGHT)
    )
    return chart


def latency_chart(points: Sequence[Mapping[str, Any]], language: Language) -> alt.Chart:
    """Seconds to the first words and to the end, by day."""
    domain = [label.in_language(language) for label in words.LINES.values()]
    chart: alt.Chart = (
        alt.Chart({"values": list(points)})
        .mark_line(point=True)
        .encode(
            x=alt.X("day:T", title=None, timeUnit="yearmonthdate", axis=alt.Axis(format="%m-%d", tickCount=8)),
            y=alt.Y("seconds:Q", title=words.SECONDS.in_language(language)),
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=domain, range=list(_LINES)),
                legend=alt.Legend(orient="top", columns=2, labelLimit=200),
            ),
            tooltip=[
                alt.Tooltip("day:T", format="%Y-%m-%d", title=words.DAY.in_language(language)),
                alt.Tooltip("line:N", title=""),
                alt.Tooltip("seconds:Q", format=".2f", title=words.SECONDS.in_language(language)),
            ],
        )
        .properties(height=_HEIGHT)
    )
    return chart


def _outcome_colour(language: Language, *, legend: bool) -> alt.Color:
    names = [outcome_name(name, language) for name in COLOURS]
    return alt.Color(
        "outcome:N",
        title=None,
        scale=alt.Scale(domain=names, range=list(COLOURS.values())),
        legend=alt.Legend(orient="top", columns=3) if legend else None,
    )
