"""Jobs, feedback, figures, retrieval tests, audit, keys; closed bases; conversations pinned and put aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.add_column("knowledge_bases", sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("conversations", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("deleted_at", _MOMENT, nullable=True))
    _create_jobs()
    _create_job_files()
    _create_feedback()
    _create_questions()
    _create_test_cases()
    _create_test_runs()
    _create_audit()
    _create_audit_people()
    _create_audit_anchors()
    _create_api_keys()
    _create_used_tokens()
    _create_idempotency()
    op.bulk_insert(
        sa.table("counters", sa.column("name", sa.String), sa.column("value", _ID)),
        [{"name": name, "value": 0} for name in ("audit", "job")],
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("error", sa.JSON(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(64), nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_jobs_base_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("uid", name="uq_jobs_uid"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_base_id", "jobs", ["base_id"])
    op.create_index("ix_jobs_state", "jobs", ["state"])


def _create_job_files() -> None:
    op.create_table(
        "job_files",
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("staged", sa.String(64), nullable=False),
        sa.Column("size", _ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("pages_done", sa.Integer(), nullable=False),
        sa.Column("pages_total", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("message", sa.JSON(), nullable=True),
        sa.Column("document_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_files_job_id"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_job_files"),
    )


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", _ID, nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("conversation_id", _ID, nullable=True),
        sa.Column("message_number", sa.Integer(), nullable=True),
        sa.Column("question_id", _ID, nullable=True),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("bases", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("handled_at", _MOMENT, nullable=True),
        sa.Column("handled_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"])


def _create_questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("bases", sa.JSON(), nullable=False),
        sa.Column("assistant", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("generator", sa.String(200), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("first_seconds", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_questions_asked_at", "questions", ["asked_at"])


def _create_test_cases() -> None:
    op.create_table(
        "test_cases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_test_cases_base_id"),
        sa.PrimaryKeyConstraint("id", name="pk_test_cases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_test_cases_base_id", "test_cases", ["base_id"])


def _create_test_runs() -> None:
    op.create_table(
        "test_runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_test_runs_base_id"),
        sa.PrimaryKeyConstraint("id", name="pk_test_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_test_runs_base_id", "test_runs", ["base_id"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _ID, nullable=False, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("base", sa.String(200), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("revisions", sa.JSON(), nullable=False),
        sa.Column("question_hash", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def _create_audit_people() -> None:
    op.create_table(
        "audit_people",
        sa.Column("pseudonym", sa.String(32), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_audit_people"),
        sa.UniqueConstraint("user", name="uq_audit_people_user"),
    )


def _create_audit_anchors() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("seq", _ID, nullable=False, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("removed", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_anchors"),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", _ID, nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("hash", sa.String(128), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("bases", sa.JSON(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("prefix", name="uq_api_keys_prefix"),
        sqlite_autoincrement=True,
    )


def _create_used_tokens() -> None:
    op.create_table(
        "used_tokens",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_used_tokens"),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("response", sa.JSON(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
