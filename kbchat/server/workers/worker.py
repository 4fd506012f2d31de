"""One of several worker processes: what it is started with, and its end when nobody watches over it any more."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kbchat.errors import KbchatError
from kbchat.server.workers.group import WorkerGroup
from kbchat.server.workers.shares import share_of
from kbchat.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_log = logging.getLogger("kbchat.server")
_AFTER_SHUTDOWN_SECONDS = 40.0
"""What a job under way may take to end, once open requests have had their time."""
_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class WorkerApplication:
    """Makes the application in a worker process.

    It reaches the worker through a pipe that only the two have, so secrets in the settings stand neither on a command
    line nor in an environment. ``gc_threshold`` is that of the process that starts the workers.
    """

    settings: Settings
    group: WorkerGroup
    gc_threshold: tuple[int, int, int]

    def __call__(self) -> FastAPI:
        """The application of this process."""
        _end_with_supervisor(self.group, self.settings.server.shutdown_timeout + _AFTER_SHUTDOWN_SECONDS)
        gc.set_threshold(*self.gc_threshold)
        try:
            made = self._made()
        except KbchatError as error:  # a full disk, a key file being replaced: the supervisor tries again
            _log.error("a worker cannot begin: %s", type(error).__name__)
            time.sleep(_AGAIN_SECONDS)
            sys.exit(1)
        gc.collect()
        gc.freeze()
        return made

    def _made(self) -> FastAPI:
        from kbchat.app import App  # noqa: PLC0415 - the supervisor, which makes this, needs none of it
        from kbchat.generation.factory import SHELF  # noqa: PLC0415
        from kbchat.logs import configure_logging  # noqa: PLC0415
        from kbchat.server.application import create_application  # noqa: PLC0415
        from kbchat.server.authentication import Authenticator  # noqa: PLC0415

        configure_logging(self.settings)
        SHELF.processes = self.group.wanted
        app = App(share_of(self.settings, self.group.wanted), configured=self.settings)
        return create_application(app, Authenticator(app.settings, app.store), self.group)


def _end_with_supervisor(group: WorkerGroup, seconds: float) -> None:
    """End this process as if told to when the one that started it is gone; after ``seconds`` in any case.

    Whoever kills the supervisor alone would otherwise leave workers that hold the port and are watched by nobody.
    """
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return

    def watch() -> None:
        supervisor.join()
        _log.warning("the supervisor is gone, this worker ends")
        group.disband()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(seconds)
        os._exit(1)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()
