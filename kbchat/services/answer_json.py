"""Answers, citations and passages as JSON: stable, documented in docs/json."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kbchat.types import Answer, Citation, Passage, ScoreParts

_PARTS = tuple(part.name for part in fields(ScoreParts))


def passage_json(passage: Passage, rank: int) -> dict[str, Any]:
    """One passage of a search; ``document`` is the file's name, ``start`` and ``end`` are offsets on ``page``."""
    begin = next((span for span in passage.spans if span.page == passage.page), passage.spans[0])
    return {
        "rank": rank,
        "document": passage.document,
        "title": passage.subject or passage.document_title,
        "document_title": passage.document_title,
        "revision": passage.revision_id,
        "revision_date": passage.revision_date,
        "section_kind": passage.section_kind.value,
        "section_path": list(passage.section_path),
        "page": passage.page,
        "start": begin.start,
        "end": begin.end,
        "spans": [{"page": s.page, "start": s.start, "end": s.end} for s in passage.spans],
        "score": round(passage.score, 6),
        "score_parts": {name: round(getattr(passage.parts, name), 6) for name in _PARTS},
        "table_header": passage.table_header,
        "text": passage.text,
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """One citation of an answer."""
    return {
        "number": citation.number,
        "document": citation.document,
        "document_title": citation.document_title,
        "revision": citation.revision_id,
        "revision_date": citation.revision_date,
        "section_path": list(citation.section_path),
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def answer_json(question: str, answer: Answer, *, passages: bool = True) -> dict[str, Any]:
    """A whole answer; without its ``passages`` where only what it cites is wanted, since they are most of it."""
    shown = answer.passages if passages else ()
    return {
        "question": question,
        "outcome": answer.outcome.value,
        "text": answer.text,
        "citations": [citation_json(citation) for citation in answer.citations],
        "passages": [passage_json(passage, rank) for rank, passage in enumerate(shown, start=1)],
        "checks": {
            "removed_markers": answer.checks.removed_markers,
            "conflicts": [list(pair) for pair in answer.checks.conflicts],
            "unsupported_quantities": list(answer.checks.unsupported_quantities),
            "unsupported_sentences": list(answer.checks.unsupported_sentences),
            "evidence_score": answer.checks.evidence_score,
            "evidence_threshold": answer.checks.evidence_threshold,
            "added_markers": answer.checks.added_markers,
            "replaced_sentences": list(answer.checks.replaced_sentences),
        },
        "reason": answer.reason,
        "nearest_documents": list(answer.nearest_documents),
        "timings": {step: round(seconds, 6) for step, seconds in answer.timings.items()},
        "generator": answer.generator,
        "fallback": answer.fallback,
        "asks_for": list(answer.asks_for),
        "footer": answer.footer,
        "category": answer.category,
    }
