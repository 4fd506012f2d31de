"""ASGI middleware before everything of Streamlit: which names and pages may call, and where a call really comes from.

Streamlit itself lets the pages of any port of ``localhost`` open its web socket, and asks the internet for the outside
address of this machine when a foreign page tries. Here a web socket, and every request that may change something, must
come from a page of this very app.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable

from kbchat.server.authentication.ambient import host_name
from kbchat.server.authentication.request_identity import RequestIdentity, address
from ui.browser_cookie import AsgiApp, Message, Receive, Send

PEER_HEADER = "X-Kbchat-Peer"
"""The address of the connection, as the server sees it; what a browser sends under this name is thrown away."""
_PEER = PEER_HEADER.lower().encode()
_CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
_POLICY_VIOLATION = 1008
_XSRF_COOKIE, _XSRF_HEADER = b"_streamlit_xsrf", b"x-xsrftoken"


class RequestGuard:
    """Refuses foreign hosts and pages, and tells the script the peer of its connection."""

    def __init__(self, app: AsgiApp, allowed_hosts: Collection[str] = ()) -> None:
        """``allowed_hosts``: names in small letters; empty: any."""
        self._app = app
        self._hosts = frozenset(allowed_hosts)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal:
            await _refuse(scope, refusal, send)
            return
        await self._app(_with_peer(scope), receive, send)

    def _refusal(self, scope: Message) -> int:
        """The status of the answer to what must not pass; 0 lets it pass."""
        # A web socket is a request that may change something, though its method is GET.
        method = "POST" if scope["type"] == "websocket" else scope["method"]
        request = RequestIdentity.of_scope({**scope, "method": method})
        hosts = [value for name, value in request.headers if name == "host"]
        if len(hosts) > 1 or (self._hosts and host_name(next(iter(hosts), None)) not in self._hosts):
            return 400
        if scope["path"].startswith(_CLOSED):
            return 404
        origins = [value for name, value in request.headers if name == "origin"]
        if request.changes_something and (len(origins) > 1 or not request.from_own_page(())):
            return 403
        return 0


def _with_peer(scope: Message) -> Message:
    peer = address(scope.get("client"))
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != _PEER]
    if peer is not None:
        headers.append((_PEER, str(peer).encode("ascii")))
    changed = {**scope, "headers": headers}
    if scope["type"] == "http" and peer is not None and peer.is_loopback and _forwarded_https(headers):
        changed["scheme"] = "https"  # the proxy on this machine ends TLS: cookies are for HTTPS only
    if scope["type"] == "http" and not any(name.lower() in (b"cookie", _XSRF_HEADER) for name, _ in headers):
        headers += _vouched()
    return changed


def _vouched() -> list[tuple[bytes, bytes]]:
    """What Streamlit's check of uploads looks for, for a browser that keeps no cookie: a frame on another site.

    That check (on while OpenID Connect is set up) compares a cookie with a header, to know that the request comes from a
    page of the app. The guard has seen that it does before it says so; nobody is signed in by this.
    """
    token = f"2|{'0' * 8}|{secrets.token_hex(16)}|{int(time.time())}".encode("ascii")
    return [(b"cookie", _XSRF_COOKIE + b"=" + token), (_XSRF_HEADER, token)]


def _forwarded_https(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"x-forwarded-proto" and value == b"https" for name, value in headers)


async def _refuse(scope: Message, status: int, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def request_of_headers(headers: Iterable[tuple[str, str]]) -> RequestIdentity:
    """What the script may know of its connection, from the headers as the guard let them pass."""
    listed = list(headers)
    peers = [value for name, value in listed if name.lower() == PEER_HEADER.lower()]
    return RequestIdentity.of_scope(
        {
            "method": "GET",
            "client": (peers[0], 0) if len(peers) == 1 else None,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in listed],
        }
    )
