"""Clients that leave while a language model writes: it stops. (Slow ones: see the unit tests of the event stream.)"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from kbchat.server import slow_headers
from tests import patient
from tests.endless_model import EndlessModel, endless_model
from tests.process_tree import eventually

QUESTION = {"model": "medication", "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}]}


@pytest.fixture
def endless() -> Iterator[EndlessModel]:
    with endless_model() as server:
        yield server


def with_model(serve, endless, **groups):
    where = f"openai:m@http://127.0.0.1:{endless.server_port}/v1"
    return serve(generation={"model": where, "new_tokens": 30000, "api_key": "k"}, **groups)


@pytest.mark.parametrize("strict", [True, False])
def test_a_reader_that_leaves_stops_the_model(serve, endless, strict):
    service = with_model(serve, endless, safety={"strict": strict})
    body = QUESTION | {"stream": True, "kbchat": {"progress": True}}
    with patient.stream("POST", f"{service.url}/v1/chat/completions", json=body) as response:
        for line in response.iter_lines():
            if "writing" in line or "draft" in line:
                break
        assert endless.begun.wait(patient.SECONDS)
        assert not endless.stopped.is_set()

    assert endless.stopped.wait(patient.SECONDS), "the model still writes for nobody"
    assert _figure(service, "kbchat_answers_left_total") == 1


def test_a_client_that_hangs_up_without_a_stream_stops_the_model(serve, endless):
    service = with_model(serve, endless)
    where, body = urlsplit(service.url), json.dumps(QUESTION).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(head.encode() + body)
        assert endless.begun.wait(patient.SECONDS)
        assert not endless.stopped.is_set()

    assert endless.stopped.wait(patient.SECONDS), "the model still writes for nobody"


def test_the_service_ends_while_a_model_writes(serve, endless):
    """Ending does not wait for an answer that will not end."""
    service = with_model(serve, endless)
    talk = threading.Thread(target=_listen, args=(service.url,), daemon=True)
    talk.start()
    assert endless.begun.wait(patient.SECONDS)


def _listen(url):
    body = QUESTION | {"stream": True}
    try:
        with patient.stream("POST", f"{url}/v1/chat/completions", json=body) as response:
            list(response.iter_lines())
    except httpx.HTTPError:
        pass


def test_whoever_has_just_connected_is_answered_before_the_end(serve, monkeypatch):
    """So a worker that is renewed hangs up on nobody."""
    monkeypatch.setattr(slow_headers, "_GRACE_SECONDS", patient.SECONDS)
    service = serve()
    service.server.config.timeout_graceful_shutdown = patient.SECONDS
    where = urlsplit(service.url)
    address = (where.hostname, where.port)
    with socket.create_connection(address, timeout=patient.SECONDS) as connection:
        assert patient.get(f"{service.url}/healthz").status_code == 200  # so the one before it is accepted, too
        service.server.should_exit = True
        eventually(lambda: not service.server.servers[0].is_serving())
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_talk_with_a_slow_model_does_not_hold_up_others(serve, endless):
    service = with_model(serve, endless, server={"chats": 2, "threads": 4})
    talks = [threading.Thread(target=_listen, args=(service.url,), daemon=True) for _ in range(4)]
    for talk in talks:
        talk.start()
    assert endless.begun.wait(patient.SECONDS)

    for path in ("/healthz", "/api/bases", "/api/conversations"):
        assert patient.get(service.url + path).status_code == 200


def _figure(service, name):
    ends = time.monotonic() + patient.SECONDS
    while time.monotonic() < ends:
        lines = patient.get(f"{service.url}/metrics").text.splitlines()
        value = next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)
        if value:
            return value
        time.sleep(0.1)
    return 0.0
