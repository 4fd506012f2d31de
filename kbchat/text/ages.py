"""Ages that are written without a unit, or as those from which on something holds: adults over 18, ages 2 to 5."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantity import Bound, QuantityKind

_AGE_AHEAD = deferred(
    r"(?:\b(?:adults?|children|people|patients|those|persons|anyone|women|men|aged?)\s+(?:who are\s+)?(?:over|under|above|below|older than|younger than|aged)|\bage[ds]?(?:\s+of)?)\s+$",
    re.IGNORECASE,
)
_AGES_AHEAD = deferred(r"\b(?:age[ds]?(?:\s+of|\s+between)?|children|child|adolescents)\s+$", re.IGNORECASE)
_FILL_LENGTH = 24
_FROM_AGE = deferred(r"(?:\bfrom(?: the age of| age)?|\bstarting at(?: age)?|自|从)\s*$", re.IGNORECASE)
_OF_AGE = deferred(r"\s*(?:of age|old)\b(?! to\b)", re.IGNORECASE)


def is_age(text: str, start: int, joint: str) -> bool:
    """Whether a bare number or range is of years: adults over 18, children 2 to 5."""
    ahead = {"": _AGE_AHEAD, "-": _AGES_AHEAD}.get(joint)
    return bool(ahead and ahead.search(text, max(0, start - 40), start))


def age_from(text: str, start: int, end: int, kind: QuantityKind, joint: str) -> Bound:
    """Whether an age is one from which on something holds (from 3 months of age)."""
    ahead = None if joint else _FROM_AGE.search(text, max(0, start - _FILL_LENGTH), start)
    return Bound.UP if ahead and (kind is QuantityKind.AGE or _OF_AGE.match(text, end)) else Bound.NONE
