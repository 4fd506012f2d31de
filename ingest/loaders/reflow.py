"""Lines and tables -> the text of a page: paragraphs reflowed, hyphenation mended, with blocks and runs.

Every character of the text is written once by :class:`_Writer`, together with the box it came from, so the offsets of
blocks and runs are exact by construction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ingest.loaders.characters import is_cjk
from ingest.loaders.paragraphs import BULLET, OPENING, SENTENCE_END, begins_item, goes_on, usual_pitch
from ingest.loaders.pdf_rows import piece_separator
from ingest.loaders.pieces import Cell, Line, PageLayout, Piece, Table
from kbchat.types import Block, BlockKind, Page, TextRun

_CELL_BREAK = " | "
_DECIMAL_HEADING = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,4}\.?\s*[^\d\s.,%～~–-][^。；;]{0,50}$")
_SOFT_HYPHENS = "\u00ad"
_SHORT = 60  # characters; a longer bold line is a paragraph in bold


@dataclass(frozen=True, slots=True)
class DocumentStyle:
    """What is usual in a document: the body's font size in points, and its words (for hyphenation)."""

    body_size: float
    words: Collection[str] = frozenset()


class _Writer:
    """Collects text and what belongs to it."""

    def __init__(self) -> None:
        self.length = 0
        self._parts: list[str] = []
        self._opened = 0
        self.blocks: list[Block] = []
        self.runs: list[TextRun] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def block_text(self) -> str:
        """What was written since the block was opened."""
        return "".join(self._parts[self._opened :])

    def add(self, text: str, piece: Piece | None = None) -> None:
        if not text:
            return
        start = self.length
        self.length = end = start + len(text)
        self._parts.append(text)
        if piece is not None:
            x0, y0, x1, y1 = piece.shown
            self.runs.append(TextRun(start, end, x0, y0, x1, y1))

    def drop_last(self, count: int) -> None:
        """Take back the last characters (a hyphen that joins)."""
        self._parts[-1] = self._parts[-1][:-count]
        self.length -= count
        run = self.runs[-1]
        self.runs[-1] = TextRun(run.start, self.length, run.x0, run.y0, run.x1, run.y1)

    def open_block(self) -> int:
        if self.length:
            self.add("\n")
        self._opened = len(self._parts)
        return self.length


def page_of(number: int, layout: PageLayout, style: DocumentStyle, tables: Sequence[tuple[int, int]]) -> Page:
    """Write one page. ``tables`` gives each table of the page, in order, its number and its count of header rows."""
    writer = _Writer()
    numbers = iter(tables)
    group: list[Line] = []
    pitch = usual_pitch(layout)
    for element in layout.elements:
        if isinstance(element, Line) and group and goes_on(group, element, pitch):
            group.append(element)
            continue
        _write_lines(writer, group, style)
        group = []
        if isinstance(element, Line):
            group = [element]
        else:
            _write_table(writer, element, *next(numbers))
    _write_lines(writer, group, style)
    return Page(
        number=number,
        text=writer.text,
        ocr=layout.ocr,
        width=layout.width,
        height=layout.height,
        blocks=tuple(writer.blocks),
        runs=tuple(writer.runs),
    )


def plain_page(number: int, lines: Iterable[str]) -> Page:
    """A page of lines without places, one paragraph a line."""
    writer = _Writer()
    for line in lines:
        start = writer.open_block()
        writer.add(line)
        writer.blocks.append(Block(BlockKind.PARAGRAPH, start, writer.length))
    return Page(number, writer.text, blocks=tuple(writer.blocks))


# --------------------------------------------------------------------------------------------------------------------
# Writing


def _write_lines(writer: _Writer, group: Sequence[Line], style: DocumentStyle) -> None:
    if not group:
        return
    start = writer.open_block()
    before: Piece | None = None
    last = ""
    for line in group:
        for number, piece in enumerate(line.pieces):
            text = _bulleted(piece.text) if number == 0 and line is group[0] else piece.text
            if before is not None:
                glue = piece_separator(before, piece) if number else _line_glue(writer, last, text, style)
                writer.add(glue)
            writer.add(text, piece)
            before, last = piece, text
    text = writer.block_text
    size = max(group, key=lambda line: line.x1 - line.x0).size if len(group) > 1 else group[0].size
    bold = all(line.bold for line in group)
    kind = _kind(text, group, size, bold, style)
    writer.blocks.append(Block(kind, start, writer.length, size=round(size, 2), bold=bold))


