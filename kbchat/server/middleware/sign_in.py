"""Every request is recognised before a route sees it; only the paths listed here are open to everybody."""

from __future__ import annotations

import anyio.to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from kbchat.access.principal import Principal
from kbchat.errors import AccessError, KbchatError
from kbchat.messages import Language
from kbchat.server.authentication import Authenticator
from kbchat.server.authentication.request_identity import RequestIdentity, within
from kbchat.server.middleware.paths import header_of, route_path
from kbchat.server.problems import error_response, language_of
from kbchat.settings import ServerSettings

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/embed.js", "/embed/chat"})
_PRINCIPAL = "principal"


class SignIn:
    """Puts the principal into the request's state, or answers 401."""

    def __init__(
        self, app: ASGIApp, authenticator: Authenticator, settings: ServerSettings, language: Language
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._settings = settings
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        request = RequestIdentity.of_scope(scope)
        try:
            if request.bearer is None:
                principal = self._authenticator.principal(request)
            else:  # in a thread, since keys and used tokens are looked up in the database
                principal = await anyio.to_thread.run_sync(self._authenticator.principal, request)
        except KbchatError as error:
            if isinstance(error, AccessError) and error.reason:
                await anyio.to_thread.run_sync(self._authenticator.note_refused, request, error)
            language = language_of(header_of(scope, b"accept-language"), self._language)
            await error_response(error, route_path(scope), language)(scope, receive, send)
            return
        scope.setdefault("state", {})[_PRINCIPAL] = principal
        await self._app(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = route_path(scope)
        if path == "/metrics":
            return within(RequestIdentity.of_scope(scope).peer, self._settings.metrics_addresses)
        return path in OPEN_PATHS


def principal_of(scope: Scope) -> Principal | None:
    """Who sent the request; None on a path open to everybody."""
    found = scope.get("state", {}).get(_PRINCIPAL)
    return found if isinstance(found, Principal) else None
