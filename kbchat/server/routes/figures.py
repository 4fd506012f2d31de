"""/api/figures: how much is asked, how it ends, what is missing. Nobody's name is in any of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from kbchat.server.openapi import problems
from kbchat.server.routes.documents import disposition
from kbchat.server.service import TheServices
from kbchat.services.figures import DayFigures, DocumentUse
from kbchat.services.question_groups import QuestionGroup
from kbchat.store import DayLatency, StoredQuestion

router = APIRouter(prefix="/api/figures", tags=["figures"])

Days = Annotated[int, Query(ge=1, le=3660, description="Days to look at, today included.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Items to give at most.")]


class Figures(BaseModel):
    """Every day, oldest first, and how questions ended in all."""

    days: list[DayFigures]
    outcomes: dict[str, int]
    latency: list[DayLatency]


class Unanswered(BaseModel):
    """Questions that the documents did not answer, those that ask the same together."""

    items: list[QuestionGroup]


class DocumentsUsed(BaseModel):
    """The documents cited for most questions."""

    items: list[DocumentUse]


class Flagged(BaseModel):
    """Questions whose answers had something flagged, newest first."""

    items: list[StoredQuestion]


@router.get("", summary="Days, outcomes, latency", responses=problems())
def figures(services: TheServices, days: Days = 30) -> Figures:
    """For administrators."""
    found = services.figures
    return Figures(days=found.per_day(days), outcomes=found.outcomes(days), latency=found.latency(days))


@router.get("/unanswered", summary="What to add next", responses=problems())
def unanswered(services: TheServices, days: Days = 30, limit: Limit = 100) -> Unanswered:
    """For administrators."""
    return Unanswered(items=services.figures.unanswered(days, limit=limit))


@router.get("/documents", summary="Most used documents", responses=problems())
def documents_used(services: TheServices, days: Days = 30, limit: Limit = 100) -> DocumentsUsed:
    """For administrators."""
    return DocumentsUsed(items=services.figures.documents_used(days, limit=limit))


@router.get("/flagged", summary="Flagged answers", responses=problems())
def flagged(services: TheServices, days: Days = 30, limit: Limit = 100) -> Flagged:
    """For administrators."""
    return Flagged(items=services.figures.flagged(days, limit=limit))


@router.get(
    "/{table}.csv",
    summary="A table as CSV",
    response_class=Response,
    responses={**problems(404), 200: {"description": "CSV.", "content": {"text/csv": {}}}},
)
def table_csv(
    table: Annotated[
        Literal["per_day", "outcomes", "unanswered", "documents", "latency", "flagged"], Path(description="Which.")
    ],
    services: TheServices,
    days: Days = 30,
) -> Response:
    """Safe to open in a spreadsheet. For administrators."""
    found = services.figures.csv(table, days)
    return Response(found.data, media_type=found.media_type, headers=disposition(found.name, inline=False))
