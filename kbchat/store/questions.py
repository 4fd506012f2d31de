"""One row a question, without who asked, and what can be counted from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, delete, extract, func, insert, select

from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable
from kbchat.store.records import DayCount, DayLatency, NewQuestion, StoredQuestion

_questions = operation.questions
_INSERT = insert(_questions)
_EPOCH = date(1970, 1, 1)
_DAY = 86_400


class Questions(DatabasePart):
    """The figures of all questions. ``since`` is a moment; days are those of a clock ``offset`` ahead of UTC."""

    def add_question(self, asked: NewQuestion) -> int:
        """Keep the row of a question; its id."""
        values = json_storable({name: getattr(asked, name) for name in NewQuestion.__dataclass_fields__})
        with self._database.write() as connection:
            result = connection.execute(_INSERT, {"asked_at": datetime.now(UTC), **values})
            key = result.inserted_primary_key
            assert key is not None
            return int(key[0])

    def questions_by_day(self, since: datetime, offset: timedelta) -> list[DayCount]:
        """How many questions ended in each outcome through each channel, day by day."""
        day = _day(offset)
        columns = (_questions.c.outcome, _questions.c.channel)
        query = (
            select(
                day.label("day"),
                *columns,
                func.count(),
                func.sum(cast(_questions.c.fallback, Integer)),
                func.sum(cast(_questions.c.flagged > 0, Integer)),
            )
            .where(_questions.c.asked_at >= since)
            .group_by("day", *columns)
            .order_by("day", *columns)
        )
        with self._database.read() as connection:
            return [
                DayCount(_EPOCH + timedelta(days=int(number)), outcome, channel, count, int(fallbacks), int(flagged))
                for number, outcome, channel, count, fallbacks, flagged in connection.execute(query)
            ]

    def latency_by_day(self, since: datetime, offset: timedelta) -> list[DayLatency]:
        """Median and 95th percentile (nearest rank) of seconds to the first words and to the end, day by day."""
        day = _day(offset)
        found: dict[date, dict[str, float]] = {}
        counts: dict[date, int] = {}
        with self._database.read() as connection:
            for name, column in (("first", _questions.c.first_seconds), ("whole", _questions.c.seconds)):
                ranked = (
                    select(
                        day.label("day"),
                        column.label("seconds"),
                        func.row_number().over(partition_by=day, order_by=column).label("rank"),
                        func.count().over(partition_by=day).label("count"),
                    )
                    .where(_questions.c.asked_at >= since, _questions.c.outcome != "stopped")
                    .subquery()
                )
                for share in (50, 95):
                    wanted = (ranked.c["count"] * share + 99) // 100
                    query = select(ranked.c.day, ranked.c.seconds, ranked.c["count"]).where(ranked.c.rank == wanted)
                    for number, seconds, count in connection.execute(query):
                        when = _EPOCH + timedelta(days=int(number))
                        found.setdefault(when, {})[f"{name}_p{share}"] = float(seconds)
                        counts[when] = int(count)
        return [DayLatency(when, counts[when], **found[when]) for when in sorted(found)]

    def asked_questions(
        self,
        since: datetime,
        *,
        outcomes: Sequence[str] = (),
        flagged: bool = False,
        limit: int = 2000,
    ) -> list[StoredQuestion]:
        """Questions whose words were kept, newest first."""
        wanted = [_questions.c.asked_at >= since, _questions.c.question != ""]
        if outcomes:
            wanted.append(_questions.c.outcome.in_(list(outcomes)))
        if flagged:
            wanted.append(_questions.c.flagged > 0)
        query = select(_questions).where(and_(*wanted)).order_by(_questions.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [_stored(row._asdict()) for row in connection.execute(query)]

    def cited_documents(self, since: datetime) -> dict[int, int]:
        """How many questions each document was cited for."""
        query = select(_questions.c.documents).where(_questions.c.asked_at >= since)
        found: Counter[int] = Counter()
        with self._database.read() as connection:
            for documents in connection.scalars(query):
                found.update(set(documents))
        return dict(found)

    def remove_questions(self, before: datetime) -> int:
        """Remove the rows of questions asked before a moment; how many there were."""
        with self._database.write() as connection:
            return int(connection.execute(delete(_questions).where(_questions.c.asked_at < before)).rowcount)


def _day(offset: timedelta) -> ColumnElement[int]:
    """The number of the day since 1970 on a clock ``offset`` ahead of UTC."""
    seconds = cast(extract("epoch", _questions.c.asked_at), Integer) + int(offset.total_seconds())
    return seconds // _DAY


def _stored(values: dict[str, Any]) -> StoredQuestion:
    return StoredQuestion(**{**values, "bases": tuple(values["bases"]), "documents": tuple(values["documents"])})
