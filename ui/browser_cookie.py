"""ASGI middleware of the app: an id for every browser, and headers that keep pages to themselves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]

BROWSER_COOKIE = "kbchat_browser"
_ID = re.compile(r"[A-Za-z0-9_-]{32,64}")
_YEAR = 365 * 24 * 3600
# Streamlit writes styles and a few scripts into the page and runs components from blobs; nothing may come from elsewhere.
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline' data:; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; connect-src 'self' ws: wss: data: blob:; worker-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)


def is_browser_id(text: str) -> bool:
    """Whether ``text`` looks like an id this app gave."""
    return _ID.fullmatch(text) is not None


class BrowserCookie:
    """Gives every browser that asks for the page an id, and every response the security headers.

    The cookie is ``HttpOnly`` and ``SameSite=Lax``; over HTTPS also ``Secure``.
    """

    def __init__(self, app: AsgiApp, frame_ancestors: Sequence[str] = ()) -> None:
        """``frame_ancestors``: origins whose pages may show the app in a frame; empty: none."""
        self._app = app
        ancestors = " ".join(frame_ancestors) or "'none'"
        self._headers = [
            (b"content-security-policy", _CONTENT_POLICY.format(ancestors=ancestors).encode("latin-1")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]
        if not frame_ancestors:
            self._headers.append((b"x-frame-options", b"DENY"))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cookie = None if _has_id(scope) else _new_cookie(secure=scope.get("scheme") == "https")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                headers += self._headers
                if cookie is not None and _is_page(headers):
                    headers.append((b"set-cookie", cookie))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _has_id(scope: Message) -> bool:
    for name, value in scope.get("headers", []):
        if name == b"cookie":
            try:
                jar = SimpleCookie(value.decode("latin-1"))
            except CookieError:
                continue
            if BROWSER_COOKIE in jar and is_browser_id(jar[BROWSER_COOKIE].value):
                return True
    return False


def _new_cookie(*, secure: bool) -> bytes:
    attributes = f"Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    return f"{BROWSER_COOKIE}={secrets.token_urlsafe(32)}; {attributes}".encode("latin-1")
