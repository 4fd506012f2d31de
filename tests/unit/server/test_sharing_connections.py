"""Connections that come together are left to all workers, and none is turned away meanwhile."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack

from kbchat.server.workers.event_loop import SharingEventLoop

CLIENTS = 20


async def turns_of_connections(listener: socket.socket) -> list[int]:
    """In which turn of the event loop each of many clients was accepted that connect before it looks."""
    turn, accepted = 0, []

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(turn)
            transport.close()

    server = await asyncio.get_running_loop().create_server(Accepted, sock=listener, backlog=64)
    with ExitStack() as stack:
        for _ in range(CLIENTS):  # the loop stands still: they wait in the queue, which must hold them
            stack.enter_context(socket.create_connection(listener.getsockname(), timeout=30))
        while len(accepted) < CLIENTS:
            turn += 1
            await asyncio.sleep(0)
    server.close()
    await server.wait_closed()
    return accepted


def test_a_worker_takes_few_connections_a_turn() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, asyncio.Runner(loop_factory=SharingEventLoop) as runner:
        turns = runner.run(turns_of_connections(listener))
    assert max(turns.count(turn) for turn in turns) <= 2
