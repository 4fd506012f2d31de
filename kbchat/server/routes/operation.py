"""Keys, audit, persons: for administrators, and what a person may have of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from kbchat.access.principal import Role
from kbchat.server.openapi import problems
from kbchat.server.service import TheLanguage, ThePrincipal, TheService
from kbchat.services.audit import AuditTrail, told
from kbchat.services.keys import KeyService
from kbchat.services.privacy import PersonService
from kbchat.store.audit import AuditEntry
from kbchat.store.keys import StoredKey
from kbchat.store.privacy import ErasedPerson

router = APIRouter(prefix="/api", tags=["operation"])

UserName = Annotated[str, Path(min_length=1, max_length=200, description="Name as signed in with.")]


class EndedSessions(BaseModel):
    """How many sessions were ended."""

    ended: int


class Key(BaseModel):
    """A key without its secret."""

    prefix: str
    name: str
    user: str
    roles: list[str]
    bases: list[str] | None
    groups: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewKey(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "nurse station", "roles": ["reader"], "days": 365}]}
    )

    name: str = Field(min_length=1, max_length=200, description="What it is for.")
    user: str = Field("", max_length=200, description="Whom it acts as; empty: `key:NAME`.")
    roles: list[Role] = Field([Role.READER], min_length=1, max_length=3)
    bases: list[Annotated[str, Field(max_length=200)]] | None = Field(
        None, max_length=100, description="Only these knowledge bases; null: all that are open to it."
    )
    groups: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=100)
    days: int | None = Field(365, ge=1, le=3650, description="Days until it expires; null: never.")


class IssuedKey(Key):
    """A key just made; `key` is shown this once."""

    key: str


class Keys(BaseModel):
    """All keys, newest first."""

    items: list[Key]
    total: int


class AuditEntries(BaseModel):
    """Entries in their order; go on with `after` the last one's `seq`."""

    items: list[AuditEntry]


class AuditVerdict(BaseModel):
    """Whether the chain is whole."""

    whole: bool
    entries: int
    first: int
    last: int
    head: str = Field(description="Seal of the last entry: noted elsewhere, it proves later that nothing was cut off.")
    message: str


@router.get("/keys", summary="List keys", responses=problems())
def list_keys(service: TheService, principal: ThePrincipal) -> Keys:
    """For administrators."""
    found = [_key(key) for key in KeyService(service.app.store, principal).list()]
    return Keys(items=found, total=len(found))


@router.post("/keys", summary="Make a key", status_code=201, responses=problems(404, 409))
def create_key(body: NewKey, service: TheService, principal: ThePrincipal) -> IssuedKey:
    """Its text is shown this once and kept nowhere (so no `Idempotency-Key` here). For administrators."""
    made = KeyService(service.app.store, principal).create(
        body.name, user=body.user, roles=body.roles, bases=body.bases, groups=body.groups, days=body.days
    )
    return IssuedKey(**_key(made.key).model_dump(), key=made.text)


@router.delete("/keys/{prefix}", summary="Revoke a key", status_code=204, responses=problems(404, 409))
def revoke_key(
    prefix: Annotated[str, Path(max_length=100, description="The key's prefix.")],
    service: TheService,
    principal: ThePrincipal,
) -> Response:
    """For good. For administrators."""
    KeyService(service.app.store, principal).revoke(prefix)
    return Response(status_code=204)


@router.get("/audit", summary="The audit", responses=problems())
def audit_entries(
    service: TheService,
    principal: ThePrincipal,
    after: Annotated[int, Query(ge=0, le=2**62, description="Only entries with a higher `seq`.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Entries to give at most.")] = 100,
) -> AuditEntries:
    """Who did what, when, with which revisions; questions as hashes. For administrators."""
    return AuditEntries(items=AuditTrail(service.app.store, principal).entries(after=after, limit=limit))


@router.get("/audit/verification", summary="Verify the audit", responses=problems())
def verify_audit(service: TheService, principal: ThePrincipal, language: TheLanguage) -> AuditVerdict:
    """Follows the whole chain. For administrators."""
    check = AuditTrail(service.app.store, principal).verify()
    return AuditVerdict(
        whole=check.fault is None,
        entries=check.entries,
        first=check.first,
        last=check.last,
        head=check.head,
        message=told(check).in_language(language),
    )


@router.get(
    "/audit/export",
    summary="Export the audit",
    response_class=StreamingResponse,
    responses={**problems(), 200: {"description": "Lines.", "content": {"application/x-ndjson": {}, "text/csv": {}}}},
)
def export_audit(
    service: TheService,
    principal: ThePrincipal,
    kind: Annotated[Literal["jsonl", "csv"], Query(alias="format", description="Kind of file.")] = "jsonl",
) -> StreamingResponse:
    """All of it, line by line. For administrators."""
    lines = AuditTrail(service.app.store, principal).export(kind)
    media_type = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    headers = {"Content-Disposition": f'attachment; filename="kbchat-audit.{kind}"'}
    return StreamingResponse(lines, media_type=media_type, headers=headers)


@router.get("/me/data", summary="What is kept about me", responses=problems(404))
def own_data(service: TheService, principal: ThePrincipal) -> dict[str, Any]:
    """All of it, as JSON."""
    return PersonService(service.app.store, principal).export(principal.user)


@router.get("/persons/{user}/data", summary="What is kept about a person", responses=problems(404))
def person_data(user: UserName, service: TheService, principal: ThePrincipal) -> dict[str, Any]:
    """For administrators."""
    return PersonService(service.app.store, principal).export(user)


@router.delete("/persons/{user}", summary="Forget a person", responses=problems(404))
def erase_person(user: UserName, service: TheService, principal: ThePrincipal) -> ErasedPerson:
    """Conversations, feedback and keys go; the audit keeps a pseudonym. For administrators."""
    return PersonService(service.app.store, principal).erase(user)


@router.delete("/persons/{user}/sessions", summary="End a person's sessions", responses=problems())
def end_sessions(user: UserName, service: TheService, principal: ThePrincipal) -> EndedSessions:
    """Those that host tokens began; the portal's next token begins a new one. For administrators."""
    return EndedSessions(ended=PersonService(service.app.store, principal).end_sessions(user))


def _key(stored: StoredKey) -> Key:
    return Key(**{name: getattr(stored, name) for name in Key.model_fields})
