"""What the store takes in and gives back of jobs: frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

JobKind = Literal["upload", "reread"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
FileState = Literal["waiting", "reading", "done", "failed", "cancelled"]
ACTIVE: tuple[JobState, ...] = ("queued", "running")


class LeaseLostError(Exception):
    """The job belongs to another worker now, or is gone."""


@dataclass(frozen=True, slots=True)
class NewJobFile:
    """A file of a job to be queued. ``result`` is set for one that is refused before it is read."""

    name: str
    staged: str
    size: int
    state: FileState = "waiting"
    result: Mapping[str, Any] | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredJobFile:
    """A file of a job. ``staged`` is its name in the job's folder (empty: a stored original is read again).

    ``status`` is that of the ingest report (empty before); ``result`` its entry there, in both languages.
    """

    number: int
    name: str
    staged: str
    size: int
    state: FileState
    pages_done: int
    pages_total: int
    status: str
    result: Mapping[str, Any] | None
    document_id: int | None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job with its files. ``attempts`` counts how often work on it began."""

    id: int
    uid: str
    base_id: int
    base: str
    owner: str
    kind: JobKind
    state: JobState
    options: Mapping[str, Any]
    report: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    cancel_requested: bool
    attempts: int
    worker: str
    lease_until: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    files: tuple[StoredJobFile, ...]


@dataclass(frozen=True, slots=True)
class FileProgress:
    """What is new about a file: pages read, and at its end the entry in the report."""

    number: int
    state: FileState
    pages_done: int = 0
    pages_total: int = 0
    status: str = ""
    result: Mapping[str, Any] | None = None
    document_id: int | None = None
