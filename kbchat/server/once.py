"""Requests that may be sent twice: an ``Idempotency-Key`` makes the second one give the first one's answer."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel
from starlette.responses import JSONResponse

from kbchat.server.content_digest import ContentDigest
from kbchat.server.service import ThePrincipal, TheService
from kbchat.store import Store
from kbchat.store.idempotency import KeptReply, other_request

_LONGEST_ROUTE = 200


@dataclass(frozen=True, slots=True)
class Once:
    """One request, with the key it carries (empty: it may be done again).

    ``rights`` are those the asker has now: an answer that was given to more rights is not given again to fewer.
    """

    store: Store
    owner: str
    key: str
    route: str
    rights: str = ""

    def answer(self, make: Callable[[], Any], *sent: object, status: int = 201) -> JSONResponse:
        """What ``make`` returns, as JSON; for a key that was used before, what it returned then.

        ``sent`` is what the request asked for: the same key with something else is refused. Raises what ``make`` raises,
        ConflictError for a key of another request, BusyError while the first one is being worked on.
        """
        if not self.key:
            return JSONResponse(jsonable_encoder(make()), status)
        given = self._claimed(sent)
        return self._made(make, status) if given is None else _again(given)

    def answer_content(
        self, make: Callable[[ContentDigest], Any], read: Callable[[ContentDigest], None], *, status: int = 202
    ) -> JSONResponse:
        """As :meth:`answer`, for a body that is known only when it has been read: both calls read all of it.

        ``make`` does what is asked for; ``read`` only reads, where the key was used before. Raises what they raise,
        ConflictError when the content is another one, BusyError.
        """
        digest = ContentDigest()
        if not self.key:
            return JSONResponse(jsonable_encoder(make(digest)), status)
        given = self._claimed(("content",))
        if given is None:
            return self._made(lambda: make(digest), status, digest)
        read(digest)
        if given.content_hash != self._keyed(digest.hexdigest()):
            raise other_request()
        return _again(given)

    def _claimed(self, sent: tuple[object, ...]) -> KeptReply | None:
        told = [one.model_dump() if isinstance(one, BaseModel) else one for one in sent]
        whole = repr((self.route, self.rights, told))
        request_hash = self._keyed(whole)
        return self.store.claim_request(self.owner, self.key, self.route[:_LONGEST_ROUTE], request_hash)

    def _keyed(self, text: str) -> str:
        """A hash that tells nobody who reads the database what was sent: a request may hold a password."""
        key = self.store.secret_key("requests")
        return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _made(self, make: Callable[[], Any], status: int, content: ContentDigest | None = None) -> JSONResponse:
        try:
            body = jsonable_encoder(make())
        except BaseException:
            self.store.give_up_request(self.owner, self.key)
            raise
        content_hash = "" if content is None else self._keyed(content.hexdigest())
        self.store.keep_reply(self.owner, self.key, status, body, content_hash)
        return JSONResponse(body, status)


def _again(given: KeptReply) -> JSONResponse:
    return JSONResponse(given.response, given.status, {"Idempotent-Replayed": "true"})


def once_for(
    request: Request,
    service: TheService,
    principal: ThePrincipal,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="A word of your choice: the same request with the same word is done once (for a day).",
            examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        ),
    ] = None,
) -> Once:
    """The key of a request."""
    limits = (principal.bases, principal.curated)
    rights = repr((sorted(principal.roles), sorted(principal.groups), *(one and sorted(one) for one in limits)))
    route = f"{request.method} {request.url.path}"
    return Once(service.app.store, principal.user, idempotency_key or "", route, rights)


TheKey = Annotated[Once, Depends(once_for)]
