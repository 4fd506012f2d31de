"""Requests that may be sent twice: an ``Idempotency-Key`` makes the second one give the first one's answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel
from starlette.responses import JSONResponse

from kbchat.server.service import ThePrincipal, TheService
from kbchat.store import Store

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
        told = [one.model_dump() if isinstance(one, BaseModel) else one for one in sent]
        whole = repr((self.route, self.rights, told))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
        given = self.store.claim_request(self.owner, self.key, self.route[:_LONGEST_ROUTE], digest)
        if given is not None:
            return JSONResponse(given.response, given.status, {"Idempotent-Replayed": "true"})
        try:
            body = jsonable_encoder(make())
        except BaseException:
            self.store.give_up_request(self.owner, self.key)
            raise
        self.store.keep_reply(self.owner, self.key, status, body)
        return JSONResponse(body, status)


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
