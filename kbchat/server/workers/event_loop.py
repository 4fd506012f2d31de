"""An event loop that leaves some of the new connections to the other workers.

asyncio accepts all that wait as soon as it is woken, as many as the queue is long: of clients that come together one
worker would get nearly all, and keep them as long as they stay connected. Accepted one at a time, they are shared by
whoever is free; a worker that is busy answering comes round to it less often.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any


class SharingEventLoop(asyncio.SelectorEventLoop):
    """Accepts one connection a turn; the queue of those that wait stays as long as asked for."""

    async def create_server(
        self, *given: Any, sock: socket.socket | None = None, backlog: int = 100, **options: Any
    ) -> asyncio.Server:
        """As of asyncio, which takes ``backlog`` for both: how many wait, and how many are accepted in a turn."""
        server = await super().create_server(*given, sock=sock, backlog=1, **options)
        for listener in server.sockets:
            _listen(listener, backlog)
        return server


def _listen(listener: Any, backlog: int) -> None:
    """Set the length of the queue; asyncio shows a socket without that, under the same number."""
    with socket.socket(fileno=os.dup(listener.fileno())) as same:
        same.listen(backlog)
