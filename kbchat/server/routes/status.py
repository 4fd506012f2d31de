"""/api/status: how this kbchat is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kbchat.messages import Language
from kbchat.server.openapi import problems
from kbchat.server.service import TheLanguage, TheServices
from kbchat.services.bases import BaseSummary
from kbchat.services.status import ModelState

router = APIRouter(prefix="/api/status", tags=["operation"])


class Model(BaseModel):
    """A model in use."""

    spec: str = Field(examples=["extractive"])
    name: str
    state: Literal["ready", "not loaded", "unknown", "failed"]
    why: str
    checked_at: datetime | None


class Status(BaseModel):
    """The state of this kbchat; sizes in bytes."""

    versions: dict[str, str]
    data_dir: str
    disk_free: int
    disk_total: int
    used: dict[str, int]
    bases: list[BaseSummary]
    generator: Model
    embedder: Model
    settings: dict[str, dict[str, Any]] = Field(description="Without secrets.")
    jobs_running: int


class LogTail(BaseModel):
    """The last lines of the log, oldest first; no messages, no persons."""

    lines: list[str]


class GeneratorTrial(BaseModel):
    """One try of the generator on a made-up leaflet; times in seconds."""

    name: str
    works: bool
    cites: bool
    first_piece: float
    total: float
    why: str


@router.get("", summary="How this kbchat is", responses=problems())
def status(services: TheServices, language: TheLanguage) -> Status:
    """Versions, disk, models, settings, jobs. For administrators."""
    found = services.status.overview()
    return Status(
        versions=dict(found.versions),
        data_dir=str(found.data_dir),
        disk_free=found.disk_free,
        disk_total=found.disk_total,
        used=dict(found.used),
        bases=list(found.bases),
        generator=_model(found.generator, language),
        embedder=_model(found.embedder, language),
        settings={group: dict(values) for group, values in found.settings.items()},
        jobs_running=found.jobs_running,
    )


@router.get("/log", summary="End of the log", responses=problems())
def log_tail(
    services: TheServices, lines: Annotated[int, Query(ge=1, le=1000, description="Lines to give at most.")] = 200
) -> LogTail:
    """For administrators."""
    return LogTail(lines=services.status.log_tail(lines))


@router.post("/generator", summary="Try the generator", responses=problems())
def try_generator(services: TheServices, language: TheLanguage) -> GeneratorTrial:
    """Has it answer from a made-up leaflet; may take as long as loading the model. For administrators."""
    found = services.status.test_generator()
    return GeneratorTrial(
        name=found.name,
        works=found.works,
        cites=found.cites,
        first_piece=found.first_piece,
        total=found.total,
        why=found.why.in_language(language) if found.why else "",
    )


def _model(state: ModelState, language: Language) -> Model:
    return Model.model_validate(
        {
            "spec": state.spec,
            "name": state.name,
            "state": state.state,
            "why": state.why.in_language(language) if state.why else "",
            "checked_at": state.checked_at,
        }
    )
