"""Headers that keep a browser from doing more with an answer than was meant."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kbchat.server.middleware.paths import route_path

EMBEDDED_PAGE = "/embed/chat"
EMBEDDED_FILES = ("/embed.js",)
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' blob:; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)


class SecurityHeaders:
    """Adds them to every answer; nobody may frame anything but the listed origins ``/embed/chat``."""

    def __init__(self, app: ASGIApp, frame_ancestors: tuple[str, ...]) -> None:
        self._app = app
        self._framed = bool(frame_ancestors)
        self._page_policy = _PAGE.format(ancestors=" ".join(frame_ancestors) or "'none'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = route_path(scope)

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        await self._app(scope, receive, secured)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        is_page = path == EMBEDDED_PAGE
        headers["Content-Security-Policy"] = self._page_policy if is_page else _NOTHING
        if not (is_page and self._framed):
            headers["X-Frame-Options"] = "DENY"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if path in EMBEDDED_FILES else "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if path.startswith(("/api/", "/v1/", "/metrics")):
            headers["Cache-Control"] = "no-store"
