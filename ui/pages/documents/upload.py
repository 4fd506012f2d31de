"""Putting files into a knowledge base."""

from __future__ import annotations

from typing import Literal, cast

import streamlit as st

from ingest.jobs import JobOptions
from kbchat.services import Services
from kbchat.services.bases import BaseSummary
from ui.components.attempt import attempt, tell
from ui.components.file_drop import file_drop
from ui.i18n import documents as document_words
from ui.i18n import jobs as words
from ui.i18n import say
from ui.pages.documents.job_access import jobs_of

_ROUND = "knowledge_bases_upload_round"


def draw_upload(services: Services, base: BaseSummary) -> None:
    """A place to drop files, how they are read, and the button that takes them in."""
    limit = services.app.settings.ingest.upload_limit
    turn = st.session_state.setdefault(_ROUND, 0)
    files = file_drop(words.DROP, key=f"knowledge_bases_files_{base.name}_{turn}", limit=limit)
    st.caption(say(words.FORMATS, limit=limit))
    with st.expander(say(words.OPTIONS), icon=":material/tune:"):
        options = draw_reading_options(f"knowledge_bases_upload_{turn}")
    pressed = st.button(
        say(words.START, count=len(files)) if files else say(words.START_NONE),
        key="knowledge_bases_upload_start",
        type="primary",
        icon=":material/upload_file:",
        disabled=not files,
    )
    if pressed and files:
        job = attempt(lambda: jobs_of(services).submit_upload(base.name, files, options=options))
        if job is not None:
            st.session_state[_ROUND] = turn + 1  # a new uploader, empty again
            tell(words.STARTED, count=len(job.files))
            st.rerun()


def draw_reading_options(key: str) -> JobOptions:
    """How files are read: OCR, and a password."""
    ocr = st.selectbox(
        say(document_words.OCR),
        list(document_words.OCR_CHOICES),
        format_func=lambda one: say(document_words.OCR_CHOICES[one]),
        key=f"{key}_ocr",
    )
    password = st.text_input(
        say(document_words.PASSWORD),
        type="password",
        autocomplete="off",
        help=say(document_words.PASSWORD_HELP),
        key=f"{key}_password",
    )
    return JobOptions(cast("Literal['auto', 'off', 'all'] | None", ocr or None), password or None)
