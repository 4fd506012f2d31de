"""The ASGI application: middleware from the outside in, routes, and what begins and ends with the service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import Response

from kbchat import __version__
from kbchat.app import App
from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.server.authentication import Authenticator
from kbchat.server.middleware.limits import Limits
from kbchat.server.middleware.observing import Observing
from kbchat.server.middleware.security_headers import SecurityHeaders
from kbchat.server.middleware.sign_in import OPEN_PATHS, SignIn
from kbchat.server.openapi import DESCRIPTION, TAGS, install_document, operation_id
from kbchat.server.problems import error_response, http_response, language_of, validation_response
from kbchat.server.routes import ROUTERS
from kbchat.server.service import Service
from kbchat.server.workers.group import WorkerGroup
from kbchat.settings import Settings

_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_application(app: App, authenticator: Authenticator, group: WorkerGroup | None = None) -> FastAPI:
    """The application over ``app``; its routes know callers by ``authenticator``, and it other workers by ``group``."""
    service = Service(app, authenticator, group)
    application = FastAPI(
        title="kbchat",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page would be fetched from a content delivery network
        redoc_url=None,
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
        lifespan=_lifespan,
        middleware=_middleware(app.settings, service),
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    application.state.service = service
    for router in ROUTERS:
        application.include_router(router)
    install_document(application, open_paths=OPEN_PATHS)
    _tell_errors(application, app.settings.language)
    return application


def _middleware(settings: Settings, service: Service) -> list[Middleware]:
    """From the outside in; CORS stands before all that may refuse, so that pages of listed origins can read why."""
    server = settings.server
    found = [
        Middleware(Observing, metrics=service.metrics, language=settings.language),
        Middleware(SecurityHeaders, frame_ancestors=server.frame_ancestors),
    ]
    if server.cors_origins:
        found.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(server.cors_origins),
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=[
                    "Authorization",
                    "Content-Type",
                    "Accept-Language",
                    "Idempotency-Key",
                    "X-Kbchat-Client",
                ],
                expose_headers=["Content-Language", "Content-Disposition", "Location", "Retry-After", "X-Request-ID"],
                allow_credentials=False,
                max_age=600,
            )
        )
    found.append(Middleware(Limits, settings=settings))
    if server.allowed_hosts:
        hosts = list(server.allowed_hosts)
        found.append(Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False))
    found.append(Middleware(SignIn, authenticator=service.authenticator, settings=server, language=settings.language))
    return found


@asynccontextmanager
async def _lifespan(application: FastAPI) -> AsyncIterator[None]:
    """Opens the store before the first request, and works on jobs until the last one."""
    service: Service = application.state.service
    anyio.to_thread.current_default_thread_limiter().total_tokens = service.app.settings.server.threads
    await anyio.to_thread.run_sync(_begin, service)
    try:
        async with anyio.create_task_group() as beside:
            if service.group is not None:
                beside.start_soon(service.group.beat)
            yield
            beside.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_end, service)


def _begin(service: Service) -> None:
    from ingest.jobs import JobRunner  # noqa: PLC0415 - the readers are loaded with the service, not with this module

    service.app.store.bases()
    service.runner = JobRunner(service.app)
    service.runner.start()


def _end(service: Service) -> None:
    if service.runner is not None:
        service.runner.stop()
    service.authenticator.refusals.close()


def _tell_errors(application: FastAPI, default: Language) -> None:

    def language(request: Request) -> Language:
        return language_of(request.headers.get("accept-language"), default)

    async def kbchat_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, KbchatError)
        return error_response(error, _path(request), language(request))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return http_response(error, _path(request), language(request))

    async def wrong_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return validation_response(error, _path(request), language(request))

    application.add_exception_handler(KbchatError, kbchat_error)
    application.add_exception_handler(HTTPException, http_error)
    application.add_exception_handler(RequestValidationError, wrong_request)


def _path(request: Request) -> str:
    return request.url.path.removeprefix(request.scope.get("root_path", ""))
