"""What pages and routes do, in one place: every call is authorised here, and nowhere else.

A service is made with the :class:`Services` it belongs to, which knows the parts of kbchat (``app``), who asks
(``principal``) and through which door (``channel``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kbchat.access.principal import Principal
from kbchat.access.table import RULES, Action, authorise, base_not_found, may, visible
from kbchat.app import App

if TYPE_CHECKING:
    from kbchat.services.assistants import AssistantService
    from kbchat.services.audit import AuditTrail
    from kbchat.services.bases import BaseService
    from kbchat.services.chat import ChatService
    from kbchat.services.conversations import ConversationService
    from kbchat.services.documents import DocumentService
    from kbchat.services.feedback import FeedbackService
    from kbchat.services.figures import FiguresService
    from kbchat.services.keys import KeyService
    from kbchat.services.privacy import PersonService
    from kbchat.services.retrieval import RetrievalService
    from kbchat.services.sources import SourceService
    from kbchat.services.status import StatusService
    from kbchat.store import KnowledgeBase

__all__ = ["Services"]


class Services:
    """The services for one principal. Cheap to make: one a request, or a rerun of a page."""

    def __init__(self, app: App, principal: Principal, *, channel: str = "ui") -> None:
        self.app = app
        self.principal = principal
        self.channel = channel

    def may(self, action: Action, base_name: str = "") -> bool:
        """Whether the principal may do ``action``; where it concerns a base, on the named one, or else on any.

        For drawing: what is not allowed need not be offered. False for a base that does not exist.
        """
        if not RULES[action].concerns_base:
            return may(self.principal, action)
        named = [base for base in self.visible_bases() if not base_name or base.name == base_name]
        return any(may(self.principal, action, base) for base in named)

    def may_on(self, action: Action, base: KnowledgeBase) -> bool:
        """The same for a base at hand."""
        return may(self.principal, action, base)

    def allow(self, action: Action) -> None:
        """Let an action pass that concerns no single base. Raises ForbiddenError."""
        authorise(self.principal, action)

    def allow_on(self, action: Action, base_name: str) -> KnowledgeBase:
        """Let an action on a knowledge base pass. Raises NotFoundError, ForbiddenError."""
        wanted = base_name.strip()
        for base in self.visible_bases():
            if base.name == wanted:
                authorise(self.principal, action, base)
                return base
        authorise(self.principal, Action.LIST_BASES)
        raise base_not_found(wanted)

    def allow_on_id(self, action: Action, base_id: int) -> KnowledgeBase:
        """The same for the base of this id (that of a revision or a job)."""
        for base in self.visible_bases():
            if base.id == base_id:
                authorise(self.principal, action, base)
                return base
        authorise(self.principal, Action.LIST_BASES)
        raise base_not_found(f"#{base_id}")

    def visible_bases(self) -> list[KnowledgeBase]:
        """The knowledge bases that exist for the principal, by name."""
        return visible(self.principal, self.app.store.bases())

    def record(
        self,
        action: Action,
        *,
        base: str = "",
        object: str = "",  # noqa: A002 - the audit's own word
        revisions: Sequence[int] = (),
        question: str = "",
        outcome: str = "done",
    ) -> None:
        """Write to the audit what the principal has done."""
        self.audit.record(self.principal, action.value, base, object, tuple(revisions), question, outcome)

    @cached_property
    def bases(self) -> BaseService:
        """Knowledge bases."""
        from kbchat.services.bases import BaseService  # noqa: PLC0415 - a service is imported when first used

        return BaseService(self)

    @cached_property
    def documents(self) -> DocumentService:
        """The documents of a knowledge base."""
        from kbchat.services.documents import DocumentService  # noqa: PLC0415

        return DocumentService(self)

    @cached_property
    def sources(self) -> SourceService:
        """What citations point at: text and page pictures."""
        from kbchat.services.sources import SourceService  # noqa: PLC0415

        return SourceService(self)

    @cached_property
    def retrieval(self) -> RetrievalService:
        """Search, and the retrieval test."""
        from kbchat.services.retrieval import RetrievalService  # noqa: PLC0415

        return RetrievalService(self)

    @cached_property
    def status(self) -> StatusService:
        """How this kbchat is."""
        from kbchat.services.status import StatusService  # noqa: PLC0415

        return StatusService(self)

    @cached_property
    def chat(self) -> ChatService:
        """Questions and answers."""
        from kbchat.services.chat import ChatService  # noqa: PLC0415

        return ChatService(self)

    @cached_property
    def conversations(self) -> ConversationService:
        """The principal's own conversations."""
        from kbchat.services.conversations import ConversationService  # noqa: PLC0415

        return ConversationService(self)

    @cached_property
    def feedback(self) -> FeedbackService:
        """What people say of answers."""
        from kbchat.services.feedback import FeedbackService  # noqa: PLC0415

        return FeedbackService(self)

    @cached_property
    def assistants(self) -> AssistantService:
        """The assistants."""
        from kbchat.services.assistants import AssistantService  # noqa: PLC0415

        return AssistantService(self)

    @cached_property
    def figures(self) -> FiguresService:
        """What the dashboard shows."""
        from kbchat.services.figures import FiguresService  # noqa: PLC0415

        return FiguresService(self)

    @cached_property
    def audit(self) -> AuditTrail:
        """The append-only record of who did what."""
        from kbchat.services.audit import AuditTrail  # noqa: PLC0415

        return AuditTrail(self.app.store, self.principal)

    @cached_property
    def keys(self) -> KeyService:
        """The keys of programs."""
        from kbchat.services.keys import KeyService  # noqa: PLC0415

        return KeyService(self.app.store, self.principal)

    @cached_property
    def persons(self) -> PersonService:
        """One person's data: given out, or forgotten."""
        from kbchat.services.privacy import PersonService  # noqa: PLC0415

        return PersonService(self.app.store, self.principal)
