"""What is new about the files of a job, gathered from the pipeline's threads until it is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from ingest.jobs.records import result_of
from ingest.progress import Silent
from ingest.report import FileReport, FileStatus
from kbchat.store.jobs import FileProgress


class LiveProgress(Silent):
    """Listens to a pipeline. ``numbers`` tells which file of the job a path of the report is.

    ``amend`` may replace a report before it is kept. Writing is left to whoever calls :meth:`taken`, so that no page
    waits for the database.
    """

    def __init__(self, numbers: Mapping[str, int], amend: Callable[[FileReport], FileReport]) -> None:
        self._numbers = numbers
        self._amend = amend
        self._lock = threading.Lock()
        self._latest: dict[int, FileProgress] = {}
        self._changed: set[int] = set()
        self.reports: dict[int, FileReport] = {}

    def page(self, path: str, done: int, total: int) -> None:
        """A page more is read; called from several threads."""
        number = self._numbers.get(path)
        if number is not None:
            with self._lock:
                self._latest[number] = FileProgress(number, "reading", done, total)
                self._changed.add(number)

    def on_report(self, report: FileReport) -> None:
        """A file is through."""
        number = self._numbers.get(report.path)
        if number is None:
            return
        kept = self._amend(report)
        with self._lock:
            before = self._latest.get(number, FileProgress(number, "waiting"))
            failed = kept.status is FileStatus.FAILED
            pages = (before.pages_done, before.pages_total) if failed else (kept.pages, kept.pages)
            self.reports[number] = kept
            self._latest[number] = replace(
                before,
                state="failed" if failed else "done",
                pages_done=pages[0],
                pages_total=pages[1],
                status=kept.status.value,
                result=result_of(kept),
            )
            self._changed.add(number)

    def taken(self) -> list[FileProgress]:
        """What has changed since the last call."""
        with self._lock:
            changed = [self._latest[number] for number in sorted(self._changed)]
            self._changed.clear()
        return changed
