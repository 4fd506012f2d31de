"""Lines and tables -> the text of a page: paragraphs reflowed, hyphenation mended, with blocks and runs.

Every character of the text is written once by :class:`_Writer`, together with the box it came from, so the offsets of
blocks and runs are exact by construction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ingest.loaders.characters import is_cjk
from ingest.loaders.pdf_rows import Row, fields_of, piece_separator, piece_text
from ingest.loaders.pieces import Cell, Line, PageLayout, Piece, Table
from kbchat.types import Block, BlockKind, Page, TextRun

_CELL_BREAK = " | "
_BULLET = re.compile(r"^[•●○◆◇■□▪▫▶►▷➢➤★☆✓✔☑※➔→–—-](?=\s|[^\s\d.,%])")
_NUMBERED = re.compile(
    r"^(?:[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|\d{1,2}[)）、]|\d{1,2}\s?[.．](?!\d)|\d{1,2}(?:\.\d{1,2}){1,4}\s?(?=[^\d\s%～~\-–.,，、;/)）])"
    r"|[a-zA-Z][.)](?=\s)|[ivx]{1,4}[.)](?=\s)|\([a-z]{1,3}\)|第[一二三四五六七八九十百\d]{1,4}[章节部分条篇]|[一二三四五六七八九十]{1,3}[、.．]|附[录件表])"
)
_OPENING = re.compile(r"^(?:【|［|\[(?=[\u4e00-\u9fff\s　]{2,14}\])|[表图]\s?\d|(?:Table|Figure)\s\d+\b)")
_DECIMAL_HEADING = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,4}\.?\s*[^\d\s.,%～~–-][^。；;]{0,50}$")
_UNBREAKABLE = re.compile(r"(?:\d[\d.,]*\s)?[^\s\u2e80-\u9fff\uff00-\uffef]+|.[，。、；：！？）”》】]*")  # what is never parted at a line's end
_SENTENCE_END = frozenset("。！？；.!?;:：…”’")
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
        if piece is not None:
            x0, y0, x1, y1 = piece.shown
            self.runs.append(TextRun(self.length, self.length + len(text), x0, y0, x1, y1))
        self._parts.append(text)
        self.length += len(text)

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
    pitch = _usual_pitch(layout)
    for element in layout.elements:
        if isinstance(element, Line) and group and _goes_on(group, element, pitch):
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
# Which lines make one paragraph


def _usual_pitch(layout: PageLayout) -> dict[tuple[int, int], float]:
    """The usual distance from line to line, by region and font size (in half points)."""
    steps: dict[tuple[int, int], list[float]] = {}
    before: Line | None = None
    for element in layout.elements:
        line = element if isinstance(element, Line) else None
        if before and line and before.region == line.region and line.y1 > before.y1:
            size = line.size
            if abs(size - before.size) <= 0.12 * size and line.y1 - before.y1 < 3 * size:
                steps.setdefault((line.region, round(2 * size)), []).append(line.y1 - before.y1)
        before = line
    return {key: median(found) for key, found in steps.items()}


def _goes_on(group: Sequence[Line], line: Line, pitch: dict[tuple[int, int], float]) -> bool:
    """Whether ``line`` goes on the paragraph in ``group``."""
    last = group[-1]
    size = max(line.size, last.size)
    if abs(line.size - last.size) > 0.14 * size or line.bold != last.bold:
        return False
    if _is_scattered(line) or _is_scattered(last):
        return False
    text, before = piece_text(line.pieces), piece_text(last.pieces)
    if _OPENING.match(text) or _begins_item(text) or before.endswith(("】", "］")):
        return False
    if line.region != last.region:
        return _goes_over(last, line, before, text)
    if line.y1 <= last.y1 + 0.2 * last.size:
        return False
    step = line.y1 - last.y1
    usual = pitch.get((line.region, round(2 * line.size)), 1.5 * size)
    if len(group) > 1:
        usual = group[-1].y1 - group[-2].y1
    if step > 1.3 * usual or step > 2.6 * size:
        return False
    return _reaches_edge(last, line) and _is_aligned(group, line)


def _goes_over(last: Line, line: Line, before: str, text: str) -> bool:
    """Whether a paragraph runs from the foot of one column to the head of the next: mid-sentence, both lines flush."""
    full = last.right - last.x1 <= 1.6 * last.size
    flush = line.x0 - line.left <= 0.8 * line.size
    onward = is_cjk(text[0]) or text[0].islower() or text[0].isdigit()
    return line.region == last.region + 1 and full and flush and onward and before[-1] not in _SENTENCE_END


def _is_scattered(line: Line) -> bool:
    """Whether a line is words set apart (names in columns, form fields) and no running text."""
    return len(line.pieces) > 2 and len(fields_of(Row(line.pieces, line.y0, line.y1))) > 2


def _begins_item(text: str) -> bool:
    return bool(_BULLET.match(text) or _NUMBERED.match(text))


def _reaches_edge(last: Line, line: Line) -> bool:
    """Whether ``last`` is full: the first word of ``line`` would not have fitted on it."""
    size = last.size
    room = last.right - last.x1
    first = line.pieces[0]
    chinese = is_cjk(first.text[0]) or is_cjk(last.pieces[-1].text[-1])
    word = _UNBREAKABLE.match(first.text)
    width = (first.x1 - first.x0) * (len(word.group()) if word else 1) / len(first.text)
    return room < width + (1.6 if chinese else 0.6) * size


def _is_aligned(group: Sequence[Line], line: Line) -> bool:
    """Whether ``line`` begins where a further line of the paragraph may begin."""
    size = line.size
    indent = line.x0 - group[-1].x0
    if len(group) > 1:
        return -0.8 * size <= indent <= 0.8 * size
    if indent <= 0.8 * size:
        return True
    return _begins_item(piece_text(group[0].pieces)) and indent <= 5.0 * size


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
    size = max(group, key=lambda line: line.x1 - line.x0).size
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
    if text[0] in "【［" or _OPENING.match(text):
        return BlockKind.HEADING
    if _DECIMAL_HEADING.match(text) and text[-1] not in _SENTENCE_END and len(group) <= 2:
        return BlockKind.HEADING
    ends = text[-1] in _SENTENCE_END and not text.endswith((":", "："))
    short = len(text) <= _SHORT * (1 if is_cjk(text[0]) else 2) and len(group) <= 3 and any(c.isalpha() for c in text)
    if short and not ends and (bold or size >= 1.15 * style.body_size) and not _BULLET.match(text):
        return BlockKind.HEADING
    return BlockKind.LIST_ITEM if _begins_item(text) else BlockKind.PARAGRAPH


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
    last = ""
    before: Piece | None = None
    for line in cell.lines:
        for number, piece in enumerate(line):
            if before is not None:
                glue = piece_separator(before, piece) if number else _cell_glue(last, piece.text)
                writer.add(glue)
            writer.add(piece.text, piece)
            before, last = piece, piece.text


def _cell_glue(last: str, text: str) -> str:
    both = is_cjk(last[-1]) and is_cjk(text[0])
    return "" if both or last[-1] in "-/\u00ad" else " "


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
