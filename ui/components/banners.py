"""Banners above an answer: emergencies, missing evidence, questions out of scope, and what is to be checked. Pure HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kbchat.answering.refusal import NEAREST
from kbchat.messages import Bilingual, Language
from kbchat.types import Outcome
from ui.escaping import literal_html
from ui.i18n import chat as words

_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_CALLABLE = re.compile(r"\+?[0-9-]{3,20}")
_BANNERS: Mapping[str, tuple[str, str, Bilingual]] = {
    Outcome.EMERGENCY.value: ("kb-emergency", "alert", words.EMERGENCY),
    Outcome.INSUFFICIENT_EVIDENCE.value: ("kb-insufficient", "note", words.INSUFFICIENT),
    Outcome.OUT_OF_SCOPE.value: ("kb-out-of-scope", "note", words.OUT_OF_SCOPE),
    "stopped": ("kb-notice", "note", words.STOPPED),
}


def outcome_banner(document: Mapping[str, Any], language: Language, ambulance: str = "") -> str:
    """The banner of an answer's outcome, with the number of the ambulance in an emergency; empty for other answers."""
    found = _BANNERS.get(str(document.get("outcome", "")))
    if found is None:
        return ""
    style, role, title = found
    body = f"<strong>{literal_html(title.in_language(language))}</strong>"
    if document.get("outcome") == Outcome.INSUFFICIENT_EVIDENCE.value:
        body += f"<span>{literal_html(words.ASK_THE_PHARMACIST.in_language(language))}</span>"
        body += _nearest([str(name) for name in document.get("nearest_documents", ())], language)
    if document.get("unchecked"):
        body += f"<span>{literal_html(words.UNCHECKED.in_language(language))}</span>"
    if document.get("outcome") == Outcome.EMERGENCY.value and _CALLABLE.fullmatch(ambulance):
        said = literal_html(words.CALL.in_language(language).format(number=ambulance))
        body += f'<a class="kb-call" href="tel:{ambulance}">{said}</a>'
    return f'<div class="kb-banner {style}" role="{role}">{body}</div>'


def shown_text(document: Mapping[str, Any], text: str) -> str:
    """An answer's text without what its banner says already."""
    if document.get("outcome") != Outcome.INSUFFICIENT_EVIDENCE.value or not document.get("nearest_documents"):
        return text
    starts = [text.find(NEAREST.in_language(language)) for language in _LANGUAGES]
    return text[: max(starts)].rstrip() if max(starts) > 0 else text


def _nearest(names: list[str], language: Language) -> str:
    if not names:
        return ""
    items = "".join(f'<li dir="auto">{literal_html(name)}</li>' for name in names)
    title = literal_html(words.NEAREST.in_language(language))
    return f'<div class="kb-nearest"><div>{title}</div><ul>{items}</ul></div>'


def notice_banners(notices: list[str]) -> str:
    """What has to be said before an answer is used."""
    return "".join(f'<div class="kb-banner kb-notice" role="note">{literal_html(text)}</div>' for text in notices)
