"""What people say of answers, and working through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from kbchat.access.table import Action
from kbchat.answering.safety import Safety
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import NewFeedback, StoredFeedback, StoredMessage

if TYPE_CHECKING:
    from kbchat.services import Services

Verdict = Literal["up", "down"]
REASONS: Mapping[str, Bilingual] = MappingProxyType(
    {
        "wrong": Bilingual("Something in it is wrong", "内容有误"),
        "incomplete": Bilingual("Something is missing", "内容不完整"),
        "source": Bilingual("The source does not say this", "出处与回答不符"),
        "misunderstood": Bilingual("The question was misunderstood", "没有理解问题"),
        "refused": Bilingual("There should be an answer", "应当有答案却没有回答"),
        "outdated": Bilingual("The documents are outdated", "资料过时"),
        "slow": Bilingual("It took too long", "速度太慢"),
        "other": Bilingual("Something else", "其他"),
    }
)
"""Why an answer was no good; shown in this order."""
_LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """Feedback to work through; who gave it is not told."""

    id: int
    verdict: Verdict
    reason: str
    comment: str
    question: str
    answer: str
    bases: tuple[str, ...]
    created_at: datetime
    handled_at: datetime | None
    handled_by: str


@dataclass(frozen=True, slots=True)
class FeedbackList:
    """One page of feedback; ``total`` counts all."""

    items: tuple[FeedbackItem, ...]
    total: int


class FeedbackService:
    """Feedback by one principal, and for those who work through it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store
        settings = services.app.settings
        self._safety = Safety(settings.safety, settings.hospital)

    def give(
        self, conversation_id: int, message_number: int, verdict: Verdict, reason: str = "", comment: str = ""
    ) -> int:
        """Say what an answer of an own conversation was like, in place of what was said of it before; its id.

        Raises NotFoundError (also for a message that is no answer), InvalidInputError, ForbiddenError.
        """
        self._services.allow(Action.GIVE_FEEDBACK)
        _check(verdict, reason, comment)
        owner = self._services.principal.user
        conversation = self._store.conversation(owner, conversation_id)
        readable = self._services.conversations.readable(conversation)
        question, answer = _pair(readable, message_number)
        return self._store.add_feedback(
            NewFeedback(
                owner=owner,
                verdict=verdict,
                reason=reason,
                comment=self._safety.masked(comment.strip()),
                question=question,
                answer=answer,
                bases=conversation.bases,
                conversation_id=conversation_id,
                message_number=message_number,
            )
        )

    def withdraw(self, conversation_id: int, message_number: int) -> bool:
        """Take back what was said of an answer; False when nothing was. Raises ForbiddenError."""
        self._services.allow(Action.GIVE_FEEDBACK)
        return self._store.withdraw_feedback(self._services.principal.user, conversation_id, message_number)

    def open_items(self, *, verdict: str = "down", offset: int = 0, limit: int = 100) -> FeedbackList:
        """What nobody has worked through yet, newest first (``verdict`` empty: praise too). Raises ForbiddenError."""
        return self._items(open_only=True, verdict=verdict, offset=offset, limit=limit)

    def items(self, *, verdict: str = "", offset: int = 0, limit: int = 100) -> FeedbackList:
        """All feedback, newest first. Raises ForbiddenError."""
        return self._items(open_only=False, verdict=verdict, offset=offset, limit=limit)

    def handle(self, feedback_id: int, *, handled: bool = True) -> None:
        """Note that it was worked through, or is open again. Raises NotFoundError, ForbiddenError."""
        self._services.allow(Action.HANDLE_FEEDBACK)
        self._store.handle_feedback(feedback_id, self._services.principal.user, handled=handled)
        outcome = "handled" if handled else "opened"
        self._services.record(Action.HANDLE_FEEDBACK, object=f"feedback {feedback_id}", outcome=outcome)

    def _items(self, *, open_only: bool, verdict: str, offset: int, limit: int) -> FeedbackList:
        self._services.allow(Action.HANDLE_FEEDBACK)
        found, total = self._store.feedback(open_only=open_only, verdict=verdict, offset=offset, limit=limit)
        return FeedbackList(tuple(_item(one) for one in found), total)


def _pair(messages: Sequence[StoredMessage], number: int) -> tuple[str, str]:
    """The question and the answer of message ``number``. Raises NotFoundError."""
    question = ""
    for one in messages:
        if one.role == "user":
            question = one.text
        elif one.number == number:
            return question, one.text
    raise NotFoundError(
        Bilingual(f"There is no answer number {number} in this conversation.", f"此对话中没有编号为 {number} 的回答。"),
        Bilingual("Load the conversation again.", "请重新打开对话。"),
    )


def _check(verdict: str, reason: str, comment: str) -> None:
    if verdict not in ("up", "down") or (reason and reason not in REASONS):
        raise InvalidInputError(
            Bilingual("This is no verdict, or no reason, that is known.", "无法识别的评价或原因。"),
            Bilingual(
                f"Verdicts: up, down. Reasons: {', '.join(REASONS)}.", f"评价：up、down。原因：{'、'.join(REASONS)}。"
            ),
        )
    if len(comment) > _LONGEST_COMMENT:
        raise InvalidInputError(
            Bilingual(f"The comment has {len(comment)} characters.", f"意见有 {len(comment)} 个字符。"),
            Bilingual(f"Keep it to {_LONGEST_COMMENT}.", f"请不超过 {_LONGEST_COMMENT} 个字符。"),
        )


def _item(one: StoredFeedback) -> FeedbackItem:
    return FeedbackItem(**{name: getattr(one, name) for name in FeedbackItem.__dataclass_fields__})
