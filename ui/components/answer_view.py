"""What an answer's JSON (see docs/json) says to the one who reads it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kbchat.messages import Language
from ui.escaping import one_line, visible_text
from ui.i18n import chat as words
from ui.i18n import worded

_QUOTE_COPIED = 300


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one [n] points."""

    number: int
    document: str
    title: str
    revision: int
    revision_date: str
    section_path: tuple[str, ...]
    page: int
    start: int
    end: int
    quote: str


def references_of(document: Mapping[str, Any]) -> list[Reference]:
    """The citations of an answer, by number."""
    return [
        Reference(
            number=int(one["number"]),
            document=str(one["document"]),
            title=str(one["document_title"]) or str(one["document"]),
            revision=int(one["revision"]),
            revision_date=str(one["revision_date"]),
            section_path=tuple(str(part) for part in one["section_path"]),
            page=int(one["page"]),
            start=int(one["start"]),
            end=int(one["end"]),
            quote=str(one["quote"]),
        )
        for one in document.get("citations", ())
    ]


def labels_of(references: list[Reference], language: Language) -> dict[int, str]:
    """What the control of each citation opens, in words."""
    return {
        one.number: worded(
            words.CITATION_LABEL,
            language,
            number=one.number,
            title=one_line(visible_text(one.title), 60),
            page=one.page,
        )
        for one in references
    }


def notices_of(document: Mapping[str, Any], language: Language) -> list[str]:
    """What has to be said of an answer before it is used: flags, a model that was not there."""
    checks: Mapping[str, Any] = document.get("checks") or {}
    notices = []
    flagged = len(checks.get("unsupported_quantities", ())) + len(checks.get("unsupported_sentences", ()))
    flagged -= len(checks.get("replaced_sentences", ()))
    if flagged > 0 and "⚠" in str(document.get("text", "")):
        notices.append(worded(words.FLAGGED, language, count=flagged))
    if document.get("fallback"):
        notices.append(worded(words.FALLBACK, language, why=visible_text(str(document["fallback"]))))
    return notices


def copied_text(question: str, document: Mapping[str, Any], language: Language) -> str:
    """Question, answer and full references as plain text, for the clipboard."""
    lines = [question.strip(), "", _plain(str(document.get("text", "")))]
    references = references_of(document)
    if references:
        lines += ["", f"{words.REFERENCES.in_language(language)}:" if language == "en" else "出处："]
        lines += [_reference_line(one, language) for one in references]
    if document.get("footer"):
        lines += ["", str(document["footer"])]
    return visible_text("\n".join(lines))


def _plain(text: str) -> str:
    return text.replace("**", "").strip()


def _reference_line(reference: Reference, language: Language) -> str:
    named = [reference.title]
    if reference.document != reference.title:
        named.append(reference.document)
    if reference.revision_date:
        named.append(reference.revision_date)
    named.append(" › ".join(reference.section_path))
    named.append(f"p. {reference.page}" if language == "en" else f"第 {reference.page} 页")
    quote = one_line(reference.quote, _QUOTE_COPIED)
    where = (", " if language == "en" else "，").join(part for part in named if part)
    opening, closing = ("“", "”")
    return (
        f"[{reference.number}] {where}: {opening}{quote}{closing}"
        if language == "en"
        else f"[{reference.number}] {where}：“{quote}”"
    )
