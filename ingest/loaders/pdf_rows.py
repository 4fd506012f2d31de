"""Pieces side by side at one height make a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from ingest.loaders.characters import is_cjk
from ingest.loaders.pieces import Piece

_BULLET = re.compile(
    r"^(?:[•●○◆◇■□▪▫▶►▷➢➤★☆※✓–—*o-]|\(?\d{1,2}(?:\.\d{1,2}){0,3}[.)、．]?|\(?[a-zA-Z][.)]|[（(][一二三四五六七八九十\d]{1,3}[)）]"
    r"|[①-⑳]|[ivxIVX]{1,4}[.)]|[一二三四五六七八九十]{1,3}[、.．])$"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces from left to right; ``y0`` and ``y1`` are those of its main text, ``size`` is its largest font size."""

    pieces: tuple[Piece, ...]
    y0: float
    y1: float
    x0: float
    x1: float
    size: float

    @classmethod
    def of(cls, pieces: Iterable[Piece], y0: float, y1: float) -> Row:
        """The row that ``pieces`` (at least one, in any order) make."""
        row = tuple(pieces)
        if len(row) == 1:
            return cls(row, y0, y1, row[0].x0, row[0].x1, row[0].size)
        row = tuple(sorted(row, key=_left))
        return cls(row, y0, y1, row[0].x0, max([piece.x1 for piece in row]), max([piece.size for piece in row]))

    @property
    def middle(self) -> float:
        """The height of the middle of the main text."""
        return (self.y0 + self.y1) / 2


_left = attrgetter("x0")


def rows_of(pieces: Iterable[Piece]) -> list[Row]:
    """Rows from top to bottom. A piece joins a row when at least half of the lower of the two heights is shared."""
    rows: list[list[Piece]] = []
    spans: list[tuple[float, float]] = []
    placed = [((piece.y0 + piece.y1) / 2, piece.x0, number, piece) for number, piece in enumerate(pieces)]
    placed.sort()
    for _, _, _, piece in placed:
        top, bottom = piece.y0, piece.y1
        for back in range(-1, -min(4, len(rows)) - 1, -1):
            y0, y1 = spans[back]
            shared = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
            if shared >= 0 and shared >= 0.5 * min(y1 - y0, bottom - top) and not _covered(rows[back], piece):
                rows[back].append(piece)
                if bottom - top > y1 - y0:
                    spans[back] = (top, bottom)
                break
        else:
            rows.append([piece])
            spans.append((top, bottom))
    if len(rows) == 1:
        return [Row.of(rows[0], *spans[0])]
    found = [Row.of(row, y0, y1) for row, (y0, y1) in zip(rows, spans, strict=True)]
    return sorted(found, key=attrgetter("middle"))


def _covered(row: Sequence[Piece], piece: Piece) -> bool:
    """Whether a piece lies over one of the row: then it is another line, set tight."""
    width = piece.x1 - piece.x0
    for other in row:
        shared = min(other.x1, piece.x1) - max(other.x0, piece.x0)
        if shared > 0.5 * min(width, other.x1 - other.x0) and abs(other.middle - piece.middle) > 0.25 * piece.size:
            return True
    return False


def fields_of(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """The pieces of a row in groups that cannot be cells of their own: a bullet or number goes with its text.

    ``•   text``, ``4.2   Posology`` and ``名    称：`` are set with gaps as wide as between columns.
    """
    fields: list[tuple[Piece, ...]] = [(pieces[0],)] if pieces else []
    for before, piece in pairwise(pieces):
        near = piece.x0 - before.x1 <= 4.5 * before.size
        if near and ((len(fields) == 1 and _BULLET.match(before.text)) or spread_apart(before.text, piece.text)):
            fields[-1] = (*fields[-1], piece)
        else:
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
    text = pieces[0].text if pieces else ""
    for before, piece in pairwise(pieces):
        text += piece_separator(before, piece) + piece.text
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
