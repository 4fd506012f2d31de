"""A follow-up as a question that stands alone: a language model's wording, where it keeps what the rules found.

The rules of :mod:`kbchat.answering.followups` say which drug is talked about; a model may only word it better. Its wording
is dropped when it loses a name, a number or the section asked for, or brings in a drug or a number nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from kbchat.answering.followups import Resolved
from kbchat.answering.mentions import mentions_in
from kbchat.answering.safety import Safety, screen
from kbchat.answering.section_asked import section_reading
from kbchat.errors import GeneratorError
from kbchat.generation.protocol import Generator, Rewriter
from kbchat.text.deferred_pattern import deferred
from kbchat.text.language import language_of
from kbchat.text.tokens import fold
from kbchat.types import SectionKind, Turn

_SECONDS = 8.0
"""A person waits for the answer as well; the rules' wording is there at once."""
_LONGEST_QUESTION = 300
"""A longer message tells enough by itself."""
_LONGEST_FACTOR = 3
_LONGEST_EXTRA = 60
_LABEL = deferred(
    r"^(?:改写后的?(?:完整)?问题|改写|完整问题|(?:rewritten |standalone |complete )?question)\s*[:：]\s*", re.IGNORECASE
)
_QUOTES = "\"'“”‘’「」《》` \t"
_NUMBER = deferred(r"\d+(?:\.\d+)?")


def needs_context(resolved: Resolved) -> bool:
    """Whether a question leans on the turns before it; one with its own subject, or a new one, does not."""
    return resolved.carried or not (resolved.topic_changed or resolved.entities)


def rewritten_question(
    generator: Generator,
    safety: Safety,
    resolved: Resolved,
    question: str,
    history: Sequence[Turn],
    *,
    known_names: Collection[str] = (),
    seconds: float = _SECONDS,
) -> str:
    """The model's wording of a follow-up where it can be accepted, else ``resolved.standalone_text``.

    A generator without a language model is not asked, nor is one for an emergency or a message that is no medical
    question, nor for a question that stands alone. Identifiers of persons are masked before the model reads them.
    """
    rules = resolved.standalone_text
    if not isinstance(generator, Rewriter) or not history or not needs_context(resolved):
        return rules
    if len(question) > _LONGEST_QUESTION:
        return rules
    screening = screen(question)
    if screening.emergency is not None or not screening.is_answered_from_base:
        return rules
    asked, earlier = safety.masked(question), safety.masked_turns(history)
    try:
        written = generator.rewrite(asked, earlier, language_of(question), seconds)
    except GeneratorError:  # away, busy or slow: the rules need no model
        return rules
    wording = _bare(written)
    return wording if keeps(wording, resolved, question, history, known_names=known_names) else rules


def keeps(
    wording: str, resolved: Resolved, question: str, history: Sequence[Turn], *, known_names: Collection[str] = ()
) -> bool:
    """Whether ``wording`` says what was resolved, all of it and nothing else."""
    if (
        not wording
        or "\n" in wording
        or len(wording) > _LONGEST_FACTOR * len(resolved.standalone_text) + _LONGEST_EXTRA
    ):
        return False
    folded = fold(wording)
    if any(fold(entity) not in folded for entity in resolved.entities):
        return False
    said = fold("\n".join((question, resolved.standalone_text, *(turn.content for turn in history))))
    drugs = [fold(one.text) for one in mentions_in(wording, known_names) if one.drug]
    kept = [fold(entity) for entity in resolved.entities]
    has_drug = any(one.drug for entity in resolved.entities for one in mentions_in(entity, known_names))
    allowed = "\n".join((*kept, fold(question))) if has_drug else said  # a drug put aside must not come back
    if any(drug not in allowed for drug in drugs):
        return False
    numbers = set(_NUMBER.findall(folded))
    if not set(_NUMBER.findall(fold(question))) <= numbers or not numbers <= set(_NUMBER.findall(said)):
        return False
    return resolved.section is SectionKind.OTHER or section_reading(wording).section is resolved.section


def _bare(written: str) -> str:
    """What the model wrote without a label before it and quotation marks around it."""
    return _LABEL.sub("", written.strip().strip(_QUOTES)).strip().strip(_QUOTES)
