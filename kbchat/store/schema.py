"""The tables of the store, for SQLite and PostgreSQL alike.

Ids of sections and chunks and the sequence of changes come from ``counters``, which a commit updates in its own
transaction: ids are never used again, and the row lock makes change numbers visible in the order of their commits, so
that a reader's watermark never passes a change still under way (a database sequence would not promise that).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

Id = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Moments in UTC; SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; without the zone for SQLite."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always with the zone."""
        del dialect
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


counters = Table(
    "counters", metadata, Column("name", String(32), primary_key=True), Column("value", Id, nullable=False)
)

bases = Table(
    "knowledge_bases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("description", Text, nullable=False),
    Column("embedder", String(400), nullable=False),
    Column("dimension", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("groups", JSON, nullable=False, server_default="[]"),  # whom it is closed to; empty: open to all
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("current_revision_id", Id, nullable=True),
    Column("retired_at", UtcDateTime, nullable=True),
    Column("retired_because", String(16), nullable=True),  # person or gone; see SourceState
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("base_id", "source"),
    sqlite_autoincrement=True,
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, ForeignKey("documents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("format", String(32), nullable=False),
    Column("card", JSON, nullable=False),
    Column("outline", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("ocr_pages", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("document_id", "number"),
    Index(None, "sha256"),
    sqlite_autoincrement=True,
)

pages = Table(
    "pages",
    metadata,
    Column("revision_id", Id, ForeignKey("revisions.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("ocr", Boolean, nullable=False),
    Column("width", Float, nullable=False),
    Column("height", Float, nullable=False),
    Column("layout", LargeBinary, nullable=False),
)

sections = Table(
    "sections",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("revision_id", Id, ForeignKey("revisions.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("heading_path", JSON, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("evidence", Text, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("revision_id", Id, ForeignKey("revisions.id"), nullable=False, index=True),
    Column("section_id", Id, ForeignKey("sections.id"), nullable=False, index=True),
    Column("ordinal", Integer, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("table_header", Text, nullable=False),
)

vectors = Table(
    "vectors",
    metadata,
    Column("revision_id", Id, ForeignKey("revisions.id"), primary_key=True),
    Column("embedder", String(400), primary_key=True),
    Column("dimension", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # float16, row-major, one row a chunk in the order of chunk ids
)

changes = Table(
    "changes",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False),
    Column("document_id", Id, ForeignKey("documents.id"), nullable=False),
    Column("revision_id", Id, ForeignKey("revisions.id"), nullable=False),
    Column("action", String(8), nullable=False),  # add or remove
    Column("stamp", String(32), nullable=False),  # tells this change from one of the same number in another history
    Index(None, "base_id", "seq"),
)

ingest_runs = Table(
    "ingest_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("base_id", Id, ForeignKey("knowledge_bases.id"), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=True),
    Column("report", JSON, nullable=True),
    sqlite_autoincrement=True,
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("assistant", String(64), nullable=False),  # id of an assistant; empty: none
    Column("bases", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("pinned", Boolean, nullable=False, server_default=false()),
    Column("deleted_at", UtcDateTime, nullable=True),  # put aside, can still be brought back
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "owner", "updated_at"),
    sqlite_autoincrement=True,
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("role", String(16), nullable=False),  # user or assistant
    Column("text", Text, nullable=False),
    Column("outcome", String(32), nullable=False),  # of an answer; empty for a question
    Column("answer", JSON, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
)

assistants = Table(
    "assistants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("toml", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
