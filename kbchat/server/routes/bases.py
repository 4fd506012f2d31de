"""/api/bases: knowledge bases."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from kbchat.server.once import TheKey
from kbchat.server.openapi import problems
from kbchat.server.service import TheLanguage, TheServices
from kbchat.services.bases import BaseSummary

router = APIRouter(prefix="/api/bases", tags=["bases"])

BaseName = Annotated[str, Path(max_length=200, description="Name of the knowledge base.", examples=["drugs"])]


class NewBase(BaseModel):
    """A knowledge base to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "drugs", "description": "Leaflets"}]})

    name: str = Field(min_length=1, max_length=200, description="1 to 200 printable characters.")
    description: str = Field("", max_length=2000)


class BaseChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"description": "Leaflets of 2026"}]})

    name: str | None = Field(None, min_length=1, max_length=200)
    description: str | None = Field(None, max_length=2000)
    groups: list[str] | None = Field(
        None, max_length=200, description="Only members of these see it (and administrators); empty: everybody."
    )


class Bases(BaseModel):
    """The knowledge bases that exist for you."""

    items: list[BaseSummary]
    total: int


class Examples(BaseModel):
    """Questions to begin with."""

    items: list[str] = Field(examples=[["二甲双胍的禁忌症有哪些？"]])


@router.get("", summary="List knowledge bases", responses=problems())
def list_bases(services: TheServices) -> Bases:
    """Those that exist for you, by name."""
    found = services.bases.list()
    return Bases(items=found, total=len(found))


@router.post("", summary="Make a knowledge base", status_code=201, response_model=BaseSummary, responses=problems(409))
def create_base(body: NewBase, services: TheServices, once: TheKey) -> Response:
    """For administrators."""
    return once.answer(lambda: services.bases.create(body.name, body.description), body)


@router.get("/{base}", summary="One knowledge base", responses=problems(404))
def get_base(base: BaseName, services: TheServices) -> BaseSummary:
    """Its counts and dates, and what you may do with it."""
    return services.bases.get(base)


@router.patch("/{base}", summary="Change a knowledge base", responses=problems(404, 409))
def change_base(base: BaseName, body: BaseChange, services: TheServices) -> BaseSummary:
    """Describe it, close it to groups, rename it: in this order, each only if it was sent."""
    found = services.bases.get(base)
    if body.description is not None:
        found = services.bases.describe(base, body.description)
    if body.groups is not None:
        found = services.bases.close_to(base, body.groups)
    if body.name is not None and body.name != base:
        found = services.bases.rename(base, body.name)
    return found


@router.delete("/{base}", summary="Delete a knowledge base", status_code=204, responses=problems(404, 409))
def delete_base(
    base: BaseName,
    services: TheServices,
    confirmation: Annotated[str, Query(max_length=200, description="The name of the knowledge base, once more.")],
) -> Response:
    """With all its documents, for good. For administrators."""
    services.bases.delete(base, confirmation=confirmation)
    return Response(status_code=204)


@router.get("/{base}/examples", summary="Example questions", responses=problems(404))
def examples(base: BaseName, services: TheServices, language: TheLanguage) -> Examples:
    """Questions that its documents answer, in the language of `Accept-Language`."""
    return Examples(items=services.chat.examples([base], language))
