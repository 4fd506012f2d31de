"""Doing one job: staged files or stored originals through the pipeline, and the job's report."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

from ingest.discovery import UPLOADED, Discovery, FoundFile, Unreadable
from ingest.jobs.heartbeat import Heartbeat
from ingest.jobs.live_progress import LiveProgress
from ingest.jobs.records import bilingual_json, error_json
from ingest.jobs.staging import StagingFolder
from ingest.jobs.upload_names import suffix_of
from ingest.pipeline import IngestOptions, Supervision, ingest_found
from ingest.report import FileReport, FileStatus, IngestReport
from ingest.workers import WorkerPool
from kbchat.app import App
from kbchat.errors import KbchatError, LoadError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import KnowledgeBase, StoredDocument
from kbchat.store.jobs import FileProgress, JobState, LeaseLostError, StoredJob, StoredJobFile

_TAKEN_IN = ("added", "updated")
_COUNTED = ("pages", "ocr_pages", "chunks")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: its state with report and error, or ``None`` when it is to be taken up again later."""

    state: JobState | None
    report: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(slots=True)
class RunningJob:
    """One job in the hands of ``worker``. ``stop`` ends it early; it then stays to be taken up again.

    ``pool`` must be closed by its owner after a job that did not end by itself: its workers may still be reading.
    """

    app: App
    job: StoredJob
    worker: str
    lease: timedelta
    folder: StagingFolder
    stop: threading.Event
    pool: WorkerPool

    def run(self) -> Outcome:
        """Work. Raises BusyError when the knowledge base is being changed, LeaseLostError, any other KbchatError."""
        started = time.monotonic()
        base = self._base()
        open_files = [file for file in self.job.files if file.state in ("waiting", "reading")]
        found, numbers = self._found(base, open_files)
        progress = LiveProgress(numbers, lambda report: self._amended(base, found, report))
        report = IngestReport(base.name, ())
        job_stop = _Either(self.stop)
        beat = Heartbeat(self.app.store, self.job.id, self.worker, self.lease, progress, job_stop)
        with beat:
            if found.files or found.unreadable:
                report = self._ingest(base, found, progress, job_stop)
        if beat.is_lost:
            raise LeaseLostError
        self._note_documents(base, found, numbers)
        return self._outcome(report, beat, time.monotonic() - started)

    def _ingest(
        self, base: KnowledgeBase, found: Discovery, progress: LiveProgress, stop: threading.Event
    ) -> IngestReport:
        settings = self.app.settings
        ocr = cast("Literal['auto', 'off', 'all'] | None", self.job.options.get("ocr") or None)
        return ingest_found(
            found,
            store=self.app.store,
            base=base,
            embedder=self.app.embedder_for(base),
            index=self.app.index_for(base),
            settings=settings,
            options=IngestOptions(password=self.folder.password(), ocr=ocr, anew=self.job.kind == "reread"),
            progress=progress,
            pool=self.pool,
            supervision=Supervision(progress.on_report, stop),
        )

    def _base(self) -> KnowledgeBase:
        for base in self.app.store.bases():
            if base.id == self.job.base_id:
                return base
        raise NotFoundError(
            Bilingual("The knowledge base has been deleted.", "该知识库已被删除。"),
            Bilingual("Choose another one.", "请选择其他知识库。"),
        )

    def _found(self, base: KnowledgeBase, files: Iterable[StoredJobFile]) -> tuple[Discovery, dict[str, int]]:
        """The files to read, and which number of the job each has by its path in the report."""
        found: list[FoundFile] = []
        unreadable: list[Unreadable] = []
        numbers: dict[str, int] = {}
        for file in files:
            try:
                one = self._stored(base, file) if self.job.kind == "reread" else self._staged(file)
            except KbchatError as error:
                shown = f"{file.name} ({file.number})"
                numbers[shown] = file.number
                unreadable.append(Unreadable(shown, shown, error))
                continue
            if one is not None:
                numbers[one.shown] = file.number
                found.append(one)
        return Discovery(tuple(found), tuple(unreadable), (), ()), numbers

    def _staged(self, file: StoredJobFile) -> FoundFile:
        path = self.folder.path / file.staged
        if not path.is_file():
            raise LoadError(
                Bilingual("The uploaded file is no longer there.", "上传的文件已不存在。"),
                Bilingual("Upload it again.", "请重新上传。"),
            )
        return FoundFile(path, file.name, file.size, UPLOADED + file.name, file.name.rpartition("/")[2])

    def _stored(self, base: KnowledgeBase, file: StoredJobFile) -> FoundFile | None:
        """The original of a document under a name with its ending; None when an earlier attempt has read it."""
        document = self.app.store.document(file.document_id or 0)
        if document.retired_at is not None or document.base_id != base.id:
            raise LoadError(
                Bilingual("The document has been retired meanwhile.", "该文档已被停用。"),
                Bilingual("Restore it first.", "请先恢复该文档。"),
            )
        if self._is_of_this_job(document):
            self._note_done(file, document)
            return None
        original = self.app.store.original(document.sha256)
        path = self.folder.link(f"{file.number:05d}{suffix_of(document.name)}", original)
        return FoundFile(path, document.source, file.size, document.source, document.name)

    def _is_of_this_job(self, document: StoredDocument) -> bool:
        """Whether an earlier attempt, cut off before it could note so, made the current revision."""
        started = self.job.started_at
        return self.job.attempts > 1 and started is not None and document.updated_at >= started

    def _note_done(self, file: StoredJobFile, document: StoredDocument) -> None:
        report = _as_taken_in(document, file.name)
        progress = LiveProgress({file.name: file.number}, lambda one: one)
        progress.on_report(report)
        self.app.store.note_progress(self.job.id, self.worker, progress.taken())

    def _amended(self, base: KnowledgeBase, found: Discovery, report: FileReport) -> FileReport:
        """What a cut-off attempt took in is not ``unchanged`` for the person who sent it."""
        if report.status is not FileStatus.UNCHANGED or self.job.attempts < 2:
            return report
        source = next((file.source for file in found.files if file.shown == report.path), "")
        state = self.app.store.sources(base.id).get(source)
        if state is None:
            return report
        document = self.app.store.document(state.document_id)
        return _as_taken_in(document, report.path) if self._is_of_this_job(document) else report

    def _note_documents(self, base: KnowledgeBase, found: Discovery, numbers: dict[str, int]) -> None:
        """Tell of each file which document it became."""
        states = self.app.store.sources(base.id)
        current = {file.number: file for file in self.app.store.job(self.job.id).files}
        became = []
        for file in found.files:
            state, row = states.get(file.source), current[numbers[file.shown]]
            if state is not None and row.state == "done":
                became.append(
                    FileProgress(row.number, row.state, row.pages_done, row.pages_total, document_id=state.document_id)
                )
        if became:
            self.app.store.note_progress(self.job.id, self.worker, became)

    def _outcome(self, report: IngestReport, beat: Heartbeat, seconds: float) -> Outcome:
        if report.error is not None:
            if report.error.retryable:
                raise report.error
            return Outcome("failed", self._kept(report, seconds), error_json(report.error))
        if report.interrupted:
            return Outcome("cancelled", self._kept(report, seconds)) if beat.is_cancelled else Outcome(None)
        kept = self._kept(report, seconds)
        if kept["totals"]["files"] == kept["totals"]["failed"]:
            return Outcome("failed", kept, error_json(_all_failed()))
        return Outcome("done", kept)

    def _kept(self, report: IngestReport, seconds: float) -> dict[str, Any]:
        """The report over all files of the job, also those of earlier attempts."""
        results = [file.result for file in self.app.store.job(self.job.id).files if file.result is not None]
        totals: dict[str, int] = {"files": len(self.job.files)}
        for status in FileStatus:
            totals[status.value] = sum(result["status"] == status.value for result in results)
        for name in _COUNTED:
            totals[name] = sum(int(result[name]) for result in results if result["status"] in _TAKEN_IN)
        return {
            "totals": totals,
            "notes": [bilingual_json(note) for note in report.notes],
            "seconds": round(seconds, 3),
        }


class _Either(threading.Event):
    """An event of its own that is also set when ``other`` is."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()


def _as_taken_in(document: StoredDocument, path: str) -> FileReport:
    status = FileStatus.ADDED if document.revision_number == 1 else FileStatus.UPDATED
    return FileReport(path, status, pages=document.pages, ocr_pages=document.ocr_pages, chunks=document.chunks)


def _all_failed() -> LoadError:
    return LoadError(
        Bilingual("No file could be taken in.", "没有文件被成功导入。"),
        Bilingual("The reason stands with each file.", "原因见各个文件。"),
    )
