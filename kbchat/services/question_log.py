"""Every question leaves one row for the figures and one entry in the audit; neither tells the words and the person together."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kbchat.access.table import Action
from kbchat.messages import Language
from kbchat.services.keeping import STOPPED
from kbchat.store import NewQuestion
from kbchat.types import Answer

if TYPE_CHECKING:
    from kbchat.services import Services

FAILED = "failed"
"""The outcome of a question that ended with an error."""
_LONGEST_BASES = 200


@dataclass(slots=True)
class QuestionLog:
    """One question on its way. ``words`` is the question as it may be kept; ``asked`` as it was asked, for its hash."""

    bases: tuple[str, ...]
    assistant: str
    language: Language
    asked: str
    words: str
    begun: float = field(default_factory=time.perf_counter)
    first: float | None = None

    def shows(self) -> None:
        """The first words are shown now."""
        if self.first is None:
            self.first = time.perf_counter()

    def answered(self, services: Services, answer: Answer, conversation_id: int | None) -> int:
        """Write that it was answered; the id of its row."""
        return self._write(services, answer, answer.outcome.value, conversation_id)

    def stopped(self, services: Services, answer: Answer | None, conversation_id: int | None) -> int:
        """Write that its reader left."""
        return self._write(services, answer, STOPPED, conversation_id)

    def failed(self, services: Services) -> int:
        """Write that it ended with an error."""
        return self._write(services, None, FAILED, None)

    def _write(self, services: Services, answer: Answer | None, outcome: str, conversation_id: int | None) -> int:
        now = time.perf_counter()
        cited = answer.citations if answer else ()
        checks = answer.checks if answer else None
        row = NewQuestion(
            bases=self.bases,
            assistant=self.assistant,
            language=self.language,
            question=self.words,
            outcome=outcome,
            category=answer.category if answer else "",
            generator=answer.generator if answer else "",
            fallback=bool(answer and answer.fallback),
            flagged=len({*checks.unsupported_quantities, *checks.unsupported_sentences}) if checks else 0,
            first_seconds=(self.first or now) - self.begun,
            seconds=now - self.begun,
            documents=tuple(sorted({citation.document_id for citation in cited})),
            channel=services.channel,
        )
        number = services.app.store.add_question(row)
        services.record(
            Action.ASK,
            base=", ".join(self.bases)[:_LONGEST_BASES],
            object=f"conversation {conversation_id}" if conversation_id is not None else "",
            revisions=sorted({citation.revision_id for citation in cited}),
            question=self.asked,
            outcome=outcome,
        )
        return number
