"""What the OpenAPI document tells beside the routes themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

DESCRIPTION = """Cited, checked answers from a hospital's own documents.

**Sign-in.** Send `Authorization: Bearer …` with an API key (`kbchat key create`), a signed host token, a session token
(`POST /api/session`) or an OpenID Connect token. No cookie is read or set.

**Errors** are problem details (RFC 9457) with `detail` and `remedy` in the language of `Accept-Language` (`zh` or `en`);
below `/v1` they have OpenAI's shape. A knowledge base that you may not see is not found, never forbidden.

**Lists** take `offset` and `limit` and give `items` and `total`.

**Sending twice.** Requests that create something take an `Idempotency-Key`; the same key gives the first answer again.
"""

TAGS: list[dict[str, Any]] = [
    {"name": "openai", "description": "OpenAI-compatible chat; assistants are models."},
    {"name": "session", "description": "Who asks."},
    {"name": "bases", "description": "Knowledge bases."},
    {"name": "documents", "description": "Documents, their revisions and cards."},
    {"name": "uploads", "description": "Files come in as jobs; progress as server-sent events."},
    {"name": "sources", "description": "What citations point at: text, and pictures of pages."},
    {"name": "search", "description": "Passages, and tests of what is found."},
    {"name": "conversations", "description": "Your own kept conversations, and what you say of answers."},
    {"name": "assistants", "description": "Presets of how questions are answered."},
    {"name": "figures", "description": "For the people who run it."},
    {"name": "operation", "description": "Keys, audit, and one person's data."},
    {"name": "widget", "description": "For pages of other systems."},
    {"name": "health", "description": "For whoever watches the service."},
]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no knowledge base named 'drugs'."])
    remedy: str = Field(description="What to do.", examples=["Choose one of those that are listed."])
    code: str = Field(description="A stable word for programs.", examples=["not_found"])
    errors: list[dict[str, str]] | None = Field(None, description="Wrong fields of the request.")


class OpenAIFault(BaseModel):
    """What went wrong."""

    message: str
    type: str = Field(examples=["invalid_request_error"])
    param: str | None
    code: str


class OpenAIProblem(BaseModel):
    """An error in OpenAI's shape."""

    error: OpenAIFault


_SAID = {
    400: "The body cannot be read.",
    401: "Nobody is signed in, or the token or key is not valid.",
    403: "You may not do this.",
    404: "It does not exist, or not for you.",
    409: "Not possible as things stand.",
    413: "Too much was sent.",
    415: "Not this kind of file.",
    422: "Something that was sent cannot be used.",
    502: "The language model failed.",
    503: "Too busy just now; try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for its documentation; 400, 401, 403, 413, 422 and 503 are every route's."""
    return refusals(400, 401, 403, 413, 422, 503, *statuses)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Only these errors."""
    return _errors({*statuses}, "application/problem+json", "Problem")


def openai_problems() -> dict[int | str, dict[str, Any]]:
    """The errors of routes below /v1, in OpenAI's shape."""
    return _errors({400, 401, 403, 404, 409, 413, 502, 503}, "application/json", "OpenAIProblem")


def _errors(statuses: set[int], media_type: str, shape: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    return {status: {"description": _SAID[status], "content": content} for status in sorted(statuses)}


def operation_id(route: APIRoute) -> str:
    """The function's name: short names in clients that are made from the document."""
    return route.name


def install_document(application: FastAPI, *, open_paths: frozenset[str]) -> None:
    """Make the application's OpenAPI document, once: with the sign-in, and the shape of errors."""
    made: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not made:
            made.update(_document(application, open_paths))
        return made

    application.openapi = document  # type: ignore[method-assign] # FastAPI's own way to do this


def _document(application: FastAPI, open_paths: frozenset[str]) -> dict[str, Any]:
    found = get_openapi(
        title=application.title,
        version=application.version,
        description=application.description,
        routes=application.routes,
        tags=application.openapi_tags,
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for shape in (Problem, OpenAIFault, OpenAIProblem):
        described = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        described.pop("$defs", None)
        schemas[shape.__name__] = described
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "API key, host token, session or OpenID token."}
    }
    found["security"] = [{"bearer": []}]
    for path, operations in found["paths"].items():
        for operation in operations.values():
            if path in open_paths:
                operation["security"] = []
            if path.startswith("/v1/"):
                operation["responses"].pop("422", None)
    return found
