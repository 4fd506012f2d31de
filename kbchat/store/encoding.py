"""Between the frozen types and what the tables hold: spans, cards, page layouts, vectors, and text a database takes."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbchat.types import Block, BlockKind, DocumentCard, DocumentKind, Span, TextRun

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LAYOUT_VERSION = b"\x01"
_RUN_COLUMNS = 6
_PER_POINT = 100


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


def layout_out(blocks: Sequence[Block], runs: Sequence[TextRun]) -> bytes:
    """Blocks and runs of a page, compressed. Boxes are kept to 1/100 point.

    A version byte, then zlib of: the length of the block list (4 bytes, little-endian), the block list as JSON, and six
    int32 columns (start, end, x0, y0, x1, y1) of the runs.
    """
    listed = [[b.kind.value, b.start, b.end, b.level, b.table, b.code, b.size, b.bold] for b in blocks]
    head = json.dumps(listed, separators=(",", ":")).encode()
    table = np.array([(r.start, r.end, r.x0, r.y0, r.x1, r.y1) for r in runs], np.float64).reshape(-1, _RUN_COLUMNS)
    table[:, 2:] *= _PER_POINT
    limit = np.iinfo(np.int32).max
    whole = np.nan_to_num(np.rint(table), nan=0.0, posinf=limit, neginf=-limit).clip(-limit, limit)
    body = np.ascontiguousarray(whole.T.astype("<i4")).tobytes()
    return _LAYOUT_VERSION + zlib.compress(len(head).to_bytes(4, "little") + head + body, 1)


def layout_in(stored: bytes) -> tuple[tuple[Block, ...], tuple[TextRun, ...]]:
    """What ``layout_out`` was given. Raises ValueError for a layout of an unknown version."""
    if stored[:1] != _LAYOUT_VERSION:
        raise ValueError(f"page layout of unknown version {stored[:1]!r}")
    content = zlib.decompress(stored[1:])
    end = 4 + int.from_bytes(content[:4], "little")
    blocks = tuple(Block(BlockKind(item[0]), *item[1:]) for item in json.loads(content[4:end]))
    columns = np.frombuffer(content, "<i4", offset=end).reshape(_RUN_COLUMNS, -1)
    places = columns[:2].T.tolist()
    boxes = (columns[2:].T / _PER_POINT).tolist()
    return blocks, tuple(TextRun(start, stop, *box) for (start, stop), box in zip(places, boxes, strict=True))


def vectors_out(vectors: NDArray[np.float32]) -> bytes:
    """Rows of float32 as float16, little-endian."""
    return np.ascontiguousarray(vectors, "<f2").tobytes()


def vectors_in(stored: bytes, dimension: int) -> NDArray[np.float32]:
    """Rows of float32, shape (rows, ``dimension``)."""
    return np.frombuffer(stored, "<f2").reshape(-1, dimension).astype(np.float32)
