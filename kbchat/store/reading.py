"""Reading what documents say: pages, sections, chunks and the names they carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from kbchat.errors import NotFoundError
from kbchat.medical.editions import edition_date, edition_key
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.database import Database, DatabasePart
from kbchat.store.encoding import card_in, spans_in
from kbchat.store.known_chunks import KnownChunks, Owner
from kbchat.store.records import NameRecord, NameRole, StoredChunk, StoredSection
from kbchat.text.page_layout import layout_in
from kbchat.types import DocumentCard, DocumentKind, Page, SectionKind, Span

_documents, _revisions, _pages = schema.documents, schema.revisions, schema.pages
_sections, _chunks, _changes = schema.sections, schema.chunks, schema.changes
_IDS_PER_QUERY = 5000
_SECTIONS_KEPT = 4096
"""Sections whose chunks' places are kept in memory, about 1 kB each."""


class Reading(DatabasePart):
    """The content of the store. Everything here can be read for ever, live or not, unless said otherwise."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._known = KnownChunks()
        self._chunk_spans = lru_cache(maxsize=_SECTIONS_KEPT)(self._read_chunk_spans)

    def page(self, revision_id: int, number: int) -> Page:
        """One page with its blocks and character boxes (kept to 1/100 point). Raises NotFoundError."""
        query = select(_pages).where(_pages.c.revision_id == revision_id, _pages.c.number == number)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise NotFoundError(
                Bilingual(
                    f"Revision {revision_id} has no page {number}.", f"文档版本 {revision_id} 没有第 {number} 页。"
                ),
                Bilingual("Its knowledge base may have been deleted.", "它所在的知识库可能已被删除。"),
            )
        blocks, runs = layout_in(row.layout)
        return Page(row.number, row.text, row.ocr, row.width, row.height, blocks, runs)

    def page_texts(self, revision_id: int) -> dict[int, str]:
        """The text of every page by number; empty for an unknown revision."""
        query = select(_pages.c.number, _pages.c.text).where(_pages.c.revision_id == revision_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_pages.c.number)).all()
        return {row.number: row.text for row in rows}

    def section(self, section_id: int) -> StoredSection:
        """One section. Raises NotFoundError."""
        found = self.sections([section_id])
        if section_id not in found:
            raise NotFoundError(
                Bilingual(f"There is no section with the id {section_id}.", f"没有编号为 {section_id} 的章节。"),
                Bilingual("Its knowledge base may have been deleted.", "它所在的知识库可能已被删除。"),
            )
        return found[section_id]

    def sections(self, section_ids: Iterable[int]) -> dict[int, StoredSection]:
        """Sections by id; unknown ids are left out."""
        with self._database.read() as connection:
            return {
                row.id: _section(row)
                for batch in _batches(section_ids)
                for row in connection.execute(select(_sections).where(_sections.c.id.in_(batch)))
            }

    def document_sections(self, revision_id: int) -> list[StoredSection]:
        """The sections of a revision in order."""
        query = select(_sections).where(_sections.c.revision_id == revision_id).order_by(_sections.c.ordinal)
        with self._database.read() as connection:
            return [_section(row) for row in connection.execute(query)]

    def chunk_spans(self, section_id: int) -> Mapping[int, tuple[Span, ...]]:
        """The ids of a section's chunks in order, each with where it stands.

        Neither ever changes, nor is an id given twice; so those read lately are kept.
        """
        return self._chunk_spans(section_id)

    def _read_chunk_spans(self, section_id: int) -> Mapping[int, tuple[Span, ...]]:
        query = select(_chunks.c.id, _chunks.c.spans).where(_chunks.c.section_id == section_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_chunks.c.ordinal)).all()
        return {row.id: spans_in(row.spans) for row in rows}

    def chunks(self, chunk_ids: Iterable[int]) -> dict[int, StoredChunk]:
        """Chunks by id with all that a passage needs; unknown ids are left out.

        A few queries, however many ids; chunks read lately are read again only where their document has changed.
        """
        found: dict[int, StoredChunk] = {}
        with self._database.read() as connection:
            for batch in _batches(chunk_ids):
                found.update(self._chunks(connection, batch))
        return found

    def _chunks(self, connection: Connection, chunk_ids: Sequence[int]) -> dict[int, StoredChunk]:
        as_of = self._follow_changes(connection)
        found = self._known.chunks(chunk_ids)
        missing = [key for key in chunk_ids if key not in found]
        if missing:
            rows = connection.execute(_CHUNKS, {"ids": missing}).all()
            owners = self._owners(connection, {row.revision_id for row in rows})
            read = _with_owners(rows, owners)
            self._known.keep(owners, read.values(), as_of)
            found.update(read)
        return found

    def _owners(self, connection: Connection, revision_ids: set[int]) -> dict[int, Owner]:
        """What the chunks of revisions share."""
        owners = self._known.owners(revision_ids)
        missing = [key for key in revision_ids if key not in owners]
        if missing:
            for row in connection.execute(_OWNERS, {"ids": missing}):
                owners[row.id] = Owner(card_in(row.card), row.name, row.document_id, row.base_id)
        return owners

    def _follow_changes(self, connection: Connection) -> int:
        """Forget what has changed since the last look; the number of the newest change.

        Numbers without a row tell of what the indexes need not know: a base was deleted, a file has moved.
        """
        as_of = int(connection.scalar(_NEWEST_CHANGE) or 0)
        before = self._known.as_of
        if as_of > before:
            changed = connection.scalars(select(_changes.c.document_id).where(_changes.c.seq > before)).all()
            self._known.follow(as_of, frozenset(changed) if len(changed) == as_of - before else None)
        return as_of

    def live_chunks(self, base_id: int) -> Iterator[tuple[int, list[StoredChunk]]]:
        """Revision id and chunks in order, for every document's newest revision, retired documents' too.

        It is what must be embedded again when the embedding model changes.
        """
        query = select(_documents.c.current_revision_id).where(_documents.c.base_id == base_id)
        with self._database.read() as connection:
            revision_ids = list(connection.scalars(query.order_by(_documents.c.current_revision_id)))
        for revision_id in revision_ids:
            with self._database.read() as connection:
                self._follow_changes(connection)
                rows = connection.execute(
                    _chunk_query(_chunks.c.revision_id == revision_id).order_by(_chunks.c.ordinal)
                ).all()
                chunks = _with_owners(rows, self._owners(connection, {revision_id}) if rows else {})
            yield revision_id, list(chunks.values())

    def names(self, base_id: int) -> list[NameRecord]:
        """The names that live documents carry, each once a role and document, in the order of documents."""
        live = (_documents.c.base_id == base_id, _documents.c.retired_at.is_(None))
        cards = (
            select(_documents.c.id, _revisions.c.card)
            .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
            .where(*live)
            .order_by(_documents.c.id)
        )
        subjects = (
            select(_documents.c.id, _sections.c.subject)
            .join(_sections, _sections.c.revision_id == _documents.c.current_revision_id)
            .where(*live)
            .group_by(_documents.c.id, _sections.c.subject)
            .order_by(_documents.c.id, func.min(_sections.c.ordinal))
        )
        found: list[NameRecord] = []
        kinds: dict[int, DocumentKind] = {}
        with self._database.read() as connection:
            for key, stored in connection.execute(cards):
                card = card_in(stored)
                kinds[key] = card.kind
                found.extend(_card_names(int(key), card))
            found += [
                NameRecord(subject, "subject", key, kinds[key])
                for key, subject in connection.execute(subjects)
                if subject and key in kinds
            ]
        return list(dict.fromkeys(found))


def _card_names(document_id: int, card: DocumentCard) -> Iterator[NameRecord]:
    roles: tuple[tuple[NameRole, tuple[str, ...]], ...] = (
        ("title", (card.title,)),
        ("generic", card.generic_names),
        ("brand", card.brand_names),
        ("english", card.english_names),
    )
    for role, names in roles:
        for name in names:
            if name:
                yield NameRecord(name, role, document_id, card.kind)


def _chunk_query(condition: Any) -> Any:
    """Chunks with their section; what all chunks of a revision share comes apart."""
    return (
        select(
            _chunks.c.id,
            _chunks.c.revision_id,
            _chunks.c.section_id,
            _chunks.c.ordinal,
            _chunks.c.spans,
            _chunks.c.text,
            _chunks.c.table_header,
            _sections.c.kind.label("section_kind"),
            _sections.c.subject,
            _sections.c.heading_path,
            _sections.c.spans.label("section_spans"),
            _sections.c.text.label("section_text"),
        )
        .join(_sections, _sections.c.id == _chunks.c.section_id)
        .where(condition)
    )


# Made once: putting a statement together takes longer than running it.
_CHUNKS = _chunk_query(_chunks.c.id.in_(bindparam("ids", expanding=True)))
_OWNERS = (
    select(_revisions.c.id, _revisions.c.card, _revisions.c.document_id, _documents.c.base_id, _documents.c.name)
    .join(_documents, _documents.c.id == _revisions.c.document_id)
    .where(_revisions.c.id.in_(bindparam("ids", expanding=True)))
)
_NEWEST_CHANGE = select(schema.counters.c.value).where(schema.counters.c.name == "change")


def _with_owners(rows: Sequence[Row[Any]], owners: Mapping[int, Owner]) -> dict[int, StoredChunk]:
    found: dict[int, StoredChunk] = {}
    editions = {key: (edition_date(owner.card), edition_key(owner.card)) for key, owner in owners.items()}
    for row in rows:
        owner = owners[row.revision_id]
        revision_date, edition = editions[row.revision_id]
        found[row.id] = StoredChunk(
            chunk_id=row.id,
            base_id=owner.base_id,
            document_id=owner.document_id,
            revision_id=row.revision_id,
            document=owner.name,
            document_title=owner.card.title,
            subject=row.subject,
            revision_date=revision_date,
            document_kind=owner.card.kind,
            section_id=row.section_id,
            section_kind=SectionKind(row.section_kind),
            section_path=tuple(row.heading_path),
            section_text=row.section_text,
            section_spans=spans_in(row.section_spans),
            spans=spans_in(row.spans),
            text=row.text,
            table_header=row.table_header,
            ordinal=row.ordinal,
            edition=edition,
        )
    return found


def _section(row: Row[Any]) -> StoredSection:
    return StoredSection(
        id=row.id,
        revision_id=row.revision_id,
        ordinal=row.ordinal,
        kind=SectionKind(row.kind),
        subject=row.subject,
        heading_path=tuple(row.heading_path),
        spans=spans_in(row.spans),
        text=row.text,
        grade=row.grade,
        evidence=row.evidence,
    )


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(dict.fromkeys(ids))
    while batch := list(islice(remaining, _IDS_PER_QUERY)):
        yield batch
