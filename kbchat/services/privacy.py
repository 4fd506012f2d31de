"""Keeping no longer than wanted, and one person's data: given out, or forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kbchat.access.principal import Principal
from kbchat.access.table import Action, authorise
from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.services.audit import AuditTrail
from kbchat.services.conversations import UNDO_FOR
from kbchat.services.withholding import Withholding
from kbchat.settings import PrivacySettings
from kbchat.store import Store
from kbchat.store.audit import NewAuditEntry
from kbchat.store.privacy import ErasedPerson

_REPLIES_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """How much a sweep removed. ``aside`` are conversations that were deleted and can no longer be brought back."""

    conversations: int = 0
    aside: int = 0
    feedback: int = 0
    questions: int = 0
    jobs: int = 0
    audit: int = 0
    tokens: int = 0
    sessions: int = 0
    replies: int = 0

    def as_json(self) -> dict[str, int]:
        """The numbers by name."""
        return asdict(self)


def sweep(store: Store, settings: PrivacySettings, now: datetime | None = None) -> Swept:
    """Remove what is older than the settings say (0 days: nothing of that kind). Raises StoreError, BusyError."""
    moment = now or datetime.now(UTC)

    def before(days: int) -> datetime | None:
        return moment - timedelta(days=days) if days else None

    talks, asked = before(settings.conversation_days), before(settings.question_days)
    worked, audited = before(settings.job_days), before(settings.audit_days)
    return Swept(
        conversations=0 if talks is None else store.remove_conversations_before(talks),
        aside=store.remove_conversations_aside(moment - UNDO_FOR),
        feedback=0 if talks is None else store.remove_feedback_before(talks),
        questions=0 if asked is None else store.remove_questions(asked),
        jobs=0 if worked is None else store.remove_jobs_before(worked),
        audit=0 if audited is None else AuditTrail(store).remove_before(audited),
        tokens=store.forget_used_tokens(moment),
        sessions=store.forget_sessions(moment),
        replies=store.forget_replies_before(moment - _REPLIES_KEPT),
    )


class PersonService:
    """One person's data. ``principal`` None: the command line, which can read the data folder anyway."""

    def __init__(self, store: Store, principal: Principal | None = None) -> None:
        self._store = store
        self._principal = principal

    def export(self, user: str) -> dict[str, Any]:
        """Everything kept about a person, as JSON values. A person may ask for its own; others need the right to.

        Raises ForbiddenError, NotFoundError when nothing is kept.
        """
        is_own = self._principal is not None and self._principal.user == user
        self._allow(Action.EXPORT_OWN_DATA if is_own else Action.EXPORT_PERSON)
        data = self._store.person_data(user)
        if not any(_parts(data)):
            raise _nothing_of(user)
        if is_own and self._principal is not None:
            _withhold(data, Withholding(self._store, self._principal))
        action = Action.EXPORT_OWN_DATA if is_own else Action.EXPORT_PERSON
        AuditTrail(self._store).record(self._principal, action.value, object=self._store.pseudonym_of(user))
        return data

    def erase(self, user: str) -> ErasedPerson:
        """Forget a person (see ``Store.erase_person``). Raises ForbiddenError, NotFoundError when nothing is kept."""
        self._allow(Action.ERASE_PERSON)
        if not any(_parts(self._store.person_data(user))):
            raise _nothing_of(user)
        by, method = ("", "system") if self._principal is None else (self._principal.user, self._principal.method)
        return self._store.erase_person(user, NewAuditEntry(by, method, Action.ERASE_PERSON.value, outcome="done"))

    def end_sessions(self, user: str) -> int:
        """End all sessions that host tokens began for a person; how many. Raises ForbiddenError."""
        self._allow(Action.MANAGE_KEYS)
        ended = self._store.end_sessions_of(user)
        pseudonym = self._store.pseudonym_of(user)
        AuditTrail(self._store).record(
            self._principal, "end_sessions", object=pseudonym or "nobody in the audit", outcome=str(ended)
        )
        return ended

    def _allow(self, action: Action) -> None:
        if self._principal is not None:
            authorise(self._principal, action)


def _withhold(data: dict[str, Any], withholding: Withholding) -> None:
    """Take out of a person's own data the answers that it may not read now (an administrator's export has them)."""
    for talk in data["conversations"]:
        withholding.take_out(talk["messages"], talk["bases"])
        talk["bases"] = list(withholding.shown_bases(talk["bases"]))
    for one in data["feedback"]:
        if withholding.hides_any(one["bases"]):
            one["answer"] = ""
        one["bases"] = list(withholding.shown_bases(one["bases"]))


def _parts(data: dict[str, Any]) -> Iterator[Any]:
    return (value for name, value in data.items() if name != "user")


def _nothing_of(user: str) -> NotFoundError:
    return NotFoundError(
        Bilingual(f"Nothing is kept about {user[:80]!r}.", f"没有保存 {user[:80]!r} 的任何数据。"),
        Bilingual("Give the name as it is signed in with.", "请填写登录所用的用户名。"),
    )
