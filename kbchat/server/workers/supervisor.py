"""uvicorn's supervisor of worker processes, with what kbchat adds: a log, figures of ended workers, the exit status."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from kbchat.server.running import ServiceConfig
from kbchat.server.workers.group import FIGURES_VARIABLE, WorkerGroup
from kbchat.server.workers.worker import WorkerApplication
from kbchat.settings import Settings

_log = logging.getLogger("kbchat.server")
_HUNG_SECONDS = 30
"""A worker that does not answer its supervisor for so long is killed; starting on a busy machine takes some."""


def supervise(settings: Settings, listener: socket.socket, workers: int) -> None:
    """Serve on ``listener`` with so many workers until told to end; ends as one process would, by the same signal.

    Raises SystemExit when no worker could begin.
    """
    with _handlers_as_before(), _group(workers) as group:
        application = WorkerApplication(settings, group, gc.get_threshold())
        config = ServiceConfig(application, settings.server, workers)
        config.timeout_worker_healthcheck = _HUNG_SECONDS
        supervisor = Supervisor(config, listener, group)
        supervisor.run()
    if supervisor.ended_by is None:
        sys.exit(STARTUP_FAILURE)
    signal.raise_signal(supervisor.ended_by)


class Supervisor(Multiprocess):
    """Starts the workers, and starts one again that has died. ``ended_by`` is the signal that told it to end."""

    def __init__(self, config: ServiceConfig, listener: socket.socket, group: WorkerGroup) -> None:
        super().__init__(config, [listener])
        self.ended_by: signal.Signals | None = None
        self._group = group
        self._known: set[int] = set()

    def keep_subprocess_alive(self) -> None:
        """Start again what has died."""
        super().keep_subprocess_alive()
        now = {process.pid for process in self.processes if process.pid is not None}
        for gone in self._known - now:
            self._group.forget(gone)
            _log.warning("worker %d ended, another takes its place", gone)
        for new in now - self._known:
            _log.info("worker %d was started", new)
        self._known = now

    def handle_int(self) -> None:
        """End."""
        self.ended_by = signal.SIGINT
        super().handle_int()

    def handle_term(self) -> None:
        """End."""
        self.ended_by = signal.SIGTERM
        super().handle_term()

    def handle_ttin(self) -> None:
        """Nothing: limits are divided by the number of workers, so that stays what the settings say."""

    def handle_ttou(self) -> None:
        """Nothing, as for one more."""


@contextmanager
def _group(workers: int) -> Iterator[WorkerGroup]:
    """The group and its folder, named to the workers before they begin: what counts looks for it when imported."""
    group = WorkerGroup(Path(tempfile.mkdtemp(prefix="kbchat-workers-")), workers)
    before = os.environ.get(FIGURES_VARIABLE)
    os.environ[FIGURES_VARIABLE] = str(group.folder)
    try:
        yield group
    finally:
        if before is None:
            del os.environ[FIGURES_VARIABLE]
        else:
            os.environ[FIGURES_VARIABLE] = before
        group.disband()


@contextmanager
def _handlers_as_before() -> Iterator[None]:
    """Give back the signals: the supervisor of uvicorn takes them over and keeps them."""
    told = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.getsignal(one) for one in told}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
