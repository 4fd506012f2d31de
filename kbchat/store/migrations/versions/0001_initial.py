"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "counters",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", _ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "knowledge_bases",
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("embedder", sa.String(400), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_bases"),
        sa.UniqueConstraint("name", name="uq_knowledge_bases_name"),
        sa.UniqueConstraint("uid", name="uq_knowledge_bases_uid"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "documents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("current_revision_id", _ID, nullable=True),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.Column("retired_because", sa.String(16), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_documents_base_id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("base_id", "source", name="uq_documents_base_id_source"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ingest_runs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_ingest_runs_base_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ingest_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ingest_runs_base_id", "ingest_runs", ["base_id"])
    op.create_table(
        "revisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("ocr_pages", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_revisions_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("document_id", "number", name="uq_revisions_document_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_revisions_sha256", "revisions", ["sha256"])
    op.create_table(
        "changes",
        sa.Column("seq", _ID, nullable=False, autoincrement=False),
        sa.Column("base_id", _ID, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("revision_id", _ID, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("stamp", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["knowledge_bases.id"], name="fk_changes_base_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_changes_document_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_changes_revision_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_changes"),
    )
    op.create_index("ix_changes_base_id_seq", "changes", ["base_id", "seq"])
    op.create_table(
        "pages",
        sa.Column("revision_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ocr", sa.Boolean(), nullable=False),
        sa.Column("width", sa.Float(), nullable=False),
        sa.Column("height", sa.Float(), nullable=False),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_pages_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "number", name="pk_pages"),
    )
    op.create_table(
        "sections",
        sa.Column("id", _ID, nullable=False, autoincrement=False),
        sa.Column("revision_id", _ID, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("heading_path", sa.JSON(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_sections_revision_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sections"),
    )
    op.create_index("ix_sections_revision_id", "sections", ["revision_id"])
    op.create_table(
        "vectors",
        sa.Column("revision_id", _ID, nullable=False),
        sa.Column("embedder", sa.String(400), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_vectors_revision_id"),
        sa.PrimaryKeyConstraint("revision_id", "embedder", name="pk_vectors"),
    )
    op.create_table(
        "chunks",
        sa.Column("id", _ID, nullable=False, autoincrement=False),
        sa.Column("revision_id", _ID, nullable=False),
        sa.Column("section_id", _ID, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("table_header", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_chunks_revision_id"),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name="fk_chunks_section_id"),
        sa.PrimaryKeyConstraint("id", name="pk_chunks"),
    )
    op.create_index("ix_chunks_revision_id", "chunks", ["revision_id"])
    op.create_index("ix_chunks_section_id", "chunks", ["section_id"])
    op.bulk_insert(
        sa.table("counters", sa.column("name", sa.String), sa.column("value", _ID)),
        [{"name": name, "value": 0} for name in ("section", "chunk", "change")],
    )
