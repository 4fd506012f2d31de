"""Which section of a leaflet a question asks for, alone or in a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.section_classifier import SectionReading, section_classifier

__all__ = ["SectionReading", "section_reading"]


def section_reading(
    question: str, mentions: Sequence[Mention] | None = None, *, previous: SectionReading | None = None
) -> SectionReading:
    """What a question asks for after the turn before it.

    Args:
        question: as written.
        mentions: the names in it, where they are known already.
        previous: the reading of the turn before; None for a first question.

    Raises:
        ConfigurationError: the weights that ship with kbchat are damaged.
    """
    names = mentions_in(question, ()) if mentions is None else mentions
    return section_classifier().read(question, names, previous=previous)
