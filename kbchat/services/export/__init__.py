"""Conversations as files: Markdown, Word, JSON; every reference in full."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual, Language
from kbchat.services.export.content import exported
from kbchat.store import StoredConversation, StoredMessage

ExportFormat = Literal["md", "docx", "json"]
_MEDIA_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
}
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to be handed out."""

    name: str
    media_type: str
    data: bytes


def export_conversation(
    about: StoredConversation,
    messages: Sequence[StoredMessage],
    format: ExportFormat,  # noqa: A002 - what the caller asks for
    language: Language,
) -> ExportFile:
    """A conversation as a file; headings in ``language``. Raises InvalidInputError for another format."""
    if format == "json":
        text = json.dumps(as_json(about, messages), ensure_ascii=False, indent=2) + "\n"
        data = text.encode("utf-8")
    elif format == "md":
        from kbchat.services.export.markdown import as_markdown  # noqa: PLC0415 - only what is asked for

        data = as_markdown(exported(about, messages), language).encode("utf-8")
    elif format == "docx":
        from kbchat.services.export.word import as_docx  # noqa: PLC0415

        data = as_docx(exported(about, messages), language)
    else:
        raise InvalidInputError(
            Bilingual(f"Conversations are not exported as {format!r}.", f"对话不能导出为 {format!r}。"),
            Bilingual("Choose md, docx or json.", "请选择 md、docx 或 json。"),
        )
    return ExportFile(f"{file_name(about.title)}.{format}", _MEDIA_TYPES[format], data)


def as_json(about: StoredConversation, messages: Sequence[StoredMessage]) -> dict[str, object]:
    """A conversation as JSON: answers as ``kbchat ask --json`` writes them, without passages."""
    return {
        "format": "kbchat.conversation/1",
        "id": about.id,
        "title": about.title,
        "assistant": about.assistant,
        "knowledge_bases": list(about.bases),
        "created_at": about.created_at.isoformat(),
        "updated_at": about.updated_at.isoformat(),
        "messages": [
            {
                "number": one.number,
                "role": one.role,
                "text": one.text,
                "outcome": one.outcome,
                "created_at": one.created_at.isoformat(),
                "answer": one.answer,
            }
            for one in messages
        ],
    }


def file_name(title: str) -> str:
    """A title as the name of a file on any system, without an extension."""
    name = _UNSAFE.sub(" ", title).strip(" .")[:_LONGEST_NAME].strip(" .")
    return name if name and not _RESERVED.match(name) else f"kbchat {name}".strip()
