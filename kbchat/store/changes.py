"""What changed, for the indexes: the numbered history of documents that became live or ceased to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from kbchat.errors import EmbedderMismatchError, NotFoundError
from kbchat.index.protocol import IndexChanges, IndexEntry, IndexIdentity
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.committing import record_changes
from kbchat.store.database import DatabasePart
from kbchat.store.encoding import card_in, vectors_in, vectors_out
from kbchat.types import DocumentCard, DocumentKind, SectionKind

_bases, _documents, _revisions = schema.bases, schema.documents, schema.revisions
_sections, _chunks, _vectors, _changes = schema.sections, schema.chunks, schema.vectors, schema.changes

_WATERMARK = select(func.max(_changes.c.seq)).where(_changes.c.base_id == bindparam("base"))


@dataclass(slots=True)
class _Batch:
    added: list[IndexEntry] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)


class Changes(DatabasePart):
    """The store's side of the seam to the indexes."""

    def watermark(self, base_id: int) -> int:
        """The number of the newest change of a knowledge base; 0 before the first."""
        with self._database.read() as connection:
            return int(connection.scalar(_WATERMARK, {"base": base_id}) or 0)

    def names_version(self, base_id: int) -> int:
        """A number that changes whenever ``names`` may have."""
        return self.watermark(base_id)

    def change_stamp(self, base_id: int, watermark: int) -> str:
        """What tells the change of this number from one in another history (a restored backup); empty if unknown."""
        query = select(_changes.c.stamp).where(_changes.c.seq == watermark, _changes.c.base_id == base_id)
        with self._database.read() as connection:
            return str(connection.scalar(query) or "")

    def index_identity(self, base_id: int) -> IndexIdentity:
        """What an index must have been made from to be this base's. Raises NotFoundError."""
        query = select(_bases.c.uid, _bases.c.embedder, _bases.c.dimension, _bases.c.epoch)
        with self._database.read() as connection:
            row = connection.execute(query.where(_bases.c.id == base_id)).first()
        if row is None:
            raise NotFoundError(
                Bilingual(f"There is no knowledge base with the id {base_id}.", f"没有编号为 {base_id} 的知识库。"),
                Bilingual(
                    "It was deleted; `kbchat kb list` shows those that exist.",
                    "它已被删除；`kbchat kb list` 可列出现有知识库。",
                ),
            )
        return IndexIdentity(row.uid, row.embedder, row.dimension, row.epoch)

    def changes_since(self, base_id: int, watermark: int, batch: int = 4000) -> Iterator[IndexChanges]:
        """What must be done to an index complete up to ``watermark``, in batches of about ``batch`` chunks.

        A document never spans two batches, so that it becomes searchable whole. Documents come in the order of their
        last change, each with the outcome of all its changes; an index that took a batch is complete up to the batch's
        watermark in this sense: asking again from there brings everything that is missing. Taking a batch twice does
        no harm.
        """
        newest = func.max(_changes.c.seq).label("newest")
        query = (
            select(_changes.c.document_id, newest)
            .where(_changes.c.base_id == base_id, _changes.c.seq > watermark)
            .group_by(_changes.c.document_id)
            .order_by(newest)
        )
        with self._database.read() as connection:
            dimension = connection.scalar(select(_bases.c.dimension).where(_bases.c.id == base_id))
            pending = [(int(document), int(seq)) for document, seq in connection.execute(query)]
        collected = _Batch()
        reached = watermark
        position = 0
        while position < len(pending):
            with self._database.read() as connection:
                while position < len(pending) and len(collected) < batch:
                    document_id, reached = pending[position]
                    _collect(connection, document_id, watermark, int(dimension or 0), collected)
                    position += 1
                stamp = connection.scalar(select(_changes.c.stamp).where(_changes.c.seq == reached))
            yield IndexChanges(collected.added, collected.removed, reached, str(stamp or ""))
            collected = _Batch()

    def chunk_total(self, base_id: int) -> int:
        """How many chunks are live."""
        query = (
            select(func.sum(_revisions.c.chunks))
            .join(_documents, _documents.c.current_revision_id == _revisions.c.id)
            .where(_documents.c.base_id == base_id, _documents.c.retired_at.is_(None))
        )
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def replace_vectors(
        self, base_id: int, *, embedder: str, dimension: int, vectors: Iterable[tuple[int, NDArray[np.float32]]]
    ) -> None:
        """Give a knowledge base the vectors of another embedding model.

        ``vectors`` brings (revision id, rows in the order of its chunks) for every revision of ``live_chunks``. Rows
        are kept beside the old ones, revision by revision, until all are there; then one transaction switches over, so
        that search goes on with the old model until the end and nothing is lost if the process dies. With
        ``dimension`` 0 the base is searched by words alone from then on, and ``vectors`` is not read.

        Raises EmbedderMismatchError when rows are missing or of another shape.
        """
        if dimension:
            for revision_id, rows in vectors:
                self._stage(revision_id, embedder, dimension, rows)
        with self._database.write() as connection:
            current = select(_documents.c.current_revision_id).where(_documents.c.base_id == base_id)
            if dimension:
                _require_all(connection, current, embedder, dimension)
            of_base = (
                select(_revisions.c.id)
                .join(_documents, _documents.c.id == _revisions.c.document_id)
                .where(_documents.c.base_id == base_id)
            )
            outdated = delete(_vectors).where(_vectors.c.revision_id.in_(of_base))
            if dimension:
                outdated = outdated.where((_vectors.c.embedder != embedder) | _vectors.c.revision_id.not_in(current))
            connection.execute(outdated)
            connection.execute(
                update(_bases)
                .where(_bases.c.id == base_id)
                .values(embedder=embedder if dimension else "", dimension=dimension, epoch=_bases.c.epoch + 1)
            )
            live = select(_documents.c.id, _documents.c.current_revision_id).where(
                _documents.c.base_id == base_id, _documents.c.retired_at.is_(None)
            )
            steps = [(int(document), int(revision), "add") for document, revision in connection.execute(live)]
            record_changes(connection, base_id, steps)

    def _stage(self, revision_id: int, embedder: str, dimension: int, rows: NDArray[np.float32]) -> None:
        with self._database.write() as connection:
            count = connection.scalar(select(_revisions.c.chunks).where(_revisions.c.id == revision_id))
            if rows.shape != (count, dimension):
                raise _wrong_vectors(f"shape {rows.shape} for {count} chunks of dimension {dimension}")
            same = (_vectors.c.revision_id == revision_id) & (_vectors.c.embedder == embedder)
            connection.execute(delete(_vectors).where(same))
            row = {"revision_id": revision_id, "embedder": embedder, "dimension": dimension}
            connection.execute(insert(_vectors), [{**row, "data": vectors_out(rows)}])


