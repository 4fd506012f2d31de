"""A hospital's page on another site, the service behind it, and Chromium that blocks third-party cookies."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ingest.pipeline import IngestOptions, ingest
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.settings import load_settings
from tests.browser.conftest import PATIENCE
from tests.running_service import SECRET, Running, host_token, running

SAMPLES = Path(__file__).resolve().parents[3] / "sample_kb" / "leaflets"
EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>**[x](javascript:window.pwned=3)'


@dataclass
class Portal:
    """The hospital's own web server, known as ``localhost``: another site than the service on 127.0.0.1."""

    server: ThreadingHTTPServer
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Body and Content-Security-Policy by path."""
    tokens: int = 0
    """How many host tokens it has signed."""

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    portal: Portal

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/token":
            self.portal.tokens += 1
            self._answer(host_token("王护士", roles=["reader"]), "text/plain", "default-src 'none'")
        elif path in self.portal.pages:
            body, policy = self.portal.pages[path]
            self._answer(body, "text/html; charset=utf-8", policy)
        else:
            self.send_error(404)

    def _answer(self, body: str, kind: str, policy: str) -> None:
        content = body.encode()
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def make_portal() -> Iterator[Callable[[], Portal]]:
    made: list[Portal] = []

    def make() -> Portal:
        handler = type("Handler", (_Handler,), {})
        portal = Portal(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        handler.portal = portal  # type: ignore[attr-defined]
        threading.Thread(target=portal.server.serve_forever, daemon=True).start()
        made.append(portal)
        return portal

    yield make
    for portal in made:
        portal.server.shutdown()
        portal.server.server_close()


@pytest.fixture(scope="session")
def widget_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two leaflets, one of them under a hostile title."""
    folder = tmp_path_factory.mktemp("widget")
    app = App(load_settings(data_dir=folder, language="zh"))
    services = Services(app, local_principal("root"))
    services.bases.create("drugs")
    base = app.store.base("drugs")
    embedder = app.embedder_for(base)
    assert embedder is not None
    ingest(
        [SAMPLES / "盐酸二甲双胍片_0.5g.pdf", SAMPLES / "阿莫西林胶囊.docx"],
        store=app.store,
        base=base,
        embedder=embedder,
        index=app.index_for(base),
        settings=app.settings,
        options=IngestOptions(ocr="off"),
    )
    evil = next(document for document in app.store.documents(base.id) if document.name.endswith(".docx"))
    services.documents.change_card("drugs", evil.id, title=f"阿莫西林 {EVIL}", manufacturer=EVIL)
    app.close()
    return folder


@pytest.fixture
def portal(make_portal: Callable[[], Portal]) -> Portal:
    return make_portal()


@pytest.fixture
def service(widget_data: Path, portal: Portal, tmp_path: Path) -> Iterator[Running]:
    """The service; the portal may call it and frame it, and signs tokens for it."""
    folder = tmp_path / "data"
    shutil.copytree(widget_data, folder)
    key = tmp_path / "his.key"
    key.write_bytes(SECRET)
    app = App(
        load_settings(
            data_dir=folder,
            language="zh",
            server={"cors_origins": [portal.origin], "frame_ancestors": [portal.origin]},
            access={"host_keys": [{"id": "his", "algorithm": "HS256", "file": key}]},
        )
    )
    with running(app) as found:
        yield found
    app.close()


@pytest.fixture
def page(strict_browser: Browser) -> Iterator[Page]:
    """A page in a context of its own; ``page.wrong`` collects what it reports as errors."""
    context = strict_browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()
