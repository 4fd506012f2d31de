"""/v1: assistants as models, and chat completions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from kbchat.assistants.assistant import Assistant
from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.server.event_stream import EventStreamResponse, result_of
from kbchat.server.openai.completion import Exchange, asking
from kbchat.server.openai.schema import ChatCompletion, ChatCompletionRequest, Model, ModelList
from kbchat.server.openapi import openai_problems
from kbchat.server.problems import error_response
from kbchat.server.service import Service, TheLanguage, TheService, TheServices, channel_for
from kbchat.services.chat import ChatEvent, Done

router = APIRouter(prefix="/v1", tags=["openai"])
_CLIENT_LEFT = 499


@router.get("/models", summary="The assistants, as models", responses=openai_problems())
def models(services: TheServices) -> ModelList:
    """The assistants that you may ask; use an `id` as `model` of a completion."""
    return ModelList(data=[_model(assistant) for assistant in services.assistants.list()])


@router.get("/models/{model}", summary="One assistant, as a model", responses=openai_problems())
def model_named(
    model: Annotated[str, Path(max_length=400, description="An assistant's id.", examples=["medication"])],
    services: TheServices,
) -> Model:
    """An assistant by its id; what follows an `@` (knowledge bases) is not looked at."""
    return _model(services.assistants.get(model.partition("@")[0]))


@router.post(
    "/chat/completions",
    summary="Ask an assistant",
    response_model=ChatCompletion,
    responses={
        **openai_problems(),
        200: {
            "description": "The answer; with `stream: true` server-sent events, each a chunk of it. The field `kbchat` of "
            "the message (in a stream: of the last chunk) holds outcome, citations, checks and footer.",
            "content": {"text/event-stream": {}},
        },
    },
)
async def completions(
    asked: ChatCompletionRequest, request: Request, services: TheServices, service: TheService, language: TheLanguage
) -> Response:
    """Answer the last message as the assistant that `model` names, from the knowledge bases open to you.

    A client that goes away stops the answer.
    """
    exchange = Exchange(asked, language, references=service.app.settings.server.references_in_text)
    make = partial(asking, services, asked, whole=not asked.stream)
    if asked.stream:
        return _stream(exchange, make, request, service, language)
    events = await result_of(make, service.chats, request.receive)
    if events is None:
        service.metrics.left()
        return Response(status_code=_CLIENT_LEFT)
    answer = exchange.completion(events)
    _count(service, exchange, channel_for(request))
    return Response(answer.model_dump_json(), media_type="application/json")


def _stream(
    exchange: Exchange, make: partial[Iterator[ChatEvent]], request: Request, service: Service, language: Language
) -> EventStreamResponse[ChatEvent]:
    def encode(event: ChatEvent) -> list[str]:
        chunks = exchange.encoded(event)
        if isinstance(event, Done):
            _count(service, exchange, channel_for(request))
        return chunks

    def failed(error: KbchatError) -> JSONResponse:
        return error_response(error, request.url.path, language)

    return EventStreamResponse(
        make,
        limiter=service.chats,
        encode=encode,
        failed=failed,
        failed_later=exchange.failed,
        last=exchange.last,
        patience=service.app.settings.server.client_timeout,
        left=service.metrics.left,
    )


def _count(service: Service, exchange: Exchange, channel: str) -> None:
    if exchange.done is not None:
        service.metrics.answered(exchange.done.answer.outcome.value, channel, time.perf_counter() - exchange.began)


def _model(assistant: Assistant) -> Model:
    return Model(
        id=assistant.id,
        kbchat={
            "name": {"en": assistant.name.en, "zh": assistant.name.zh},
            "description": {"en": assistant.description.en, "zh": assistant.description.zh},
            "audience": assistant.audience,
            "mode": assistant.mode.value,
            "knowledge_bases": list(assistant.knowledge_bases),
            "needs_language_model": assistant.needs_language_model,
        },
    )
