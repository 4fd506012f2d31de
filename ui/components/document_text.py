"""What lists of documents and a document's page say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kbchat.messages import Language
from kbchat.services.documents import DocumentRow, RevisionRow, SectionView
from kbchat.types import DocumentCard
from ui.components.shown_values import NOTHING, shown_day, shown_share
from ui.components.table_text import Cell, Column, Row
from ui.escaping import one_line, visible_text
from ui.i18n import documents as words
from ui.i18n import worded

_NAME_LISTS = ("generic_names", "brand_names", "english_names")
_LONGEST_HEADING = 60
_SEPARATOR = " · "


def document_columns(language: Language) -> list[Column]:
    """Columns of a list of documents, with the keys they sort by."""
    return [
        Column(words.COLUMN_TITLE.in_language(language), sort="title", main=True),
        Column(words.COLUMN_KIND.in_language(language), "narrow", sort="kind"),
        Column(words.COLUMN_STATUS.in_language(language), "narrow", sort="status"),
        Column(words.COLUMN_PAGES.in_language(language), "end", sort="pages"),
        Column(words.COLUMN_OCR.in_language(language), "end", sort="ocr"),
        Column(words.COLUMN_CHUNKS.in_language(language), "end", sort="chunks"),
        Column(words.COLUMN_REVISION.in_language(language), "end", sort="revision"),
        Column(words.COLUMN_DATE.in_language(language), "narrow", sort="date"),
        Column(words.COLUMN_UPDATED.in_language(language), "narrow", sort="updated"),
    ]


def document_table_row(row: DocumentRow, language: Language, href: str, offset_minutes: int | None) -> Row:
    """A document as a row of the list."""
    retired = row.status == "retired"
    status = (words.RETIRED if retired else words.LIVE).in_language(language)
    return Row(
        str(row.id),
        (
            Cell(title_of(row), note=card_line(row), opens=True),
            Cell(words.KINDS[row.kind.value].in_language(language)),
            Cell(status, badge=True, tone="warn" if retired else "good"),
            Cell(str(row.pages)),
            Cell(shown_share(row.ocr_share) if row.ocr_pages else ""),
            Cell(str(row.chunks)),
            Cell(str(row.revision_number)),
            Cell(row.date),
            Cell(shown_day(row.updated_at, offset_minutes)),
        ),
        href,
    )


def title_of(row: DocumentRow) -> str:
    """The title of the card, or else the file's name; on one line."""
    return one_line(visible_text(row.title)) or row.name


def card_line(row: DocumentRow) -> str:
    """The card in one line: names that the title lacks, who made it, and the file's name."""
    card, title = row.card, row.title
    names = [name for name in card.names if name.casefold() not in title.casefold()][:3]
    parts = [*names, card.strength, card.manufacturer or card.issuer, row.name if row.name != title else ""]
    return _SEPARATOR.join(one_line(part, 80) for part in dict.fromkeys(parts) if part)


def facts_of(row: DocumentRow, revision: RevisionRow, language: Language, moment: str) -> str:
    """What the head of a document's page says below its title, for the revision shown."""
    facts = [
        worded(words.REVISION_LINE, language, number=revision.number),
        worded(words.EDITION_LINE, language, date=revision.date) if revision.date else "",
        worded(words.PAGES_LINE, language, count=revision.pages),
        worded(words.OCR_LINE, language, share=shown_share(revision.ocr_pages / revision.pages))
        if revision.ocr_pages and revision.pages
        else "",
        worded(words.CHUNKS_LINE, language, count=revision.chunks),
        revision.format.upper(),
        worded(words.READ_LINE, language, moment=moment),
        row.name,
    ]
    return _SEPARATOR.join(fact for fact in facts if fact)


def revision_columns(language: Language) -> list[Column]:
    """Columns of the list of revisions."""
    labels = (
        (words.COLUMN_REVISION, "narrow"),
        (words.COLUMN_DATE, "narrow"),
        (words.COLUMN_CREATED, "narrow"),
        (words.COLUMN_FORMAT, "narrow"),
        (words.COLUMN_PAGES, "end"),
        (words.COLUMN_OCR, "end"),
        (words.COLUMN_CHUNKS, "end"),
        (words.COLUMN_CHECKSUM, "narrow"),
    )
    return [
        Column(label.in_language(language), "end" if align == "end" else "narrow", main=not number)
        for number, (label, align) in enumerate(labels)
    ]


def revision_table_row(row: RevisionRow, language: Language, href: str, moment: str) -> Row:
    """A revision as a row."""
    return Row(
        str(row.id),
        (
            Cell(
                worded(words.VIEW_REVISION, language, number=row.number),
                note=words.NEWEST.in_language(language) if row.current else "",
                opens=True,
            ),
            Cell(row.date or NOTHING),
            Cell(moment),
            Cell(row.format.upper()),
            Cell(str(row.pages)),
            Cell(shown_share(row.ocr_pages / row.pages) if row.ocr_pages and row.pages else ""),
            Cell(str(row.chunks)),
            Cell(row.sha256[:12]),
        ),
        href,
    )


def section_label(section: SectionView, language: Language) -> str:
    """A section in a menu: its headings, and the page it begins on."""
    path = " › ".join(one_line(visible_text(part), _LONGEST_HEADING) for part in section.path[-2:])
    named = path or words.SECTION_KINDS[section.kind.value].in_language(language)
    return worded(words.SECTION_LABEL, language, path=named.replace("{", "(").replace("}", ")"), page=section.page)


@dataclass(frozen=True, slots=True)
class CardForm:
    """A card as a form holds it: every field a text, names one a line."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, card: DocumentCard) -> CardForm:
        """The form of ``card``."""
        return cls({name: _as_text(getattr(card, name)) for name in words.FIELDS})

    def changes(self, given: Mapping[str, str]) -> dict[str, Any]:
        """What ``given`` says other than this form, as ``change_card`` takes it."""
        return {
            name: _names(text) if name in _NAME_LISTS else text
            for name, text in given.items()
            if _tidy(name, text) != _tidy(name, self.values[name])
        }


def _as_text(value: object) -> str:
    return "\n".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _names(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tidy(name: str, text: str) -> object:
    return _names(text) if name in _NAME_LISTS else " ".join(text.split())


def changed_fields(changes: Sequence[str], language: Language) -> str:
    """The fields that were changed, in words."""
    comma = "、" if language == "zh" else ", "
    return comma.join(words.FIELDS[name].in_language(language) for name in changes)
