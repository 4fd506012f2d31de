"""What pages and routes see of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ingest.report import FileReport
from kbchat.errors import KbchatError
from kbchat.messages import Bilingual, Language
from kbchat.store.jobs import ACTIVE, FileState, JobKind, JobState, StoredJob, StoredJobFile


@dataclass(frozen=True, slots=True)
class JobOptions:
    """How the files of a job are read. ``ocr`` None means the setting; ``password`` opens encrypted files."""

    ocr: Literal["auto", "off", "all"] | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file of a job and how far it is.

    ``pages_total`` is 0 until known. ``status`` is that of the ingest report (``added``, ``updated``, ``unchanged``,
    ``duplicate``, ``failed``), empty until the file is through; ``message`` and ``remedy`` then tell why and what to do.
    ``document_id`` is the document it became, once the job is done.
    """

    number: int
    name: str
    size: int
    state: FileState
    pages_done: int
    pages_total: int
    status: str
    message: Bilingual | None = None
    remedy: Bilingual | None = None
    error: str = ""
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    document_id: int | None = None

    def as_json(self, language: Language) -> dict[str, Any]:
        """The file as the service gives it out."""
        return {
            "number": self.number,
            "name": self.name,
            "size": self.size,
            "state": self.state,
            "pages_done": self.pages_done,
            "pages_total": self.pages_total,
            "status": self.status,
            "message": self.message.in_language(language) if self.message else "",
            "remedy": self.remedy.in_language(language) if self.remedy else "",
            "error": self.error,
            "pages": self.pages,
            "ocr_pages": self.ocr_pages,
            "chunks": self.chunks,
            "seconds": round(self.seconds, 3),
            "warnings": list(self.warnings),
            "document_id": self.document_id,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``base`` is the knowledge base's name; ``message`` and ``remedy`` tell why a job as a whole failed.

    ``report`` (of a finished job) holds ``totals`` as in ``kbchat ingest --json``, ``notes`` (pairs of ``en`` and
    ``zh``) and ``seconds``.
    """

    id: int
    uid: str
    base: str
    owner: str
    kind: JobKind
    state: JobState
    ocr: str
    files: tuple[JobFile, ...]
    report: Mapping[str, Any] | None
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    message: Bilingual | None = None
    remedy: Bilingual | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change."""
        return self.state not in ACTIVE

    @property
    def pages_done(self) -> int:
        """Pages read so far, of all files."""
        return sum(file.pages_done for file in self.files)

    @property
    def pages_total(self) -> int:
        """Pages of all files whose number is known."""
        return sum(file.pages_total for file in self.files)

    @property
    def files_done(self) -> int:
        """Files that are through, well or not."""
        return sum(file.state in ("done", "failed", "cancelled") for file in self.files)

    def as_json(self, language: Language) -> dict[str, Any]:
        """The job as the service gives it out."""
        return {
            "id": self.id,
            "uid": self.uid,
            "knowledge_base": self.base,
            "owner": self.owner,
            "kind": self.kind,
            "state": self.state,
            "ocr": self.ocr,
            "files": [file.as_json(language) for file in self.files],
            "files_done": self.files_done,
            "pages_done": self.pages_done,
            "pages_total": self.pages_total,
            "report": self.report,
            "cancel_requested": self.cancel_requested,
            "created_at": self.created_at.isoformat(),
            "started_at": None if self.started_at is None else self.started_at.isoformat(),
            "finished_at": None if self.finished_at is None else self.finished_at.isoformat(),
            "message": self.message.in_language(language) if self.message else "",
            "remedy": self.remedy.in_language(language) if self.remedy else "",
        }


def job_from(stored: StoredJob) -> Job:
    """A job as the store has it."""
    error = stored.error or {}
    return Job(
        id=stored.id,
        uid=stored.uid,
        base=stored.base,
        owner=stored.owner,
        kind=stored.kind,
        state=stored.state,
        ocr=str(stored.options.get("ocr") or ""),
        files=tuple(_file_from(file) for file in stored.files),
        report=stored.report,
        cancel_requested=stored.cancel_requested,
        created_at=stored.created_at,
        started_at=stored.started_at,
        finished_at=stored.finished_at,
        message=_bilingual(error.get("reason")),
        remedy=_bilingual(error.get("remedy")),
    )


def result_of(report: FileReport) -> dict[str, Any]:
    """A file's entry in the report, as it is kept: in both languages."""
    return {
        "status": report.status.value,
        "reason": bilingual_json(report.reason),
        "remedy": bilingual_json(report.remedy),
        "error": report.error,
        "pages": report.pages,
        "ocr_pages": report.ocr_pages,
        "chunks": report.chunks,
        "seconds": round(report.seconds, 3),
        "warnings": list(report.warnings),
    }


def error_json(error: KbchatError) -> dict[str, Any]:
    """What ended a job, as it is kept: in both languages."""
    return {
        "error": type(error).__name__,
        "reason": bilingual_json(error.user_message),
        "remedy": bilingual_json(error.remedy),
    }


def bilingual_json(text: Bilingual | None) -> dict[str, str] | None:
    """A message as it is kept."""
    return None if text is None else {"en": text.en, "zh": text.zh}


def _bilingual(kept: Mapping[str, str] | None) -> Bilingual | None:
    return None if kept is None else Bilingual(kept["en"], kept["zh"])


def _file_from(stored: StoredJobFile) -> JobFile:
    result = stored.result or {}
    return JobFile(
        number=stored.number,
        name=stored.name,
        size=stored.size,
        state=stored.state,
        pages_done=stored.pages_done,
        pages_total=stored.pages_total,
        status=stored.status,
        message=_bilingual(result.get("reason")),
        remedy=_bilingual(result.get("remedy")),
        error=str(result.get("error", "")),
        pages=int(result.get("pages", 0)),
        ocr_pages=int(result.get("ocr_pages", 0)),
        chunks=int(result.get("chunks", 0)),
        seconds=float(result.get("seconds", 0.0)),
        warnings=tuple(result.get("warnings", ())),
        document_id=stored.document_id,
    )
