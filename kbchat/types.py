"""The frozen types that flow through kbchat (standard library only).

Offsets are Python ``str`` indices into the text of one page. Text that runs over a page break is a tuple of
:class:`Span`, one per page; its ``text`` is the slices joined by :func:`kbchat.text.spans.joiner` (ADR 0002).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kbchat.messages import Language

# --------------------------------------------------------------------------------------------------------------------
# A document: file -> Page[] -> Section[] -> Chunk[]


class SectionKind(StrEnum):
    """One vocabulary for Chinese leaflets, EMA texts, FDA labels and guidelines."""

    INDICATIONS = "indications"
    DOSAGE = "dosage"
    CONTRAINDICATIONS = "contraindications"
    WARNINGS = "warnings"
    ADVERSE_REACTIONS = "adverse_reactions"
    INTERACTIONS = "interactions"
    PREGNANCY = "pregnancy"
    PEDIATRIC = "pediatric"
    GERIATRIC = "geriatric"
    RENAL_HEPATIC = "renal_hepatic"
    OVERDOSE = "overdose"
    PHARMACOLOGY = "pharmacology"
    COMPOSITION = "composition"
    STORAGE = "storage"
    RECOMMENDATION = "recommendation"
    DIAGNOSIS = "diagnosis"
    OTHER = "other"


class DocumentKind(StrEnum):
    """What a document is, as far as retrieval cares."""

    LEAFLET = "leaflet"
    GUIDELINE = "guideline"
    RECORDS = "records"
    OTHER = "other"


class BlockKind(StrEnum):
    """What a stretch of page text is on the page, as far as its loader can tell."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch ``text[start:end]`` of one page, in reading order; blocks of a page never overlap.

    ``level`` is the heading depth (1 is the highest; 0: not a heading, or depth unknown). ``table`` numbers the tables
    of a document from 1 (0: no table); header and rows of one table share it, over page breaks too. ``code`` is the
    LOINC code of an SPL section, else empty. ``size`` is the font size in points (0: unknown).
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    table: int = 0
    code: str = ""
    size: float = 0.0
    bold: bool = False


