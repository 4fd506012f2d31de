"""Which of the two languages a text is written in."""

from __future__ import annotations

from kbchat.messages import Language
from kbchat.text.deferred_pattern import deferred

_HAN = deferred(r"[\u3400-\u9fff]")
_LATIN = deferred(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """``zh`` when Chinese characters carry the text, else ``en``."""
    han = len(_HAN.findall(text))
    latin = len(_LATIN.findall(text))
    return "zh" if han >= 2 and han >= latin else "en"
