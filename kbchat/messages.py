"""Text for people, in Chinese and English, side by side where it is written.

Standard library only. Every message a user can meet is a :class:`Bilingual`, so that no language can be forgotten;
logs and exceptions' ``str`` are English.
"""

from __future__ import annotations

import locale
import os
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One message in both languages of the product."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def in_language(self, language: Language) -> str:
        """The message in ``language``."""
        return self.zh if language == "zh" else self.en


def system_language() -> Language:
    """The language of this machine's locale: ``zh`` for any Chinese locale, else ``en``."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    name = locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
