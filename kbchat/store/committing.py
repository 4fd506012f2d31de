"""Putting a parsed document into the store: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from kbchat.errors import ConflictError, EmbedderMismatchError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.corrections import corrected_card_out, corrected_fields, with_corrections
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import json_storable, spans_out, storable, vectors_out
from kbchat.store.records import CommittedDocument
from kbchat.text.page_layout import layout_out
from kbchat.types import ParsedDocument

_RAISED = (
    update(schema.counters)
    .where(schema.counters.c.name == bindparam("counter"))
    .values(value=schema.counters.c.value + bindparam("count"))
    .returning(schema.counters.c.value)
)


class Committing(DatabasePart):
    """The way in for documents."""

    def commit_document(
        self,
        base_id: int,
        *,
        source: str,
        name: str,
        sha256: str,
        parsed: ParsedDocument,
        vectors: NDArray[np.float32] | None,
        layouts: Sequence[bytes] | None = None,
        replaces: int | None = None,
    ) -> CommittedDocument:
        """Store a document as the newest revision of ``source`` and make it live.

        ``vectors`` has one row a chunk of the base's dimension, or is None in a base without an embedder. An earlier
        revision of the same source is superseded and stays readable. ``layouts`` are the pages' blocks and runs as
        ``page_layout.layout_out`` gives them, for pages that come without. ``replaces`` is the document that had these
        bytes, to be retired in the same step because its file has them no longer. What a person corrected on the card
        stays when the same bytes are read again.

        Raises ConflictError when another live document of the base has the same bytes, EmbedderMismatchError when the
        vectors do not fit the base, StoreError.
        """
        with self._database.write() as connection:
            base = connection.execute(select(schema.bases).where(schema.bases.c.id == base_id)).first()
            if base is None:
                raise _no_base(base_id)
            _check_vectors(base, parsed, vectors)
            if replaces is not None:
                _retire_replaced(connection, base_id, replaces, sha256)
            _refuse_duplicate(connection, base_id, storable(source), sha256)
            document = _document_row(connection, base_id, storable(source), storable(name))
            read_before = _stored_card(connection, document.current_revision_id, sha256)
            parsed = with_corrections(parsed, read_before)
            card = corrected_card_out(parsed.card, corrected_fields(read_before))
            revision_id = _insert_revision(connection, document.id, sha256, parsed, card)
            _insert_content(connection, revision_id, parsed, layouts)
            if vectors is not None and base.dimension:
                row = {"revision_id": revision_id, "embedder": base.embedder, "dimension": base.dimension}
                connection.execute(insert(schema.vectors), [{**row, "data": vectors_out(vectors)}])
            superseded = document.current_revision_id if document.retired_at is None else None
            steps: list[tuple[int, int, str]] = [(document.id, revision_id, "add")]
            if superseded is not None:
                steps.insert(0, (document.id, superseded, "remove"))
            record_changes(connection, base_id, steps)
            connection.execute(
                update(schema.documents)
                .where(schema.documents.c.id == document.id)
                .values(current_revision_id=revision_id, retired_at=None, retired_because=None, name=storable(name))
            )
        status: Literal["added", "updated"] = "added" if superseded is None else "updated"
        return CommittedDocument(int(document.id), revision_id, status, len(parsed.chunks))


def reserve(connection: Connection, counter: str, count: int) -> int:
    """The first of ``count`` numbers that nobody else has or will get. The counter stays locked until the commit."""
    last = connection.scalar(_RAISED, {"counter": counter, "count": count})
    assert last is not None
    return int(last) - count + 1


def record_changes(connection: Connection, base_id: int, steps: Sequence[tuple[int, int, str]]) -> None:
    """Note (document, revision, ``add`` or ``remove``) for the indexes, in this order."""
    first = reserve(connection, "change", len(steps))
    rows = [
        {
            "seq": first + offset,
            "base_id": base_id,
            "document_id": document_id,
            "revision_id": revision_id,
            "action": action,
            "stamp": uuid4().hex,
        }
        for offset, (document_id, revision_id, action) in enumerate(steps)
    ]
    if rows:
        connection.execute(insert(schema.changes), rows)


def _document_row(connection: Connection, base_id: int, source: str, name: str) -> Row[Any]:
    """The document of a source, made when there is none."""
    documents = schema.documents
    query = select(documents).where(documents.c.base_id == base_id, documents.c.source == source)
    row = connection.execute(query).first()
    if row is not None:
        return row
    connection.execute(
        insert(documents), [{"base_id": base_id, "source": source, "name": name, "created_at": datetime.now(UTC)}]
    )
    return connection.execute(query).one()


def _stored_card(connection: Connection, revision_id: int | None, sha256: str) -> dict[str, Any]:
    """The card of a revision, as stored, if it was read from these bytes; else nothing."""
    revisions = schema.revisions
    query = select(revisions.c.card).where(revisions.c.id == revision_id, revisions.c.sha256 == sha256)
    return connection.scalar(query) or {}


def _insert_revision(
    connection: Connection, document_id: int, sha256: str, parsed: ParsedDocument, card: dict[str, Any]
) -> int:
    revisions = schema.revisions
    newest = connection.scalar(select(func.max(revisions.c.number)).where(revisions.c.document_id == document_id))
    result = connection.execute(
        insert(revisions).values(
            document_id=document_id,
            number=int(newest or 0) + 1,
            sha256=sha256,
            format=parsed.format,
            card=card,
            outline=json_storable(parsed.outline),
            warnings=json_storable(parsed.warnings),
            pages=len(parsed.pages),
            ocr_pages=sum(page.ocr for page in parsed.pages),
            chunks=len(parsed.chunks),
            created_at=datetime.now(UTC),
        )
    )
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _retire_replaced(connection: Connection, base_id: int, document_id: int, sha256: str) -> None:
    """Retire the document, if it still is the live one of these bytes."""
    documents, revisions = schema.documents, schema.revisions
    row = connection.execute(
        select(documents.c.current_revision_id)
        .join(revisions, revisions.c.id == documents.c.current_revision_id)
        .where(
            documents.c.id == document_id,
            documents.c.base_id == base_id,
            documents.c.retired_at.is_(None),
            revisions.c.sha256 == sha256,
        )
    ).first()
    if row is not None:
        record_changes(connection, base_id, [(document_id, row.current_revision_id, "remove")])
        connection.execute(
            update(documents)
            .where(documents.c.id == document_id)
            .values(retired_at=datetime.now(UTC), retired_because="gone")
        )


def _insert_content(
    connection: Connection, revision_id: int, parsed: ParsedDocument, layouts: Sequence[bytes] | None
) -> None:
    first_section = reserve(connection, "section", len(parsed.sections))
    first_chunk = reserve(connection, "chunk", len(parsed.chunks))
    section_ids = {section.id: first_section + offset for offset, section in enumerate(parsed.sections)}
    pages = [
        {
            "revision_id": revision_id,
            "number": page.number,
            "text": storable(page.text),
            "ocr": page.ocr,
            "width": page.width,
            "height": page.height,
            "layout": layout,
        }
        for page, layout in zip(
            parsed.pages, layouts or [layout_out(page.blocks, page.runs) for page in parsed.pages], strict=True
        )
    ]
    sections = [
        {
            "id": section_ids[section.id],
            "revision_id": revision_id,
            "ordinal": offset,
            "kind": section.kind.value,
            "subject": storable(section.subject),
            "heading_path": json_storable(section.heading_path),
            "spans": spans_out(section.spans),
            "text": storable(section.text),
            "grade": storable(section.grade),
            "evidence": storable(section.evidence),
        }
        for offset, section in enumerate(parsed.sections)
    ]
    chunks = [
        {
            "id": first_chunk + offset,
            "revision_id": revision_id,
            "section_id": section_ids[chunk.section_id],
            "ordinal": offset,
            "spans": spans_out(chunk.spans),
            "text": storable(chunk.text),
            "table_header": storable(chunk.table_header),
        }
        for offset, chunk in enumerate(parsed.chunks)
    ]
    for table, rows in ((schema.pages, pages), (schema.sections, sections), (schema.chunks, chunks)):
        if rows:
            connection.execute(insert(table), rows)


def _check_vectors(base: Row[Any], parsed: ParsedDocument, vectors: NDArray[np.float32] | None) -> None:
    expected = (len(parsed.chunks), int(base.dimension))
    found = (0, 0) if vectors is None else vectors.shape
    if base.dimension == 0 or (vectors is not None and found == expected):
        return
    if vectors is None and not parsed.chunks:
        return
    raise EmbedderMismatchError(
        Bilingual(
            f"The knowledge base {base.name!r} expects vectors of shape {expected} from {base.embedder!r}, "
            f"found {found}.",
            f"知识库 {base.name!r} 需要由 {base.embedder!r} 生成的形状为 {expected} 的向量，实际为 {found}。",
        ),
        Bilingual(
            f"Use that embedding model, or change it with `kbchat reindex --kb {base.name} --re-embed`.",
            f"请使用该向量模型，或运行 `kbchat reindex --kb {base.name} --re-embed` 更换。",
        ),
    )


def _refuse_duplicate(connection: Connection, base_id: int, source: str, sha256: str) -> None:
    documents, revisions = schema.documents, schema.revisions
    other = connection.scalar(
        select(documents.c.source)
        .join(revisions, revisions.c.id == documents.c.current_revision_id)
        .where(
            documents.c.base_id == base_id,
            documents.c.retired_at.is_(None),
            documents.c.source != source,
            revisions.c.sha256 == sha256,
        )
    )
    if other is not None:
        raise ConflictError(
            Bilingual(
                f"{source} has the same bytes as {other}, which is already in this knowledge base.",
                f"{source} 与本知识库中已有的 {other} 内容完全相同。",
            ),
            Bilingual("Nothing needs to be done; the document is stored once.", "无需处理；同一文档只保存一份。"),
        )


def _no_base(base_id: int) -> NotFoundError:
    return NotFoundError(
        Bilingual(f"The knowledge base with the id {base_id} was deleted.", f"编号为 {base_id} 的知识库已被删除。"),
        Bilingual("Create it again with `kbchat kb create`.", "请用 `kbchat kb create` 重新创建。"),
    )
