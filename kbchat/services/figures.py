"""Figures for whoever runs kbchat: how much is asked, how it ends, what is missing; nobody's name in any of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.services.csv_table import Cell, csv_table
from kbchat.services.export import ExportFile
from kbchat.services.export.content import moment
from kbchat.services.question_groups import QuestionGroup, group_questions
from kbchat.store import DayLatency, StoredQuestion
from kbchat.types import Outcome

if TYPE_CHECKING:
    from kbchat.services import Services

LONGEST_PERIOD = 3660
_GROUPED_AT_MOST = 2000
_Table = tuple[Sequence[str], list[Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The questions of one day: how they ended, where they came from, how many had a fallback or something flagged."""

    day: date
    questions: int
    outcomes: Mapping[str, int]
    channels: Mapping[str, int]
    fallbacks: int
    flagged: int


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """How many questions a document was cited for; ``retired`` tells that it is searched no more."""

    document_id: int
    name: str
    title: str
    base: str
    questions: int
    retired: bool


class FiguresService:
    """Figures of the last ``days`` days, today included, on the clock of this machine.

    All methods raise ForbiddenError, and InvalidInputError for a number of days that is none.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store
        self._tables: Mapping[str, Callable[[int], _Table]] = {
            "per_day": self._per_day_table,
            "outcomes": self._outcomes_table,
            "unanswered": self._unanswered_table,
            "documents": self._documents_table,
            "latency": self._latency_table,
            "flagged": self._flagged_table,
        }

    def per_day(self, days: int = 30) -> list[DayFigures]:
        """Every day, also those without a question, oldest first."""
        since, offset = self._since(days)
        by_day: dict[date, list[tuple[str, str, int, int, int]]] = {}
        for one in self._store.questions_by_day(since, offset):
            by_day.setdefault(one.day, []).append((one.outcome, one.channel, one.questions, one.fallbacks, one.flagged))
        first = since.astimezone().date()
        return [_day_figures(first + timedelta(days=n), by_day.get(first + timedelta(days=n), [])) for n in range(days)]

    def outcomes(self, days: int = 30) -> dict[str, int]:
        """How many questions ended how, the commonest first."""
        counts: Counter[str] = Counter()
        for day in self.per_day(days):
            counts.update(day.outcomes)
        return dict(counts.most_common())

    def unanswered(self, days: int = 30, *, limit: int = 100) -> list[QuestionGroup]:
        """Questions that the documents did not answer, those that ask the same together: what to add next."""
        since, _ = self._since(days)
        asked = self._store.asked_questions(
            since, outcomes=(Outcome.INSUFFICIENT_EVIDENCE.value,), limit=_GROUPED_AT_MOST
        )
        app = self._services.app
        return group_questions(asked, app.lexicon, app.embedder(app.settings.embedding.model))[:limit]

    def documents_used(self, days: int = 30, *, limit: int = 100) -> list[DocumentUse]:
        """The documents cited for most questions; documents that are gone for good are left out."""
        since, _ = self._since(days)
        names = {base.id: base.name for base in self._store.bases()}
        found: list[DocumentUse] = []
        for key, count in sorted(self._store.cited_documents(since).items(), key=lambda item: (-item[1], item[0])):
            try:
                document = self._store.document(key)
            except NotFoundError:  # its knowledge base was deleted
                continue
            base = names.get(document.base_id, "")
            retired = document.retired_at is not None
            found.append(DocumentUse(key, document.name, document.card.title, base, count, retired))
            if len(found) == limit:
                break
        return found

    def latency(self, days: int = 30) -> list[DayLatency]:
        """Median and 95th percentile of seconds to the first words and to the end, for days with questions."""
        return self._store.latency_by_day(*self._since(days))

    def flagged(self, days: int = 30, *, limit: int = 200) -> list[StoredQuestion]:
        """Questions whose answers had something flagged, newest first."""
        since, _ = self._since(days)
        return self._store.asked_questions(since, flagged=True, limit=limit)

    def csv(self, name: str, days: int = 30) -> ExportFile:
        """A table of figures as CSV, safe to open in a spreadsheet. Raises NotFoundError for an unknown table."""
        if name not in self._tables:
            raise NotFoundError(
                Bilingual(f"There is no table {name[:60]!r}.", f"没有名为 {name[:60]!r} 的表。"),
                Bilingual(f"Tables: {', '.join(self._tables)}.", f"可用的表：{'、'.join(self._tables)}。"),
            )
        heads, rows = self._tables[name](days)
        return ExportFile(f"kbchat-{name}.csv", "text/csv; charset=utf-8", csv_table(heads, rows))

    def _since(self, days: int) -> tuple[datetime, timedelta]:
        """The beginning of the first day, and how far this machine's clock is ahead of UTC."""
        self._services.allow(Action.READ_FIGURES)
        if not 1 <= days <= LONGEST_PERIOD:
            raise InvalidInputError(
                Bilingual(f"{days} is no number of days to look at.", f"{days} 不是有效的天数。"),
                Bilingual(f"Use 1 to {LONGEST_PERIOD}.", f"请使用 1 到 {LONGEST_PERIOD}。"),
            )
        now = datetime.now(UTC).astimezone()
        offset = now.utcoffset() or timedelta()
        first = now.date() - timedelta(days=days - 1)
        return datetime.combine(first, time(), now.tzinfo), offset

    def _per_day_table(self, days: int) -> _Table:
        outcomes = sorted({name for day in self.per_day(days) for name in day.outcomes})
        rows: list[Sequence[Cell]] = [
            (
                day.day.isoformat(),
                day.questions,
                *(day.outcomes.get(name, 0) for name in outcomes),
                day.fallbacks,
                day.flagged,
            )
            for day in self.per_day(days)
        ]
        return ("day", "questions", *outcomes, "fallbacks", "flagged"), rows

    def _outcomes_table(self, days: int) -> _Table:
        return ("outcome", "questions"), list(self.outcomes(days).items())

    def _unanswered_table(self, days: int) -> _Table:
        rows: list[Sequence[Cell]] = [
            (
                one.question,
                one.count,
                moment(one.last_asked),
                "; ".join(one.bases),
                "; ".join(one.wordings[1:]),
            )
            for one in self.unanswered(days, limit=_GROUPED_AT_MOST)
        ]
        return ("question", "count", "last_asked", "knowledge_bases", "other_wordings"), rows

    def _documents_table(self, days: int) -> _Table:
        found = self.documents_used(days, limit=_GROUPED_AT_MOST)
        rows: list[Sequence[Cell]] = [
            (one.name, one.title, one.base, one.questions, "yes" if one.retired else "no") for one in found
        ]
        return ("document", "title", "knowledge_base", "questions", "retired"), rows

    def _latency_table(self, days: int) -> _Table:
        rows: list[Sequence[Cell]] = [
            (
                one.day.isoformat(),
                one.questions,
                *(round(seconds, 3) for seconds in (one.first_p50, one.first_p95, one.whole_p50, one.whole_p95)),
            )
            for one in self.latency(days)
        ]
        return ("day", "questions", "first_p50_s", "first_p95_s", "whole_p50_s", "whole_p95_s"), rows

    def _flagged_table(self, days: int) -> _Table:
        rows: list[Sequence[Cell]] = [
            (moment(one.asked_at), one.question, one.flagged, one.outcome, one.generator)
            for one in self.flagged(days, limit=_GROUPED_AT_MOST)
        ]
        return ("asked_at", "question", "flagged", "outcome", "generator"), rows


def _day_figures(day: date, rows: Sequence[tuple[str, str, int, int, int]]) -> DayFigures:
    outcomes: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    for outcome, channel, questions, _, _ in rows:
        outcomes[outcome] += questions
        channels[channel] += questions
    fallbacks, flagged = sum(row[3] for row in rows), sum(row[4] for row in rows)
    return DayFigures(day, sum(outcomes.values()), dict(outcomes), dict(channels), fallbacks, flagged)
