"""Is it alive, can it answer, how is it doing: for whoever watches the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from kbchat import __version__
from kbchat.access.table import Action
from kbchat.errors import KbchatError
from kbchat.server.metrics import CONTENT_TYPE
from kbchat.server.middleware.sign_in import principal_of
from kbchat.server.openapi import problems
from kbchat.server.service import TheService
from kbchat.services import Services

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(BaseModel):
    """Whether questions can be answered now; what is missing is in the log."""

    ready: bool
    database: bool
    jobs: bool
    workers: bool = Field(description="Whether all processes of `server.workers` answer.")


@router.get("/healthz", summary="The process answers")
async def healthz() -> Health:
    """Open to everybody; looks at nothing."""
    return Health(version=__version__)


@router.get("/readyz", summary="The service can work", responses={503: {"model": Readiness}})
def readyz(service: TheService, response: Response) -> Readiness:
    """Open to everybody: 200 when the database can be read, the job runner runs and all workers answer, else 503."""
    try:
        service.app.store.bases()
        database = True
    except KbchatError:
        database = False
    jobs = service.runner is not None
    workers = service.group is None or service.group.answering() >= service.group.wanted
    found = Readiness(ready=database and jobs and workers, database=database, jobs=jobs, workers=workers)
    response.status_code = 200 if found.ready else 503
    return found


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={**problems(), 200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
)
def metrics(request: Request, service: TheService) -> Response:
    """For `server.metrics_addresses`, and for whoever may read the status. No label names a person or a document."""
    principal = principal_of(request.scope)
    if principal is not None:
        Services(service.app, principal, channel="api").allow(Action.READ_STATUS)
    return Response(service.metrics.exposition(), media_type=CONTENT_TYPE)
