"""Cases of the retrieval test, and how they did over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from kbchat.store import schema_operation as operation
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, storable

_cases, _runs = operation.test_cases, operation.test_runs


@dataclass(frozen=True, slots=True)
class StoredTestCase:
    """A question with what must be found, as JSON."""

    id: int
    question: str
    expected: Mapping[str, Any]
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTestRun:
    """All cases once, with the settings they were run under; both as JSON."""

    id: int
    settings: Mapping[str, Any]
    result: Mapping[str, Any]
    created_by: str
    created_at: datetime


class RetrievalTests(DatabasePart):
    """The retrieval test of each knowledge base."""

    def add_test_case(self, base_id: int, question: str, expected: Mapping[str, Any], created_by: str) -> int:
        """Keep a case; returns its id."""
        values = {
            "base_id": base_id,
            "question": storable(question),
            "expected": json_storable(expected),
            "created_by": created_by,
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            key = connection.execute(insert(_cases).values(**values)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def test_cases(self, base_id: int) -> list[StoredTestCase]:
        """The cases of a base, oldest first."""
        query = select(_cases).where(_cases.c.base_id == base_id).order_by(_cases.c.id)
        with self._database.read() as connection:
            return [
                StoredTestCase(row.id, row.question, row.expected, row.created_by, row.created_at)
                for row in connection.execute(query)
            ]

    def delete_test_case(self, base_id: int, case_id: int) -> bool:
        """Remove a case; False when the base has none of this id."""
        with self._database.write() as connection:
            found = connection.execute(delete(_cases).where(_cases.c.base_id == base_id, _cases.c.id == case_id))
            return bool(found.rowcount)

    def add_test_run(
        self, base_id: int, settings: Mapping[str, Any], result: Mapping[str, Any], created_by: str
    ) -> StoredTestRun:
        """Keep how the cases did."""
        values: dict[str, Any] = {
            "settings": json_storable(settings),
            "result": json_storable(result),
            "created_by": created_by,
            "created_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            key = connection.execute(insert(_runs).values(base_id=base_id, **values)).inserted_primary_key
            assert key is not None
            return StoredTestRun(int(key[0]), **values)

    def test_runs(self, base_id: int, *, limit: int = 100) -> list[StoredTestRun]:
        """The runs of a base, newest first."""
        query = select(_runs).where(_runs.c.base_id == base_id).order_by(_runs.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                StoredTestRun(row.id, row.settings, row.result, row.created_by, row.created_at)
                for row in connection.execute(query)
            ]
