"""Connections that do not get to a whole request in time are closed.

uvicorn waits for ever for the head of a first request, and for the rest of a body that the answer did not need: who
opens connections and sends a byte now and then (slowloris) would keep them all. Bodies that are read have limits of
their own (:mod:`kbchat.server.middleware.limits`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_GRACE_SECONDS = 0.5
"""How long after the end of the service a connection without a request is kept."""

if TYPE_CHECKING:
    _Base = Any
else:
    _Base = AutoHTTPProtocol


class TimedProtocol(_Base):  # type: ignore[misc] # which of the two it is depends on what is installed
    """The protocol of uvicorn (h11 or httptools), where the head of a request may take ``config.header_timeout`` seconds.

    Times what lies between requests from the first byte on; at the beginning of a connection from its opening.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _spared = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client is there."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A piece of a request has come."""
        super().data_received(data)
        if self._works():
            self._stop_waiting()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends. Who has just connected may have a request on its way, and gets a moment to be answered."""
        if self.cycle is None and not self._spared:
            self._spared = True
            self.loop.call_later(_GRACE_SECONDS, self._end)
        else:
            super().shutdown()

    def _end(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def _works(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        if self._head_timer is None:  # another byte gives no more time
            self._head_timer = self.loop.call_later(self.config.header_timeout, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self._works() and not self.transport.is_closing():
            self.transport.close()
