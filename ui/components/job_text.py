"""What jobs and their reports say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.jobs import Job, JobFile
from kbchat.messages import Bilingual, Language
from ui.components.shown_values import shown_seconds, shown_size
from ui.components.table_text import Cell, Column, Row, Tone
from ui.i18n import jobs as words
from ui.i18n import worded

_TONES: Mapping[str, Tone] = {
    "done": "good",
    "added": "good",
    "updated": "good",
    "failed": "bad",
    "duplicate": "warn",
    "cancelled": "warn",
    "reading": "good",
}
_ORDER = ("reading", "failed", "waiting", "cancelled", "done")


def job_title(job: Job, language: Language) -> str:
    """What a job is: one file by its name, several by their number."""
    if len(job.files) == 1:
        return worded(words.KIND_ONE[job.kind], language, name=job.files[0].name)
    return worded(words.KINDS[job.kind], language, count=len(job.files))


def job_tone(job: Job) -> Tone:
    """How a job stands at a glance; one with failed files is not all well."""
    if job.state == "done" and any(file.state == "failed" for file in job.files):
        return "warn"
    return _TONES.get(job.state, "")


def job_progress(job: Job, language: Language) -> tuple[float, str]:
    """Share done (0 to 1) and its words. A file counts by the pages read of it."""
    if not job.files:
        return 0.0, ""
    done = sum(_file_share(file) for file in job.files) / len(job.files)
    text = words.PROGRESS_PAGES if job.pages_done else words.PROGRESS
    return min(done, 1.0), worded(text, language, done=job.files_done, total=len(job.files), pages=job.pages_done)


def _file_share(file: JobFile) -> float:
    if file.state in ("done", "failed", "cancelled"):
        return 1.0
    return min(file.pages_done / file.pages_total, 1.0) if file.pages_total else 0.0


def file_columns(language: Language) -> list[Column]:
    """Columns of a job's files."""
    return [
        Column(words.COLUMN_FILE.in_language(language), main=True),
        Column(words.COLUMN_STATE.in_language(language), "narrow"),
        Column(words.COLUMN_PAGES.in_language(language), "end"),
        Column(words.COLUMN_CHUNKS.in_language(language), "end"),
        Column(words.COLUMN_SIZE.in_language(language), "end"),
    ]


def file_rows(files: Sequence[JobFile], language: Language, *, most: int) -> list[Row]:
    """The files of a job, those under way and those that failed first; at most ``most``."""
    ordered = sorted(files, key=lambda file: (_ORDER.index(file.state), file.number))
    return [_file_row(file, language) for file in ordered[:most]]


def _file_row(file: JobFile, language: Language) -> Row:
    state = words.STATUSES[file.status] if file.status in words.STATUSES else words.STATES[file.state]
    reason = said(file.message, file.remedy, language)
    return Row(
        str(file.number),
        (
            Cell(file.name, note=" ".join((reason, *file.warnings)).strip(), opens=file.document_id is not None),
            Cell(state.in_language(language), badge=True, tone=_TONES.get(file.status or file.state, "")),
            _pages(file, language),
            Cell(str(file.chunks) if file.chunks else ""),
            Cell(shown_size(file.size)),
        ),
    )


def _pages(file: JobFile, language: Language) -> Cell:
    if file.state == "reading" and file.pages_total:
        text = worded(words.PAGES_OF, language, done=file.pages_done, total=file.pages_total)
        return Cell(text, share=file.pages_done / file.pages_total)
    if not file.pages:
        return Cell("")
    if not file.ocr_pages:
        return Cell(str(file.pages))
    return Cell(worded(words.PAGES_OCR, language, pages=file.pages, ocr=file.ocr_pages))


def said(message: Bilingual | None, remedy: Bilingual | None, language: Language) -> str:
    """Reason and remedy as one text."""
    parts = [text.in_language(language).strip() for text in (message, remedy) if text is not None]
    return "".join(parts) if language == "zh" else " ".join(parts)


def needing_attention(job: Job) -> list[JobFile]:
    """Files that somebody has to do something about: failed ones, with the reason."""
    return [file for file in job.files if file.state == "failed"]


def report_line(job: Job, language: Language) -> str:
    """A finished job in one line: how many files of each status, and how long it took."""
    counts: dict[str, int] = {}
    for file in job.files:
        status = file.status or ("failed" if file.state == "failed" else "")
        if status:
            counts[status] = counts.get(status, 0) + 1
    told = [f"{words.STATUSES[name].in_language(language)} {counts[name]}" for name in words.STATUSES if name in counts]
    if language == "en":
        told = [f"{counts[name]} {words.STATUSES[name].en}" for name in words.STATUSES if name in counts]
    if job.started_at is not None and job.finished_at is not None:
        took = (job.finished_at - job.started_at).total_seconds()
        told.append(worded(words.TOOK, language, time=shown_seconds(took)))
    return words.TOTAL_SEPARATOR.in_language(language).join(told)


def notes_of(report: Mapping[str, Any] | None, language: Language) -> list[str]:
    """The notes of a report."""
    notes: Sequence[Mapping[str, str]] = (report or {}).get("notes") or ()
    return [note.get(language, "") for note in notes if note.get(language)]
