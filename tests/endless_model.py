"""A model server that never comes to an end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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


@contextmanager
def endless_model() -> Iterator[EndlessModel]:
    """One that runs until the block ends."""
    server = EndlessModel()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
