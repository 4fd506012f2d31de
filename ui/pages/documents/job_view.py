"""Work that goes on behind the page, and the reports of what was done. Jobs are in the store: a reload loses nothing."""

from __future__ import annotations

import streamlit as st

from ingest.jobs import Job
from kbchat.errors import KbchatError
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from ui.components.attempt import attempt
from ui.components.clock import local_moment
from ui.components.job_text import (
    file_columns,
    file_rows,
    job_progress,
    job_title,
    job_tone,
    needing_attention,
    notes_of,
    report_line,
    said,
)
from ui.components.problem import show_error
from ui.components.table import draw_table
from ui.escaping import literal_markdown, one_line
from ui.i18n import jobs as words
from ui.i18n import language, say
from ui.pages.documents.job_access import jobs_of
from ui.pages.documents.place import Place, go

_EVERY = 1.0
_FILES_SHOWN = 100
_JOBS_SHOWN = 30
_LAST = 1
_COLOURS = {"good": "green", "bad": "red", "warn": "orange", "": "gray", "muted": "gray"}


def draw_active_jobs(services: Services, base: BaseSummary) -> None:
    """Jobs at work, drawn anew every second while there are any; the last finished one below."""
    active = jobs_of(services).list(base.name, active_only=True)
    if active:
        st.subheader(say(words.ACTIVE), anchor=False)
        st.caption(say(words.SAFE_TO_LEAVE))
        st.fragment(_watch, run_every=_EVERY)(services, base.name, tuple(job.id for job in active))
        return
    for job in jobs_of(services).list(base.name, limit=_LAST):
        st.subheader(say(words.REPORT), anchor=False)
        draw_report(job, expanded=True)


def draw_earlier_jobs(services: Services, base: BaseSummary) -> None:
    """All jobs of a base, the newest first."""
    jobs = jobs_of(services).list(base.name, limit=_JOBS_SHOWN)
    if not jobs:
        st.caption(say(words.NO_JOBS))
        return
    active = tuple(job.id for job in jobs if not job.is_over)
    if active:
        st.fragment(_watch, run_every=_EVERY)(services, base.name, active)
    for job in jobs:
        if job.is_over:
            draw_report(job, expanded=False)


def draw_activity(services: Services, base: BaseSummary) -> None:
    """One line above the documents while some are being read."""
    active = jobs_of(services).list(base.name, active_only=True)
    if active:
        st.fragment(_activity, run_every=_EVERY)(services, base.name, tuple(job.id for job in active))


def _activity(services: Services, base: str, known: tuple[int, ...]) -> None:
    active = _still_active(services, base, known)
    if not active:
        return
    done, total = sum(job.files_done for job in active), sum(len(job.files) for job in active)
    shares = [job_progress(job, language())[0] for job in active]
    st.progress(sum(shares) / len(shares), text=say(words.ACTIVE_HERE, done=done, total=total))


def _watch(services: Services, base: str, known: tuple[int, ...]) -> None:
    """The jobs at work, one by one."""
    for job in _still_active(services, base, known):
        _draw_active(services, job)


def _still_active(services: Services, base: str, known: tuple[int, ...]) -> list[Job]:
    """The jobs at work, none where they cannot be told; when one more or less is, the whole page is drawn anew."""
    try:
        active = jobs_of(services).list(base, active_only=True)
    except KbchatError as error:
        show_error(error)
        return []
    if {job.id for job in active} != set(known):
        st.rerun()
    return active


def _draw_active(services: Services, job: Job) -> None:
    share, progress = job_progress(job, language())
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                st.markdown(f"**{literal_markdown(one_line(job_title(job, language()), 80))}**")
            if job.cancel_requested:
                st.caption(say(words.STOPPING))
            elif st.button(say(words.STOP), key=f"knowledge_bases_stop_{job.id}", icon=":material/stop_circle:"):
                attempt(lambda: jobs_of(services).cancel(job.id))
                st.rerun(scope="fragment")
        st.progress(share, text=progress)
        _draw_files(job, f"knowledge_bases_active_{job.id}")


def draw_report(job: Job, *, expanded: bool) -> None:
    """A finished job: what came of it, what failed and why, what to do."""
    state = f":{_COLOURS[job_tone(job)]}-badge[{say(words.STATES[job.state])}]"
    title = literal_markdown(one_line(job_title(job, language()), 70))
    label = f"{title} {state} {local_moment(job.finished_at or job.created_at)}"
    with st.expander(label, expanded=expanded, key=f"knowledge_bases_report_{job.id}_{expanded}"):
        line = report_line(job, language())
        if line:
            st.markdown(literal_markdown(line))
        if job.message is not None:
            st.error(literal_markdown(said(job.message, job.remedy, language())), icon=":material/error:")
        if job.state == "cancelled":
            st.caption(say(words.STOPPED))
        _draw_attention(job)
        for note in notes_of(job.report, language()):
            st.info(literal_markdown(note))
        _draw_files(job, f"knowledge_bases_done_{job.id}_{expanded}")


def _draw_attention(job: Job) -> None:
    failed = needing_attention(job)
    if not failed:
        return
    st.markdown(f"**{say(words.TO_DO, count=len(failed))}**")
    for file in failed[:_FILES_SHOWN]:
        reason = literal_markdown(file.message.in_language(language())) if file.message else ""
        remedy = literal_markdown(file.remedy.in_language(language())) if file.remedy else ""
        st.error(f"**{literal_markdown(file.name)}**\n\n{reason}\n\n{remedy}", icon=":material/error:")


def _draw_files(job: Job, key: str) -> None:
    documents = {str(file.number): file.document_id for file in job.files}

    def opened(number: str) -> None:
        document = documents.get(number)
        if document is not None:
            go(Place(job.base, document))

    draw_table(
        file_columns(language()),
        file_rows(job.files, language(), most=_FILES_SHOWN),
        key=key,
        caption=job_title(job, language()),
        on_open=opened,
    )
    if len(job.files) > _FILES_SHOWN:
        st.caption(say(words.MORE_FILES, count=len(job.files) - _FILES_SHOWN))
