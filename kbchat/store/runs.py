"""Ingest runs: when, and what was reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable
from kbchat.store.records import IngestRun

_runs = schema.ingest_runs


class Runs(DatabasePart):
    """The history of ``kbchat ingest``."""

    def start_run(self, base_id: int) -> int:
        """Note that a run begins; returns its id."""
        with self._database.write() as connection:
            result = connection.execute(insert(_runs).values(base_id=base_id, started_at=datetime.now(UTC)))
            key = result.inserted_primary_key
            assert key is not None
            return int(key[0])

    def finish_run(self, run_id: int, report: Mapping[str, Any]) -> None:
        """Note that a run ended, with its report (JSON)."""
        values = {"finished_at": datetime.now(UTC), "report": json_storable(report)}
        with self._database.write() as connection:
            connection.execute(update(_runs).where(_runs.c.id == run_id).values(**values))

    def last_run(self, base_id: int) -> IngestRun | None:
        """The newest run of a knowledge base."""
        query = select(_runs).where(_runs.c.base_id == base_id).order_by(_runs.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else IngestRun(**row._asdict())
