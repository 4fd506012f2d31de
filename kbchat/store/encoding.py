"""Between the frozen types and what the tables hold: spans, cards, vectors, and text a database takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbchat.types import DocumentCard, DocumentKind, Span

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """``text`` with NULs and lone surrogates, which databases refuse, as U+FFFD; offsets stay the same."""
    return _UNSTORABLE.sub("\ufffd", text)


def spans_out(spans: Iterable[Span]) -> list[list[int]]:
    """Spans as the JSON that is stored."""
    return [[span.page, span.start, span.end] for span in spans]


def spans_in(stored: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    """Spans from the stored JSON."""
    return tuple(Span(page, start, end) for page, start, end in stored)


def card_out(card: DocumentCard) -> dict[str, Any]:
    """A card as the JSON that is stored."""
    return {key: json_storable(value) for key, value in asdict(card).items()}


def card_in(stored: Mapping[str, Any]) -> DocumentCard:
    """A card from the stored JSON; keys that a newer version wrote are passed over."""
    known = {field.name for field in fields(DocumentCard)}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in stored.items() if key in known
    }
    values["kind"] = DocumentKind(values["kind"])
    return DocumentCard(**values)


def json_storable(value: Any) -> Any:
    """``value`` with every text in it made storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): json_storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_storable(item) for item in value]
    return value


def vectors_out(vectors: NDArray[np.float32]) -> bytes:
    """Rows of float32 as float16, little-endian."""
    return np.ascontiguousarray(vectors, "<f2").tobytes()


def vectors_in(stored: bytes, dimension: int) -> NDArray[np.float32]:
    """Rows of float32, shape (rows, ``dimension``)."""
    return np.frombuffer(stored, "<f2").reshape(-1, dimension).astype(np.float32)
