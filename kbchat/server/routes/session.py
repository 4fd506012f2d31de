"""A host token of one use becomes a session that lasts a conversation."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from kbchat.errors import ForbiddenError
from kbchat.messages import Bilingual
from kbchat.server.authentication.request_identity import RequestIdentity
from kbchat.server.authentication.sessions import METHOD
from kbchat.server.openapi import problems
from kbchat.server.service import ThePrincipal, TheService
from kbchat.services.audit import AuditTrail

router = APIRouter(prefix="/api", tags=["session"])


class Session(BaseModel):
    """A bearer token for the widget."""

    token: str = Field(description="Send it as `Authorization: Bearer …`.")
    expires_in: int = Field(description="Seconds until it ends.", examples=[3600])
    user: str = Field(description="Who it was made for.")


class Identity(BaseModel):
    """Who asks, as the service sees it."""

    user: str
    roles: list[str] = Field(examples=[["reader"]])
    groups: list[str]
    bases: list[str] | None = Field(description="Knowledge bases the sign-in is limited to; null: not limited.")
    sign_in: str = Field(description="`token`, `session`, `oidc`, `proxy`, `key` or `local`.")


@router.post("/session", summary="Exchange a host token for a session", status_code=201, responses=problems())
def begin_session(principal: ThePrincipal, service: TheService) -> Session:
    """Send the host token as `Authorization: Bearer …`; it is used up, the session lasts.

    Only host tokens begin sessions: a session cannot be prolonged by itself, nor outlive a key.
    """
    if principal.method != "token":
        raise ForbiddenError(
            Bilingual("Only a host token begins a session.", "只有主机令牌才能开始会话。"),
            Bilingual("Send a fresh token of the system you came from.", "请提供来源系统新签发的令牌。"),
        )
    AuditTrail(service.app.store).record(principal, "begin_session")
    return Session(
        token=service.authenticator.sessions.token(principal),
        expires_in=service.authenticator.sessions.seconds,
        user=principal.user,
    )


@router.delete("/session", summary="End the session", status_code=204, responses=problems())
def end_session(request: Request, principal: ThePrincipal, service: TheService) -> Response:
    """The token that the request carries opens nothing any more. Only a session can be ended so."""
    token = RequestIdentity.of_scope(request.scope).bearer or ""
    if principal.method != METHOD or not service.authenticator.sessions.end(token):
        raise ForbiddenError(
            Bilingual("This request comes from no session.", "该请求不属于任何会话。"),
            Bilingual("Send the session's token.", "请提供会话令牌。"),
        )
    AuditTrail(service.app.store).record(principal, "end_session")
    return Response(status_code=204)


@router.get("/me", summary="Who am I", responses=problems())
def me(principal: ThePrincipal) -> Identity:
    """How the service sees you: for checking that a sign-in is set up well."""
    return Identity(
        user=principal.user,
        roles=sorted(principal.roles),
        groups=sorted(principal.groups),
        bases=None if principal.bases is None else sorted(principal.bases),
        sign_in=principal.method,
    )
