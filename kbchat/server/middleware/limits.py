"""Limits: how many requests are open at once, how large a body may be, how slowly a client may send and read."""

from __future__ import annotations

import time

import anyio
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbchat.errors import BusyError, TooLargeError
from kbchat.messages import Bilingual
from kbchat.server.middleware.paths import header_of, route_path
from kbchat.server.problems import error_response, language_of
from kbchat.settings import Settings

_AROUND_FILES = 1024 * 1024
"""Bytes that the form around the files of an upload may take."""
_ALWAYS = ("/healthz", "/readyz", "/metrics")


class SlowClientError(TimeoutError):
    """A client reads nothing of its answer, or too slowly."""


class Limits:
    """Refuses what is too much, before anything is read or worked on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings.server
        self._upload_limit = settings.server.upload_limit * 1024 * 1024 + _AROUND_FILES
        self._language = settings.language
        self.open_requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503, 413 or 408."""
        if scope["type"] != "http" or route_path(scope) in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self.open_requests >= self._settings.in_flight:
            await self._refuse(_too_busy(), scope, receive, send)
            return
        self.open_requests += 1
        try:
            await self._sized(scope, receive, send)
        finally:
            self.open_requests -= 1

    async def _sized(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._body_limit(scope)
        told = header_of(scope, b"content-length")
        if told is not None and (not told.isdigit() or int(told) > limit):
            await self._refuse(_too_large(limit), scope, receive, send)
            return
        settings = self._settings
        sending, reading = (_Patience(settings.client_timeout, settings.client_rate * 1024) for _ in range(2))
        await self._app(scope, _limited(receive, limit, sending), _patient(send, reading))

    def _body_limit(self, scope: Scope) -> int:
        """Bytes; only uploads may be large."""
        if scope["method"] == "POST" and route_path(scope).endswith("/uploads"):
            return self._upload_limit
        return self._settings.body_limit * 1024

    async def _refuse(self, error: BusyError | TooLargeError, scope: Scope, receive: Receive, send: Send) -> None:
        language = language_of(header_of(scope, b"accept-language"), self._language)
        response = error_response(error, route_path(scope), language)
        response.headers["Connection"] = "close"
        await response(scope, receive, send)


class _Patience:
    """How long a client is waited for.

    ``longest`` seconds a piece; over all ``longest`` seconds and what its bytes take at ``rate`` bytes a second (0: any).
    Only waiting for the client counts, not what the service does meanwhile.
    """

    def __init__(self, longest: float, rate: int) -> None:
        self._longest = longest
        self._rate = rate
        self._waited = 0.0
        self._bytes = 0

    @property
    def seconds(self) -> float:
        """How long the next piece may take."""
        if not self._rate:
            return self._longest
        return max(0.0, min(self._longest, self._longest + self._bytes / self._rate - self._waited))

    def used(self, seconds: float, size: int) -> None:
        """The client took so long for so many bytes."""
        self._waited += seconds
        self._bytes += size


def _limited(receive: Receive, limit: int, patience: _Patience) -> Receive:
    """``receive`` that counts what it passes on, and does not wait for ever for a body."""
    seen = 0
    whole = False

    async def limited() -> Message:
        nonlocal seen, whole
        if whole:
            return await receive()
        began = time.monotonic()
        try:
            with anyio.fail_after(patience.seconds):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, "The body of the request did not come in time.") from error
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            patience.used(time.monotonic() - began, size)
            seen += size
            whole = not message.get("more_body", False)
            if seen > limit:
                raise HTTPException(413, _too_large(limit).user_message.en)
        return message

    return limited


def _patient(send: Send, patience: _Patience) -> Send:
    """``send`` that gives up a client who reads nothing or a trickle, so that nobody keeps requests open by that.

    It raises SlowClientError.
    """

    async def patient(message: Message) -> None:
        began = time.monotonic()
        try:
            with anyio.fail_after(patience.seconds):
                await send(message)
        except TimeoutError as error:
            raise SlowClientError from error
        patience.used(time.monotonic() - began, len(message.get("body", b"")))

    return patient


def _too_busy() -> BusyError:
    return BusyError(
        Bilingual("Too many requests are open.", "当前请求过多。"),
        Bilingual("Try again in a moment.", "请稍后重试。"),
    )


def _too_large(limit: int) -> TooLargeError:
    shown = f"{limit / 1024:g} KiB" if limit < 1024 * 1024 else f"{limit / 1024 / 1024:g} MiB"
    return TooLargeError(
        Bilingual(f"More than {shown} was sent.", f"发送的内容超过 {shown}。"),
        Bilingual(
            "Send less at once, or raise server.upload_limit or server.body_limit.",
            "请分次发送，或调大 server.upload_limit 或 server.body_limit。",
        ),
    )
