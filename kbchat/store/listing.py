"""Lists that stay quick with many documents: filtered, sorted and cut in SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_, select

from kbchat.store import schema
from kbchat.store.database import DatabasePart
from kbchat.store.documents import document_of, documents_query
from kbchat.store.encoding import spans_in
from kbchat.store.records import StoredDocument
from kbchat.types import Span

DocumentSort = Literal[
    "name", "title", "kind", "status", "language", "format", "pages", "ocr", "chunks", "revision", "date", "created",
    "updated",
]  # fmt: skip
DOCUMENT_SORTS: tuple[str, ...] = get_args(DocumentSort)

_documents, _revisions = schema.documents, schema.revisions
_chunks, _sections = schema.chunks, schema.sections
_NAME_LISTS = ("generic_names", "brand_names", "english_names")
_NAMES = ("title", "manufacturer", "issuer")


@dataclass(frozen=True, slots=True)
class BaseTotals:
    """What a knowledge base holds. ``updated_at`` is when a document last came or changed (None: never)."""

    documents: int = 0
    retired: int = 0
    pages: int = 0
    chunks: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What a list of documents is limited to; empty fields limit nothing. ``text`` is looked for in names and titles."""

    include_retired: bool = False
    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """A chunk without its document: what an outline of a revision needs."""

    id: int
    section_id: int
    spans: tuple[Span, ...]
    text: str


class Listing(DatabasePart):
    """Lists for people."""

    def base_totals(self) -> dict[int, BaseTotals]:
        """What each knowledge base holds, by id; empty bases are left out."""
        live = _documents.c.retired_at.is_(None)
        query = (
            select(
                _documents.c.base_id,
                func.sum(case((live, 1), else_=0)),
                func.sum(case((live, 0), else_=1)),
                func.sum(case((live, _revisions.c.pages), else_=0)),
                func.sum(case((live, _revisions.c.chunks), else_=0)),
                func.max(_revisions.c.created_at),
            )
            .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
            .group_by(_documents.c.base_id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {
            int(base): BaseTotals(int(live), int(retired), int(pages), int(chunks), updated)
            for base, live, retired, pages, chunks, updated in rows
        }

    def list_documents(
        self,
        base_id: int,
        limited_to: DocumentFilter | None = None,
        *,
        sort: DocumentSort = "name",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[list[StoredDocument], int]:
        """The documents of a base that pass the filter, from ``offset`` on, and how many pass in all."""
        found = and_(_documents.c.base_id == base_id, *_conditions(limited_to or DocumentFilter()))
        key = _sort_key(sort)
        query = (
            documents_query()
            .where(found)
            .order_by(key.desc() if descending else key.asc(), _documents.c.id)
            .offset(offset)
            .limit(limit)
        )
        counted = (
            select(func.count())
            .select_from(_documents)
            .join(_revisions, _revisions.c.id == _documents.c.current_revision_id)
            .where(found)
        )
        with self._database.read() as connection:
            total = int(connection.scalar(counted) or 0)
            return [document_of(row) for row in connection.execute(query)], total

    def revision_chunks(self, revision_id: int) -> list[ChunkPlace]:
        """The chunks of a revision in order; none for an unknown one."""
        query = (
            select(_chunks.c.id, _chunks.c.section_id, _chunks.c.spans, _chunks.c.text)
            .where(_chunks.c.revision_id == revision_id)
            .order_by(_chunks.c.ordinal)
        )
        with self._database.read() as connection:
            return [
                ChunkPlace(row.id, row.section_id, spans_in(row.spans), row.text) for row in connection.execute(query)
            ]

    def section_at(self, revision_id: int, page: int, offset: int) -> int | None:
        """The id of the section that holds a place of a page's text; None where no section does.

        Only the spans are read: a large document has a thousand sections.
        """
        query = (
            select(_sections.c.id, _sections.c.spans)
            .where(_sections.c.revision_id == revision_id)
            .order_by(_sections.c.ordinal.desc())
        )
        with self._database.read() as connection:
            for row in connection.execute(query):
                for of_page, start, end in row.spans:
                    if of_page == page and start <= offset < max(end, start + 1):
                        return int(row.id)
        return None


def _conditions(limited_to: DocumentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not limited_to.include_retired:
        conditions.append(_documents.c.retired_at.is_(None))
    if limited_to.kind:
        conditions.append(_card_text("kind") == limited_to.kind)
    conditions += [_holds(word) for word in limited_to.text.split()]
    return conditions


def _holds(word: str) -> ColumnElement[bool]:
    """Whether a word stands in the file's name or path, or in a name on the card."""
    escaped = json.dumps(word)[1:-1]  # lists inside JSON are compared as they are stored, with \\u escapes
    return or_(
        _documents.c.name.icontains(word, autoescape=True),
        _documents.c.source.icontains(word, autoescape=True),
        *(_card_text(field).icontains(word, autoescape=True) for field in _NAMES),
        *(cast(_revisions.c.card[field], Text).icontains(escaped, autoescape=True) for field in _NAME_LISTS),
    )


def _card_text(field: str) -> ColumnElement[str]:
    text: ColumnElement[str] = _revisions.c.card[field].as_string()
    return text


def _sort_key(sort: DocumentSort) -> ColumnElement[Any]:
    date = func.coalesce(func.nullif(_card_text("revised_on"), ""), _card_text("approved_on"))
    keys: dict[DocumentSort, ColumnElement[Any]] = {
        "name": func.lower(_documents.c.name),
        "title": func.lower(_card_text("title")),
        "kind": _card_text("kind"),
        "status": case((_documents.c.retired_at.is_(None), 0), else_=1),
        "language": _card_text("language"),
        "format": _revisions.c.format,
        "pages": _revisions.c.pages,
        "ocr": _revisions.c.ocr_pages,
        "chunks": _revisions.c.chunks,
        "revision": _revisions.c.number,
        "date": date,
        "created": _documents.c.created_at,
        "updated": _revisions.c.created_at,
    }
    return keys[sort]
