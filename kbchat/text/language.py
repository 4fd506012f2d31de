"""Which of the two languages a text is written in."""

from __future__ import annotations

import re

from kbchat.messages import Language

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """``zh`` when Chinese characters carry the text, else ``en``."""
    han = len(_HAN.findall(text))
    latin = len(_LATIN.findall(text))
    return "zh" if han >= 2 and han >= latin else "en"
