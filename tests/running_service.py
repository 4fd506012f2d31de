"""A real HTTP service on loopback, in a thread of the test's process, and tokens to talk to it."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jwt
import uvicorn
from fastapi import FastAPI

from kbchat.app import App
from kbchat.server.application import create_application
from kbchat.server.authentication import Authenticator
from kbchat.server.running import ServiceConfig

SECRET = b"a secret of the hospital's portal, 32 bytes or more"


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers at ``url``."""

    url: str
    application: FastAPI
    app: App
    server: uvicorn.Server


@contextmanager
def running(app: App) -> Iterator[Running]:
    """Serve ``app`` until the block ends."""
    application = create_application(app, Authenticator(app.settings, app.store))
    listener = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # else asyncio leaves Nagle's delay on
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    config = ServiceConfig(application, app.settings.server)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 90
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", application, app, server)
    finally:
        server.should_exit = True
        thread.join(90)
        listener.close()
        assert not thread.is_alive()


def host_token(
    user: str = "zhang", *, secret: Any = SECRET, algorithm: str = "HS256", kid: str | None = "his", **changed: Any
) -> str:
    """A token as the hospital's system signs it; ``changed`` claims take the place of good ones (None: left out)."""
    now = int(time.time())
    claims = {"sub": user, "aud": "kbchat", "iat": now, "exp": now + 300, "jti": uuid.uuid4().hex, "roles": ["reader"]}
    said = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(said, secret, algorithm=algorithm, headers={"kid": kid} if kid else None)
