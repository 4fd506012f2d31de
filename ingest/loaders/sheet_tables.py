"""Rows of cells (of a sheet or a csv file) made into headed tables, or into questions with answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest.loaders.clean_text import clean_inline, has_words
from ingest.loaders.grid import Cell, add_table
from ingest.loaders.qa_columns import QaColumns
from ingest.loaders.records import RecordWriter
from ingest.loaders.text_builder import TextBuilder

Rows = Sequence[Sequence[str]]
Merges = Mapping[tuple[int, int], tuple[int, int]]  # (row, column) of the first cell: rows and columns it spans


def add_questions(writer: RecordWriter, rows: Rows, columns: QaColumns, *, level: int = 1) -> None:
    """Add each row as a question with its answer; further columns follow as ``name：value``."""
    for row in rows[columns.first_row :]:
        question, answer = _cell(row, columns.question), _cell(row, columns.answer)
        extras = [f"{name}：{_cell(row, column)}" for column, name in columns.others if _cell(row, column)]
        if question and (answer or extras):
            writer.add_question(question, [answer, *extras], level=level)
        elif answer:  # the answer goes on in the next row
            writer.builder.paragraph(answer)


def add_tables(builder: TextBuilder, rows: Rows, merges: Merges | None = None) -> None:
    """Add the tables of a sheet.

    Blank rows part tables; single cells above a table are its caption. A part without header that has as many columns
    as the part before goes on with it.
    """
    for first, last in _regions(rows):
        columns = _used_columns(rows[first:last])
        at = first
        while at < last - 1 and _is_single(rows[at]) and not all(map(_is_single, rows[at:last])):
            builder.paragraph(next(cell for cell in rows[at] if has_words(cell)), bold=True)
            at += 1
        add_table(builder, [_cells(rows, number, columns, merges or {}, last) for number in range(at, last)])


def _regions(rows: Rows) -> Iterator[tuple[int, int]]:
    """Stretches of rows with something in them, as [first, last)."""
    first: int | None = None
    for number, row in enumerate(rows):
        filled = any(has_words(cell) for cell in row)
        if filled and first is None:
            first = number
        elif not filled and first is not None:
            yield first, number
            first = None
    if first is not None:
        yield first, len(rows)


def _used_columns(rows: Rows) -> list[int]:
    width = max((len(row) for row in rows), default=0)
    return [column for column in range(width) if any(_cell(row, column) for row in rows)]


def _cells(rows: Rows, number: int, columns: Sequence[int], merges: Merges, last: int) -> list[Cell]:
    """The cells of one row; those that a merged cell covers are left out."""
    covered = {
        left + offset
        for (top, left), (down, across) in merges.items()
        if top <= number < top + down
        for offset in range(across)
        if (top, offset) != (number, 0)
    }
    kept: list[Cell] = []
    for column in columns:
        if column in covered:
            continue
        down, across = merges.get((number, column), (1, 1))
        inside = sum(column <= other < column + across for other in columns)
        kept.append(Cell(clean_inline(_cell(rows[number], column)), max(1, inside), min(down, last - number)))
    return kept


def _is_single(row: Sequence[str]) -> bool:
    return sum(has_words(cell) for cell in row) == 1


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""
