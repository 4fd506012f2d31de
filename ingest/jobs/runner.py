"""The worker of a process: one background thread that takes queued jobs, one after the other.

Every process that serves people runs one. They share the queue through the store, so that a job whose process was
killed is taken over by another, or by the same one after its restart.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

from ingest.jobs.records import error_json
from ingest.jobs.running import Outcome, RunningJob
from ingest.jobs.staging import folder_of, leftovers, remove_folder
from ingest.pipeline import worker_pool
from ingest.workers import WorkerPool
from kbchat.app import App
from kbchat.errors import BusyError, KbchatError, StoreError
from kbchat.messages import Bilingual
from kbchat.services.privacy import sweep
from kbchat.store.jobs import LeaseLostError, StoredJob

_log = logging.getLogger(__name__)
_LEASE = timedelta(seconds=20)
_IDLE_SECONDS = 0.5
_RETRY = timedelta(seconds=2)
_MOST_ATTEMPTS = 5
_DAY_SECONDS = 86_400.0
_STOP_SECONDS = 30.0


class JobRunner:
    """Runs jobs in the background of this process, and sweeps once a day. Start it once a process."""

    def __init__(self, app: App, *, lease: timedelta = _LEASE) -> None:
        self._app = app
        self._lease = lease
        self._worker = f"{os.getpid()}-{uuid4().hex[:16]}"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last_base: int | None = None
        self._sweep_at = 0.0
        self._pool: WorkerPool | None = None

    def start(self) -> None:
        """Begin to take jobs. A second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="job-runner", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the step under way; the job goes back into the queue."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
        self._let_workers_go()

    def run_one(self) -> bool:
        """Do the next job in this thread; False when there is none. Raises StoreError, BusyError."""
        job = self._app.store.claim_job(self._worker, self._lease, rather_not=self._last_base)
        if job is None:
            self._let_workers_go()
            return False
        self._last_base = job.base_id
        try:
            self._do(job)
        except LeaseLostError:
            self._let_workers_go()
            _log.warning("job %d was taken over by another worker", job.id)
        return True

    def clean_up(self) -> None:
        """Remove what killed processes left half-staged, and folders of jobs that are over."""
        root = self._app.store.data_layout.staging
        left = leftovers(root)
        needed = self._app.store.active_job_uids()
        for uid in left:
            if uid not in needed:
                remove_folder(root, uid)

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._sweep_daily()
                if self.run_one():
                    continue
            except KbchatError as error:  # a busy or full disk may be well again in a moment
                _log.warning("jobs cannot be taken now: %s", type(error).__name__)
            self._stop.wait(_IDLE_SECONDS)

    def _workers(self) -> WorkerPool:
        """The processes that read files, kept from job to job while there are any: starting them takes a second."""
        if self._pool is None:
            self._pool = worker_pool(self._app.settings, sys.maxsize, yielding=True)
        return self._pool

    def _let_workers_go(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _sweep_daily(self) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + _DAY_SECONDS
        self.clean_up()
        swept = sweep(self._app.store, self._app.settings.privacy)
        _log.info(
            "swept: %s", ", ".join(f"{name} {number}" for name, number in swept.as_json().items() if number) or "-"
        )

    def _do(self, job: StoredJob) -> None:
        outcome, wait = self._worked(job)
        if outcome.state != "done":
            self._let_workers_go()
        store = self._app.store
        if outcome.state is None:
            store.release_job(job.id, self._worker, retry_after=wait)
            return
        store.finish_job(job.id, self._worker, outcome.state, report=outcome.report, error=outcome.error)
        remove_folder(store.data_layout.staging, job.uid)
        _log.info("job %d: %s", job.id, outcome.state)

    def _worked(self, job: StoredJob) -> tuple[Outcome, timedelta]:
        """How the work went, and how long to wait if it is to be taken up again. Raises LeaseLostError."""
        if job.attempts > _MOST_ATTEMPTS:
            return Outcome("failed", error=error_json(_given_up())), _RETRY
        folder = folder_of(self._app.store.data_layout.staging, job.uid)
        running = RunningJob(self._app, job, self._worker, self._lease, folder, self._stop, self._workers())
        try:
            return running.run(), timedelta(0)
        except BusyError:  # another process is changing the knowledge base
            self._stop.wait(_IDLE_SECONDS)
            return Outcome(None), _RETRY
        except LeaseLostError:
            raise
        except KbchatError as error:
            return Outcome("failed", error=error_json(error)), _RETRY
        except Exception:  # noqa: BLE001 - a job must end whatever happens, or it would be taken up for ever
            _log.exception("job %d failed in an unforeseen way", job.id)
            return Outcome("failed", error=error_json(_unforeseen())), _RETRY


def _given_up() -> StoreError:
    return StoreError(
        Bilingual(
            "The process ended several times while it worked on this job, so it was given up.",
            "处理此任务时进程多次意外结束，任务已放弃。",
        ),
        Bilingual(
            "See the log for the reason (often too little memory), and upload fewer files at a time.",
            "请查看日志了解原因（多为内存不足），并减少每次上传的文件。",
        ),
    )


def _unforeseen() -> StoreError:
    return StoreError(
        Bilingual("The job failed in a way that was not foreseen.", "任务因意外错误而失败。"),
        Bilingual("The log tells more; show it to whoever runs kbchat.", "详情见日志，请联系 kbchat 管理员。"),
    )
