"""Tables with merged cells made into rows that can be read one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.loaders.clean_text import clean_inline, has_words
from ingest.loaders.text_builder import TextBuilder

_REPEAT_UP_TO = 80  # characters of a vertically merged cell that are worth repeating in each row
_HEADER_CELL = 60
_MAX_SPAN = 1000
_MAX_COLUMNS = 2000
_VALUE = re.compile(r"[<>≤≥＜＞~～≈±+\-−–]?\s*[0-9０-９]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as written. ``header`` tells that the file marks it as a heading (th, bold, header row)."""

    text: str
    colspan: int = 1
    rowspan: int = 1
    header: bool = False


@dataclass(slots=True)
class _Slot:
    """One place of the laid-out grid; ``origin`` is where the cell that covers it begins."""

    cell: Cell
    origin: tuple[int, int]


_Row = list[_Slot | None]


def add_table(builder: TextBuilder, rows: Sequence[Sequence[Cell]]) -> None:
    """Add a table to ``builder``.

    Cells merged over rows are repeated in each (short ones), cells merged over columns stand once, several header rows
    become one (group heading before column heading). A first row that is one cell over the whole width is the caption,
    such a row at the end a note. A table of one column becomes paragraphs.
    """
    grid = _lay_out([row for row in rows if row])
    grid = [row for row in grid if any(slot and has_words(slot.cell.text) for slot in row)]
    captions, grid = _split_captions(grid)
    for caption in captions:
        builder.paragraph(clean_inline(caption))
    if not grid:
        return
    if max(len({slot.origin for slot in row if slot and has_words(slot.cell.text)}) for row in grid) == 1:
        for row in grid:
            builder.paragraph(_whole_row(row))
        return
    count = _header_count(grid)
    body, notes = _split_notes(grid[count:])
    header = _flatten(grid[:count]) if count else None
    blank: _Row = [None] * len(grid[0])
    above = [blank, *body]
    builder.table([_row_texts(row, before) for row, before in zip(body, above, strict=False)], header=header)
    for note in notes:
        builder.paragraph(note)


def _lay_out(rows: Sequence[Sequence[Cell]]) -> list[_Row]:
    """Place every cell in a rectangular grid, as a browser does."""
    pending: dict[int, tuple[_Slot, int]] = {}
    grid: list[_Row] = []
    for number, row in enumerate(rows):
        line: _Row = []
        cells = iter(row)
        current = next(cells, None)
        while current is not None or any(column >= len(line) for column in pending):
            column = len(line)
            if column in pending:
                slot, left = pending.pop(column)
                line.append(slot)
                if left > 1:
                    pending[column] = (slot, left - 1)
                continue
            if current is None:
                line.append(None)
                continue
            slot = _Slot(current, (number, column))
            for offset in range(max(1, min(current.colspan, _MAX_SPAN))):
                line.append(slot)
                if current.rowspan > 1:
                    pending[column + offset] = (slot, min(current.rowspan, _MAX_SPAN) - 1)
            current = next(cells, None) if len(line) < _MAX_COLUMNS else None
        grid.append(line)
    width = max(map(len, grid), default=0)
    for line in grid:
        line.extend([None] * (width - len(line)))
    return grid


def _whole_row(row: Sequence[_Slot | None]) -> str:
    """The text of a row that is a single cell; empty when it has several."""
    slots = {slot.origin: slot for slot in row if slot is not None and has_words(slot.cell.text)}
    if len(slots) != 1:
        return ""
    return clean_inline(next(iter(slots.values())).cell.text)


def _is_full_width(row: Sequence[_Slot | None]) -> bool:
    return bool(row) and row[0] is not None and all(slot is row[0] for slot in row) and len(row) > 1


def _split_captions(grid: list[_Row]) -> tuple[list[str], list[_Row]]:
    captions: list[str] = []
    start = 0
    while start < len(grid) - 1 and _is_full_width(grid[start]):
        captions.append(_whole_row(grid[start]))
        start += 1
    return captions, grid[start:]


def _split_notes(body: list[_Row]) -> tuple[list[_Row], list[str]]:
    end = len(body)
    while end > 1 and _is_full_width(body[end - 1]) and len(_whole_row(body[end - 1])) > 20:
        end -= 1
    return body[:end], [_whole_row(row) for row in body[end:]]


def _header_count(grid: list[_Row]) -> int:
    """How many of the first rows are the header."""
    marked = 0
    for row in grid[:-1]:
        cells = [slot.cell for slot in row if slot is not None and has_words(slot.cell.text)]
        if not cells or not all(cell.header for cell in cells) or _is_full_width(row):
            break
        marked += 1
    if marked:
        return _until_merges_end(grid, marked)
    if len(grid) < 2 or not _looks_like_header(grid[0]):
        return 0
    return _until_merges_end(grid, 1)


def _until_merges_end(grid: list[_Row], count: int) -> int:
    """Take in the rows that merged header cells reach into, when those rows read like a header too."""
    columns = range(len(grid[0]))
    while (
        count < len(grid) - 1
        and any(grid[count][column] is grid[count - 1][column] is not None for column in columns)
        and any(slot is not None and slot.cell.colspan > 1 for slot in grid[count - 1])
        and _looks_like_header(grid[count], partial=True)
    ):
        count += 1
    return count


def _looks_like_header(row: Sequence[_Slot | None], *, partial: bool = False) -> bool:
    texts = [clean_inline(slot.cell.text) if slot is not None else "" for slot in row]
    filled = [text for text in texts if text]
    if len(filled) < 2 or (len(filled) < len(texts) / 2 and not partial):
        return False
    return all(len(text) <= _HEADER_CELL for text in filled) and not any(_VALUE.match(text) for text in filled[1:])


def _flatten(rows: Sequence[Sequence[_Slot | None]]) -> list[str]:
    """Several header rows as one: for each column its headings from the top down, none said twice."""
    headings: list[str] = []
    width = max(len(row) for row in rows)
    for column in range(width):
        seen: dict[tuple[int, int], str] = {}
        for row in rows:
            slot = row[column] if column < len(row) else None
            if slot is not None:
                seen[slot.origin] = clean_inline(slot.cell.text)
        headings.append(" ".join(dict.fromkeys(text for text in seen.values() if text)))
    if len(rows) == 1:
        return _once_across(rows[0], headings)
    return headings


def _once_across(row: Sequence[_Slot | None], texts: list[str]) -> list[str]:
    return [
        "" if column and row[column] is not None and row[column] is row[column - 1] else text
        for column, text in enumerate(texts)
    ]


def _row_texts(row: Sequence[_Slot | None], above: Sequence[_Slot | None]) -> list[str]:
    """The cells of a body row; a cell merged over columns stands once, one merged over rows again when short."""
    texts: list[str] = []
    for column, slot in enumerate(row):
        if slot is None or (column and row[column - 1] is slot):
            texts.append("")
            continue
        text = clean_inline(slot.cell.text)
        texts.append("" if len(text) > _REPEAT_UP_TO and above[column] is slot else text)
    return texts
