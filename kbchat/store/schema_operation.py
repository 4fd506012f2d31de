"""The tables behind the pages and the service: jobs, feedback, figures, retrieval tests, audit, keys.

The journeys of documents and questions do not need them; see ``schema`` for those.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from kbchat.store.schema import Id, UtcDateTime, metadata

# Work that goes on behind a page: uploads being read, documents read again.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False, index=True),
    Column("owner", String(200), nullable=False),
    Column("kind", String(16), nullable=False),  # upload or reread
    Column("state", String(16), nullable=False),  # queued, running, done, failed or cancelled
    Column("options", JSON, nullable=False),
    Column("report", JSON, nullable=True),
    Column("error", JSON, nullable=True),
    Column("cancel_requested", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),  # how often work on it began
    Column("worker", String(64), nullable=False),  # who works on it; empty: nobody
    Column("lease_until", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=True),
    Column("finished_at", UtcDateTime, nullable=True),
    Index(None, "state"),
    sqlite_autoincrement=True,
)

# The files of a job, each with how far it is.
job_files = Table(
    "job_files",
    metadata,
    Column("job_id", Id, ForeignKey("jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("staged", String(64), nullable=False),  # name in the job's folder
    Column("size", Id, nullable=False),
    Column("state", String(16), nullable=False),  # waiting, reading, done, failed or cancelled
    Column("pages_done", Integer, nullable=False),
    Column("pages_total", Integer, nullable=False),
    Column("status", String(32), nullable=False),  # as in the ingest report
    Column("message", JSON, nullable=True),  # its entry in the ingest report, in both languages
    Column("document_id", Id, nullable=True),
)

# What people said of answers.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("conversation_id", Id, nullable=True),
    Column("message_number", Integer, nullable=True),
    Column("question_id", Id, nullable=True),
    Column("verdict", String(8), nullable=False),  # up or down
    Column("reason", String(32), nullable=False),
    Column("comment", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("bases", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime, nullable=True),
    Column("handled_by", String(200), nullable=False),
    Index(None, "created_at"),
    sqlite_autoincrement=True,
)

# One row a question, without who asked: what the dashboard is made of.
questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("bases", JSON, nullable=False),
    Column("assistant", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("question", Text, nullable=False),  # identifiers masked; empty where it is not to be saved
    Column("outcome", String(32), nullable=False),
    Column("category", String(64), nullable=False),
    Column("generator", String(200), nullable=False),
    Column("fallback", Boolean, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("first_seconds", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("documents", JSON, nullable=False),  # ids of the documents cited
    Column("channel", String(16), nullable=False),  # ui, api, widget or cli
    Index(None, "asked_at"),
    sqlite_autoincrement=True,
)

# Questions of the retrieval test with what must be found.
test_cases = Table(
    "test_cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("expected", JSON, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# How the saved cases did, over time.
test_runs = Table(
    "test_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False, index=True),
    Column("settings", JSON, nullable=False),
    Column("result", JSON, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# Append-only, hash-chained: who did what, never what was asked. ``actor`` is a pseudonym; see ``audit_people``.
audit = Table(
    "audit",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("method", String(16), nullable=False),
    Column("action", String(64), nullable=False),
    Column("base", String(200), nullable=False),
    Column("object", Text, nullable=False),
    Column("revisions", JSON, nullable=False),
    Column("question_hash", String(64), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "at"),
)

# Who stands behind a pseudonym of the audit. Forgetting a person deletes this row and leaves the chain whole.
audit_people = Table(
    "audit_people",
    metadata,
    Column("pseudonym", String(32), primary_key=True),
    Column("user", String(200), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

# Where the chain begins after old entries were removed at the end of their keeping.
audit_anchors = Table(
    "audit_anchors",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("removed", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Keys of programs; only hashes are kept.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("prefix", String(16), nullable=False, unique=True),
    Column("hash", String(128), nullable=False),
    Column("name", String(200), nullable=False),
    Column("user", String(200), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("bases", JSON, nullable=True),
    Column("groups", JSON, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("last_used_at", UtcDateTime, nullable=True),
    sqlite_autoincrement=True,
)

# Host tokens that have been used, until they would have expired anyway.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
)

# Sessions that a host token began; only hashes of their tokens are kept.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user", String(200), nullable=False, index=True),
    Column("roles", JSON, nullable=False),
    Column("bases", JSON(none_as_null=True), nullable=True),
    Column("groups", JSON, nullable=False),
    Column("curated", JSON(none_as_null=True), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
)

# Answers already given to requests that may be sent twice.
idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("route", String(200), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False, server_default=""),  # of a body read after the claim
    Column("status", Integer, nullable=False),
    Column("response", JSON, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
)
