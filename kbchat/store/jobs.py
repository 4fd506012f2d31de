"""Jobs: work that goes on behind a page, claimed by one worker at a time through a lease.

A worker that dies leaves a lease that runs out; another then takes the job over. Every change by a worker names it, so
one that was taken for dead and wakes up again changes nothing any more (:class:`LeaseLostError`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store import schema_operation as operation
from kbchat.store.committing import reserve
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, storable
from kbchat.store.job_records import (
    ACTIVE,
    FileProgress,
    FileState,
    JobKind,
    JobState,
    LeaseLostError,
    NewJobFile,
    StoredJob,
    StoredJobFile,
)

__all__ = [
    "ACTIVE",
    "FileProgress",
    "FileState",
    "JobKind",
    "JobState",
    "Jobs",
    "LeaseLostError",
    "NewJobFile",
    "StoredJob",
    "StoredJobFile",
]

_jobs, _files = operation.jobs, operation.job_files


class Jobs(DatabasePart):
    """The jobs of all knowledge bases."""

    def add_job(
        self,
        uid: str,
        base_id: int,
        *,
        owner: str,
        kind: JobKind,
        options: Mapping[str, Any],
        files: Sequence[NewJobFile],
    ) -> StoredJob:
        """Queue a job. ``uid`` names its folder of staged files. Raises NotFoundError when the base is gone."""
        now = datetime.now(UTC)
        with self._database.write() as connection:
            if connection.scalar(select(schema.bases.c.id).where(schema.bases.c.id == base_id)) is None:
                raise _no_base()
            result = connection.execute(
                insert(_jobs).values(
                    uid=uid,
                    base_id=base_id,
                    owner=owner,
                    kind=kind,
                    state="queued",
                    options=json_storable(options),
                    cancel_requested=False,
                    attempts=0,
                    worker="",
                    created_at=now,
                )
            )
            key = result.inserted_primary_key
            assert key is not None
            rows = [_new_file(int(key[0]), number, file) for number, file in enumerate(files, start=1)]
            if rows:
                connection.execute(insert(_files), rows)
        return self.job(int(key[0]))

    def job(self, job_id: int) -> StoredJob:
        """One job. Raises NotFoundError."""
        found = self._selected(_jobs.c.id == job_id, limit=1)
        if not found:
            raise NotFoundError(
                Bilingual(f"There is no job {job_id}.", f"没有编号为 {job_id} 的任务。"),
                Bilingual("Its knowledge base may have been deleted.", "它所在的知识库可能已被删除。"),
            )
        return found[0]

    def jobs(
        self, base_ids: Iterable[int] | None = None, *, active_only: bool = False, limit: int = 100, offset: int = 0
    ) -> list[StoredJob]:
        """Jobs, the newest first; of some knowledge bases only, if given."""
        conditions: list[ColumnElement[bool]] = []
        if base_ids is not None:
            conditions.append(_jobs.c.base_id.in_(tuple(base_ids)))
        if active_only:
            conditions.append(_jobs.c.state.in_(ACTIVE))
        return self._selected(*conditions, limit=limit, offset=offset)

    def active_job_uids(self) -> set[str]:
        """The names of the folders that queued and running jobs need."""
        with self._database.read() as connection:
            return set(connection.scalars(select(_jobs.c.uid).where(_jobs.c.state.in_(ACTIVE))))

    def cancel_job(self, job_id: int) -> bool:
        """End a queued job at once, ask the worker of a running one to; False when it had ended. Raises NotFoundError."""
        self.job(job_id)
        now = datetime.now(UTC)
        with self._database.write() as connection:
            ended = connection.execute(
                update(_jobs)
                .where(_jobs.c.id == job_id, _jobs.c.state == "queued")
                .values(state="cancelled", cancel_requested=True, worker="", lease_until=None, finished_at=now)
            ).rowcount
            if ended:
                _cancel_files(connection, job_id)
                return True
            asked = connection.execute(
                update(_jobs).where(_jobs.c.id == job_id, _jobs.c.state == "running").values(cancel_requested=True)
            ).rowcount
            return bool(asked)

    # ---------------------------------------------------------------------------------------------- for workers

    def claim_job(self, worker: str, lease: timedelta, *, rather_not: int | None = None) -> StoredJob | None:
        """The next job for ``worker``: queued, or of a worker whose lease ran out. One job a base at a time.

        Another base than ``rather_not`` goes first, so that many jobs of one base do not keep the others waiting.
        """
        now = datetime.now(UTC)
        free = _free(now)
        with self._database.read() as connection:  # asked several times a second: mostly there is nothing to write
            if connection.scalar(select(_jobs.c.id).where(free).limit(1)) is None:
                return None
        with self._database.write() as connection:
            reserve(connection, "job", 1)  # claims wait for each other, on PostgreSQL too
            rows = connection.execute(select(_jobs.c.id, _jobs.c.base_id).where(free).order_by(_jobs.c.id)).all()
            if not rows:
                return None
            job_id = next((row.id for row in rows if row.base_id != rather_not), rows[0].id)
            connection.execute(
                update(_jobs)
                .where(_jobs.c.id == job_id)
                .values(
                    state="running",
                    worker=worker,
                    lease_until=now + lease,
                    attempts=_jobs.c.attempts + 1,
                    started_at=func.coalesce(_jobs.c.started_at, now),
                )
            )
        return self.job(job_id)

    def renew_lease(self, job_id: int, worker: str, lease: timedelta) -> None:
        """Keep a job for longer. Raises LeaseLostError."""
        with self._database.write() as connection:
            _held(connection, job_id, worker, {"lease_until": datetime.now(UTC) + lease})

    def is_cancel_wanted(self, job_id: int) -> bool:
        """Whether a person wants the job to end."""
        with self._database.read() as connection:
            return bool(connection.scalar(select(_jobs.c.cancel_requested).where(_jobs.c.id == job_id)))

    def note_progress(self, job_id: int, worker: str, files: Iterable[FileProgress]) -> None:
        """Write how far files are. Raises LeaseLostError."""
        with self._database.write() as connection:
            _held(connection, job_id, worker, {"state": "running"})
            for file in files:
                connection.execute(
                    update(_files)
                    .where(_files.c.job_id == job_id, _files.c.number == file.number)
                    .values(**_progress_values(file))
                )

    def release_job(self, job_id: int, worker: str, *, retry_after: timedelta) -> None:
        """Give a job back unfinished; nobody takes it before ``retry_after``. Raises LeaseLostError.

        It is no failed attempt.
        """
        until = datetime.now(UTC) + retry_after
        values = {"state": "queued", "worker": "", "lease_until": until, "attempts": _jobs.c.attempts - 1}
        with self._database.write() as connection:
            _held(connection, job_id, worker, values)

    def finish_job(
        self,
        job_id: int,
        worker: str,
        state: JobState,
        *,
        report: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        """End a job. Files still open become ``cancelled``. Raises LeaseLostError."""
        values = {
            "state": state,
            "report": None if report is None else json_storable(report),
            "error": None if error is None else json_storable(error),
            "worker": "",
            "lease_until": None,
            "finished_at": datetime.now(UTC),
        }
        with self._database.write() as connection:
            _held(connection, job_id, worker, values)
            _cancel_files(connection, job_id)

    def remove_jobs_before(self, moment: datetime) -> int:
        """Forget jobs that ended before ``moment``; returns how many."""
        old = select(_jobs.c.id).where(_jobs.c.state.not_in(ACTIVE), _jobs.c.finished_at < moment)
        with self._database.write() as connection:
            ids = list(connection.scalars(old))
            connection.execute(delete(_files).where(_files.c.job_id.in_(ids)))
            connection.execute(delete(_jobs).where(_jobs.c.id.in_(ids)))
        return len(ids)

    def _selected(self, *conditions: ColumnElement[bool], limit: int, offset: int = 0) -> list[StoredJob]:
        query = (
            select(_jobs, schema.bases.c.name.label("base"))
            .join(schema.bases, schema.bases.c.id == _jobs.c.base_id)
            .where(*conditions)
            .order_by(_jobs.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            of_jobs = _files.c.job_id.in_([row.id for row in rows])
            files = connection.execute(select(_files).where(of_jobs).order_by(_files.c.job_id, _files.c.number)).all()
        by_job: dict[int, list[StoredJobFile]] = {}
        for row in files:
            by_job.setdefault(row.job_id, []).append(_file(row))
        return [StoredJob(**row._asdict(), files=tuple(by_job.get(row.id, ()))) for row in rows]


def _free(now: datetime) -> ColumnElement[bool]:
    """Jobs that nobody holds, of knowledge bases with no job under way."""
    other = _jobs.alias("other")
    taken = exists().where(
        other.c.base_id == _jobs.c.base_id,
        other.c.id != _jobs.c.id,
        other.c.state == "running",
        other.c.lease_until >= now,
    )
    return and_(_jobs.c.state.in_(ACTIVE), or_(_jobs.c.lease_until.is_(None), _jobs.c.lease_until < now), ~taken)


def _held(connection: Connection, job_id: int, worker: str, values: Mapping[str, Any]) -> None:
    """Change a job that ``worker`` holds. Raises LeaseLostError."""
    changed = connection.execute(
        update(_jobs).where(_jobs.c.id == job_id, _jobs.c.worker == worker, _jobs.c.state == "running").values(**values)
    ).rowcount
    if not changed:
        raise LeaseLostError


def _cancel_files(connection: Connection, job_id: int) -> None:
    connection.execute(
        update(_files)
        .where(_files.c.job_id == job_id, _files.c.state.in_(("waiting", "reading")))
        .values(state="cancelled")
    )


def _new_file(job_id: int, number: int, file: NewJobFile) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "number": number,
        "name": storable(file.name),
        "staged": file.staged,
        "size": file.size,
        "state": file.state,
        "pages_done": 0,
        "pages_total": 0,
        "status": "" if file.result is None else str(file.result.get("status", "")),
        "message": None if file.result is None else json_storable(file.result),
        "document_id": file.document_id,
    }


def _progress_values(file: FileProgress) -> dict[str, Any]:
    values: dict[str, Any] = {"state": file.state, "pages_done": file.pages_done, "pages_total": file.pages_total}
    if file.result is not None:
        values |= {"status": file.status, "message": json_storable(file.result)}
    if file.document_id is not None:
        values["document_id"] = file.document_id
    return values


def _file(row: Row[Any]) -> StoredJobFile:
    return StoredJobFile(
        number=row.number,
        name=row.name,
        staged=row.staged,
        size=row.size,
        state=row.state,
        pages_done=row.pages_done,
        pages_total=row.pages_total,
        status=row.status,
        result=row.message,
        document_id=row.document_id,
    )


def _no_base() -> NotFoundError:
    return NotFoundError(
        Bilingual("The knowledge base has been deleted.", "该知识库已被删除。"),
        Bilingual("Choose another one.", "请选择其他知识库。"),
    )
