"""The principal's own conversations: listed by date, searched, renamed, pinned, put aside, exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual, Language
from kbchat.services.export import ExportFile, ExportFormat, export_conversation
from kbchat.services.keeping import STOPPED
from kbchat.services.withholding import NOTICE, WITHHELD, Withholding
from kbchat.store import StoredConversation, StoredMessage

if TYPE_CHECKING:
    from kbchat.services import Services

UNDO_FOR = timedelta(hours=24)
"""How long a deleted conversation can be brought back."""
_LONGEST_TITLE = 200
_PINNED = Bilingual("Pinned", "已置顶")
_TODAY = Bilingual("Today", "今天")
_YESTERDAY = Bilingual("Yesterday", "昨天")
_WEEK = Bilingual("Last 7 days", "近 7 天")
_MONTH = Bilingual("Last 30 days", "近 30 天")


@dataclass(frozen=True, slots=True)
class ConversationGroup:
    """Conversations of one stretch of time, or the pinned ones."""

    label: Bilingual
    items: tuple[StoredConversation, ...]


@dataclass(frozen=True, slots=True)
class ConversationList:
    """One page of a list; ``total`` counts all that match."""

    groups: tuple[ConversationGroup, ...]
    total: int

    @property
    def items(self) -> tuple[StoredConversation, ...]:
        """All conversations of the page."""
        return tuple(one for group in self.groups for one in group.items)


@dataclass(frozen=True, slots=True)
class Message:
    """A question, or an answer: its outcome and its JSON (without passages), and what its reader said of it.

    ``stopped``: the reader left before its end; ``unchecked``: what there is of it was never checked. Of an answer with
    the outcome ``withheld`` the principal may not read more than a notice of that.
    """

    number: int
    role: Literal["user", "assistant"]
    text: str
    created_at: datetime
    outcome: str = ""
    answer: Mapping[str, Any] | None = None
    stopped: bool = False
    unchecked: bool = False
    verdict: Literal["", "up", "down"] = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its messages in order."""

    about: StoredConversation
    messages: tuple[Message, ...]


class ConversationService:
    """The conversations of one principal; there are no others for it. Methods raise NotFoundError, ForbiddenError."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store

    @property
    def _owner(self) -> str:
        self._services.allow(Action.OWN_CONVERSATIONS)
        return self._services.principal.user

    def list(self, text: str = "", *, limit: int = 100, offset: int = 0) -> ConversationList:
        """Conversations with ``text`` in title or messages: pinned ones, then by date, the one used last first.

        For a principal from whom answers may be withheld, answers are not searched.
        """
        withholding = self._withholding
        found, total = self._store.find_conversations(
            self._owner, text, offset=offset, limit=limit, questions_only=withholding.is_possible
        )
        found = [replace(one, bases=withholding.shown_bases(one.bases)) for one in found]
        return ConversationList(grouped(found, datetime.now(UTC).astimezone().date()), total)

    def get(self, conversation_id: int, *, language: Language | None = None) -> Conversation:
        """One conversation. Answers that the principal may not read now are withheld; ``language`` is that of notices."""
        owner = self._owner
        about, stored = self._readable(conversation_id, language)
        said = self._store.feedback_of(owner, conversation_id)
        messages = []
        for one in stored:
            verdict = said[one.number].verdict if one.number in said else ""
            unchecked = bool(one.answer and one.answer.get("unchecked"))
            stopped = one.outcome == STOPPED
            messages.append(
                Message(
                    one.number, one.role, one.text, one.created_at, one.outcome, one.answer, stopped, unchecked, verdict
                )
            )
        return Conversation(about, tuple(messages))

    def readable(self, about: StoredConversation) -> Sequence[StoredMessage]:
        """The messages of an own conversation; the text of an answer to be withheld is empty."""
        return self._withholding.readable(self._store.messages(self._owner, about.id), about.bases)

    def rename(self, conversation_id: int, title: str) -> StoredConversation:
        """Give it another title. Raises InvalidInputError for an empty one."""
        kept = " ".join(title.split())
        if not kept or len(kept) > _LONGEST_TITLE or not kept.isprintable():
            raise InvalidInputError(
                Bilingual("This cannot be the title of a conversation.", "这不能用作对话标题。"),
                Bilingual(f"Use 1 to {_LONGEST_TITLE} characters.", f"请使用 1 到 {_LONGEST_TITLE} 个可见字符。"),
            )
        self._store.rename_conversation(self._owner, conversation_id, kept)
        return self._store.conversation(self._owner, conversation_id)

    def pin(self, conversation_id: int, *, pinned: bool = True) -> None:
        """Keep it at the top of the list, or no longer."""
        self._store.pin_conversation(self._owner, conversation_id, pinned=pinned)

    def delete(self, conversation_id: int) -> None:
        """Take it away; for a day it can be brought back. What was taken away earlier goes for good."""
        self._store.put_conversation_aside(self._owner, conversation_id)
        self.purge_expired()

    def undo_delete(self, conversation_id: int) -> None:
        """Bring back what was deleted by mistake."""
        self._store.bring_conversation_back(self._owner, conversation_id)

    def purge_expired(self) -> int:
        """Remove for good what can no longer be brought back; how many there were."""
        return self._store.remove_conversations_aside(datetime.now(UTC) - UNDO_FOR, self._owner)

    def export(
        self,
        conversation_id: int,
        format: ExportFormat,  # noqa: A002 - what the caller asks for
        *,
        language: Language | None = None,
    ) -> ExportFile:
        """The conversation as a file with every reference in full. Raises InvalidInputError for another format."""
        spoken = language or self._services.app.settings.language
        about, messages = self._readable(conversation_id, spoken)
        return export_conversation(about, messages, format, spoken)

    @property
    def _withholding(self) -> Withholding:
        return Withholding(self._store, self._services.principal)

    def _readable(
        self, conversation_id: int, language: Language | None
    ) -> tuple[StoredConversation, Sequence[StoredMessage]]:
        about = self._store.conversation(self._owner, conversation_id)
        notice = NOTICE.in_language(language or self._services.app.settings.language)
        messages = [replace(one, text=notice) if one.outcome == WITHHELD else one for one in self.readable(about)]
        return replace(about, bases=self._withholding.shown_bases(about.bases)), messages


def grouped(found: list[StoredConversation], today: date) -> tuple[ConversationGroup, ...]:
    """Conversations (pinned ones first, newest first) in groups by date, on the clock of this machine."""
    groups: dict[Bilingual, list[StoredConversation]] = {}
    for one in found:
        label = _PINNED if one.pinned else _label(one.updated_at.astimezone().date(), today)
        groups.setdefault(label, []).append(one)
    return tuple(ConversationGroup(label, tuple(items)) for label, items in groups.items())


def _label(day: date, today: date) -> Bilingual:
    ago = (today - day).days
    if ago <= 0:
        return _TODAY
    if ago == 1:
        return _YESTERDAY
    if ago < 7:
        return _WEEK
    if ago < 30:
        return _MONTH
    return Bilingual(f"{day:%B %Y}", f"{day.year} 年 {day.month} 月")
