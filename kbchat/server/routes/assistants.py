"""/api/assistants: presets of how questions are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from kbchat.assistants.assistant import Assistant, Mode
from kbchat.server.once import TheKey
from kbchat.server.openapi import problems
from kbchat.server.service import TheServices

router = APIRouter(prefix="/api/assistants", tags=["assistants"])

AssistantId = Annotated[
    str, Path(max_length=200, description="Id, or name in either language.", examples=["medication"])
]


class InBoth(BaseModel):
    """A text in both languages."""

    zh: str = Field(max_length=6000)
    en: str = Field(max_length=6000)


class Retrieval(BaseModel):
    """Numbers of the search; null takes the value of the settings."""

    model_config = ConfigDict(extra="forbid")

    candidates: int | None = Field(None, ge=10, le=1000)
    passages: int | None = Field(None, ge=1, le=50)
    passage_budget: int | None = Field(None, ge=200, le=20000)
    lexical_weight: float | None = Field(None, ge=0, le=100)
    dense_weight: float | None = Field(None, ge=0, le=100)


class AssistantValues(BaseModel):
    """An assistant, with the keys of its TOML form."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "pharmacy",
                    "name": {"zh": "药房", "en": "Pharmacy"},
                    "description": {"zh": "按说明书回答", "en": "Answers from leaflets"},
                    "audience": "clinician",
                }
            ]
        },
    )

    id: str = Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9-]{0,63}$")
    name: InBoth
    description: InBoth
    prompt: InBoth = InBoth(zh="", en="")
    mode: Mode = Mode.DOCUMENTS
    audience: Literal["patient", "clinician"] = "patient"
    knowledge_bases: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=20)
    generator: str = Field("", max_length=500)
    retrieval: Retrieval = Retrieval()
    show_sources: StrictBool = True
    strict: StrictBool | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    new_tokens: int | None = Field(None, ge=1, le=32768)


class AssistantView(AssistantValues):
    """An assistant as it is."""

    built_in: bool


class Assistants(BaseModel):
    """Those whose knowledge bases you may see; built-in ones first."""

    items: list[AssistantView]
    total: int


class Toml(BaseModel):
    """An assistant as TOML."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"toml": 'id = "pharmacy"\n'}]})

    toml: str = Field(min_length=1, max_length=50_000)


@router.get("", summary="List assistants", responses=problems())
def list_assistants(services: TheServices) -> Assistants:
    """What `model` of a chat completion may name."""
    found = [assistant_view(one) for one in services.assistants.list()]
    return Assistants(items=found, total=len(found))


@router.post("", summary="Make an assistant", status_code=201, response_model=AssistantView, responses=problems(409))
def save_assistant(body: AssistantValues, services: TheServices, once: TheKey) -> Response:
    """Or change the one with this id. For administrators."""
    return once.answer(lambda: assistant_view(services.assistants.save(body.model_dump(mode="json"))), body)


@router.post("/import", summary="Import", status_code=201, response_model=AssistantView, responses=problems(409))
def import_assistant(body: Toml, services: TheServices, once: TheKey) -> Response:
    """What an export gave, in place of the assistant with its id. For administrators."""
    return once.answer(lambda: assistant_view(services.assistants.import_toml(body.toml)), body)


@router.get("/{assistant}", summary="One assistant", responses=problems(404))
def get_assistant(assistant: AssistantId, services: TheServices) -> AssistantView:
    """By id or name."""
    return assistant_view(services.assistants.get(assistant))


@router.delete("/{assistant}", summary="Delete", status_code=204, responses=problems(404, 409))
def delete_assistant(assistant: AssistantId, services: TheServices) -> Response:
    """A changed built-in one becomes as it was. For administrators."""
    services.assistants.delete(assistant)
    return Response(status_code=204)


@router.get("/{assistant}/toml", summary="Export", responses=problems(404))
def export_assistant(assistant: AssistantId, services: TheServices) -> Toml:
    """For another kbchat. For administrators."""
    return Toml(toml=services.assistants.export_toml(assistant))


@router.post(
    "/{assistant}/copy", summary="Copy", status_code=201, response_model=AssistantView, responses=problems(404, 409)
)
def copy_assistant(
    assistant: AssistantId,
    services: TheServices,
    once: TheKey,
    new_id: Annotated[str, Query(max_length=64, description="Id of the copy; empty: a free one.")] = "",
) -> Response:
    """Under another id and name. For administrators."""
    return once.answer(lambda: assistant_view(services.assistants.duplicate(assistant, new_id)), assistant, new_id)


def assistant_view(one: Assistant) -> AssistantView:
    """An assistant as it is given out."""
    retrieval: dict[str, Any] = {name: getattr(one.retrieval, name) for name in Retrieval.model_fields}
    return AssistantView(
        id=one.id,
        name=InBoth(zh=one.name.zh, en=one.name.en),
        description=InBoth(zh=one.description.zh, en=one.description.en),
        prompt=InBoth(zh=one.prompt.zh, en=one.prompt.en),
        mode=one.mode,
        audience=one.audience,
        knowledge_bases=list(one.knowledge_bases),
        generator=one.generator,
        retrieval=Retrieval.model_construct(**retrieval),
        show_sources=one.show_sources,
        strict=one.strict,
        temperature=one.temperature,
        new_tokens=one.new_tokens,
        built_in=one.built_in,
    )
