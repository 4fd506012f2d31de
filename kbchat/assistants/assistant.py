"""What an assistant is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual

Audience = Literal["patient", "clinician"]
LONGEST_PROMPT = 6000
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Mode(StrEnum):
    """What an assistant's answers are made from."""

    DOCUMENTS = "documents"
    """From retrieved passages alone; without evidence it refuses."""
    CONVERSATION = "conversation"
    """A talk led by a language model; passages that fit are given to it and cited."""
    TEXT = "text"
    """From the text the person gives (a record to structure); nothing is retrieved."""


@dataclass(frozen=True, slots=True)
class RetrievalChoice:
    """Retrieval settings of one assistant; None takes the value of the settings."""

    candidates: int | None = None
    passages: int | None = None
    passage_budget: int | None = None
    lexical_weight: float | None = None
    dense_weight: float | None = None


@dataclass(frozen=True, slots=True)
class Assistant:
    """A named preset.

    ``knowledge_bases`` empty: the bases the person chose. ``generator`` empty: the one of the settings (see
    ``generation.model``). ``prompt`` says who the assistant is and what it does; the rules about citing, refusing and
    foreign text are not part of it and cannot be edited away. ``strict`` None: by audience (patients: strict).
    """

    id: str
    name: Bilingual
    description: Bilingual
    prompt: Bilingual
    mode: Mode = Mode.DOCUMENTS
    audience: Audience = "patient"
    knowledge_bases: tuple[str, ...] = ()
    generator: str = ""
    retrieval: RetrievalChoice = field(default_factory=RetrievalChoice)
    show_sources: bool = True
    strict: bool | None = None
    temperature: float | None = None
    new_tokens: int | None = None
    built_in: bool = False

    @property
    def needs_language_model(self) -> bool:
        """Whether the extractive generator cannot play this assistant."""
        return self.mode is not Mode.DOCUMENTS

    @property
    def is_strict(self) -> bool:
        """Whether unsupported sentences are replaced by quotes instead of being flagged."""
        return self.audience == "patient" if self.strict is None else self.strict

    def called(self, name: str) -> bool:
        """Whether ``name`` is this assistant's id or its name in either language (case does not count)."""
        wanted = name.strip().casefold()
        return wanted in (self.id, self.name.en.casefold(), self.name.zh.casefold())


def check_id(text: str) -> str:
    """``text`` when it can be an assistant's id. Raises InvalidInputError."""
    if not _ID.fullmatch(text):
        raise InvalidInputError(
            Bilingual(f"“{text}” cannot be the id of an assistant.", f"“{text}”不能用作助手的标识。"),
            Bilingual(
                "Begin with a letter; use small letters, digits and hyphens, at most 64.",
                "请以小写字母开头，只用小写字母、数字和连字符，最多 64 个字符。",
            ),
        )
    return text
