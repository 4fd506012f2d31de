"""Saved cases of the retrieval test: as a table, run, and how they do over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import streamlit as st

from kbchat.services import Services
from kbchat.services.retrieval import TestCase, TestRun
from ui.components.attempt import attempt, tell
from ui.components.clock import local_day, local_moment
from ui.components.empty_state import empty_state
from ui.components.score_view import settings_line
from ui.components.shown_values import shown_share
from ui.components.table import draw_table
from ui.components.table_text import Cell, Column, Row
from ui.i18n import language, say
from ui.i18n import retrieval_test as words
from ui.pages.retrieval.trying import OTHER

_LOOKED_AT = (1, 3, 5)
_COLOURS = ("#0b8a8f", "#4c78c8", "#c98a1b")


def draw_cases(services: Services, base: str) -> None:
    """The cases of a base."""
    cases = services.retrieval.cases(base)
    if not cases:
        with empty_state(":material/fact_check:", words.NO_CASES_TITLE, words.NO_CASES):
            pass
        return
    _run_buttons(services, base)
    runs = services.retrieval.runs(base)
    _summary(runs)
    _table(services, base, cases, runs[0] if runs else None)
    if runs:
        _over_time(runs)


def _run_buttons(services: Services, base: str) -> None:
    overrides: Mapping[str, float] = st.session_state.get(OTHER) or {}
    with st.container(horizontal=True, vertical_alignment="center"):
        usual = st.button(say(words.RUN), key="retrieval_test_run", type="primary", icon=":material/play_arrow:")
        other = bool(overrides) and st.button(
            say(words.RUN_OTHER), key="retrieval_test_run_other", help=settings_line(overrides, language())
        )
    if usual or other:
        ran = attempt(lambda: services.retrieval.run_cases(base, overrides if other else None))
        if ran is not None:
            tell(words.RAN, count=len(ran.cases))
            st.rerun()


def _summary(runs: Sequence[TestRun]) -> None:
    """Hits of the last run, and against the one before with the same settings."""
    if not runs:
        st.caption(say(words.NEVER_RUN))
        return
    last = runs[0]
    before = next((run for run in runs[1:] if run.overrides == last.overrides), None)
    settings = settings_line(last.overrides, language())
    st.caption(f"{say(words.LAST_RUN, moment=local_moment(last.created_at))} · {settings}")
    with st.container(horizontal=True):
        for k in _LOOKED_AT:
            change = None if before is None else round(100 * (last.hit_at(k) - before.hit_at(k)))
            st.metric(
                say(words.HIT, k=k),
                shown_share(last.hit_at(k)),
                None if not change else f"{change:+d} %",
                help=say(words.HIT_HELP, k=k),
                border=True,
                width=138,
            )


def _table(services: Services, base: str, cases: Sequence[TestCase], last: TestRun | None) -> None:
    ranks = {case.case_id: case.rank for case in last.cases} if last else {}
    chosen: set[str] = st.session_state.setdefault(f"retrieval_test_chosen_{base}", set())
    chosen &= {str(case.id) for case in cases}
    draw_table(
        [
            Column(say(words.COLUMN_QUESTION), main=True),
            Column(say(words.COLUMN_EXPECTED)),
            Column(say(words.COLUMN_RANK), "narrow"),
            Column(say(words.COLUMN_SAVED), "narrow"),
        ],
        [_case_row(case, ranks) for case in cases],
        key=f"retrieval_test_cases_{base}",
        caption=say(words.TAB_CASES),
        selected=sorted(chosen),
        select_label=say(words.CHOOSE),
        on_pick=lambda row, on: chosen.add(row) if on else chosen.discard(row),
    )
    pressed = bool(chosen) and st.button(
        say(words.DELETE_CHOSEN, count=len(chosen)), key="retrieval_test_delete", icon=":material/delete:"
    )
    if pressed and attempt(lambda: _delete(services, base, chosen)) is not None:
        tell(words.DELETED)
        st.rerun()


def _delete(services: Services, base: str, chosen: set[str]) -> int:
    """Remove the cases that are ticked; how many they were."""
    count = len(chosen)
    for row in sorted(chosen):
        services.retrieval.delete_case(base, int(row))
        chosen.discard(row)
    return count


def _case_row(case: TestCase, ranks: Mapping[int, int | None]) -> Row:
    expected = case.expected
    place = [say(words.PAGE, page=expected.page)] if expected.page is not None else []
    if case.id not in ranks:
        rank = Cell(say(words.NOT_RUN), tone="muted")
    elif (found := ranks[case.id]) is None:
        rank = Cell(say(words.NOT_FOUND), badge=True, tone="bad")
    else:
        rank = Cell(str(found), badge=True, tone="good" if found <= 3 else "warn")
    return Row(
        str(case.id),
        (
            Cell(case.question),
            Cell(case.document or say(words.GONE), note=" ".join([*place, expected.text[:80].replace("\n", " ")])),
            rank,
            Cell(local_day(case.created_at)),
        ),
    )


def _over_time(runs: Sequence[TestRun]) -> None:
    st.subheader(say(words.OVER_TIME), anchor=False)
    if len(runs) > 1:
        st.altair_chart(hits_chart(runs), width="stretch", alt=say(words.CHART))
    draw_table(
        [
            Column(say(words.COLUMN_MOMENT), "narrow", main=True),
            *(Column(say(words.HIT, k=k), "end") for k in _LOOKED_AT),
            Column(say(words.COLUMN_CASES), "end"),
            Column(say(words.COLUMN_SETTINGS)),
        ],
        [
            Row(
                str(run.id),
                (
                    Cell(local_moment(run.created_at, seconds=True)),
                    *(Cell(shown_share(run.hit_at(k))) for k in _LOOKED_AT),
                    Cell(str(len(run.cases))),
                    Cell(settings_line(run.overrides, language())),
                ),
            )
            for run in runs[:20]
        ],
        key="retrieval_test_runs",
        caption=say(words.RUNS),
    )


def hits_chart(runs: Sequence[TestRun]) -> alt.Chart:
    """Shares of hits by run, oldest first."""
    points = [
        {
            "run": local_moment(run.created_at, seconds=True)[5:],
            "share": run.hit_at(k),
            "k": say(words.HIT, k=k),
        }
        for run in reversed(runs)
        for k in _LOOKED_AT
    ]
    domain = [say(words.HIT, k=k) for k in _LOOKED_AT]
    chart: alt.Chart = (
        alt.Chart({"values": points})
        .mark_line(point=True, interpolate="linear")
        .encode(
            x=alt.X("run:O", title=say(words.RUN_AXIS), sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("share:Q", title=say(words.SHARE_AXIS), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            color=alt.Color(
                "k:N", title=None, scale=alt.Scale(domain=domain, range=list(_COLOURS)), legend=alt.Legend(orient="top")
            ),
            tooltip=["run:O", "k:N", alt.Tooltip("share:Q", format=".0%")],
        )
        .properties(height=260)
    )
    return chart
