"""Documents and their revisions: what there is, retiring and bringing back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from kbchat.errors import ConflictError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.committing import record_changes, reserve
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import card_in, storable
from kbchat.store.records import RetiredBecause, SourceState, StoredDocument, StoredRevision

_documents, _revisions = schema.documents, schema.revisions
_IDS_AT_ONCE = 500


class Documents(DatabasePart):
    """The documents of the store."""

    def sources(self, base_id: int) -> dict[str, SourceState]:
        """What is stored from each source path, retired documents too."""
        query = (
            select(
                _documents.c.source,
                _documents.c.id,
                _documents.c.current_revision_id,
                _revisions.c.sha256,
                _documents.c.retired_at,
                _documents.c.retired_because,
            )
            .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
            .where(_documents.c.base_id == base_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {
            source: SourceState(key, revision, sha, retired is not None, because)
            for source, key, revision, sha, retired, because in rows
        }

    def find_by_hash(self, base_id: int, sha256: str) -> StoredDocument | None:
        """The live document of these bytes, if there is one."""
        query = documents_query().where(
            _documents.c.base_id == base_id, _revisions.c.sha256 == sha256, _documents.c.retired_at.is_(None)
        )
        with self._database.read() as connection:
            row = connection.execute(query.order_by(_documents.c.id)).first()
        return None if row is None else document_of(row)

    def documents(self, base_id: int, *, include_retired: bool = False) -> list[StoredDocument]:
        """The documents of a knowledge base by source path."""
        query = documents_query().where(_documents.c.base_id == base_id)
        if not include_retired:
            query = query.where(_documents.c.retired_at.is_(None))
        with self._database.read() as connection:
            return [document_of(row) for row in connection.execute(query.order_by(_documents.c.source))]

    def document(self, document_id: int) -> StoredDocument:
        """One document, retired or not. Raises NotFoundError."""
        with self._database.read() as connection:
            row = connection.execute(documents_query().where(_documents.c.id == document_id)).first()
        if row is None:
            raise _no_such_document(document_id)
        return document_of(row)

    def revisions(self, document_id: int) -> list[StoredRevision]:
        """All revisions of a document, oldest first. Raises NotFoundError."""
        query = (
            select(_revisions, _documents.c.current_revision_id)
            .join(_documents, _documents.c.id == _revisions.c.document_id)
            .where(_documents.c.id == document_id)
            .order_by(_revisions.c.number)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise _no_such_document(document_id)
        return [_revision(row) for row in rows]

    def bases_of_revisions(self, revision_ids: Iterable[int]) -> dict[int, int]:
        """Id of the knowledge base by revision, for revisions that are (still) there."""
        wanted = sorted(set(revision_ids))
        found: dict[int, int] = {}
        with self._database.read() as connection:
            for begin in range(0, len(wanted), _IDS_AT_ONCE):
                query = (
                    select(_revisions.c.id, _documents.c.base_id)
                    .join(_documents, _documents.c.id == _revisions.c.document_id)
                    .where(_revisions.c.id.in_(wanted[begin : begin + _IDS_AT_ONCE]))
                )
                found |= {row.id: row.base_id for row in connection.execute(query)}
        return found

    def revision(self, revision_id: int) -> StoredRevision:
        """One revision, whatever became of its document. Raises NotFoundError."""
        query = (
            select(_revisions, _documents.c.current_revision_id)
            .join(_documents, _documents.c.id == _revisions.c.document_id)
            .where(_revisions.c.id == revision_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(
                Bilingual(f"There is no revision with the id {revision_id}.", f"没有编号为 {revision_id} 的文档版本。"),
                Bilingual("Its knowledge base may have been deleted.", "它所在的知识库可能已被删除。"),
            )
        return _revision(row)

    def retire_document(self, document_id: int, *, because: RetiredBecause = "person") -> bool:
        """Take a document out of search; its pages stay readable. False when it was retired before.

        A person's decision outweighs a missing file: the reason then becomes the person's. Raises NotFoundError.
        """
        with self._database.write() as connection:
            row = connection.execute(select(_documents).where(_documents.c.id == document_id)).first()
            if row is None:
                raise _no_such_document(document_id)
            if row.retired_at is not None:
                if because == "person":
                    connection.execute(
                        update(_documents).where(_documents.c.id == document_id).values(retired_because=because)
                    )
                return False
            record_changes(connection, row.base_id, [(document_id, row.current_revision_id, "remove")])
            connection.execute(
                update(_documents)
                .where(_documents.c.id == document_id)
                .values(retired_at=datetime.now(UTC), retired_because=because)
            )
            return True

    def move_document(self, document_id: int, *, source: str, name: str) -> None:
        """Note that a document's file now lies at ``source`` under ``name``; nothing else changes.

        Raises NotFoundError, and ConflictError when another document is stored from that source.
        """
        with self._database.write() as connection:
            row = connection.execute(select(_documents).where(_documents.c.id == document_id)).first()
            if row is None:
                raise _no_such_document(document_id)
            there = select(_documents.c.id).where(
                _documents.c.base_id == row.base_id,
                _documents.c.source == storable(source),
                _documents.c.id != document_id,
            )
            if connection.scalar(there) is not None:
                raise ConflictError(
                    Bilingual(f"Another document is stored from {source}.", f"{source} 已对应另一份文档。"),
                    Bilingual("Ingest the folder again.", "请重新导入该文件夹。"),
                )
            reserve(connection, "change", 1)  # nothing for the indexes, but readers keep names in memory
            connection.execute(
                update(_documents)
                .where(_documents.c.id == document_id)
                .values(source=storable(source), name=storable(name))
            )

    def restore_document(self, document_id: int, *, name: str | None = None) -> bool:
        """Bring a retired document back into search (under a new file name, if given). False when it was live.

        Raises NotFoundError, and ConflictError when another live document has the same bytes.
        """
        with self._database.write() as connection:
            row = connection.execute(documents_query().where(_documents.c.id == document_id)).first()
            if row is None:
                raise _no_such_document(document_id)
            if row.retired_at is None:
                return False
            twin = connection.scalar(
                select(_documents.c.source)
                .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
                .where(
                    _documents.c.base_id == row.base_id,
                    _documents.c.retired_at.is_(None),
                    _revisions.c.sha256 == row.sha256,
                )
            )
            if twin is not None:
                raise ConflictError(
                    Bilingual(
                        f"{row.source} has the same bytes as {twin}, which is live.",
                        f"{row.source} 与在用的 {twin} 内容完全相同。",
                    ),
                    Bilingual("Retire that one first.", "请先停用后者。"),
                )
            record_changes(connection, row.base_id, [(document_id, row.revision_id, "add")])
            values: dict[str, Any] = {"retired_at": None, "retired_because": None}
            if name is not None:
                values["name"] = storable(name)
            connection.execute(update(_documents).where(_documents.c.id == document_id).values(**values))
            return True


def documents_query() -> Select[Any]:
    """Documents with their newest revision, as ``document_of`` reads them."""
    return select(
        _documents.c.id,
        _documents.c.base_id,
        _documents.c.source,
        _documents.c.name,
        _revisions.c.card,
        _revisions.c.id.label("revision_id"),
        _revisions.c.number.label("revision_number"),
        _revisions.c.sha256,
        _revisions.c.format,
        _revisions.c.pages,
        _revisions.c.ocr_pages,
        _revisions.c.chunks,
        _documents.c.retired_at,
        _documents.c.retired_because,
        _documents.c.created_at,
        _revisions.c.created_at.label("updated_at"),
    ).join(_revisions, _revisions.c.id == _documents.c.current_revision_id)


def document_of(row: Row[Any]) -> StoredDocument:
    """One row of ``documents_query``."""
    values = row._asdict()
    return StoredDocument(**{**values, "card": card_in(values["card"])})


def _revision(row: Row[Any]) -> StoredRevision:
    return StoredRevision(
        id=row.id,
        document_id=row.document_id,
        number=row.number,
        sha256=row.sha256,
        format=row.format,
        card=card_in(row.card),
        pages=row.pages,
        ocr_pages=row.ocr_pages,
        chunks=row.chunks,
        outline=tuple((int(level), str(title), int(page)) for level, title, page in row.outline),
        warnings=tuple(row.warnings),
        created_at=row.created_at,
        current=row.id == row.current_revision_id,
    )


def _no_such_document(document_id: int) -> NotFoundError:
    return NotFoundError(
        Bilingual(f"There is no document with the id {document_id}.", f"没有编号为 {document_id} 的文档。"),
        Bilingual("`kbchat kb documents` lists them.", "`kbchat kb documents` 可列出文档。"),
    )
