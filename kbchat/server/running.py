"""Running the service: one process, one event loop, an address that is refused where nobody could sign in."""

from __future__ import annotations

import gc
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

from kbchat.app import App
from kbchat.logs import configure_logging
from kbchat.messages import Bilingual
from kbchat.server.application import create_application
from kbchat.server.authentication import Authenticator
from kbchat.server.authentication.listening import port_refused
from kbchat.server.slow_headers import timed_protocol
from kbchat.settings import ServerSettings

_log = logging.getLogger("kbchat.server")
_BACKLOG = 512
_KEEP_ALIVE_SECONDS = 20


def serve(app: App, host: str, port: int) -> None:
    """Serve until the process is told to end; open requests then get ``server.shutdown_timeout`` seconds.

    Raises ConfigurationError when the address needs a way to sign in, or a key file cannot be used; ConflictError when
    the port is taken; StoreError.
    """
    authenticator = Authenticator(app.settings, app.store)
    authenticator.check_address(host)
    listener = _listener(host, port)
    configure_logging(app.settings)
    config = server_config(create_application(app, authenticator), app.settings.server)
    with listener:
        gc.collect()
        gc.freeze()  # modules and tables stay for good: not to be looked through again and again
        _tell(app, listener)
        uvicorn.Server(config).run(sockets=[listener])


def server_config(application: FastAPI, settings: ServerSettings) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        application,
        http=timed_protocol(settings.header_timeout),
        log_config=None,
        access_log=False,  # it would write queries; the service has a log of its own
        server_header=False,
        proxy_headers=False,  # the address of the connection decides, not one that a header names
        root_path=settings.root_path.rstrip("/"),
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_timeout,
        ws="none",
        lifespan="on",
    )


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
