"""The field ``kbchat`` of an answer, and the text form of its sources for clients that show text alone."""

from __future__ import annotations

from typing import Any

from kbchat.messages import Bilingual, Language
from kbchat.services.answer_json import answer_json
from kbchat.services.chat import Done
from kbchat.types import Answer

_LEFT_OUT = ("question", "text", "passages")
_SOURCES = Bilingual("Sources", "参考来源")
_PAGE = Bilingual("p. {page}", "第 {page} 页")


def answer_field(done: Done) -> dict[str, Any]:
    """Outcome, citations (each with where to read it), checks, footer, and the conversation it is kept in."""
    told = {
        name: value for name, value in answer_json("", done.answer, passages=False).items() if name not in _LEFT_OUT
    }
    for citation in told["citations"]:
        place = f"start={citation['start']}&end={citation['end']}"
        citation["source"] = f"/api/sources/{citation['revision']}/pages/{citation['page']}?{place}"
        citation["picture"] = f"/api/sources/{citation['revision']}/pages/{citation['page']}/picture?{place}"
    return {
        **told,
        "conversation_id": done.conversation_id,
        "message_number": done.message_number,
        "question_id": done.question_id,
    }


def below_text(answer: Answer, language: Language) -> str:
    """Sources and note as lines to follow the text; empty when there are none."""
    lines = []
    if answer.citations:
        lines.append(f"{_SOURCES.in_language(language)}:")
    for citation in answer.citations:
        page = _PAGE.in_language(language).format(page=citation.page)
        where = " > ".join(citation.section_path)
        lines.append(
            f"[{citation.number}] {', '.join(part for part in (citation.document_title, where, page) if part)}"
        )
    parts = ["\n".join(lines), answer.footer]
    said = "\n\n".join(part for part in parts if part)
    return f"\n\n{said}" if said else ""
