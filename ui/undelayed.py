"""Small messages leave at once: Nagle's algorithm off on the connections of the screen.

asyncio switches it off only on sockets that name TCP as their protocol; the one that Streamlit binds does not, so that the second of
two small messages would wait for the client's delayed acknowledgement, up to 40 ms. Connections inherit the option from the socket
that listens.
"""

from __future__ import annotations

import socket
from functools import wraps

from streamlit.web.server.starlette import starlette_server


def send_at_once() -> None:
    """From now on what Streamlit binds sends small messages at once. Does nothing where this Streamlit binds in another way."""
    bind = getattr(starlette_server, "_bind_socket", None)
    if bind is None or hasattr(bind, "__wrapped__"):
        return

    @wraps(bind)
    def bind_undelayed(address: str, port: int, backlog: int) -> socket.socket:
        listener: socket.socket = bind(address, port, backlog)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener

    starlette_server._bind_socket = bind_undelayed  # noqa: SLF001 - Streamlit offers no other way to its socket
