"""The parts a page is put together from: pieces of one line, ruling lines, and what the layout makes of them.

Readers of PDF text, OCR and plain images all make :class:`Piece`; layout, tables, furniture and reflow know nothing
else. Coordinates are points, origin at the top left of the page as shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one line without a wide gap in it.

    ``x0, y0, x1, y1`` is the box used for layout; ``box`` is the box on the page as shown where the two differ (text
    that was turned for layout). ``size`` is the font size in points.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool = False
    hidden: bool = False
    box: tuple[float, float, float, float] | None = None

    @property
    def shown(self) -> tuple[float, float, float, float]:
        """The box on the page as shown: x0, y0, x1, y1."""
        return self.box or (self.x0, self.y0, self.x1, self.y1)

    @property
    def middle(self) -> float:
        """The height of the middle of the line."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight ruling line, horizontal (``y0 == y1``) or vertical (``x0 == x1``)."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def horizontal(self) -> bool:
        """Whether the line lies flat."""
        return self.y0 == self.y1


@dataclass(frozen=True, slots=True)
class Line:
    """One line of running text: its pieces from left to right, and the column it stands in.

    ``y0``, ``y1`` and ``size`` are those of the longest piece; ``bold`` tells that nine tenths of the characters are,
    ``underlined`` that a rule runs under the whole line.
    ``left`` and ``right`` are the edges of the column's text, ``region`` numbers the columns of a page in reading order.
    """

    pieces: tuple[Piece, ...]
    left: float
    right: float
    region: int
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    underlined: bool = False

    @classmethod
    def of(cls, pieces: tuple[Piece, ...], left: float, right: float, region: int, *, underlined: bool = False) -> Line:
        """The line that ``pieces`` (at least one, from left to right) make."""
        if len(pieces) == 1:
            main = pieces[0]
            edges = (main.x0, main.y0, main.x1, main.y1)
            return cls(pieces, left, right, region, *edges, main.size, main.bold, underlined)
        main = max(pieces, key=lambda piece: len(piece.text))
        total = sum(len(piece.text) for piece in pieces)
        bold = 10 * sum(len(piece.text) for piece in pieces if piece.bold) >= 9 * total
        x1 = max(piece.x1 for piece in pieces)
        return cls(pieces, left, right, region, pieces[0].x0, main.y0, x1, main.y1, main.size, bold, underlined)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its lines from top to bottom, each a tuple of pieces."""

    lines: tuple[tuple[Piece, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one page: ``rows`` of equally many cells; the first ``headers`` rows are the header.

    ``left`` and ``right`` are its edges, ``columns`` the left edges of its columns.
    """

    rows: tuple[tuple[Cell, ...], ...]
    headers: int
    x0: float
    y0: float
    x1: float
    y1: float
    columns: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PagePieces:
    """One page before layout."""

    width: float
    height: float
    pieces: tuple[Piece, ...]
    rules: tuple[Rule, ...] = ()
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as read, ``width`` by ``height`` points as shown.

    ``groups`` hold its text by direction of writing, most text first, each upright; a page of 0 by 0 could not be read.
    """

    width: float
    height: float
    groups: tuple[PagePieces, ...] = ()
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class PageLayout:
    """One page after layout: lines and tables in reading order."""

    width: float
    height: float
    elements: tuple[Line | Table, ...] = field(default=())
    ocr: bool = False
