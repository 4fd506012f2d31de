"""The server of the screen: Streamlit with this app's settings, the cookie of browsers, and the parts made at its start."""

from __future__ import annotations

import logging
import os
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from kbchat.errors import KbchatError
from kbchat.logs import configure_logging
from kbchat.server.authentication.listening import port_refused
from kbchat.services import Services
from kbchat.services.originals import OriginalFile
from kbchat.settings import Settings, load_settings
from ui import bootstrap
from ui.browser_cookie import BROWSER_COOKIE, BrowserCookie, is_browser_id
from ui.components.problem import show_unexpected
from ui.i18n import frame as words
from ui.i18n import source as source_words
from ui.original_links import opens_in_browser
from ui.request_guard import RequestGuard
from ui.sign_in import allowed_hosts, check_address
from ui.undelayed import send_at_once

_log = logging.getLogger(__name__)
ORIGINAL_PATH = "/original/{token}"
# A picture needs nothing. A PDF is drawn by a viewer of the browser, apart from the page, which a sandbox would switch off.
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PICTURE = f"{_NOTHING}; img-src 'self'; style-src 'unsafe-inline'; sandbox"
_PDF = f"{_NOTHING}; object-src 'self'; plugin-types application/pdf; img-src 'self'; style-src 'unsafe-inline'"


def serve(host: str, port: int) -> None:
    """Show the app on ``host:port`` until the process is told to end.

    Raises ConfigurationError when the address needs a way to sign in, ConflictError when the port is taken, and what
    :func:`ui.bootstrap.application` raises.
    """
    settings = load_settings()
    check_address(settings, host)
    check_port(host, port)
    configure_logging(settings)
    single_user = bootstrap.sign_in().single_user  # a wrong setting is told before the server says that it is there
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(words.SHOWN_AT.in_language(settings.language).format(url=f"http://{shown}:{port}") + "\n")
    sys.stdout.flush()
    # Streamlit takes a folder "pages" beside the script for pages of its own older kind, until the first session has said
    # otherwise; that session would be told that the page it asked for does not exist.
    PagesManager.uses_pages_directory = False
    app = st.App(
        Path(__file__).with_name("app.py"),
        lifespan=_lifespan,
        routes=[Route(ORIGINAL_PATH, open_original, methods=["GET"])],
        middleware=[
            Middleware(BrowserCookie, frame_ancestors=settings.server.frame_ancestors),
            Middleware(RequestGuard, allowed_hosts=allowed_hosts(settings, single_user=single_user)),
        ],
        on_script_error=_tell_unexpected,
    )
    # The peer of a connection is the peer: without this, whoever speaks from this machine could name another in a header.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    send_at_once()
    app.run(config={**streamlit_options(), **_own_options(settings, host, port)})


def streamlit_options() -> dict[str, Any]:
    """Every option of ``streamlit.toml`` by its dotted name."""
    return _flattened(tomllib.loads(Path(__file__).with_name("streamlit.toml").read_text(encoding="utf-8")))


def _own_options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    client = settings.ui.oidc_client
    return {
        "server.address": host,
        "server.port": port,
        # No other file of secrets counts, whatever lies in the folder where the app was started.
        "secrets.files": [] if client is None else [str(client.resolve())],
    }


def _flattened(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flattened(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def check_port(host: str, port: int) -> None:
    """Raises ConflictError when nothing can listen on ``host:port``, saying what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise port_refused(host, port, error, instead=f"kbchat ui --port {port + 1}") from error


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    try:
        yield None
    finally:
        bootstrap.close()


def _tell_unexpected(error: Exception) -> bool:
    """An error nobody expected: the log gets what it was, the person when it was."""
    _log.error("a page failed", exc_info=error)
    show_unexpected()
    return True


def open_original(request: Request) -> Response:
    """The original of a source (see ``ui.original_links``) for the one who may read it; for everybody else the same words, whatever the reason."""
    browser = request.cookies.get(BROWSER_COOKIE, "")
    links = bootstrap.original_links()
    link = links.find(request.path_params["token"], browser) if is_browser_id(browser) else None
    if link is None:
        return _gone()
    try:
        file = Services(bootstrap.application(), link.principal, channel="ui").sources.original(link.revision)
    except KbchatError:
        return _gone()
    return _original(file) if opens_in_browser(file) else _gone()


def _original(file: OriginalFile) -> Response:
    headers = {
        "content-disposition": f"inline; filename*=utf-8''{quote(file.name, safe='')}",
        "content-security-policy": _PDF if file.media_type == "application/pdf" else _PICTURE,
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
    }
    return FileResponse(file.path, media_type=file.media_type, headers=headers)


def _gone() -> Response:
    both = f"{source_words.ORIGINAL_GONE.zh}\n{source_words.ORIGINAL_GONE.en}\n"
    return PlainTextResponse(both, status_code=404, headers={"cache-control": "no-store"})
