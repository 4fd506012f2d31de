"""What an exported conversation says, before it takes a form: cleaned of what a file must not carry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kbchat.messages import Bilingual, Language
from kbchat.services.keeping import STOPPED
from kbchat.store import StoredConversation, StoredMessage
from kbchat.types import Outcome

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)

OUTCOMES: Mapping[str, Bilingual] = {
    Outcome.INSUFFICIENT_EVIDENCE.value: Bilingual("No answer in the documents", "资料中没有答案"),
    Outcome.OUT_OF_SCOPE.value: Bilingual("Outside the scope of this assistant", "不在服务范围内"),
    Outcome.EMERGENCY.value: Bilingual("This may be an emergency", "可能是紧急情况"),
    STOPPED: Bilingual("Stopped by the reader; not a whole answer", "已被停止，回答不完整"),
}
_UNCHECKED = Bilingual("Stopped before it was checked", "核对之前已停止，内容未经核对")
_NO_SUPPORT = Bilingual("no support found in the documents", "资料中未找到依据")
_WRONG_QUANTITY = Bilingual("this figure is not in the source", "出处中没有此数值")
_REPLACED = Bilingual(
    "written by the language model without support, replaced by the document's words",
    "语言模型所写且无依据，已替换为原文",
)
_CONFLICT = Bilingual("the two sources give figures that exclude each other", "两处资料的数值互相矛盾")


@dataclass(frozen=True, slots=True)
class Reference:
    """One source of an answer, in full."""

    number: int
    document: str
    title: str
    revision_date: str
    revision: int
    section_path: tuple[str, ...]
    page: int
    quote: str


@dataclass(frozen=True, slots=True)
class Flag:
    """What the checks found wrong, and why."""

    what: str
    why: Bilingual


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """A question, or an answer with its references and flags; ``label`` tells an outcome that is no plain answer."""

    is_question: bool
    text: str
    at: datetime
    label: Bilingual | None = None
    references: tuple[Reference, ...] = ()
    flags: tuple[Flag, ...] = ()
    footer: str = ""
    generator: str = ""


@dataclass(frozen=True, slots=True)
class ExportedConversation:
    """A conversation as every form of it tells it."""

    title: str
    bases: tuple[str, ...]
    assistant: str
    begun: datetime
    messages: tuple[ExportedMessage, ...] = field(default=())


def exported(about: StoredConversation, messages: Sequence[StoredMessage]) -> ExportedConversation:
    """What there is to export of a conversation."""
    return ExportedConversation(
        clean(about.title),
        tuple(clean(name) for name in about.bases),
        clean(about.assistant),
        about.created_at,
        tuple(_message(one) for one in messages),
    )


def clean(text: str) -> str:
    """``text`` without control characters and without marks that turn the direction of writing."""
    return _STEERING.sub("", text)


def moment(at: datetime) -> str:
    """A moment on the clock of this machine."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def where(reference: Reference, language: Language) -> str:
    """Document, revision date, section path and page on one line."""
    comma = "，" if language == "zh" else ", "
    page = f"第 {reference.page} 页" if language == "zh" else f"p. {reference.page}"
    named = reference.title or reference.document
    file = f"{reference.document}" if reference.document != named else ""
    parts = [named, file, reference.revision_date, " › ".join(reference.section_path), page]
    return comma.join(part for part in parts if part)


def _message(one: StoredMessage) -> ExportedMessage:
    answer: Mapping[str, Any] = one.answer or {}
    label = _UNCHECKED if answer.get("unchecked") else OUTCOMES.get(one.outcome)
    return ExportedMessage(
        one.role == "user",
        clean(one.text),
        one.created_at,
        label,
        tuple(_reference(citation) for citation in answer.get("citations", ())),
        tuple(_flags(answer.get("checks", {}))),
        clean(str(answer.get("footer", ""))),
        clean(str(answer.get("generator", ""))),
    )


def _reference(citation: Mapping[str, Any]) -> Reference:
    return Reference(
        number=int(citation["number"]),
        document=_line(citation["document"]),
        title=_line(citation["document_title"]),
        revision_date=_line(citation["revision_date"]),
        revision=int(citation["revision"]),
        section_path=tuple(_line(part) for part in citation["section_path"]),
        page=int(citation["page"]),
        quote=_line(citation["quote"]),
    )


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _flags(checks: Mapping[str, Any]) -> list[Flag]:
    replaced = set(checks.get("replaced_sentences", ()))
    flags = [Flag(_line(one), _WRONG_QUANTITY) for one in checks.get("unsupported_quantities", ())]
    unsupported = checks.get("unsupported_sentences", ())
    flags += [Flag(_line(one), _NO_SUPPORT) for one in unsupported if one not in replaced]
    flags += [Flag(_line(one), _REPLACED) for one in checks.get("replaced_sentences", ())]
    flags += [Flag(f"[{first}] ≠ [{second}]", _CONFLICT) for first, second in checks.get("conflicts", ())]
    return flags
