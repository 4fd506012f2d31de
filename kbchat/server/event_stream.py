"""From an iterator that blocks to events that are sent: one thread a stream, a short buffer, an end when the client goes.

The thread waits when the buffer is full, so a slow client holds back its own answer and piles up nothing; one that
reads nothing for ``patience`` seconds is given up. Whatever ends the stream closes the iterator in its thread, which
stops what it does.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Generic, TypeVar

import anyio
import anyio.to_thread
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from kbchat.errors import KbchatError

T = TypeVar("T")
_BUFFERED = 32


class _GoneError(Exception):
    """Nobody wants more items."""


class Events(Generic[T]):
    """A short buffer between the thread that makes items and the event loop that sends them.

    The loop is woken once for all items that have gathered, since every change between threads costs more than an item.
    Iterating raises what the iterator raised.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._error: KbchatError | None = None
        self._whole = False
        self._gone = False

    # The thread's side.

    def put(self, item: T) -> None:
        """Hand over an item; waits while the buffer is full. Raises _GoneError."""
        with self._changed:
            while len(self._items) >= _BUFFERED and not self._gone:
                self._changed.wait()
            if self._gone:
                raise _GoneError
            self._items.append(item)
            wake = len(self._items) == 1
        if wake:
            self._loop.call_soon_threadsafe(self._ready.set)

    def end(self, error: KbchatError | None = None) -> None:
        """There are no more items."""
        with self._changed:
            self._whole, self._error = True, error
        self._loop.call_soon_threadsafe(self._ready.set)

    # The loop's side.

    async def batch(self) -> list[T]:
        """All items that are there, waiting for some; empty at the end. Raises what the iterator raised."""
        while True:
            await self._ready.wait()
            with self._changed:
                found = list(self._items)
                self._items.clear()
                if not self._whole:
                    self._ready.clear()
                self._changed.notify_all()
            if found:
                return found
            if self._error is not None:
                raise self._error
            if self._whole:
                return []

    def leave(self) -> None:
        """No more items are wanted."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()


@asynccontextmanager
async def events_of(make: Callable[[], Iterator[T]], limiter: anyio.CapacityLimiter) -> AsyncIterator[Events[T]]:
    """The items of the iterator that ``make`` makes, made and read in one thread of ``limiter``.

    Leaving the block closes the iterator, and waits until it is closed.
    """
    events = Events[T]()
    async with anyio.create_task_group() as group:
        group.start_soon(partial(anyio.to_thread.run_sync, _work, make, events, limiter=limiter))
        try:
            yield events
        finally:
            events.leave()


def _work(make: Callable[[], Iterator[T]], events: Events[T]) -> None:
    """In the thread: hand over items until there are no more or nobody wants them."""
    iterator: Iterator[T] | None = None
    try:
        iterator = make()
        for item in iterator:
            events.put(item)
        events.end()
    except KbchatError as error:
        events.end(error)
    except _GoneError:
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
                batch = await events.batch()
            except KbchatError as error:
                await self._failed(error)(scope, receive, send)
                return True
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            try:
                while batch:
                    await self._pieces(send, [piece for item in batch for piece in self._encode(item)])
                    batch = await events.batch()
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
    """All items of a blocking iterator; None when the client went before the end. Raises what the iterator raises.

    The iterator is read to its end in one thread, which looks between items whether the client is still there.
    """
    gone = threading.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    # A plain task: a task group of anyio would cost as much as a fifth of the whole request besides the answer.
    watching = asyncio.create_task(watch())
    try:
        items = await anyio.to_thread.run_sync(_items, make, gone, limiter=limiter)
    except KbchatError:
        if not gone.is_set():
            raise
        return None
    else:
        return None if gone.is_set() else items
    finally:
        gone.set()  # also when the service ends while the thread is at it
        watching.cancel()


def _items(make: Callable[[], Iterator[T]], gone: threading.Event) -> list[T]:
    """In the thread: all items, or those until nobody wants them."""
    items: list[T] = []
    iterator = make()
    try:
        for item in iterator:
            if gone.is_set():
                break
            items.append(item)
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()
    return items
