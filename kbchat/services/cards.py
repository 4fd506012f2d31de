"""Correcting a document's card: what people typed is checked before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from kbchat.embedding.passage_text import passage_text
from kbchat.embedding.protocol import Embedder, Vectors
from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.store import Store, StoredDocument
from kbchat.types import DocumentCard, DocumentKind

_LONGEST = 400
_MOST_NAMES = 40
_NAMES = ("generic_names", "brand_names", "english_names")
_DATES = ("approved_on", "revised_on")
_FIELDS = frozenset(field.name for field in fields(DocumentCard))
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def changed_card(card: DocumentCard, changes: Mapping[str, Any]) -> DocumentCard:
    """``card`` with ``changes`` (field name -> new value). Raises InvalidInputError naming what is wrong."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _FIELDS:
            raise _wrong(name, str(value), Bilingual("a field of the card", "文档卡片中的字段"))
        values[name] = _checked(name, value)
    return replace(card, **values)


def vectors_under_title(store: Store, embedder: Embedder, document: StoredDocument, title: str) -> Vectors:
    """Vectors of the chunks of a document's newest revision as they are under another title, a row a chunk.

    Raises EmbedderError.
    """
    places = store.revision_chunks(document.revision_id)
    chunks = store.chunks(place.id for place in places)
    texts = []
    for place in places:
        chunk = chunks[place.id]
        subject = title if chunk.subject in ("", document.card.title) else chunk.subject
        texts.append(passage_text(subject, chunk.section_path, chunk.table_header, chunk.text))
    return embedder.embed_documents(texts)


def _checked(name: str, value: Any) -> Any:
    if name in _NAMES:
        return _names(name, value)
    if not isinstance(value, str):
        raise _wrong(name, str(value), Bilingual("text", "文本"))
    text = " ".join(value.split())
    if name == "kind":
        if text not in set(DocumentKind):
            listed = ", ".join(kind.value for kind in DocumentKind)
            raise _wrong(name, text, Bilingual(f"one of {listed}", f"以下之一：{listed}"))
        return DocumentKind(text)
    if name == "language" and text not in ("zh", "en"):
        raise _wrong(name, text, Bilingual("zh or en", "zh 或 en"))
    if name in _DATES and text and not _is_date(text):
        raise _wrong(
            name,
            text,
            Bilingual("a date such as 2024-05-31, 2024-05 or 2024", "形如 2024-05-31、2024-05 或 2024 的日期"),
        )
    if name == "title" and not text:
        raise _wrong(name, text, Bilingual("a title", "标题"))
    return _short(name, text)


def _names(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;；\n]", value)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _wrong(name, str(value), Bilingual("a list of names", "名称列表"))
    kept = tuple(dict.fromkeys(_short(name, " ".join(item.split())) for item in value if item.strip()))
    if len(kept) > _MOST_NAMES:
        raise _wrong(name, f"{len(kept)}", Bilingual(f"at most {_MOST_NAMES} names", f"最多 {_MOST_NAMES} 个名称"))
    return kept


def _short(name: str, text: str) -> str:
    if len(text) > _LONGEST or not text.isprintable():
        raise _wrong(
            name,
            text,
            Bilingual(f"at most {_LONGEST} printable characters", f"不超过 {_LONGEST} 个可见字符"),
        )
    return text


def _is_date(text: str) -> bool:
    found = _ISO.fullmatch(text)
    if found is None or not text.isascii():
        return False
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return year >= 1900


def _wrong(name: str, found: str, expected: Bilingual) -> InvalidInputError:
    shown = found[:60]
    return InvalidInputError(
        Bilingual(f"{name}: {shown!r} cannot be used.", f"{name}：{shown!r} 不可用。"),
        Bilingual(f"Expected {expected.en}.", f"应为{expected.zh}。"),
    )
