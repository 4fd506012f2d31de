"""The way of a folder into a knowledge base: find, compare, read in worker processes, embed, commit, index.

One document is one transaction, so the process may die at any instant: what was committed stays, what was not is found
new by the next run. The index follows the store and is caught up at the end and now and then; it too may be cut off.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ingest import wording
from ingest.discovery import Discovery, FoundFile, discover, is_gone
from ingest.interrupts import interrupts_held
from ingest.loaders.options import LoadOptions
from ingest.options import IngestOptions, Supervision
from ingest.parsed_file import TARGET, ChunkSizes, ParsedFile, ParseTask, file_sha256
from ingest.plan import Duplicate, Gone, HashedFile, Moved, Plan, Read, Restored, Twin, Unchanged, make_plan
from ingest.progress import IngestProgress, Silent
from ingest.report import FileReport, FileStatus, IngestReport
from ingest.workers import Done, Limits, WorkerPool
from kbchat.embedding.passage_text import passage_text
from kbchat.embedding.protocol import Embedder, Vectors
from kbchat.errors import (
    BusyError,
    EmbedderError,
    IndexStateError,
    KbchatError,
    LoadError,
    StoreError,
)
from kbchat.messages import Bilingual
from kbchat.settings import Settings
from kbchat.store import KnowledgeBase, SourceState, Store
from kbchat.types import ParsedDocument

__all__ = ["IngestOptions", "RefreshableIndex", "Supervision", "ingest", "ingest_found", "worker_pool"]

_HASHING_THREADS = 4
_CHUNKS_BETWEEN_REFRESHES = 2000
_SHARE_BETWEEN_REFRESHES = 0.1
_FATAL = (StoreError, BusyError, EmbedderError, IndexStateError)
"""Errors that concern every further file too; all others concern one."""


class RefreshableIndex(Protocol):
    """What the pipeline needs of an index."""

    def refresh(self) -> object:
        """Catch up with the store. Raises IndexStateError."""


def ingest(
    paths: Sequence[Path],
    *,
    store: Store,
    base: KnowledgeBase,
    embedder: Embedder | None,
    index: RefreshableIndex,
    settings: Settings,
    options: IngestOptions | None = None,
    progress: IngestProgress | None = None,
    pool: WorkerPool | None = None,
) -> IngestReport:
    """Bring the files under ``paths`` into ``base`` and report on every one.

    Ctrl-C ends the ingest after the commit under way; the report then says so. ``pool`` are worker processes made by
    ``worker_pool``, for a caller that starts them early; whoever made it closes it.

    Raises NotFoundError when a path does not exist or there is no file at all, InvalidInputError when no path is given,
    LoadError when a folder named outright cannot be read, BusyError when another process is changing the base, and
    StoreError when the store cannot be written at the start; later it is in the report.
    """
    found = discover(paths, excluded=[settings.data_dir])
    if not found.files and not found.unreadable:
        raise wording.nothing_there(paths, found.roots)
    return ingest_found(
        found,
        store=store,
        base=base,
        embedder=embedder,
        index=index,
        settings=settings,
        options=options,
        progress=progress,
        pool=pool,
    )


def ingest_found(
    found: Discovery,
    *,
    store: Store,
    base: KnowledgeBase,
    embedder: Embedder | None,
    index: RefreshableIndex,
    settings: Settings,
    options: IngestOptions | None = None,
    progress: IngestProgress | None = None,
    pool: WorkerPool | None = None,
    supervision: Supervision | None = None,
) -> IngestReport:
    """As ``ingest``, for files that were found already (uploads, stored originals).

    Raises BusyError when another process is changing the base, StoreError when the store cannot be written at the start.
    """
    shown = progress or Silent()
    with store.writer_lock(base.id), contextlib.ExitStack() as own:
        workers = pool or own.enter_context(worker_pool(settings, len(found.files)))
        chosen, looking_on = options or IngestOptions(), supervision or Supervision()
        run = _Run(store, base, embedder, index, settings, chosen, shown, workers, found, looking_on)
        return run.execute()


def worker_pool(settings: Settings, files: int, target: str = TARGET, *, yielding: bool = False) -> WorkerPool:
    """The processes that read files: as the settings say, but no more than there are files. None is started yet.

    ``target`` names the function that reads a file; ``yielding`` workers leave the processor to other work.
    """
    chosen = settings.ingest
    limits = Limits(chosen.file_timeout, chosen.file_memory << 20)
    return WorkerPool(target, workers=min(files, chosen.workers or _cores()), limits=limits, yielding=yielding)


@dataclass(slots=True)
class _Run:
    """One ingest under way. ``reports`` fills up by path; ``first_errors`` keeps why the first of several twins failed."""

    store: Store
    base: KnowledgeBase
    embedder: Embedder | None
    index: RefreshableIndex
    settings: Settings
    options: IngestOptions
    progress: IngestProgress
    pool: WorkerPool
    found: Discovery
    supervision: Supervision
    reports: dict[str, FileReport] = field(default_factory=dict)
    notes: list[Bilingual] = field(default_factory=list)
    unindexed: int = 0
    indexed: int = 0

    def execute(self) -> IngestReport:
        started = time.monotonic()
        run_id = self.store.start_run(self.base.id)
        interrupted, error = False, None
        try:
            self._work()
        except KeyboardInterrupt:
            interrupted = True
        except _FATAL as fatal:
            error = fatal
        finally:
            self.progress.stop()
        report = IngestReport(
            self.base.name, self._ordered(), tuple(self.notes), time.monotonic() - started, interrupted, error
        )
        with contextlib.suppress(StoreError, BusyError):
            self.store.finish_run(run_id, _kept_report(report))
        return report

    def _work(self) -> None:
        for failed in self.found.unreadable:
            self._report(FileReport.failed(failed.shown, failed.error))
        if self.found.links_left:
            self.notes.append(wording.links_note(self.found.links_left))
        states = self.store.sources(self.base.id)
        plan = self._plan(states)
        known = {source for source, state in states.items() if not state.retired}
        self._carry_out(plan)
        self._read_all(plan, known)
        self._prune(plan.gone)
        self.index.refresh()

    def _plan(self, states: Mapping[str, SourceState]) -> Plan:
        hashed = self._hashed()
        if self.options.anew:
            return Plan(tuple(Read(item.file, item.sha256) for item in hashed), ())
        return make_plan(hashed, states, is_gone=is_gone, is_in_scope=self.found.is_under_roots)

    def _hashed(self) -> list[HashedFile]:
        files = self.found.files
        hashed: list[HashedFile] = []
        with ThreadPoolExecutor(_HASHING_THREADS, thread_name_prefix="hash") as threads:
            try:
                for done, (file, outcome) in enumerate(zip(files, threads.map(_hash, files), strict=True), start=1):
                    if isinstance(outcome, str):
                        hashed.append(HashedFile(file, outcome))
                    else:
                        self._report(FileReport.failed(file.shown, outcome))
                    self.progress.checking(done, len(files))
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise
        return hashed

    def _carry_out(self, plan: Plan) -> None:
        """The steps that need no reading; retired duplicates and twins come when their first is in."""
        names = {step.file.source: step.file.shown for step in plan.steps}
        for step in plan.steps:
            self._stop_if_asked()
            with interrupts_held():
                if isinstance(step, Unchanged):
                    reason = wording.RETIRED_BY_PERSON if step.retired else None
                    self._report(FileReport(step.file.shown, FileStatus.UNCHANGED, reason))
                elif isinstance(step, Moved):
                    self.store.move_document(step.document_id, source=step.file.source, name=step.file.name)
                    reason = wording.moved(
                        names.get(step.source, wording.source_shown(step.source)), retired=step.retired
                    )
                    self._report(FileReport(step.file.shown, FileStatus.UNCHANGED, reason))
                elif isinstance(step, Restored):
                    self.store.restore_document(step.document_id, name=step.file.name)
                    self._report(FileReport(step.file.shown, FileStatus.ADDED, wording.BACK))
                elif isinstance(step, Duplicate):
                    self._duplicate(
                        step.file, names.get(step.of, wording.source_shown(step.of)), step.stale, retired=step.retired
                    )

    def _duplicate(self, file: FoundFile, of: str, stale: int | None, *, retired: bool = False) -> None:
        if stale is not None:
            self.store.retire_document(stale, because="gone")
        self._report(
            FileReport(
                file.shown, FileStatus.DUPLICATE, wording.same_as(of, had_own=stale is not None, retired=retired)
            )
        )

    def _read_all(self, plan: Plan, known: set[str]) -> None:
        """Read new and changed files, then settle their twins: duplicates, or read themselves where the first failed."""
        reads = [step for step in plan.steps if isinstance(step, Read)]
        twins = [step for step in plan.steps if isinstance(step, Twin)]
        self.progress.reading(len(reads), sum(read.file.size for read in reads))
        while reads:
            self._read(reads, known)
            reads, twins = self._settle(twins)

    def _settle(self, twins: Iterable[Twin]) -> tuple[list[Read], list[Twin]]:
        """Twins of files that were read are duplicates; one of each other set is read in place of its first.

        A file of another name ending may be read by another loader; one of the same ending would fail the same way.
        """
        again: dict[str, Read] = {}
        waiting: list[Twin] = []
        for twin in twins:
            first = self.reports[twin.first.shown]
            if first.status is not FileStatus.FAILED:
                with interrupts_held():
                    self._duplicate(twin.file, twin.first.shown, twin.stale)
            elif twin.file.path.suffix.lower() == twin.first.path.suffix.lower():
                self._report(replace(first, path=twin.file.shown, seconds=0.0))
            elif twin.sha256 in again:
                waiting.append(replace(twin, first=again[twin.sha256].file))
            else:
                again[twin.sha256] = Read(twin.file, twin.sha256)
        return list(again.values()), waiting

    def _read(self, reads: Sequence[Read], known: set[str]) -> None:
        by_size = sorted(reads, key=lambda read: -read.file.size)  # the longest first, so that none is left for the end

        def on_beat(key: int, done: int, total: int) -> None:
            self.progress.page(by_size[key].file.shown, done, total)

        for done in self.pool.run(self._tasks(by_size), on_beat, self.supervision.stop):
            self._stop_if_asked()
            self._take_in(by_size[done.key], done, known)
            self._index_now_and_then()
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self.supervision.is_stopped:
            raise KeyboardInterrupt

    def _tasks(self, reads: Sequence[Read]) -> Iterator[tuple[int, ParseTask]]:
        chosen = self.settings.ingest
        options = LoadOptions(
            password=self.options.password,
            ocr=self.options.ocr or chosen.ocr,
            ocr_dpi=chosen.ocr_dpi,
            unpacked_limit=chosen.unpacked_limit,
        )
        sizes = ChunkSizes(self.settings.chunk.target, self.settings.chunk.maximum)
        for number, read in enumerate(reads):
            yield number, ParseTask(read.file.path, read.file.name, options, sizes)

    def _take_in(self, read: Read, done: Done, known: set[str]) -> None:
        """Commit and report a file that was read, or report why not, as one step."""
        file = read.file
        with interrupts_held():
            try:
                if done.error is not None:
                    raise done.error
                report = self._commit(read, done.value, done.seconds)
            except _FATAL:
                raise
            except KbchatError as error:
                report = FileReport.failed(file.shown, error, done.seconds)
                if file.source in known:
                    report = replace(report, reason=wording.earlier_stays(error.user_message))
            self._report(report)
        self.progress.file(file.shown, file.size, report.pages)

    def _commit(self, read: Read, parsed: ParsedFile, seconds: float) -> FileReport:
        file, document = read.file, parsed.document
        if parsed.sha256 != read.sha256:
            raise wording.changed_meanwhile(file.name)
        self.store.save_original(file.path, read.sha256)
        committed = self.store.commit_document(
            self.base.id,
            source=file.source,
            name=file.name,
            sha256=read.sha256,
            parsed=document,
            vectors=self._vectors(document),
            layouts=parsed.layouts,
            replaces=read.replaces,
        )
        self.unindexed += committed.chunks
        return FileReport(
            file.shown,
            FileStatus(committed.status),
            pages=len(document.pages),
            ocr_pages=sum(page.ocr for page in document.pages),
            chunks=committed.chunks,
            seconds=seconds,
            warnings=document.warnings,
        )

    def _index_now_and_then(self) -> None:
        """Index while the workers read; the steps grow with what is done, so that their cost stays in proportion."""
        if self.unindexed >= max(_CHUNKS_BETWEEN_REFRESHES, self.indexed * _SHARE_BETWEEN_REFRESHES):
            self.index.refresh()
            self.indexed += self.unindexed
            self.unindexed = 0

    def _vectors(self, document: ParsedDocument) -> Vectors | None:
        if self.embedder is None:
            return None
        sections = {section.id: section for section in document.sections}
        texts = []
        for chunk in document.chunks:
            section = sections[chunk.section_id]
            subject = section.subject or document.card.title
            texts.append(passage_text(subject, section.heading_path, chunk.table_header, chunk.text))
        return self.embedder.embed_documents(texts)

    def _prune(self, gone: Sequence[Gone]) -> None:
        if not self.options.prune:
            if gone:
                self.notes.append(wording.gone_note(len(gone)))
            return
        for item in gone:
            with interrupts_held():
                self.store.retire_document(item.document_id, because="gone")
                self._report(FileReport(self.found.shown(item.source), FileStatus.RETIRED, wording.LEFT))

    def _report(self, report: FileReport) -> None:
        self.reports[report.path] = report
        if self.supervision.on_report is not None:
            self.supervision.on_report(report)

    def _ordered(self) -> tuple[FileReport, ...]:
        return tuple(report for _, report in sorted(self.reports.items()))


def _hash(file: FoundFile) -> str | LoadError:
    try:
        return file_sha256(file.path)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        return LoadError(
            Bilingual(f"The file cannot be opened: {detail}.", f"无法打开该文件：{detail}。"),
            Bilingual(
                "Check that the account that runs kbchat may read it.", "请确认运行 kbchat 的账户有权读取该文件。"
            ),
        )


def _cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _kept_report(report: IngestReport) -> dict[str, object]:
    """What the store keeps of a report: unchanged files, nearly all of a nightly run, are only counted."""
    kept = report.as_json("en")
    kept["files"] = [file for file in kept["files"] if file["status"] != FileStatus.UNCHANGED]
    return kept
