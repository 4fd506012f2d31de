"""What people corrected on a card outlives reading the same file again.

Beside a card's own fields, the stored JSON names those that a person has set (``corrected``). A new edition is read
afresh: its title, names and dates are its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from kbchat.store.encoding import card_in, card_out
from kbchat.types import DocumentCard, ParsedDocument

_KEY = "corrected"
_FIELDS = frozenset(field.name for field in fields(DocumentCard))


def corrected_fields(stored: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a stored card that a person has set."""
    return frozenset(stored.get(_KEY, ())) & _FIELDS


def corrected_card_out(card: DocumentCard, corrected: Iterable[str]) -> dict[str, Any]:
    """A card as the JSON that is stored, with the names of the fields that a person has set."""
    names = sorted(frozenset(corrected) & _FIELDS)
    return {**card_out(card), _KEY: names} if names else card_out(card)


def changed_fields(before: DocumentCard, after: DocumentCard) -> frozenset[str]:
    """The fields in which two cards differ."""
    return frozenset(name for name in _FIELDS if getattr(before, name) != getattr(after, name))


def with_corrections(parsed: ParsedDocument, stored: Mapping[str, Any]) -> ParsedDocument:
    """``parsed`` with what a person has set on the card stored before; sections about all of it follow the title."""
    names = corrected_fields(stored)
    if not names:
        return parsed
    before = card_in(stored)
    card = replace(parsed.card, **{name: getattr(before, name) for name in names})
    if card.title == parsed.card.title:
        return replace(parsed, card=card)
    sections = tuple(
        replace(section, subject=card.title) if section.subject == parsed.card.title else section
        for section in parsed.sections
    )
    return replace(parsed, card=card, sections=sections)
