"""The documents of a knowledge base: lists, one document, its card, revisions and sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from kbchat.access.table import Action
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.medical.editions import edition_date
from kbchat.messages import Bilingual, Language
from kbchat.services.cards import changed_card
from kbchat.services.originals import OriginalFile, original_file
from kbchat.services.revision_difference import DiffLine, difference
from kbchat.store import DocumentFilter, KnowledgeBase, StoredDocument, StoredRevision
from kbchat.store.listing import DOCUMENT_SORTS, DocumentSort
from kbchat.types import DocumentCard, DocumentKind, SectionKind, Span

if TYPE_CHECKING:
    from kbchat.services import Services

_LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its newest revision, as a table shows it. ``date`` is the edition's (ISO, or empty).

    ``source`` is what the file was read from, on the command line its path; empty for who may not change documents.
    """

    id: int
    name: str
    source: str
    title: str
    kind: DocumentKind
    language: Language
    status: str
    """``live`` or ``retired``."""
    retired_because: str
    revision_id: int
    revision_number: int
    format: str
    pages: int
    ocr_pages: int
    chunks: int
    date: str
    card: DocumentCard
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None

    @property
    def ocr_share(self) -> float:
        """Share of pages that were read from their picture, 0 to 1."""
        return self.ocr_pages / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of a list, and how many there are in all."""

    items: list[DocumentRow]
    total: int


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One state of a document."""

    id: int
    number: int
    current: bool
    date: str
    format: str
    pages: int
    ocr_pages: int
    chunks: int
    sha256: str
    warnings: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """A document's page: its row, its card, revisions (newest first), warnings and (level, title, page) outline."""

    row: DocumentRow
    card: DocumentCard
    revisions: tuple[RevisionRow, ...]
    warnings: tuple[str, ...]
    outline: tuple[tuple[int, str, int], ...]