def _bulleted(text: str) -> str:
    """A space after a bullet that is set close to its text."""
    return f"{text[0]} {text[1:]}" if len(text) > 1 and text[0] in "•●○◆◇■□▪▫▶►▷➢➤★☆✓" and text[1] != " " else text


def _line_glue(writer: _Writer, last: str, text: str, style: DocumentStyle) -> str:
    """What joins two lines of a paragraph; may take a hyphen back."""
    if last.endswith(_SOFT_HYPHENS):
        writer.drop_last(1)
        return ""
    if is_cjk(last[-1]) or is_cjk(text[0]):
        return ""
    if last[-1] in "-\u2010\u2011" and len(last) > 1:
        if last[-2].islower() and text[0].islower() and _is_one_word(last, text, style.words):
            writer.drop_last(1)
        return ""
    if (last[-1] in "/~～" and len(last) > 1 and last[-2] != " ") or text[0] in "~～":
        return ""
    return " "


def _is_one_word(last: str, text: str, words: Collection[str]) -> bool:
    """Whether the hyphen at the end of ``last`` only parts a word. What the document writes elsewhere decides."""
    head = re.split(r"[^\w-]", last[:-1])[-1].lower()
    tail = (re.match(r"[\w-]+", text) or [""])[0].lower()
    if f"{head}{tail}" in words:
        return True
    return f"{head}-{tail}" not in words and "-" not in head and "-" not in tail


def _kind(text: str, group: Sequence[Line], size: float, bold: bool, style: DocumentStyle) -> BlockKind:
    if text[0] in "【［" or OPENING.match(text):
        return BlockKind.HEADING
    if _DECIMAL_HEADING.match(text) and text[-1] not in SENTENCE_END and len(group) <= 2:
        return BlockKind.HEADING
    stands_out = bold or group[0].underlined or size >= 1.15 * style.body_size
    if stands_out and len(group) <= 3 and len(text) <= _SHORT * (1 if is_cjk(text[0]) else 2):
        ends = text[-1] in SENTENCE_END and text[-1] not in ":："
        if not ends and any(c.isalpha() for c in text) and not BULLET.match(text):
            return BlockKind.HEADING
    return BlockKind.LIST_ITEM if begins_item(text) else BlockKind.PARAGRAPH


def _write_table(writer: _Writer, table: Table, number: int, headers: int) -> None:
    for index, row in enumerate(table.rows):
        last = max((column for column, cell in enumerate(row) if cell.lines), default=-1)
        if last < 0:
            continue
        start = writer.open_block()
        for column, cell in enumerate(row[: last + 1]):
            if column:
                writer.add(_CELL_BREAK if row[column - 1].lines else _CELL_BREAK[1:])
            _write_cell(writer, cell)
        kind = BlockKind.TABLE_HEADER if index < headers else BlockKind.TABLE_ROW
        pieces = [piece for cell in row for line in cell.lines for piece in line]
        bold = all(piece.bold for piece in pieces)
        size = max(piece.size for piece in pieces)
        writer.blocks.append(Block(kind, start, writer.length, table=number, size=round(size, 2), bold=bold))


def _write_cell(writer: _Writer, cell: Cell) -> None:
    right = max((line[-1].x1 for line in cell.lines), default=0.0)
    before: Piece | None = None
    for line in cell.lines:
        for number, piece in enumerate(line):
            if before is not None:
                writer.add(piece_separator(before, piece) if number else _cell_glue(before, piece, right))
            writer.add(piece.text, piece)
            before = piece


def _cell_glue(before: Piece, after: Piece, right: float) -> str:
    """What joins two lines of a cell whose text reaches to ``right``; a line that ends early is an item of a list."""
    last, first = before.text[-1], after.text[0]
    full = right - before.x1 <= 0.9 * before.size
    if last in "-/\u00ad~～" or (full and is_cjk(last) and is_cjk(first)):
        return ""
    return " "


# --------------------------------------------------------------------------------------------------------------------
# What is usual in the document


def document_style(layouts: Iterable[PageLayout]) -> DocumentStyle:
    """The body's font size (by characters), and the words of the document where a line ends in a hyphen."""
    weights: dict[float, int] = {}
    texts: list[str] = []
    hyphens = False
    for layout in layouts:
        for element in layout.elements:
            if isinstance(element, Line):
                for piece in element.pieces:
                    size = round(2 * piece.size) / 2
                    weights[size] = weights.get(size, 0) + len(piece.text)
                    texts.append(piece.text)
                hyphens = hyphens or element.pieces[-1].text.endswith("-")
    words = frozenset(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(texts).lower())) if hyphens else frozenset()
    return DocumentStyle(max(weights, key=lambda size: weights[size], default=10.0), words)
