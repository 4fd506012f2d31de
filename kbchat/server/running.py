"""Running the service: one process or several on one socket, an address that is refused where nobody could sign in."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from kbchat.app import App
from kbchat.logs import configure_logging
from kbchat.messages import Bilingual
from kbchat.server.arenas import limit_arenas
from kbchat.server.authentication import Authenticator
from kbchat.server.authentication.listening import port_refused
from kbchat.server.slow_headers import TimedProtocol
from kbchat.settings import ServerSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

_log = logging.getLogger("kbchat.server")
_BACKLOG = 512
_KEEP_ALIVE_SECONDS = 20
_SHARING_LOOP = "kbchat.server.workers.event_loop:SharingEventLoop"


class ServiceConfig(uvicorn.Config):
    """How the application, or what makes it in a worker process, is served."""

    def __init__(
        self, application: FastAPI | Callable[[], FastAPI], settings: ServerSettings, workers: int = 1
    ) -> None:
        super().__init__(
            application,
            factory=workers > 1,
            workers=workers,
            http=TimedProtocol,
            loop=_SHARING_LOOP if workers > 1 else "auto",
            log_config=None,
            access_log=False,  # it would write queries; the service has a log of its own
            server_header=False,
            proxy_headers=False,  # the address of the connection decides, not one that a header names
            root_path=settings.root_path.rstrip("/"),
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=settings.shutdown_timeout,
            ws="none",
            lifespan="on",
        )
        self.header_timeout = settings.header_timeout


def serve(app: App, host: str, port: int, workers: int = 1) -> None:
    """Serve until the process is told to end; open requests then get ``server.shutdown_timeout`` seconds.

    Raises ConfigurationError when the address needs a way to sign in, a key file cannot be used, or a language model
    would be loaded by several workers; ConflictError when the port is taken; StoreError.
    """
    limit_arenas()
    authenticator = Authenticator(app.settings, app.store)
    authenticator.check_address(host)
    if workers > 1:
        _serve_by_workers(app, host, port, workers)
        return
    from kbchat.server.application import create_application  # noqa: PLC0415 - a supervisor of workers needs none

    listener = _listener(host, port)
    configure_logging(app.settings)
    config = ServiceConfig(create_application(app, authenticator), app.settings.server)
    with listener:
        gc.collect()
        gc.freeze()  # modules and tables stay for good: not to be looked through again and again
        _tell(app, listener)
        uvicorn.Server(config).run(sockets=[listener])


def _serve_by_workers(app: App, host: str, port: int, workers: int) -> None:
    from kbchat.server.workers.shares import check_models  # noqa: PLC0415 - for several workers only
    from kbchat.server.workers.supervisor import supervise  # noqa: PLC0415

    check_models(app, workers)
    listener = _listener(host, port)
    configure_logging(app.settings)
    with listener:
        _tell(app, listener)
        app.close()  # the workers open it; who watches over them needs it no more
        supervise(app.settings, listener, workers)


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ConflictError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise port_refused(host, port, error, instead="kbchat serve --port 8100") from error
    return listener


def _tell(app: App, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    said = Bilingual(f"kbchat answers at http://{shown}:{port}", f"kbchat 服务地址：http://{shown}:{port}")
    sys.stdout.write(said.in_language(app.settings.language) + "\n")
    sys.stdout.flush()
    _log.info("listening", extra={"host": host, "port": port})
