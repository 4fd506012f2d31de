"""Structure: from the pages of a file to its card and its sections."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.structure.assembly import Mark, assemble
from ingest.structure.card import document_card
from ingest.structure.detect import Tradition, detect
from ingest.structure.ema import ema_marks
from ingest.structure.fda import fda_marks
from ingest.structure.guideline import guideline_marks
from ingest.structure.leaflet_zh import leaflet_zh_marks
from ingest.structure.lines import Line, document_lines
from ingest.structure.plain import plain_marks
from ingest.structure.records import record_marks
from ingest.structure.titles import document_title
from kbchat.types import DocumentCard, LoadedFile, Section

__all__ = ["structure"]

_NAMES_OF_A_SUBJECT = 3


def structure(loaded: LoadedFile, filename: str) -> tuple[DocumentCard, tuple[Section, ...]]:
    """Find out what a document is and cut it into sections.

    The sections cover the text of the pages once and in order; ``filename`` gives the title where nothing better is found.
    """
    lines = document_lines(loaded.pages)
    title = document_title(loaded, filename, lines)
    tradition = detect(loaded, lines, title)
    marks = _marks(tradition, lines, title)
    sections = assemble(loaded.pages, marks, "")
    card = document_card(loaded, title, tradition, lines, sections)
    subject = _subject(card, tradition)
    return card, tuple(section if section.subject else _about(section, subject) for section in sections)


def _marks(tradition: Tradition, lines: Sequence[Line], title: str) -> list[Mark]:
    match tradition:
        case Tradition.RECORDS:
            return record_marks(lines)
        case Tradition.LEAFLET_ZH:
            return leaflet_zh_marks(lines, title)
        case Tradition.EMA:
            return ema_marks(lines)
        case Tradition.FDA:
            return fda_marks(lines)
        case Tradition.GUIDELINE:
            return guideline_marks(lines, title)
        case Tradition.PLAIN:
            return plain_marks(lines, title)


def _subject(card: DocumentCard, tradition: Tradition) -> str:
    """What the document is about as a whole: the drug for a leaflet, else the title."""
    if tradition in (Tradition.LEAFLET_ZH, Tradition.FDA, Tradition.EMA):
        names = (*card.generic_names[:_NAMES_OF_A_SUBJECT], *card.brand_names[:1])
        return " / ".join(dict.fromkeys(names)) or card.title
    return card.title


def _about(section: Section, subject: str) -> Section:
    return Section(
        section.id,
        section.kind,
        subject,
        section.heading_path,
        section.spans,
        section.text,
        section.grade,
        section.evidence,
    )
