"""What the store gives back: frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from kbchat.types import DocumentCard, DocumentKind, SectionKind, Span

NameRole = Literal["title", "subject", "generic", "brand", "english"]
RetiredBecause = Literal["person", "gone"]
"""Why a document is retired: a person decided so (it stays retired until a person restores it), or its file was gone
(it comes back with the file)."""


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """One knowledge base. ``dimension`` is 0 and ``embedder`` empty when it is searched by words alone.

    ``uid`` never repeats, not even in another data folder; ``epoch`` counts how often all vectors were replaced.
    ``groups`` are those whose members may read it; empty: everybody who may use kbchat.
    """

    id: int
    uid: str
    name: str
    description: str
    embedder: str
    dimension: int
    epoch: int
    created_at: datetime
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is stored from one source path: the newest revision, and whether and why the document is retired."""

    document_id: int
    revision_id: int
    sha256: str
    retired: bool
    retired_because: RetiredBecause | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with its newest revision. ``created_at`` and ``updated_at`` are the first and newest revision's."""

    id: int
    base_id: int
    source: str
    name: str
    card: DocumentCard
    revision_id: int
    revision_number: int
    sha256: str
    format: str
    pages: int
    ocr_pages: int
    chunks: int
    retired_at: datetime | None
    created_at: datetime
    updated_at: datetime
    retired_because: RetiredBecause | None = None


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One state of a document. ``current`` tells the newest; only a current revision of a live document is searched."""

    id: int
    document_id: int
    number: int
    sha256: str
    format: str
    card: DocumentCard
    pages: int
    ocr_pages: int
    chunks: int
    outline: tuple[tuple[int, str, int], ...]
    warnings: tuple[str, ...]
    created_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class CommittedDocument:
    """What a commit did: ``updated`` when it superseded a live revision, else ``added``."""

    document_id: int
    revision_id: int
    status: Literal["added", "updated"]
    chunks: int


@dataclass(frozen=True, slots=True)
class StoredSection:
    """A section with its id in the store; ``ordinal`` counts within the revision."""

    id: int
    revision_id: int
    ordinal: int
    kind: SectionKind
    subject: str
    heading_path: tuple[str, ...]
    spans: tuple[Span, ...]
    text: str
    grade: str
    evidence: str


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with all that a Passage needs.

    ``document`` is the file's name, ``ordinal`` counts within the revision.
    """

    chunk_id: int
    base_id: int
    document_id: int
    revision_id: int
    document: str
    document_title: str
    subject: str
    revision_date: str
    document_kind: DocumentKind
    section_id: int
    section_kind: SectionKind
    section_path: tuple[str, ...]
    section_text: str
    section_spans: tuple[Span, ...]
    spans: tuple[Span, ...]
    text: str
    table_header: str
    ordinal: int
    edition: str = ""


@dataclass(frozen=True, slots=True)
class NameRecord:
    """A name that a live document carries, and the kind of the document."""

    name: str
    role: NameRole
    document_id: int
    document_kind: DocumentKind = DocumentKind.LEAFLET


@dataclass(frozen=True, slots=True)
class IngestRun:
    """One run of ``kbchat ingest``; ``finished_at`` and ``report`` are None when it was cut off or is under way."""

    id: int
    base_id: int
    started_at: datetime
    finished_at: datetime | None
    report: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """One conversation; ``assistant`` is an id (empty: none), ``messages`` their number."""

    id: int
    owner: str
    assistant: str
    bases: tuple[str, ...]
    title: str
    created_at: datetime
    updated_at: datetime
    messages: int
    pinned: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to keep: its text with identifiers masked, and for an answer its outcome and JSON."""

    role: Literal["user", "assistant"]
    text: str
    outcome: str = ""
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A kept message; ``number`` counts from 1 within its conversation."""

    number: int
    role: Literal["user", "assistant"]
    text: str
    outcome: str
    answer: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewFeedback:
    """What somebody says of an answer. ``question`` and ``answer`` are its words, so that both outlive a conversation."""

    owner: str
    verdict: Literal["up", "down"]
    reason: str
    comment: str
    question: str
    answer: str
    bases: tuple[str, ...] = ()
    conversation_id: int | None = None
    message_number: int | None = None
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """Kept feedback; ``handled_at`` None: nobody has worked through it."""

    id: int
    owner: str
    conversation_id: int | None
    message_number: int | None
    question_id: int | None
    verdict: Literal["up", "down"]
    reason: str
    comment: str
    question: str
    answer: str
    bases: tuple[str, ...]
    created_at: datetime
    handled_at: datetime | None
    handled_by: str


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question for the figures: never who asked. ``question`` is empty where its words must not be kept.

    ``outcome`` is that of the answer, ``stopped`` or ``failed``; ``documents`` are the ids of those cited; times in
    seconds.
    """

    bases: tuple[str, ...]
    assistant: str
    language: str
    question: str
    outcome: str
    category: str
    generator: str
    fallback: bool
    flagged: int
    first_seconds: float
    seconds: float
    documents: tuple[int, ...]
    channel: str


@dataclass(frozen=True, slots=True)
class StoredQuestion(NewQuestion):
    """A kept :class:`NewQuestion`."""

    id: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many questions of a day ended in ``outcome`` through ``channel``; with a fallback, with something flagged."""

    day: date
    outcome: str
    channel: str
    questions: int
    fallbacks: int
    flagged: int


@dataclass(frozen=True, slots=True)
class DayLatency:
    """Seconds to the first words and to the end of the answers of a day: median and 95th percentile."""

    day: date
    questions: int
    first_p50: float
    first_p95: float
    whole_p50: float
    whole_p95: float


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """That a revision has sections of ``kind`` about ``subject``, and how many characters in all."""

    revision_id: int
    subject: str
    kind: SectionKind
    characters: int