@dataclass(frozen=True, slots=True)
class TextRun:
    """Where ``text[start:end]`` stands on the page: a box in PDF points, origin at the top left of the page as shown.

    A run lies on one line. Inside a run the characters are spread evenly (a good estimate within a word or a stretch of
    Chinese), so a highlight of part of a run cuts the box in proportion.
    """

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one page. Numbers are the file's own, from 1; formats without pages have exactly one page.

    ``text`` is what was kept: reading order mended, running headers, footers and page numbers removed, paragraphs
    reflowed (a newline ends a paragraph, list item, heading or table row), table cells joined by `` | ``.
    ``width`` and ``height`` are PDF points (0: unknown). ``ocr`` tells that the text was read from the picture.
    """

    number: int
    text: str
    ocr: bool = False
    width: float = 0.0
    height: float = 0.0
    blocks: tuple[Block, ...] = ()
    runs: tuple[TextRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` of page ``page``."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a loader read from one file.

    ``metadata`` uses lower-case keys as found (``title``, ``author``, ``subject``, ``creationdate`` …). ``outline`` is
    the file's own table of contents as (level, title, page number).
    """

    pages: tuple[Page, ...]
    format: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    outline: tuple[tuple[int, str, int], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """Who and what a document is. Unknown fields are empty; dates are ISO (``2010-01-31``, ``2010-01`` or ``2010``)."""

    kind: DocumentKind
    title: str
    language: Language
    generic_names: tuple[str, ...] = ()
    brand_names: tuple[str, ...] = ()
    english_names: tuple[str, ...] = ()
    manufacturer: str = ""
    strength: str = ""
    issuer: str = ""
    version: str = ""
    approved_on: str = ""
    revised_on: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of the drug, without doubles, generic names first."""
        return tuple(dict.fromkeys((*self.generic_names, *self.brand_names, *self.english_names)))


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a document; the sections of a document cover its text once, in order.

    ``subject`` is the drug, strength or topic the section is about (the card's title for a document about one thing,
    the record's title in a file of records). ``heading_path`` are the headings from the top down to this section, as
    printed. ``grade`` and ``evidence`` belong to recommendation statements.
    """

    id: int
    kind: SectionKind
    subject: str
    heading_path: tuple[str, ...]
    spans: tuple[Span, ...]
    text: str
    grade: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one section. ``id`` counts within the revision, ``section_id`` is the section's ``id``.

    ``table_header`` repeats the header row of the table that this chunk's rows come from; it is shown and indexed with
    the chunk and is not part of ``text`` unless the header itself lies in the chunk.
    """

    id: int
    section_id: int
    spans: tuple[Span, ...]
    text: str
    table_header: str = ""

    @property
    def page_start(self) -> int:
        """The page on which the chunk begins."""
        return self.spans[0].page

    @property
    def page_end(self) -> int:
        """The page on which the chunk ends."""
        return self.spans[-1].page


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """One file after loading, structure and chunking: all that a commit to the store needs, less the vectors."""

    format: str
    card: DocumentCard
    pages: tuple[Page, ...]
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    outline: tuple[tuple[int, str, int], ...] = ()
    warnings: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------------------------------------
# A question: text -> Query -> Passage[] -> Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; ``role`` is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A name of this knowledge base found in a question.

    ``text`` is what the person wrote, folded; ``name`` the name it stands for. ``documents`` are the documents that are
    about it as a whole; ``subjects`` the (document, folded subject) pairs of documents that have sections about it
    among others. ``is_product`` tells a drug of a leaflet or record from the topic of a guideline.
    """

    text: str
    name: str
    documents: frozenset[int]
    subjects: frozenset[tuple[int, str]] = frozenset()
    is_product: bool = True

    @property
    def all_documents(self) -> frozenset[int]:
        """Every document with something about it."""
        return self.documents | {document for document, _ in self.subjects}


@dataclass(frozen=True, slots=True)
class Synonym:
    """``term`` is another name, in either language, for ``source`` of the question (both folded); weight at most 1."""

    term: str
    source: str
    weight: float


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood.

    ``unknown_names`` are drug-like names that no document of the base carries; ``expansions`` other words for what is
    asked, in either language; ``selector`` the words that name the document asked
    ("in the 2018 HIV guideline"), empty when there are none.
    """

    text: str
    standalone_text: str
    entities: tuple[Entity, ...]
    intents: tuple[SectionKind, ...]
    language: Language
    unknown_names: tuple[str, ...] = ()
    expansions: tuple[Synonym, ...] = ()
    selector: str = ""


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """Why a passage stands where it stands: ``total`` is the sum of the other parts."""

    lexical: float = 0.0
    dense: float = 0.0
    entity: float = 0.0
    section: float = 0.0
    coverage: float = 0.0
    document: float = 0.0
    rerank: float = 0.0
    penalty: float = 0.0

    @property
    def total(self) -> float:
        """The score that orders passages."""
        reasons = (self.lexical, self.dense, self.entity, self.section, self.coverage, self.document)
        return sum(reasons) + self.rerank + self.penalty


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved stretch of one section of one live revision.

    ``document`` is the file's name, ``document_title`` the card's title, ``subject`` the drug or topic of the section.
    ``hit_spans`` is the part that matched; ``spans`` and ``text`` may be wider (section expansion): the matched part is
    ``text[hit_start : hit_start + hit_length]``. ``edition`` is shared by the editions of one document.
    """

    chunk_id: int
    document_id: int
    revision_id: int
    document: str
    document_title: str
    document_kind: DocumentKind
    subject: str
    revision_date: str
    section_id: int
    section_kind: SectionKind
    section_path: tuple[str, ...]
    spans: tuple[Span, ...]
    hit_spans: tuple[Span, ...]
    text: str
    table_header: str
    score: float
    parts: ScoreParts
    hit_start: int = 0
    hit_length: int = 0
    edition: str = ""

    @property
    def page(self) -> int:
        """The page on which the matched part begins."""
        return self.hit_spans[0].page


@dataclass(frozen=True, slots=True)
class Citation:
    """Where one [n] of an answer points: ``quote == page_text[start:end]`` of page ``page`` of the revision."""

    number: int
    document: str
    document_id: int
    document_title: str
    revision_id: int
    revision_date: str
    section_path: tuple[str, ...]
    page: int
    start: int
    end: int
    quote: str


class Outcome(StrEnum):
    """How an answer ended."""

    ANSWERED = "answered"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    OUT_OF_SCOPE = "out_of_scope"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Checks:
    """What was checked on an answer, and what was found.

    ``conflicts`` are pairs of citation numbers whose quotes give figures that exclude each other. What is unsupported is
    named as the generator wrote it: flagged in the text, or, where it was strict, replaced (``replaced_sentences``).
    ``added_markers`` counts sentences that got the source they had left out.
    """

    removed_markers: int = 0
    conflicts: tuple[tuple[int, int], ...] = ()
    unsupported_quantities: tuple[str, ...] = ()
    unsupported_sentences: tuple[str, ...] = ()
    evidence_score: float = 0.0
    evidence_threshold: float = 0.0
    added_markers: int = 0
    replaced_sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with everything needed to believe it. ``timings`` are seconds by step.

    ``generator`` wrote it (empty: no generator was asked); ``fallback`` says why it was not the one of the settings.
    ``asks_for`` names what the answer asks of the person (age, pregnancy, kidney, liver, allergy); ``footer`` is to be
    shown below the text; ``category`` names an emergency, or why a message is out of scope.
    """

    text: str
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    outcome: Outcome
    checks: Checks
    timings: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    nearest_documents: tuple[str, ...] = ()
    generator: str = ""
    fallback: str = ""
    asks_for: tuple[str, ...] = ()
    footer: str = ""
    category: str = ""
