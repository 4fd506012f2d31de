"""Feedback: what people say of answers, and working through it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from kbchat.server.openapi import problems
from kbchat.server.routes.conversations import ConversationId
from kbchat.server.routes.documents import LARGEST_ID
from kbchat.server.service import ThePage, TheServices
from kbchat.services.feedback import FeedbackItem

router = APIRouter(prefix="/api", tags=["conversations"])

MessageNumber = Annotated[int, Path(ge=0, le=LARGEST_ID, description="Number of the answer in the conversation.")]
FeedbackId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the feedback.")]


class Verdict(BaseModel):
    """What an answer was like."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "down", "reason": "incomplete", "comment": ""}]}
    )

    verdict: Literal["up", "down"]
    reason: Literal["", "wrong", "incomplete", "source", "misunderstood", "refused", "outdated", "slow", "other"] = ""
    comment: str = Field("", max_length=2000)


class GivenFeedback(BaseModel):
    """Kept."""

    id: int


class FeedbackItems(BaseModel):
    """A part of the feedback, newest first."""

    items: list[FeedbackItem]
    total: int


class Handled(BaseModel):
    """Whether it was worked through."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"handled": True}]})

    handled: StrictBool = True


@router.put(
    "/conversations/{conversation_id}/messages/{number}/feedback", summary="Judge an answer", responses=problems(404)
)
def give_feedback(
    conversation_id: ConversationId, number: MessageNumber, body: Verdict, services: TheServices
) -> GivenFeedback:
    """Of an own conversation; it takes the place of what you said before."""
    key = services.feedback.give(conversation_id, number, body.verdict, body.reason, body.comment)
    return GivenFeedback(id=key)


@router.delete(
    "/conversations/{conversation_id}/messages/{number}/feedback",
    summary="Take feedback back",
    status_code=204,
    responses=problems(),
)
def withdraw_feedback(conversation_id: ConversationId, number: MessageNumber, services: TheServices) -> Response:
    """Doing it twice is once."""
    services.feedback.withdraw(conversation_id, number)
    return Response(status_code=204)


@router.get("/feedback", summary="Feedback to work through", responses=problems())
def list_feedback(
    services: TheServices,
    page: ThePage,
    verdict: Annotated[Literal["", "up", "down"], Query(description="Only this verdict.")] = "",
    open_only: Annotated[bool, Query(alias="open", description="Only what nobody has worked through.")] = False,
) -> FeedbackItems:
    """Who gave it is not told. For administrators."""
    read = services.feedback.open_items if open_only else services.feedback.items
    found = read(verdict=verdict, offset=page.offset, limit=page.limit)
    return FeedbackItems(items=list(found.items), total=found.total)


@router.put("/feedback/{feedback_id}/handled", summary="Worked through", status_code=204, responses=problems(404))
def handle_feedback(feedback_id: FeedbackId, body: Handled, services: TheServices) -> Response:
    """Or open again. For administrators."""
    services.feedback.handle(feedback_id, handled=body.handled)
    return Response(status_code=204)
