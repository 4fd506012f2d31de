"""From an iterator that blocks to events that are sent: one thread a stream, a short buffer, an end when the client goes.

The thread waits when the buffer is full, so a slow client holds back its own answer and piles up nothing; one that
reads nothing for ``patience`` seconds is given up. Whatever ends the stream closes the iterator in its thread, which
stops what it does.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from kbchat.errors import KbchatError

T = TypeVar("T")
_BUFFERED = 16


@dataclass(frozen=True, slots=True)
class _Failed:
    """The iterator raised an error meant for a person."""

    error: KbchatError


class Events(Generic[T]):
    """The reading end. Iterating raises what the iterator raised."""

    def __init__(self, stream: MemoryObjectReceiveStream[T | _Failed]) -> None:
        self._stream = stream

    def __aiter__(self) -> Events[T]:
        return self

    async def __anext__(self) -> T:
        try:
            item = await self._stream.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None
        if isinstance(item, _Failed):
            raise item.error
        return item


@asynccontextmanager
async def events_of(make: Callable[[], Iterator[T]], limiter: anyio.CapacityLimiter) -> AsyncIterator[Events[T]]:
    """The items of the iterator that ``make`` makes, made and read in one thread of ``limiter``.

    Leaving the block closes the iterator, and waits until it is closed.
    """
    sending, receiving = anyio.create_memory_object_stream[T | _Failed](_BUFFERED)
    gone = threading.Event()

    async def produce() -> None:
        with sending:
            await anyio.to_thread.run_sync(_work, make, sending, gone, limiter=limiter)

    async with anyio.create_task_group() as group:
        group.start_soon(produce)
        try:
            yield Events(receiving)
        finally:
            gone.set()
            receiving.close()


def _work(make: Callable[[], Iterator[T]], sending: MemoryObjectSendStream[T | _Failed], gone: threading.Event) -> None:
    """In the thread: hand over items until there are no more or nobody wants them."""
    iterator: Iterator[T] | None = None
    try:
        iterator = make()
        for item in iterator:
            if gone.is_set():
                return
            anyio.from_thread.run(sending.send, item)
    except KbchatError as error:
        if not gone.is_set():
            anyio.from_thread.run(sending.send, _Failed(error))
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


class EventStreamResponse(Response, Generic[T]):
    """Server-sent events, made of the items of a blocking iterator.

    An error before the first item is answered with a status of its own; a later one becomes a last event. ``left`` is
    called when the client goes before the end.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        make: Callable[[], Iterator[T]],
        *,
        limiter: anyio.CapacityLimiter,
        encode: Callable[[T], list[str]],
        failed: Callable[[KbchatError], JSONResponse],
        failed_later: Callable[[KbchatError], list[str]],
        last: Callable[[], list[str]] = list,
        patience: float,
        left: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._make = make
        self._limiter = limiter
        self._encode = encode
        self._failed = failed
        self._failed_later = failed_later
        self._last = last
        self._patience = patience
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; stop when the client has gone."""
        finished = False
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(watch)
            finished = await self._relay(scope, receive, send)
            group.cancel_scope.cancel()
        if not finished:
            self._left()

    async def _relay(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether everything was sent."""
        async with events_of(self._make, self._limiter) as events:
            try:
                first = await anext(events, None)
            except KbchatError as error:
                await self._failed(error)(scope, receive, send)
                return True
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                if first is not None:
                    await self._pieces(send, self._encode(first))
                async for item in events:
                    await self._pieces(send, self._encode(item))
                await self._pieces(send, self._last())
            except KbchatError as error:
                await self._pieces(send, self._failed_later(error))
            except TimeoutError:
                return False
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        return True

    async def _pieces(self, send: Send, pieces: list[str]) -> None:
        """Raises TimeoutError when the client reads nothing for too long."""
        if pieces:
            with anyio.fail_after(self._patience):
                await send({"type": "http.response.body", "body": "".join(pieces).encode(), "more_body": True})


async def result_of(
    make: Callable[[], Iterator[T]], limiter: anyio.CapacityLimiter, receive: Receive
) -> list[T] | None:
    """All items of a blocking iterator; None when the client went before the end. Raises what the iterator raises."""
    items: list[T] | None = None
    failure: KbchatError | None = None
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(watch)
        async with events_of(make, limiter) as events:
            try:
                items = [item async for item in events]
            except KbchatError as error:
                failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
    return items
