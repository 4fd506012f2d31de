"""From a blocking iterator to events: back-pressure, errors, and an end when the client goes."""

from __future__ import annotations

import threading
import time

import anyio
import pytest
from starlette.responses import JSONResponse

from kbchat.errors import GeneratorError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.server.event_stream import EventStreamResponse, events_of, result_of

SAID = (Bilingual("No.", "否。"), Bilingual("Try.", "请试。"))


class Source:
    """An iterator that tells how far it came and whether it was closed, and by whom."""

    def __init__(self, count=10_000, *, error_at=None, error=None, pause=0.0):
        self.made = 0
        self.closed = threading.Event()
        self.threads = set()
        self._count, self._error_at, self._error, self._pause = count, error_at, error, pause

    def __call__(self):
        self.threads.add(threading.get_ident())
        try:
            for number in range(self._count):
                if number == self._error_at:
                    raise self._error
                time.sleep(self._pause)
                self.made += 1
                self.threads.add(threading.get_ident())
                yield number
        finally:
            self.threads.add(threading.get_ident())
            self.closed.set()


class Client:
    """The other end of an ASGI response."""

    def __init__(self, *, reads=None, leaves_after=None):
        self.messages = []
        self._reads, self._leaves_after = reads, leaves_after
        self.left = anyio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if self._reads is not None and len(self.messages) >= self._reads:
            await anyio.sleep_forever()
        self.messages.append(message)
        if self._leaves_after is not None and len(self.messages) >= self._leaves_after:
            self.left.set()

    @property
    def text(self):
        return b"".join(message.get("body", b"") for message in self.messages).decode()


def stream(source, client, *, patience=30.0, left=None):
    async def run():
        response = EventStreamResponse(
            source,
            limiter=anyio.CapacityLimiter(1),
            encode=lambda item: [f"data: {item}\n\n"],
            failed=lambda error: JSONResponse({"code": error.user_message.en}, 404),
            failed_later=lambda error: [f"event: error\ndata: {error.user_message.en}\n\n"],
            last=lambda: ["data: [DONE]\n\n"],
            patience=patience,
            left=left or (lambda: None),
        )
        with anyio.fail_after(20):
            await response({"type": "http"}, client.receive, client.send)

    anyio.run(run)


def test_everything_arrives_in_order_and_from_one_thread():
    source, client = Source(200), Client()
    stream(source, client)

    assert client.messages[0]["status"] == 200
    assert dict(client.messages[0]["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert b"content-length" not in dict(client.messages[0]["headers"])
    assert client.text == "".join(f"data: {n}\n\n" for n in range(200)) + "data: [DONE]\n\n"
    assert client.messages[-1]["more_body"] is False
    assert source.closed.is_set()
    assert len(source.threads) == 1, "what an iterator holds (a lock, a cursor) may belong to its thread"
    assert threading.get_ident() not in source.threads


def test_a_client_that_leaves_closes_the_iterator():
    source, client, counted = Source(pause=0.001), Client(leaves_after=5), []
    stream(source, client, left=lambda: counted.append(1))

    assert source.closed.is_set()
    assert source.made < 5000
    assert counted == [1]


def test_a_slow_client_holds_the_iterator_back_and_is_given_up():
    source, client, counted = Source(), Client(reads=3), []
    stream(source, client, patience=0.3, left=lambda: counted.append(1))

    assert source.made < 120, "pieces pile up for a client that reads nothing"
    assert source.closed.is_set()
    assert counted == [1]


def test_an_error_before_the_first_item_has_its_own_status():
    source, client = Source(error_at=0, error=NotFoundError(*SAID)), Client()
    stream(source, client)

    assert [message.get("status") for message in client.messages] == [404, None]
    assert "No." in client.text


def test_a_later_error_is_the_last_event():
    source, client = Source(error_at=2, error=GeneratorError(*SAID)), Client()
    stream(source, client)

    assert client.text == "data: 0\n\ndata: 1\n\nevent: error\ndata: No.\n\n"
    assert client.messages[-1]["more_body"] is False


def test_an_error_nobody_foresaw_is_not_swallowed():
    source, client = Source(error_at=1, error=ZeroDivisionError()), Client()
    with pytest.raises(BaseExceptionGroup) as raised:
        stream(source, client)
    assert raised.group_contains(ZeroDivisionError, depth=None) if hasattr(raised, "group_contains") else True
    assert source.closed.is_set()


def test_no_item_at_all_is_an_empty_stream():
    client = Client()
    stream(Source(0), client)
    assert client.text == "data: [DONE]\n\n"


def test_streams_wait_for_a_free_thread():
    async def run():
        limiter = anyio.CapacityLimiter(2)
        most = 0

        async def one():
            nonlocal most
            async with events_of(Source(5, pause=0.01), limiter) as events:
                while await events.batch():
                    most = max(most, limiter.borrowed_tokens)

        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(one)
        return most, limiter.borrowed_tokens

    assert anyio.run(run) == (2, 0)


def test_a_whole_result():
    async def run(client):
        return await result_of(Source(5), anyio.CapacityLimiter(1), client.receive)

    assert anyio.run(run, Client()) == [0, 1, 2, 3, 4]


def test_a_whole_result_raises_what_the_iterator_raises():
    async def run():
        await result_of(Source(5, error_at=3, error=NotFoundError(*SAID)), anyio.CapacityLimiter(1), Client().receive)

    with pytest.raises(NotFoundError):
        anyio.run(run)


def test_nobody_waits_for_a_whole_result():
    source = Source(pause=0.01)

    async def run():
        client = Client()
        async with anyio.create_task_group() as group:

            async def leave():
                await anyio.sleep(0.2)
                client.left.set()

            group.start_soon(leave)
            return await result_of(source, anyio.CapacityLimiter(1), client.receive)

    assert anyio.run(run) is None
    assert source.closed.is_set()
    assert source.made < 5000
