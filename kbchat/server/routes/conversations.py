"""/api/conversations: your own kept conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from kbchat.server.openapi import problems
from kbchat.server.routes.documents import LARGEST_ID, disposition
from kbchat.server.service import TheLanguage, ThePage, TheServices
from kbchat.services.conversations import Message
from kbchat.store import StoredConversation

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

ConversationId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the conversation.")]


class ConversationRow(BaseModel):
    """A conversation as lists show it."""

    id: int
    title: str
    assistant: str
    bases: list[str]
    pinned: bool
    created_at: datetime
    updated_at: datetime


class Conversations(BaseModel):
    """A part of the list: pinned ones first, then the one used last."""

    items: list[ConversationRow]
    total: int


class MessageRow(BaseModel):
    """A question, or an answer with its JSON (docs/json/ask.schema.json, without passages)."""

    number: int
    role: Literal["user", "assistant"]
    text: str
    created_at: datetime
    outcome: str = Field(description="As in an answer; `stopped`; `withheld`: not open to you any more.")
    answer: dict[str, Any] | None
    stopped: bool = Field(description="The reader left before its end.")
    unchecked: bool = Field(description="What there is of it was never checked.")
    verdict: Literal["", "up", "down"]


class Conversation(ConversationRow):
    """A conversation with its messages in order."""

    messages: list[MessageRow]


class ConversationChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "二甲双胍", "pinned": True}]})

    title: str | None = Field(None, min_length=1, max_length=200)
    pinned: StrictBool | None = None


@router.get("", summary="List your conversations", responses=problems())
def list_conversations(
    services: TheServices,
    page: ThePage,
    text: Annotated[str, Query(max_length=200, description="Looked for in titles and messages.")] = "",
) -> Conversations:
    """Nobody else's are ever in it."""
    found = services.conversations.list(text, limit=page.limit, offset=page.offset)
    return Conversations(items=[_row(one) for one in found.items], total=found.total)


@router.get("/{conversation_id}", summary="One conversation", responses=problems(404))
def get_conversation(conversation_id: ConversationId, services: TheServices, language: TheLanguage) -> Conversation:
    """With its messages. An answer from a knowledge base that you may not read now is `withheld`."""
    found = services.conversations.get(conversation_id, language=language)
    messages = [_message(message) for message in found.messages]
    return Conversation(**_row(found.about).model_dump(), messages=messages)


@router.patch("/{conversation_id}", summary="Rename or pin", responses=problems(404))
def change_conversation(
    conversation_id: ConversationId, body: ConversationChange, services: TheServices
) -> ConversationRow:
    """Each only if it was sent."""
    if body.pinned is not None:
        services.conversations.pin(conversation_id, pinned=body.pinned)
    if body.title is not None:
        services.conversations.rename(conversation_id, body.title)
    return _row(services.conversations.get(conversation_id).about)


@router.delete("/{conversation_id}", summary="Delete", status_code=204, responses=problems(404))
def delete_conversation(conversation_id: ConversationId, services: TheServices) -> Response:
    """For a day it can be brought back."""
    services.conversations.delete(conversation_id)
    return Response(status_code=204)


@router.post("/{conversation_id}/restore", summary="Bring back", status_code=204, responses=problems(404))
def restore_conversation(conversation_id: ConversationId, services: TheServices) -> Response:
    """What was deleted less than a day ago."""
    services.conversations.undo_delete(conversation_id)
    return Response(status_code=204)


@router.get(
    "/{conversation_id}/export",
    summary="As a file",
    response_class=Response,
    responses={**problems(404), 200: {"description": "The file.", "content": {"*/*": {}}}},
)
def export_conversation(
    conversation_id: ConversationId,
    services: TheServices,
    language: TheLanguage,
    kind: Annotated[Literal["md", "docx", "json"], Query(alias="format", description="Kind of file.")] = "md",
) -> Response:
    """With every reference in full."""
    found = services.conversations.export(conversation_id, kind, language=language)
    return Response(found.data, media_type=found.media_type, headers=disposition(found.name, inline=False))


def _row(stored: StoredConversation) -> ConversationRow:
    return ConversationRow(
        id=stored.id,
        title=stored.title,
        assistant=stored.assistant,
        bases=list(stored.bases),
        pinned=stored.pinned,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _message(message: Message) -> MessageRow:
    return MessageRow(
        number=message.number,
        role=message.role,
        text=message.text,
        created_at=message.created_at,
        outcome=message.outcome,
        answer=dict(message.answer) if message.answer is not None else None,
        stopped=message.stopped,
        unchecked=message.unchecked,
        verdict=message.verdict,
    )
