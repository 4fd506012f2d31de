"""Pieces side by side at one height make a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.loaders.characters import is_cjk
from ingest.loaders.pieces import Piece

_BULLET = re.compile(
    r"^(?:[•●○◆◇■□▪▫▶►▷➢➤★☆※✓–—*o-]|\(?\d{1,2}(?:\.\d{1,2}){0,3}[.)、．]?|\(?[a-zA-Z][.)]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[①-⑳]|[ivxIVX]{1,4}[.)]|[一二三四五六七八九十]{1,3}[、.．])$"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces from left to right; ``y0`` and ``y1`` are those of its main text."""

    pieces: tuple[Piece, ...]
    y0: float
    y1: float

    @property
    def x0(self) -> float:
        """Left end."""
        return self.pieces[0].x0

    @property
    def x1(self) -> float:
        """Right end."""
        return max(piece.x1 for piece in self.pieces)

    @property
    def size(self) -> float:
        """The largest font size."""
        return max(piece.size for piece in self.pieces)


def rows_of(pieces: Iterable[Piece]) -> list[Row]:
    """Rows from top to bottom. A piece joins a row when at least half of the lower of the two heights is shared."""
    rows: list[list[Piece]] = []
    spans: list[tuple[float, float]] = []
    for piece in sorted(pieces, key=lambda p: (p.middle, p.x0)):
        for back in range(1, min(4, len(rows)) + 1):
            y0, y1 = spans[-back]
            shared = min(y1, piece.y1) - max(y0, piece.y0)
            if shared >= 0.5 * min(y1 - y0, piece.y1 - piece.y0) and not _covered(rows[-back], piece):
                rows[-back].append(piece)
                if piece.y1 - piece.y0 > y1 - y0:
                    spans[-back] = (piece.y0, piece.y1)
                break
        else:
            rows.append([piece])
            spans.append((piece.y0, piece.y1))
    found = [Row(tuple(sorted(row, key=lambda p: p.x0)), y0, y1) for row, (y0, y1) in zip(rows, spans, strict=True)]
    return sorted(found, key=lambda row: (row.y0 + row.y1) / 2)


def _covered(row: Sequence[Piece], piece: Piece) -> bool:
    """Whether a piece lies over one of the row: then it is another line, set tight."""
    width = piece.x1 - piece.x0
    for other in row:
        shared = min(other.x1, piece.x1) - max(other.x0, piece.x0)
        if shared > 0.5 * min(width, other.x1 - other.x0) and abs(other.middle - piece.middle) > 0.25 * piece.size:
            return True
    return False


def fields_of(row: Row) -> list[tuple[Piece, ...]]:
    """The row's pieces in groups that cannot be cells of their own: a bullet or number goes with its text.

    ``•   text``, ``4.2   Posology`` and ``名    称：`` are set with gaps as wide as between columns.
    """
    fields: list[tuple[Piece, ...]] = []
    for piece in row.pieces:
        if fields:
            before = fields[-1][-1]
            near = piece.x0 - before.x1 <= 4.5 * before.size
            if near and ((len(fields) == 1 and _BULLET.match(before.text)) or spread_apart(before.text, piece.text)):
                fields[-1] = (*fields[-1], piece)
                continue
        fields.append((piece,))
    return fields


def spread_apart(before: str, after: str) -> bool:
    """Whether two pieces are one word spread to fill a width: ``名`` + ``称：``, ``[性`` + ``状]``."""
    bare = before.lstrip("[【［")
    if len(bare) != 1 or not is_cjk(bare) or not after:
        return False
    if bare != before:
        return bool(re.match(r"[\u4e00-\u9fff]{1,4}[]】］]", after))
    return bool(re.match(r"[\u4e00-\u9fff]{1,3}[：:]", after))


def piece_text(pieces: Sequence[Piece]) -> str:
    """The text of pieces that stand side by side on one line."""
    text = ""
    for number, piece in enumerate(pieces):
        text += (piece_separator(pieces[number - 1], piece) if number else "") + piece.text
    return text


def piece_separator(before: Piece, after: Piece) -> str:
    """What is written between two neighbours of one line."""
    if spread_apart(before.text, after.text):
        return ""
    gap = after.x0 - before.x1
    size = max(before.size, after.size)
    if is_cjk(before.text[-1]) or is_cjk(after.text[0]):
        return " " if gap > 1.0 * size else ""
    return " " if gap > 0.15 * size else ""
