"""Reading what documents say: pages, sections, chunks and the names they carry."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select

from kbchat.errors import NotFoundError
from kbchat.medical.editions import edition_date, edition_key
from kbchat.messages import Bilingual
from kbchat.store import schema
from kbchat.store.database import Database, DatabasePart
from kbchat.store.encoding import card_in, spans_in
from kbchat.store.records import NameRecord, NameRole, StoredChunk, StoredSection
from kbchat.text.page_layout import layout_in
from kbchat.types import DocumentCard, DocumentKind, Page, SectionKind

_documents, _revisions, _pages = schema.documents, schema.revisions, schema.pages
_sections, _chunks, _changes = schema.sections, schema.chunks, schema.changes
_IDS_PER_QUERY = 5000
_CARDS_KEPT = 10_000


class Reading(DatabasePart):
    """The content of the store. Everything here can be read for ever, live or not, unless said otherwise."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._known_cards: dict[int, DocumentCard] = {}
        self._cards_as_of = 0
        self._cards_lock = threading.Lock()

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

    def section_chunks(self, section_id: int) -> list[int]:
        """The ids of a section's chunks in order."""
        query = select(_chunks.c.id).where(_chunks.c.section_id == section_id).order_by(_chunks.c.ordinal)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def chunks(self, chunk_ids: Iterable[int]) -> dict[int, StoredChunk]:
        """Chunks by id with all that a passage needs; unknown ids are left out. Two queries, however many ids."""
        found: dict[int, StoredChunk] = {}
        with self._database.read() as connection:
            for batch in _batches(chunk_ids):
                rows = connection.execute(_chunk_query(_chunks.c.id.in_(batch))).all()
                found.update(_with_cards(rows, self._cards(connection, {row.revision_id for row in rows})))
        return found

    def live_chunks(self, base_id: int) -> Iterator[tuple[int, list[StoredChunk]]]:
        """Revision id and chunks in order, for every document's newest revision, retired documents' too.

        It is what must be embedded again when the embedding model changes.
        """
        query = select(_documents.c.current_revision_id).where(_documents.c.base_id == base_id)
        with self._database.read() as connection:
            revision_ids = list(connection.scalars(query.order_by(_documents.c.current_revision_id)))
        for revision_id in revision_ids:
            with self._database.read() as connection:
                rows = connection.execute(
                    _chunk_query(_chunks.c.revision_id == revision_id).order_by(_chunks.c.ordinal)
                ).all()
                chunks = _with_cards(rows, self._cards(connection, {revision_id}))
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

    def _cards(self, connection: Connection, revision_ids: set[int]) -> dict[int, DocumentCard]:
        """Cards by revision. Those seen lately are kept until a change of their document is noted."""
        as_of = int(connection.scalar(select(func.max(_changes.c.seq))) or 0)
        with self._cards_lock:
            if as_of > self._cards_as_of:
                self._forget_changed(connection, as_of)
            known = self._known_cards
            found = {key: known[key] for key in revision_ids if key in known}
        missing = [key for key in revision_ids if key not in found]
        if not missing:
            return found
        query = select(_revisions.c.id, _revisions.c.card).where(_revisions.c.id.in_(missing))
        read = {key: card_in(card) for key, card in connection.execute(query)}
        with self._cards_lock:
            if as_of == self._cards_as_of:  # else the cards just read may be old already
                if len(self._known_cards) > _CARDS_KEPT:
                    self._known_cards.clear()
                self._known_cards.update(read)
        return {**found, **read}

    def _forget_changed(self, connection: Connection, as_of: int) -> None:
        """A person may have corrected a card: whatever a change tells of is read anew."""
        changed = select(_changes.c.revision_id).where(_changes.c.seq > self._cards_as_of)
        if self._known_cards:
            for key in connection.scalars(changed):
                self._known_cards.pop(key, None)
        self._cards_as_of = as_of


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
    """Chunks with their section and document; cards come apart, as one card serves many chunks."""
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
            _documents.c.id.label("document_id"),
            _documents.c.base_id,
            _documents.c.name,
        )
        .join(_sections, _sections.c.id == _chunks.c.section_id)
        .join(_revisions, _revisions.c.id == _chunks.c.revision_id)
        .join(_documents, _documents.c.id == _revisions.c.document_id)
        .where(condition)
    )


def _with_cards(rows: Sequence[Row[Any]], cards: dict[int, DocumentCard]) -> dict[int, StoredChunk]:
    found: dict[int, StoredChunk] = {}
    editions = {key: edition_key(card) for key, card in cards.items()}
    for row in rows:
        card = cards[row.revision_id]
        found[row.id] = StoredChunk(
            chunk_id=row.id,
            base_id=row.base_id,
            document_id=row.document_id,
            revision_id=row.revision_id,
            document=row.name,
            document_title=card.title,
            subject=row.subject,
            revision_date=edition_date(card),
            document_kind=card.kind,
            section_id=row.section_id,
            section_kind=SectionKind(row.section_kind),
            section_path=tuple(row.heading_path),
            section_text=row.section_text,
            section_spans=spans_in(row.section_spans),
            spans=spans_in(row.spans),
            text=row.text,
            table_header=row.table_header,
            ordinal=row.ordinal,
            edition=editions[row.revision_id],
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
