"""What drugs are called in suggested questions."""

from __future__ import annotations

import re

from kbchat.app import App
from kbchat.medical.drug_names import core_name
from kbchat.messages import Language
from kbchat.text.language import language_of

LONGEST_NAME_EN = 48
_LONGEST_NAME = 24
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]")


def short_name(app: App, name: str, language: Language) -> str:
    """The name without salt and dosage form, in ``language`` where the lexicon knows it there; empty when too long."""
    core = core_name(name)
    if language_of(core) != language:
        other = [one.term for one in app.lexicon.expand(core, language_of(core)) if language_of(one.term) == language]
        core = other[0] if other else core
    core = as_written(core.split("/")[0], name)
    longest = _LONGEST_NAME if language_of(core) == "zh" else LONGEST_NAME_EN
    return core if 2 <= len(core) <= longest and not _OTHER_SCRIPT.search(core) else ""


def as_written(folded: str, text: str) -> str:
    """``folded`` with the letters that it has in ``text``, where it stands there."""
    place = text.lower().find(folded)
    return text[place : place + len(folded)] if place >= 0 else folded