def _collect(connection: Connection, document_id: int, watermark: int, dimension: int, batch: _Batch) -> None:
    """Add what became of one document after ``watermark``, as the database stands now."""
    document = connection.execute(select(_documents).where(_documents.c.id == document_id)).one()
    touched = connection.scalars(
        select(_changes.c.revision_id)
        .where(_changes.c.document_id == document_id, _changes.c.seq > watermark)
        .distinct()
    )
    live = document.current_revision_id if document.retired_at is None else None
    gone = [revision for revision in touched if revision != live]
    if gone:
        batch.removed.extend(
            connection.scalars(select(_chunks.c.id).where(_chunks.c.revision_id.in_(gone)).order_by(_chunks.c.id))
        )
    if live is not None:
        batch.added.extend(_entries(connection, document_id, live, dimension))


def _entries(connection: Connection, document_id: int, revision_id: int, dimension: int) -> list[IndexEntry]:
    card = card_in(connection.execute(select(_revisions.c.card).where(_revisions.c.id == revision_id)).scalar_one())
    rows = connection.execute(
        select(
            _chunks.c.id,
            _chunks.c.text,
            _chunks.c.table_header,
            _sections.c.kind,
            _sections.c.subject,
            _sections.c.heading_path,
        )
        .join(_sections, _sections.c.id == _chunks.c.section_id)
        .where(_chunks.c.revision_id == revision_id)
        .order_by(_chunks.c.ordinal)
    ).all()
    matrix = _revision_vectors(connection, revision_id, dimension)
    titles: dict[str, str] = {}
    return [
        IndexEntry(
            chunk_id=row.id,
            document_id=document_id,
            document_kind=DocumentKind(card.kind),
            section_kind=SectionKind(row.kind),
            title=titles.setdefault(row.subject, _title(row.subject, card)),
            heading=" > ".join(row.heading_path),
            body=f"{row.table_header}\n{row.text}" if row.table_header else row.text,
            vector=None if matrix is None else matrix[position],
        )
        for position, row in enumerate(rows)
    ]


def _revision_vectors(connection: Connection, revision_id: int, dimension: int) -> NDArray[np.float32] | None:
    if not dimension:
        return None
    embedder = (
        select(_bases.c.embedder)
        .join(_documents, _documents.c.base_id == _bases.c.id)
        .where(_documents.c.current_revision_id == revision_id)
        .scalar_subquery()
    )
    data = connection.scalar(
        select(_vectors.c.data).where(_vectors.c.revision_id == revision_id, _vectors.c.embedder == embedder)
    )
    return None if data is None else vectors_in(data, dimension)


def _title(subject: str, card: DocumentCard) -> str:
    return "\n".join(dict.fromkeys(name for name in (subject, card.title, *card.names) if name))


def _require_all(connection: Connection, current: Any, embedder: str, dimension: int) -> None:
    there = select(_vectors.c.revision_id).where(_vectors.c.embedder == embedder, _vectors.c.dimension == dimension)
    missing: Sequence[int] = connection.scalars(
        select(_revisions.c.id).where(
            _revisions.c.id.in_(current), _revisions.c.chunks > 0, _revisions.c.id.not_in(there)
        )
    ).all()
    if missing:
        raise _wrong_vectors(f"no rows for {len(missing)} documents")


def _wrong_vectors(what: str) -> EmbedderMismatchError:
    return EmbedderMismatchError(
        Bilingual(f"The new vectors do not fit the documents: {what}.", f"新向量与文档不符：{what}。"),
        Bilingual("Run `kbchat reindex --re-embed` again.", "请重新运行 `kbchat reindex --re-embed`。"),
    )
