"""The thread beside a running job: it keeps the lease, writes progress now and then, and hears of cancelling."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from ingest.jobs.live_progress import LiveProgress
from kbchat.errors import BusyError, StoreError
from kbchat.store import Store
from kbchat.store.jobs import LeaseLostError

_log = logging.getLogger(__name__)
_WRITE_SECONDS = 0.25
_LOOK_SECONDS = 1.0


class Heartbeat:
    """Runs while the ``with`` block does. ``stop`` is set when the job is to end; then look at the flags why."""

    def __init__(  # noqa: PLR0917 - what a heartbeat is made of
        self, store: Store, job_id: int, worker: str, lease: timedelta, progress: LiveProgress, stop: threading.Event
    ) -> None:
        self.is_lost = False
        self.is_cancelled = False
        self._store, self._job_id, self._worker, self._lease = store, job_id, worker, lease
        self._progress = progress
        self._stop = stop
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job_id}-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if kind is None and not self.is_lost:
            self.write()

    def write(self) -> None:
        """Write what is new. Raises LeaseLostError, StoreError, BusyError."""
        changed = self._progress.taken()
        if changed:
            self._store.note_progress(self._job_id, self._worker, changed)

    def _beat(self) -> None:
        renew_at = time.monotonic() + self._lease.total_seconds() / 3
        look_at = time.monotonic()
        while not self._ended.wait(_WRITE_SECONDS):
            now = time.monotonic()
            try:
                self.write()
                if now >= renew_at:
                    self._store.renew_lease(self._job_id, self._worker, self._lease)
                    renew_at = now + self._lease.total_seconds() / 3
                if now >= look_at and self._store.is_cancel_wanted(self._job_id):
                    self.is_cancelled = True
                    self._stop.set()
                if now >= look_at:
                    look_at = now + _LOOK_SECONDS
            except LeaseLostError:
                self.is_lost = True
                self._stop.set()
                return
            except (StoreError, BusyError) as error:  # the next beat tries again, as long as the lease lasts
                _log.warning("progress of job %d cannot be written: %s", self._job_id, type(error).__name__)
