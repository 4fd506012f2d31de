"""What all requests of one running service share, and what a route gets of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import anyio
from fastapi import Depends, Header, Query, Request

from kbchat.access.principal import Principal
from kbchat.app import App
from kbchat.errors import UnauthenticatedError
from kbchat.messages import Bilingual, Language
from kbchat.server.authentication import Authenticator
from kbchat.server.metrics import Metrics
from kbchat.server.middleware.sign_in import principal_of
from kbchat.server.problems import language_of
from kbchat.server.workers.group import WorkerGroup
from kbchat.services import Services

if TYPE_CHECKING:
    from ingest.jobs import JobRunner, JobService

WIDGET = "widget"
API = "api"


@dataclass(slots=True)
class Service:
    """One running service over one ``App``; where it is one of several workers, ``group`` knows of the others."""

    app: App
    authenticator: Authenticator
    group: WorkerGroup | None = None
    metrics: Metrics = field(init=False)
    runner: JobRunner | None = None
    chats: anyio.CapacityLimiter = field(init=False)
    uploads: anyio.CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        settings = self.app.settings.server
        self.metrics = Metrics(None if self.group is None else self.group.folder)
        self.chats = anyio.CapacityLimiter(settings.chats)
        self.uploads = anyio.CapacityLimiter(settings.uploads)


def service_of(request: Request) -> Service:
    """The running service."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


# What follows waits for nothing. As coroutines these run in the event loop; plain functions would each take a thread.


async def the_service(request: Request) -> Service:
    """The running service."""
    return service_of(request)


async def principal_for(request: Request) -> Principal:
    """Who asks. Raises UnauthenticatedError."""
    return _signed_in(request)


def _signed_in(request: Request) -> Principal:
    found = principal_of(request.scope)
    if found is None:
        raise UnauthenticatedError(Bilingual("Nobody is signed in.", "尚未登录。"), Bilingual("Sign in.", "请登录。"))
    return found


def channel_for(request: Request) -> str:
    """Through which door: the widget says so, everything else is a program."""
    return WIDGET if request.headers.get("x-kbchat-client") == WIDGET else API


async def services_for(request: Request) -> Services:
    """The services for who asks."""
    return Services(service_of(request).app, _signed_in(request), channel=channel_for(request))


async def language_for(
    request: Request,
    accept_language: Annotated[
        str | None, Header(description="Language of messages: `zh` or `en`.", examples=["zh"], max_length=500)
    ] = None,
) -> Language:
    """The reader's language."""
    return language_of(accept_language, service_of(request).app.settings.language)


async def jobs_for(request: Request) -> JobService:
    """Uploads and what became of them, for who asks."""
    from ingest.jobs import JobService  # noqa: PLC0415 - the readers are loaded when documents come

    return JobService(service_of(request).app, _signed_in(request))


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which part of a list is wanted."""

    offset: int
    limit: int


async def page_for(
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Items to leave out at the beginning.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="Items to give at most.")] = 50,
) -> PageOf:
    """The part of a list that the query names."""
    return PageOf(offset, limit)


TheService = Annotated[Service, Depends(the_service)]
TheServices = Annotated[Services, Depends(services_for)]
TheJobs = Annotated["JobService", Depends(jobs_for)]
TheLanguage = Annotated[Language, Depends(language_for)]
ThePrincipal = Annotated[Principal, Depends(principal_for)]
ThePage = Annotated[PageOf, Depends(page_for)]
