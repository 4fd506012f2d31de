"""Editions of one document: the same but for year and version."""

from __future__ import annotations

from collections.abc import Iterable

from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import DocumentCard, DocumentKind

_EDITION = deferred(
    r"(?:19|20)\d\d(?:[-./]\d{1,2}){0,2}年?|第?[一二三四五六七八九十\d]+版|\bv(?:er(?:sion)?)?\.?\s?\d[\d.]*|\b(?:revised|edition|update)\b"
    r"|修订|更新|版|[\s()（）\[\]【】《》_.,，·-]+"
)


def edition_key(card: DocumentCard) -> str:
    """What the editions of one document share: the title without years and versions.

    For a leaflet also the strength and the maker, since two strengths of a drug are two documents.
    """
    parts = [card.kind.value, _EDITION.sub("", fold(card.title))]
    if card.kind is DocumentKind.LEAFLET:
        parts += [fold(card.strength), fold(card.manufacturer)]
    return "|".join(parts)


def edition_date(card: DocumentCard) -> str:
    """The date that orders editions: revised, else approved; empty when unknown."""
    return card.revised_on or card.approved_on


def newest_editions(documents: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The newest date of each edition key among (key, ISO date) pairs; undated documents have no say."""
    newest: dict[str, str] = {}
    for key, date in documents:
        if date > newest.get(key, ""):
            newest[key] = date
    return newest
