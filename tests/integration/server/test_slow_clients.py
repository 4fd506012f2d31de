"""Clients that trickle, over real sockets: each is given up, and meanwhile everybody else is answered.

Times have generous bounds: what is tested is that waiting ends, and that it does not end too early.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from tests import patient
from tests.process_tree import eventually
from tests.running_service import host_token

LONG = patient.SECONDS
"""Seconds by which every wait must have ended; the limits set here are a tenth of it or less."""
LIMITS = {"header_timeout": 2.0, "client_timeout": 2.0}
"""A body that was given up is read no longer than a head may take."""


@contextlib.contextmanager
def connected(service):
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=LONG) as connection:
        yield connection


def head(service, path="/api/bases", length=1_000_000, kind="application/json", more=""):
    return (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(service.url).netloc}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    ).encode()


def answered(connection):
    """Read a whole answer to ``/healthz``, which may come in pieces."""
    said = b""
    while not said.endswith(b"}"):
        said += connection.recv(65536)
    assert b" 200 " in said


def trickled(connection, content, pause):
    """Send byte by byte until the other side hangs up; whether it did, and what it said."""
    said = b""
    connection.setblocking(False)
    ends = time.monotonic() + LONG
    for byte in content:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return True, said + waiting(connection)
        time.sleep(pause)
        with contextlib.suppress(BlockingIOError):
            try:
                got = connection.recv(65536)
            except ConnectionError:
                return True, said
            if not got:
                return True, said
            said += got
        assert time.monotonic() < ends, "it was waited for for ever"
    return False, said


def waiting(connection):
    """What has come and was not yet read."""
    said = b""
    with contextlib.suppress(OSError):
        while got := connection.recv(65536):
            said += got
    return said


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
def test_a_head_that_trickles_is_not_waited_for(serve, first):
    """Also the second one of a connection."""
    service = serve(server={"header_timeout": 1.0})
    with connected(service) as connection:
        if first:
            connection.sendall(first)
            answered(connection)
        closed, said = trickled(connection, b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 2000, 0.05)
    assert closed
    assert said == b""


def test_a_connection_that_says_nothing_is_closed(serve):
    service = serve(server={"header_timeout": 0.5})
    with connected(service) as connection:
        assert connection.recv(10) == b""


def test_a_head_in_pieces_that_comes_in_time_is_answered(serve):
    service = serve(server={"header_timeout": 30.0})
    with connected(service) as connection:
        for piece in (b"GET /healthz HT", b"TP/1.1\r\nHo", b"st: 127.0.0.1\r\n", b"\r\n"):
            connection.sendall(piece)
            time.sleep(0.1)
        answered(connection)


def test_an_answer_that_takes_longer_than_a_head_may_is_given(serve, monkeypatch):
    from kbchat.services.bases import BaseService

    service = serve(server={"header_timeout": 1.0})
    real = BaseService.list
    monkeypatch.setattr(BaseService, "list", lambda self: (time.sleep(2), real(self))[1])
    assert patient.get(f"{service.url}/api/bases").status_code == 200


def test_a_body_that_trickles_is_not_waited_for(serve):
    """Every byte comes in time; all of them would take a day."""
    service = serve(server=LIMITS | {"client_rate": 64})
    with connected(service) as connection:
        connection.sendall(head(service))
        closed, said = trickled(connection, b'{"name": "' + b"x" * 2000, 0.05)
    assert closed
    assert b" 408 " in said


def test_an_upload_that_trickles_is_given_up_and_leaves_nothing(serve):
    service = serve(server=LIMITS | {"client_rate": 64, "uploads": 1})
    with connected(service) as connection:
        kind = "multipart/form-data; boundary=X"
        connection.sendall(head(service, "/api/bases/drugs/uploads", 10_000_000, kind))
        connection.sendall(b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n')
        closed, said = trickled(connection, b"x" * 2000, 0.05)
    assert closed
    assert b" 408 " in said
    staging = service.app.store.data_layout.staging
    eventually(lambda: not staging.exists() or not list(staging.iterdir()))
    form = {"files": ("a.txt", b"Dosage: 1 tablet.")}
    assert patient.post(f"{service.url}/api/bases/drugs/uploads", files=form).status_code == 202


def test_a_slow_upload_that_is_fast_enough_is_taken(serve):
    """Longer than the time without progress, in pieces that keep the rate."""
    service = serve(server={"client_timeout": 2.0, "client_rate": 8})

    def form():
        yield b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(12):
            yield b"Dosage: 1 tablet.\n" * 4000
            time.sleep(0.25)
        yield b"\r\n--X--\r\n"

    said = patient.post(
        f"{service.url}/api/bases/drugs/uploads", content=form(),
        headers={"Content-Type": "multipart/form-data; boundary=X"},
    )  # fmt: skip
    assert said.status_code == 202


def test_what_nobody_reads_is_not_waited_for_either(serve, portal):
    """A stranger is answered 401 before the body has come, and goes on sending it."""
    service = serve(access=portal, server={"header_timeout": 1.0, "in_flight": 1})
    with connected(service) as connection:
        connection.sendall(head(service))
        time.sleep(0.3)
        assert patient.get(f"{service.url}/api/me").status_code == 401, "it holds no place in the service"
        closed, said = trickled(connection, b"x" * 2000, 0.05)
    assert closed
    assert b" 401 " in said


def test_an_answer_read_in_a_trickle_is_given_up(serve):
    service = serve(server={"client_timeout": 2.0, "client_rate": 4096, "in_flight": 1})
    document = service.app.store.documents(service.app.store.base("drugs").id)[0]
    with service.app.store.original(document.sha256).open("r+b") as original:
        original.truncate(256 << 20)
    where = urlsplit(service.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(LONG)
        connection.connect((where.hostname, where.port))
        path = f"/api/bases/drugs/documents/{document.id}/original"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        read = len(connection.recv(16384))
        assert read, "it is being answered, and holds the one place"

        def given_up():
            nonlocal read
            with contextlib.suppress(ConnectionError):
                read += len(connection.recv(16384))
            return patient.get(f"{service.url}/api/me").status_code == 200

        eventually(given_up)
        with contextlib.suppress(ConnectionError):
            while got := connection.recv(1 << 20):  # what was under way already
                read += len(got)
    assert read < 256 << 20
    assert patient.get(f"{service.url}/api/me").status_code == 200


def test_a_hundred_tricklers_keep_nobody_waiting(serve, portal):
    """Half of them with half a head, half with the body of a person who is signed in."""
    service = serve(access=portal, server={"header_timeout": 3.0, "client_timeout": 3.0, "in_flight": 64})
    session = patient.post(f"{service.url}/api/session", headers={"Authorization": f"Bearer {host_token()}"}).json()
    signed_in = f"Authorization: Bearer {session['token']}\r\n"
    ended = threading.Event()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(service)) for _ in range(100)]
        for number, connection in enumerate(slow):
            connection.sendall(head(service, more=signed_in) if number % 2 else b"GET /api/me HTTP/1.1\r\nHo")

        def trickle():
            while not ended.wait(0.2):
                for connection in slow:
                    with contextlib.suppress(OSError):
                        connection.send(b"x")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            headers = {"Authorization": f"Bearer {session['token']}"}
            for _ in range(20):
                assert patient.get(f"{service.url}/api/me", headers=headers).status_code == 200
            for connection in slow:
                with contextlib.suppress(ConnectionError):
                    while connection.recv(65536):
                        pass
        finally:
            ended.set()
            thread.join(LONG)
    assert patient.get(f"{service.url}/api/me", headers=headers).status_code == 200
