"""``deploy/nginx.conf`` as a real nginx reads it, in front of the service and the pages: TLS, streams, sockets, names.

Ports, certificate and upstreams are put in; everything else is the file that hospitals copy. ``kbchat.localhost`` stands
for the hospital's name: every browser takes it for this machine.
"""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, expect

from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.settings import load_settings
from tests.browser.conftest import start_app, stop_app
from tests.ports import free_port
from tests.running_service import running

_CONFIGURATION = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
_NAME = "kbchat.localhost"
_USER_LINE = re.compile(r'proxy_set_header X-Remote-User\s+"";')


@pytest.fixture(scope="module")
def nginx() -> str:
    """The program; skips where there is none."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("no nginx is installed")
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "kbchat.crt"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    path.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that knows people by what a proxy on this machine says."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "kbchat.toml").write_text('[access]\nproxy_addresses = ["127.0.0.1/32"]\n', encoding="utf-8")
    app = App(load_settings(data_dir=folder))
    Services(app, local_principal("root")).bases.create("ward")
    app.close()
    return folder


@pytest.fixture(scope="module")
def service(data: Path) -> Iterator[str]:
    """The HTTP service's address."""
    app = App(load_settings(data_dir=data))
    with running(app) as found:
        yield found.url
    app.close()


@pytest.fixture
def behind(nginx: str, certificate: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts nginx with the configuration in front of a service and pages; gives its address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(service: str = "", pages: str = "", *, signs_in: str = "") -> str:
        port, plain = free_port(), free_port()
        text = _CONFIGURATION.read_text(encoding="utf-8")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{port} ").replace(
            "listen 80;", f"listen 127.0.0.1:{plain};"
        )
        text = text.replace("/etc/nginx/tls/kbchat.crt", str(certificate))
        text = text.replace("/etc/nginx/tls/kbchat.key", str(certificate.with_suffix(".key")))
        text = text.replace("http://127.0.0.1:8000", service or "http://127.0.0.1:9")
        text = text.replace("http://127.0.0.1:8501", pages or "http://127.0.0.1:9")
        if signs_in:
            text, count = _USER_LINE.subn(f"proxy_set_header X-Remote-User {signs_in};", text)
            assert count == 1
        started.append(_started(nginx, tmp_path / str(port), text))
        address = f"https://{_NAME}:{port}"
        _wait(lambda: httpx.get(f"http://127.0.0.1:{plain}/", trust_env=False).status_code == 308)
        return address

    yield start
    for process in started:
        process.terminate()
        process.wait(60)


def _started(nginx: str, folder: Path, server: str) -> subprocess.Popen[bytes]:
    folder.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder / 'pid'}; error_log {folder / 'error.log'};\n"
        f"events {{}}\nhttp {{ access_log off;\n{places}{server}\n}}\n",
        encoding="utf-8",
    )
    command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    told = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return subprocess.Popen(command)


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            if holds():
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "nginx does not answer"
        time.sleep(0.05)


def client(address: str, certificate: Path) -> httpx.Client:
    """A client that trusts the certificate and takes the name for this machine."""
    trusted = ssl.create_default_context(cafile=str(certificate))
    port = int(address.rpartition(":")[2])
    return httpx.Client(
        base_url=f"https://127.0.0.1:{port}",
        headers={"Host": f"{_NAME}:{port}"},
        transport=_Named(verify=trusted),
        timeout=90,
    )


class _Named(httpx.HTTPTransport):
    """TLS to the hospital's name, over a connection to this machine."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = _NAME
        return super().handle_request(request)


def test_tls_and_who_asks(behind: Callable[..., str], service: str, certificate: Path) -> None:
    """Names that a browser makes up are thrown away; the name that the proxy knows counts."""
    made_up = {"X-Remote-User": "root", "X-Remote-Roles": "admin", "X-Remote-Groups": "board"}
    assert httpx.get(f"{service}/v1/models", headers=made_up, trust_env=False).status_code == 200, "no control"
    with client(behind(service), certificate) as plain:
        health = plain.get("/healthz")
        assert health.status_code == 200
        assert "max-age" in health.headers["Strict-Transport-Security"]
        assert plain.get("/v1/models", headers=made_up).status_code == 401
        assert plain.get("/api/keys", headers=made_up).status_code == 401
    with client(behind(service, signs_in="zhang"), certificate) as known:
        assert known.get("/v1/models", headers=made_up).status_code == 200
        assert known.get("/api/keys", headers=made_up).status_code == 403, "a role that the browser claims"


def test_nothing_is_held_back(behind: Callable[..., str], certificate: Path) -> None:
    """Each part of an answer arrives before the next is made, each part of an upload before the next is sent."""
    arrived, uploaded = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"9\r\ndata: 1\n\n\r\n")
            self.wfile.flush()
            last = b"data: 2\n\n" if arrived.wait(60) else b"data: -\n\n"
            self.wfile.write(b"9\r\n" + last + b"\r\n0\r\n\r\n")

        def do_POST(self) -> None:
            if self.rfile.readline().strip() == b"5" and self.rfile.readline() == b"first\r\n":
                uploaded.set()
            while self.rfile.readline().strip() != b"0":
                pass
            self.rfile.readline()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def body() -> Iterator[bytes]:
        yield b"first"
        assert uploaded.wait(60), "the upload is held back"
        yield b"second"

    with _serving(Slow) as address, client(behind(address), certificate) as browser:
        for path in ("/v1/chat/completions", "/api/jobs/1/events"):
            arrived.clear()
            with browser.stream("GET", path) as stream:
                seen = []
                for line in filter(None, stream.iter_lines()):
                    seen.append(line)
                    arrived.set()
            assert seen == ["data: 1", "data: 2"], f"{path} is held back"
        assert browser.post("/api/bases/ward/uploads", content=body()).status_code == 202


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_pages_talk_over_their_socket(behind: Callable[..., str], data: Path, browser: Browser) -> None:
    """Streamlit draws nothing until its web socket is open: whom the proxy knows is greeted by name."""
    process, pages = start_app(data)
    try:
        context = browser.new_context(ignore_https_errors=True, locale="zh-CN")
        page = context.new_page()
        page.goto(behind("", pages, signs_in="zhang"))
        expect(page.get_by_text("已登录：zhang")).to_be_visible()
        context.close()
    finally:
        stop_app(process)