@dataclass(frozen=True, slots=True)
class ChunkView:
    """One chunk and where it stands."""

    id: int
    spans: tuple[Span, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section with its chunks; ``page`` is the one it begins on (1 where it is empty)."""

    id: int
    kind: SectionKind
    path: tuple[str, ...]
    page: int
    spans: tuple[Span, ...]
    text: str
    chunks: tuple[ChunkView, ...]


class DocumentService:
    """Documents for one principal. A document of another base than the one named is not found.

    Changes do not wait for an ingest under way: each is one transaction, and taking a wrong leaflet out of search must
    be possible at any time.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store

    def list(
        self,
        base: str,
        *,
        include_retired: bool = False,
        text: str = "",
        kind: str = "",
        sort: str = "name",
        offset: int = 0,
        limit: int = 100,
    ) -> Listing:
        """The documents of a base; ``text`` is looked for in names and titles, every word of it.

        ``sort`` is one of ``kbchat.store.listing.DOCUMENT_SORTS``, with ``-`` before it in falling order. Raises
        NotFoundError, ForbiddenError, InvalidInputError.
        """
        found = self._services.allow_on(Action.LIST_DOCUMENTS, base)
        order = sort.removeprefix("-")
        if order not in DOCUMENT_SORTS:
            raise _unknown("sort", sort, DOCUMENT_SORTS)
        if kind and kind not in set(DocumentKind):
            raise _unknown("kind", kind, [known.value for known in DocumentKind])
        documents, total = self._store.list_documents(
            found.id,
            DocumentFilter(include_retired=include_retired, text=text[:200], kind=kind),
            sort=cast("DocumentSort", order),
            descending=sort.startswith("-"),
            offset=max(0, offset),
            limit=max(0, min(limit, _LARGEST_PAGE)),
        )
        return Listing([self._row(found, document) for document in documents], total)

    def get(self, base: str, document_id: int) -> DocumentDetail:
        """One document. Raises NotFoundError, ForbiddenError."""
        document = self._document(Action.LIST_DOCUMENTS, base, document_id)
        revisions = self._store.revisions(document.id)
        current = next(revision for revision in revisions if revision.id == document.revision_id)
        return DocumentDetail(
            self._row(self._services.allow_on(Action.LIST_DOCUMENTS, base), document),
            document.card,
            tuple(_revision_row(revision) for revision in reversed(revisions)),
            current.warnings,
            current.outline,
        )

    def change_card(self, base: str, document_id: int, **fields: Any) -> DocumentDetail:
        """Correct fields of the card of the current revision (names as in ``DocumentCard``); search follows at once.

        Raises NotFoundError, ForbiddenError, InvalidInputError naming the field, ConflictError when the document was
        replaced meanwhile.
        """
        document = self._document(Action.CHANGE_DOCUMENT, base, document_id)
        found = self._services.allow_on(Action.CHANGE_DOCUMENT, base)
        card = changed_card(document.card, fields)
        if card == document.card:
            return self.get(base, document_id)
        vectors = self._vectors_for(found, document, card)
        self._store.change_card(document.revision_id, card, vectors=vectors)
        self._services.app.follow(found)
        self._services.record(
            Action.CHANGE_DOCUMENT,
            base=found.name,
            object=f"document {document.id}: card ({', '.join(sorted(fields))})",
            revisions=[document.revision_id],
        )
        return self.get(base, document_id)

    def revisions(self, base: str, document_id: int) -> Sequence[RevisionRow]:
        """All revisions, newest first. Raises NotFoundError, ForbiddenError."""
        return self.get(base, document_id).revisions

    def difference(self, base: str, document_id: int, old_revision_id: int, new_revision_id: int) -> Sequence[DiffLine]:
        """What became of the text between two revisions. Raises NotFoundError, ForbiddenError."""
        document = self._document(Action.LIST_DOCUMENTS, base, document_id)
        old, new = (self._revision(document, key) for key in (old_revision_id, new_revision_id))
        return difference(self._store.document_sections(old.id), self._store.document_sections(new.id))

    def sections(self, base: str, document_id: int, revision: int | None = None) -> Sequence[SectionView]:
        """The sections of a revision (None: the newest) with their chunks. Raises NotFoundError, ForbiddenError."""
        document = self._document(Action.LIST_DOCUMENTS, base, document_id)
        wanted = self._revision(document, revision or document.revision_id)
        chunks: dict[int, list[ChunkView]] = {}
        for chunk in self._store.revision_chunks(wanted.id):
            chunks.setdefault(chunk.section_id, []).append(ChunkView(chunk.id, chunk.spans, chunk.text))
        return [
            SectionView(
                section.id,
                section.kind,
                section.heading_path,
                section.spans[0].page if section.spans else 1,
                section.spans,
                section.text,
                tuple(chunks.get(section.id, ())),
            )
            for section in self._store.document_sections(wanted.id)
        ]

    def retire(self, base: str, document_id: int) -> DocumentRow:
        """Take a document out of search; its pages stay readable. Raises NotFoundError, ForbiddenError."""
        return self._switch(base, document_id, retire=True)

    def restore(self, base: str, document_id: int) -> DocumentRow:
        """Bring a retired document back. Raises as ``retire``, and ConflictError when its bytes are live elsewhere."""
        return self._switch(base, document_id, retire=False)

    def original(self, base: str, document_id: int, revision: int | None = None) -> OriginalFile:
        """The file a revision (None: the newest) was read from. Raises NotFoundError, ForbiddenError."""
        document = self._document(Action.READ_SOURCE, base, document_id)
        wanted = self._revision(document, revision or document.revision_id)
        return original_file(self._store.original(wanted.sha256), document.name, wanted.format)

    def _switch(self, base: str, document_id: int, *, retire: bool) -> DocumentRow:
        document = self._document(Action.CHANGE_DOCUMENT, base, document_id)
        found = self._services.allow_on(Action.CHANGE_DOCUMENT, base)
        change = self._store.retire_document if retire else self._store.restore_document
        if change(document.id):
            self._services.app.follow(found)
            self._services.record(
                Action.CHANGE_DOCUMENT,
                base=found.name,
                object=f"document {document.id}: {'retired' if retire else 'restored'}",
                revisions=[document.revision_id],
            )
        return self._row(found, self._store.document(document.id))

    def _row(self, base: KnowledgeBase, document: StoredDocument) -> DocumentRow:
        """The row as the principal may see it: where a file lay on the server is for those who read it in."""
        row = document_row(document)
        return row if self._services.may_on(Action.CHANGE_DOCUMENT, base) else replace(row, source="")

    def _vectors_for(self, base: KnowledgeBase, document: StoredDocument, card: DocumentCard) -> Any:
        """Vectors of the chunks under a new title, which is part of what is embedded; None where it is the same."""
        from kbchat.services.cards import vectors_under_title  # noqa: PLC0415 - embedding is only for changed titles

        if card.title == document.card.title or not base.dimension:
            return None
        embedder = self._services.app.embedder_for(base)
        return None if embedder is None else vectors_under_title(self._store, embedder, document, card.title)

    def _document(self, action: Action, base: str, document_id: int) -> StoredDocument:
        found = self._services.allow_on(action, base)
        try:
            document = self._store.document(document_id)
        except NotFoundError as error:
            raise _no_such_document(document_id) from error
        if document.base_id != found.id:
            raise _no_such_document(document_id)
        return document

    def _revision(self, document: StoredDocument, revision_id: int) -> StoredRevision:
        for revision in self._store.revisions(document.id):
            if revision.id == revision_id:
                return revision
        raise NotFoundError(
            Bilingual(
                f"The document has no revision with the id {revision_id}.", f"该文档没有编号为 {revision_id} 的版本。"
            ),
            Bilingual("Choose one of its revisions.", "请从该文档的版本中选择。"),
        )


def document_row(document: StoredDocument) -> DocumentRow:
    """A stored document as a table shows it."""
    return DocumentRow(
        id=document.id,
        name=document.name,
        source=document.source,
        title=document.card.title,
        kind=document.card.kind,
        language=document.card.language,
        status="live" if document.retired_at is None else "retired",
        retired_because=document.retired_because or "",
        revision_id=document.revision_id,
        revision_number=document.revision_number,
        format=document.format,
        pages=document.pages,
        ocr_pages=document.ocr_pages,
        chunks=document.chunks,
        date=edition_date(document.card),
        card=document.card,
        created_at=document.created_at,
        updated_at=document.updated_at,
        retired_at=document.retired_at,
    )


def _revision_row(revision: StoredRevision) -> RevisionRow:
    return RevisionRow(
        id=revision.id,
        number=revision.number,
        current=revision.current,
        date=edition_date(revision.card),
        format=revision.format,
        pages=revision.pages,
        ocr_pages=revision.ocr_pages,
        chunks=revision.chunks,
        sha256=revision.sha256,
        warnings=revision.warnings,
        created_at=revision.created_at,
    )


def _no_such_document(document_id: int) -> NotFoundError:
    return NotFoundError(
        Bilingual(f"There is no document with the id {document_id} here.", f"这里没有编号为 {document_id} 的文档。"),
        Bilingual("Choose one of those that are listed.", "请从列出的文档中选择。"),
    )


def _unknown(what: str, found: str, known: Sequence[str]) -> InvalidInputError:
    listed = ", ".join(known)
    return InvalidInputError(
        Bilingual(f"{found[:60]!r} is not a known {what}.", f"{found[:60]!r} 不是可用的 {what} 值。"),
        Bilingual(f"Expected one of: {listed}.", f"可用的值：{listed}。"),
    )
