"""How this kbchat is: models, data, versions, settings, the end of the log."""

from __future__ import annotations

import streamlit as st

from kbchat.services import Services
from kbchat.services.shown_settings import setting_meanings
from kbchat.services.status import Status
from ui.components.job_text import job_progress, job_title
from ui.components.page_links import go_to
from ui.components.shown_values import shown_number, shown_size
from ui.components.status_text import is_nearly_full, log_rows, setting_rows, used_rows
from ui.components.table import draw_table
from ui.components.table_text import Cell, Column, Row
from ui.escaping import literal_markdown
from ui.i18n import language, say
from ui.i18n import status as words
from ui.pages.documents.job_access import jobs_of
from ui.pages.documents.place import Place
from ui.pages.running.models import draw_models

_LINES = (100, 300, 1000)
_MOST_JOBS = 50


def render(services: Services) -> None:
    """Draw the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch"):
            st.title(say(words.TITLE), anchor=False)
            st.caption(say(words.INTRO))
        st.button(say(words.REFRESH), key="status_refresh", icon=":material/refresh:")
    status = services.status.overview()
    labels = (words.TAB_OVERVIEW, words.TAB_SETTINGS, words.TAB_VERSIONS, words.TAB_LOG)
    tabs = st.tabs([say(label) for label in labels], key="status_tabs", on_change="rerun")
    parts = (_overview, _settings, _versions, _log)
    for tab, part in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                part(services, status)


def _overview(services: Services, status: Status) -> None:
    draw_models(services, status)
    st.subheader(say(words.DATA), anchor=False)
    free, total = shown_size(status.disk_free), shown_size(status.disk_total)
    if is_nearly_full(status.disk_free, status.disk_total):
        st.warning(say(words.DISK_FULL, free=free), icon=":material/hard_disk:")
    with st.container(horizontal=True):
        for label, value in (
            (words.BASES, shown_number(len(status.bases))),
            (words.DOCUMENTS, shown_number(sum(base.documents for base in status.bases))),
            (words.JOBS, shown_number(status.jobs_running)),
            (words.DISK_FREE, free),
        ):
            st.metric(say(label), value, border=True, width=138)
    disk = say(words.DISK_LINE, free=free, total=total)
    st.caption(f"{say(words.FOLDER)}: {literal_markdown(str(status.data_dir))} · {say(words.DISK)}: {disk}")
    with st.container(width=560):
        draw_table(
            [Column("", main=True), Column("", "end")],
            used_rows(status.used, language()),
            key="status_used",
            caption=say(words.DATA),
            flat=True,
        )
    _jobs(services)


def _jobs(services: Services) -> None:
    """The uploads under way in all bases that the principal looks after."""
    active = jobs_of(services).list(active_only=True, limit=_MOST_JOBS)
    if not active:
        return
    st.subheader(say(words.JOBS), anchor=False)
    rows = []
    for job in active:
        share, progress = job_progress(job, language())
        cells = (Cell(job_title(job, language()), opens=True), Cell(job.base), Cell(progress, share=share))
        rows.append(Row(str(job.id), cells, Place(job.base).address))
    addresses = {row.id: row.href for row in rows}
    draw_table(
        [Column(say(words.JOBS), main=True), Column(say(words.BASES)), Column(say(words.COLUMN_PROGRESS))],
        rows,
        key="status_jobs",
        caption=say(words.JOBS),
        on_open=lambda row: go_to(addresses.get(row, "")),
    )


def _settings(_services: Services, status: Status) -> None:
    st.caption(say(words.SETTINGS_INTRO))
    wanted = st.text_input(
        say(words.SETTINGS_FIND),
        key="status_setting",
        type="search",
        icon=":material/search:",
        placeholder=say(words.SETTINGS_FIND),
        label_visibility="collapsed",
        width=360,
    )
    shown = 0
    for group, values in status.settings.items():
        rows = setting_rows(group, values, wanted or "", language(), setting_meanings().get(group))
        shown += len(rows)
        if not rows:
            continue
        named = say(words.GROUPS[group]) if group in words.GROUPS else group
        with st.expander(literal_markdown(named), expanded=bool(wanted)):
            draw_table(
                [Column(say(words.COLUMN_SETTING), main=True), Column(say(words.COLUMN_VALUE))],
                rows,
                key=f"status_settings_{group}",
                caption=group,
            )
    if not shown:
        st.info(say(words.NONE_FOUND))


def _versions(_services: Services, status: Status) -> None:
    with st.container(width=560):
        draw_table(
            [Column(say(words.COLUMN_PACKAGE), main=True), Column(say(words.COLUMN_VERSION))],
            [Row(name, (Cell(name), Cell(version))) for name, version in status.versions.items()],
            key="status_versions",
            caption=say(words.TAB_VERSIONS),
            flat=True,
        )


def _log(services: Services, _status: Status) -> None:
    st.caption(say(words.LOG_INTRO))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.selectbox(say(words.LOG_LINES), _LINES, key="status_lines", width=120)
        least = st.selectbox(
            say(words.LOG_LEVEL),
            list(words.LEVELS),
            format_func=lambda one: say(words.LEVELS[one]),
            key="status_level",
            width=220,
        )
        lines = services.status.log_tail(int(count))
        st.download_button(
            say(words.LOG_DOWNLOAD),
            data="\n".join(lines),
            file_name="kbchat-log.jsonl",
            mime="application/x-ndjson",
            key="status_log_download",
            icon=":material/download:",
            on_click="ignore",
            disabled=not lines,
        )
    rows = list(log_rows(lines, least or "", st.context.timezone_offset))
    if not rows:
        st.info(say(words.LOG_EMPTY))
        return
    draw_table(
        [
            Column(say(words.COLUMN_EVENT), main=True),
            Column(say(words.COLUMN_LEVEL), "narrow"),
            Column(say(words.COLUMN_TIME), "narrow"),
        ],
        rows,
        key="status_log",
        caption=say(words.TAB_LOG),
    )
