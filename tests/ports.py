"""Ports for programs that take none of their own."""

from __future__ import annotations

import os
import random
import socket

_CHANCE = random.Random(os.getpid())


def free_port() -> int:
    """A port nobody listens on, below those that systems give outgoing connections.

    One of those would be free now and taken when a program that is slow to start binds it.
    """
    while True:
        port = _CHANCE.randrange(20_000, 32_000)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
