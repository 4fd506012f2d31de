"""The app's connections send small messages at once."""

from __future__ import annotations

import socket

from streamlit.web.server.starlette import starlette_server

from ui.undelayed import send_at_once


def test_connections_to_what_streamlit_binds_are_not_delayed(monkeypatch):
    monkeypatch.setattr(starlette_server, "_bind_socket", starlette_server._bind_socket)
    send_at_once()
    send_at_once()  # once is enough
    with starlette_server._bind_socket("127.0.0.1", 0, 5) as listener:
        listener.setblocking(True)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
