"""A model server that speaks OpenAI's protocol and misbehaves as its model's name says. Run as a program of its own.

Prints its port. ``GET /requests`` tells what was asked, ``GET /release`` ends answers held back; nothing of it is part of kbchat.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECES = ["每日最大", "剂量为", "2", "550", "mg", "[1]。"]
seen: list[dict[str, Any]] = []
attempts: Counter[str] = Counter()
releases: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        releases["asked"] += self.path == "/release"
        self._whole(200, seen)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        if not self.path.startswith("/v1/"):
            seen.append({"path": self.path, "key": "", "body": {"model": ""}, "time": time.monotonic()})
            self._whole(404, {})
            return
        body = json.loads(content)
        key = self.headers.get("authorization", "")
        seen.append({"path": self.path, "key": key, "body": body, "time": time.monotonic()})
        model = body["model"]
        attempts[model] += 1
        getattr(self, "do_" + model.replace("-", "_"), self.do_good)(attempts[model])

    # --- what models do

    def do_good(self, _: int) -> None:
        self._stream(PIECES, "stop")

    def do_busy(self, _: int) -> None:
        self._whole(429, {"error": {"message": "too many requests"}}, {"retry-after": "0"})

    def do_busy_long(self, _: int) -> None:
        self._whole(429, {"error": {"message": "come back tomorrow"}}, {"retry-after": "86400"})

    def do_busy_twice(self, attempt: int) -> None:
        self.do_busy(attempt) if attempt <= 2 else self.do_good(attempt)

    def do_failing_once(self, attempt: int) -> None:
        self._whole(503, {"error": "starting"}) if attempt == 1 else self.do_good(attempt)

    def do_hangs_up_once(self, attempt: int) -> None:
        if attempt > 1:
            self.do_good(attempt)
        else:
            self.close_connection = True

    def do_wrong_key(self, _: int) -> None:
        self._whole(401, {"error": {"message": f"Incorrect API key provided: {self.headers.get('authorization')}"}})

    def do_unknown(self, _: int) -> None:
        self._whole(404, {"error": {"message": "no such model"}})

    def do_too_long(self, _: int) -> None:
        self._whole(400, {"error": {"message": "maximum context length is 2048"}})

    def do_silent(self, _: int) -> None:
        time.sleep(5)

    def do_breaks(self, _: int) -> None:
        self._head()
        self._event(PIECES[0])
        self.wfile.write(b"20\r\ndata: {")  # a chunk that was announced longer than it is
        self.close_connection = True

    def do_unfinished(self, _: int) -> None:
        self._stream(PIECES[:3], None)

    def do_falls_silent(self, _: int) -> None:
        self._head()
        self._event(PIECES[0])
        time.sleep(5)

    def do_pings(self, _: int) -> None:
        self._head()
        for _beat in range(100):
            self._send(": ping\n\n")
            time.sleep(0.05)

    def do_slow(self, _: int) -> None:
        self._stream([*PIECES * 20], "stop", pause=0.1)

    def do_held(self, _: int) -> None:
        """Begins, and goes on until somebody asks for ``/release``, two minutes at most."""
        turn = releases["asked"]
        self._head()
        for piece in PIECES * 40:
            self._event(piece)
            if releases["asked"] > turn:
                break
            time.sleep(0.5)
        self._event(None, "stop")
        self._send("data: [DONE]\n\n")
        self._send("", last=True)

    def do_error_event(self, _: int) -> None:
        self._head()
        self._event(PIECES[0])
        self._send('data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n')
        self._send("", last=True)

    def do_no_json(self, _: int) -> None:
        self._head()
        self._send("data: <html>proxy error</html>\n\n")
        self._send("", last=True)

    def do_web_page(self, _: int) -> None:
        self._whole(200, "<html>login</html>", {"content-type": "text/html"})

    def do_thinks(self, _: int) -> None:
        self._stream(["<thi", "nk>用户问", "剂量</th", "ink>\n\n", *PIECES], "stop")

    def do_endless(self, _: int) -> None:
        self._stream(["很长。" * 10] * 2000, "stop")

    def do_cut(self, _: int) -> None:
        self._stream(PIECES[:3], "length")

    def do_empty(self, _: int) -> None:
        self._stream([], "stop")

    # --- HTTP

    def _whole(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in ({"content-type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _head(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _send(self, text: str, *, last: bool = False) -> None:
        data = text.encode()
        if data:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        if last:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _event(self, text: str | None, reason: str | None = None) -> None:
        delta = {} if text is None else {"content": text, "role": "assistant"}
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self._send(f"data: {json.dumps(chunk)}\n\n")

    def _stream(self, pieces: list[str], reason: str | None, pause: float = 0.0) -> None:
        self._head()
        for piece in pieces:
            self._event(piece)
            time.sleep(pause)
        if reason:
            self._event(None, reason)
            self._send("data: [DONE]\n\n")
        self._send("", last=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Readers that leave are part of the tests."""


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201 - the test reads it
    server.serve_forever()
