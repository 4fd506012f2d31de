"""Which section of a leaflet a question asks for, alone or in a conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kbchat.answering.followup_cues import cue
from kbchat.answering.mentions import Mention, mentions_in
from kbchat.answering.section_classifier import SECTIONS, SectionReading, certain_reading, section_classifier
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind

__all__ = ["SectionReading", "section_reading"]

_HEADING = deferred(
    r"(?:那|那么|还有|它的)?(?:有(?:什么|哪些|啥))?(?:副作用|不良反应|禁忌[症证]?|用法用量|适应[症证]|药物?相互作用|药理(?:作用)?|成[分份]|贮藏|储存(?:方法|条件)?|药物过量)(?:有(?:哪些|什么|啥))?[呢吗]?[?？。]*"
    r"|(?:and )?(?:any |the |its )?(?:side effects|adverse reactions|contraindications|indications|dosage|interactions|ingredients|storage|overdose)[?.]*"
)


def section_reading(
    question: str,
    mentions: Sequence[Mention] | None = None,
    *,
    previous: SectionReading | None = None,
    subject: Collection[str] = frozenset(),
) -> SectionReading:
    """What a question asks for after the turn before it.

    Args:
        question: as written.
        mentions: the names in it, where they are known already.
        previous: the reading of the turn before; None for a first question.
        subject: what the question is about (:func:`kbchat.answering.section_features.about`), where that is known.

    Raises:
        ConfigurationError: the weights that ship with kbchat are damaged.
        EmbedderError: so is the built-in embedding.
    """
    heading = _bare_heading(question)
    if heading is not None:
        return certain_reading(heading)
    names = mentions_in(question, ()) if mentions is None else mentions
    return section_classifier().read(question, names, previous=previous, subject=subject)


def _bare_heading(question: str) -> SectionKind | None:
    """The section that a question asks for which is nothing but its heading (禁忌呢, side effects?)."""
    folded = cue("acknowledged").sub("", fold(question).strip())
    if not _HEADING.fullmatch(folded):
        return None
    intents = question_intents(folded)
    return intents[0] if intents and intents[0] in SECTIONS else None
