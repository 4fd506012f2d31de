"""Clients that leave while a language model writes: it stops. (Slow ones: see the unit tests of the event stream.)"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

QUESTION = {"model": "medication", "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}]}


class EndlessModel(ThreadingHTTPServer):
    """A model server that writes until its reader hangs up."""

    daemon_threads = True

    def __init__(self, pause: float = 0.05, piece: str = "很长。") -> None:
        super().__init__(("127.0.0.1", 0), _Endless)
        self.pause = pause
        self.piece = piece
        self.begun = threading.Event()
        self.stopped = threading.Event()
        self.sent = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """The reader left."""


class _Endless(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EndlessModel

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        choice = {"index": 0, "delta": {"content": self.server.piece}, "finish_reason": None}
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        data = f"data: {json.dumps(chunk)}\n\n".encode()
        self.server.begun.set()
        try:
            for _ in range(4000):
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()
                self.server.sent += 1
                time.sleep(self.server.pause)
        finally:
            self.server.stopped.set()


@pytest.fixture
def endless() -> Iterator[EndlessModel]:
    server = EndlessModel()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def with_model(serve, endless, **groups):
    where = f"openai:m@http://127.0.0.1:{endless.server_port}/v1"
    return serve(generation={"model": where, "new_tokens": 30000, "api_key": "k"}, **groups)


@pytest.mark.parametrize("strict", [True, False])
def test_a_reader_that_leaves_stops_the_model(serve, endless, strict):
    service = with_model(serve, endless, safety={"strict": strict})
    body = QUESTION | {"stream": True, "kbchat": {"progress": True}}
    with httpx.stream("POST", f"{service.url}/v1/chat/completions", json=body, timeout=30) as response:
        for line in response.iter_lines():
            if "writing" in line or "draft" in line:
                break
        assert endless.begun.wait(10)
        assert not endless.stopped.is_set()

    assert endless.stopped.wait(10), "the model still writes for nobody"
    assert _figure(service, "kbchat_answers_left_total") == 1


def test_a_client_that_hangs_up_without_a_stream_stops_the_model(serve, endless):
    service = with_model(serve, endless)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{service.url}/v1/chat/completions", json=QUESTION, timeout=2)

    assert endless.begun.is_set()
    assert endless.stopped.wait(10), "the model still writes for nobody"


def test_the_service_ends_while_a_model_writes(serve, endless):
    """Ending does not wait for an answer that will not end."""
    service = with_model(serve, endless)
    talk = threading.Thread(target=_listen, args=(service.url,), daemon=True)
    talk.start()
    assert endless.begun.wait(20)


def _listen(url):
    body = QUESTION | {"stream": True}
    try:
        with httpx.stream("POST", f"{url}/v1/chat/completions", json=body, timeout=60) as response:
            list(response.iter_lines())
    except httpx.HTTPError:
        pass


def test_a_talk_with_a_slow_model_does_not_hold_up_others(serve, endless):
    service = with_model(serve, endless, server={"chats": 2, "threads": 4})
    talks = [threading.Thread(target=_listen, args=(service.url,), daemon=True) for _ in range(4)]
    for talk in talks:
        talk.start()
    assert endless.begun.wait(20)

    for path in ("/healthz", "/api/bases", "/api/conversations"):
        assert httpx.get(service.url + path, timeout=10).status_code == 200


def _figure(service, name):
    for _ in range(50):
        lines = httpx.get(f"{service.url}/metrics").text.splitlines()
        value = next((float(line.split()[-1]) for line in lines if line.startswith(name)), 0.0)
        if value:
            return value
        time.sleep(0.1)
    return value
