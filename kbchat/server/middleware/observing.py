"""One log line and one count a request; and the last net for what nobody foresaw.

A line tells method, route, status, seconds and the way of sign-in; never who, a query, a body or a header.
"""

from __future__ import annotations

import logging
import time
import traceback
import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbchat.disk_full import is_full, storage_full
from kbchat.messages import Language
from kbchat.server.metrics import Metrics
from kbchat.server.middleware.limits import SlowClientError
from kbchat.server.middleware.paths import header_of, route_path
from kbchat.server.middleware.sign_in import principal_of
from kbchat.server.problems import broken_response, error_response, language_of

_log = logging.getLogger("kbchat.server.access")
_UNROUTED = "(none)"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _told(error: Exception, path: str, language: Language) -> JSONResponse:
    """The answer to a fault; a full disk, wherever it was met, is told as that."""
    if is_full(error):
        return error_response(storage_full("kbchat"), path, language)
    return broken_response(path, language)


class Observing:
    """Logs and counts every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, language: Language) -> None:
        self._app = app
        self._metrics = metrics
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = uuid.uuid4().hex
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        self._metrics.request_began()
        try:
            await self._app(scope, receive, watched)
        except (ClientDisconnect, SlowClientError):  # nobody is there to be answered, and nothing broke here
            status = 0
        except Exception as error:  # noqa: BLE001 - the last net: a fault of ours is logged and told as 500
            self._log_fault(error, request_id, scope)
            if not status:
                language = language_of(header_of(scope, b"accept-language"), self._language)
                await _told(error, route_path(scope), language)(scope, receive, watched)
        finally:
            self._ended(scope, status or 499, time.perf_counter() - began, request_id)

    def _ended(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        template = getattr(scope.get("route"), "path", None) or _UNROUTED
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.request_ended(method, template, status, seconds)
        principal = principal_of(scope)
        _log.info(
            "request",
            extra={
                "request": request_id,
                "method": method,
                "route": template,
                "status": status,
                "seconds": round(seconds, 4),
                "sign_in": principal.method if principal else "",
            },
        )

    @staticmethod
    def _log_fault(error: Exception, request_id: str, scope: Scope) -> None:
        """Where it broke, without the error's own words: those may repeat what a person wrote."""
        frames = traceback.extract_tb(error.__traceback__)
        _log.error(
            "fault",
            extra={
                "request": request_id,
                "route": getattr(scope.get("route"), "path", None) or _UNROUTED,
                "error": type(error).__name__,
                "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
            },
        )
