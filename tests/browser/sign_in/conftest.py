"""The app behind a host key, a portal of another site that shows it in a frame, and Chromium without third-party cookies."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.settings import load_settings
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind
from tests.browser.conftest import PATIENCE, Served, start_app, stop_app
from tests.running_service import SECRET


@dataclass
class Portal:
    """The hospital's web server, known as ``localhost``: another site than the app on 127.0.0.1."""

    server: ThreadingHTTPServer
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server.server_port}"

    def framing(self, address: str, path: str = "/portal") -> str:
        """The address of a page that shows ``address`` in a frame."""
        self.pages[path] = (
            f'<!doctype html><title>HIS</title><iframe id="kb" src="{address}" style="width:1200px;height:820px"></iframe>'
        )
        return self.origin + path


class _Handler(BaseHTTPRequestHandler):
    portal: Portal

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        body = self.portal.pages.get(self.path.partition("?")[0], "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    handler = type("Handler", (_Handler,), {})
    found = Portal(ThreadingHTTPServer(("127.0.0.1", 0), handler))
    handler.portal = found  # type: ignore[attr-defined]
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="session")
def ward_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose base ``default`` holds one leaflet."""
    folder = tmp_path_factory.mktemp("ward")
    app = App(load_settings(data_dir=folder, language="zh"))
    Services(app, local_principal("root")).bases.create("ward")
    base = app.store.base("ward")
    parsed = parsed_leaflet("阿司匹林肠溶片", {SectionKind.CONTRAINDICATIONS: "活动性溃疡患者禁用。"})
    embedder = app.embedder_for(base)
    assert embedder is not None
    app.store.commit_document(
        base.id,
        source="a.txt",
        name="a.txt",
        sha256="ab" * 32,
        parsed=parsed,
        vectors=embedder.embed_documents([chunk.text for chunk in parsed.chunks]),
    )
    app.close()
    return folder


@pytest.fixture(scope="session")
def guarded(ward_data: Path, portal: Portal) -> Iterator[Served]:
    """The app: signed tokens of the HIS, or a proxy on 127.0.0.9; the portal may show it in a frame."""
    key = ward_data / "his.key"
    key.write_bytes(SECRET)
    (ward_data / "kbchat.toml").write_text(
        f'[server]\nframe_ancestors = ["{portal.origin}"]\n'
        f'[access]\nproxy_addresses = ["127.0.0.9/32"]\n'
        f'[[access.host_keys]]\nid = "his"\nalgorithm = "HS256"\nfile = "{key}"\nroles = ["reader", "curator", "admin"]\n',
        encoding="utf-8",
    )
    process, url = start_app(ward_data)
    yield Served(url, ward_data)
    stop_app(process)


@pytest.fixture
def strict_visitor(strict_browser: Browser) -> Iterator[Callable[[], Page]]:
    """Makes pages, each in a browser context of its own."""
    opened: list[BrowserContext] = []

    def make() -> Page:
        context = strict_browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


class Proxy:
    """A reverse proxy at 127.0.0.9 that says ``X-Remote-User`` with the first request of every connection."""

    def __init__(self, app: Served, user: str, roles: str) -> None:
        self._to = ("127.0.0.1", int(app.url.rpartition(":")[2]))
        said = {"X-Remote-User": user, "X-Remote-Roles": roles, "X-Forwarded-For": "10.20.30.40"}
        self._said = "".join(f"{name}: {value}\r\n" for name, value in said.items()).encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._to, source_address=("127.0.0.9", 0)) as app:
            head = client.recv(65536)
            line, _, rest = head.partition(b"\r\n")
            app.sendall(line + b"\r\n" + self._said + rest)
            threading.Thread(target=self._pump, args=(app, client), daemon=True).start()
            self._pump(client, app)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxied(guarded: Served) -> Iterator[Callable[..., str]]:
    """Makes addresses at which a proxy says who asks."""
    made: list[Proxy] = []

    def make(user: str, roles: str = "") -> str:
        made.append(Proxy(guarded, user, roles))
        return made[-1].url

    yield make
    for proxy in made:
        proxy.close()
