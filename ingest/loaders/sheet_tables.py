"""Rows of cells (of a sheet or a csv file) made into headed tables, or into questions with answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ingest.loaders.clean_text import clean_inline, has_words
from ingest.loaders.grid import Cell, add_table
from ingest.loaders.qa_columns import QaColumns
from ingest.loaders.records import RecordWriter
from ingest.loaders.text_builder import TextBuilder

_WIDEST_MERGE = 1000
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
        covered = _covered_columns(merges, at, last) if merges else {}
        table = (
            _cells(
                rows[number], number, columns, covered=covered.get(number, frozenset()), merges=merges or {}, last=last
            )
            for number in range(at, last)
        )
        add_table(builder, list(table))


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
    return sorted({column for row in rows for column, cell in enumerate(row) if cell.strip()})


def _covered_columns(merges: Merges, first: int, last: int) -> Mapping[int, AbstractSet[int]]:
    """For each row from ``first`` to ``last``, the columns that a merged cell begun elsewhere covers."""
    covered: dict[int, set[int]] = {}
    for (top, left), (down, across) in merges.items():
        for number in range(max(top, first), min(top + down, last)):
            columns = covered.setdefault(number, set())
            columns.update(range(left + (number == top), left + min(across, _WIDEST_MERGE)))
    return covered


def _cells(
    row: Sequence[str], number: int, columns: Sequence[int], *, covered: AbstractSet[int], merges: Merges, last: int
) -> list[Cell]:
    """The cells of one row in the used ``columns``, without those that a merged cell covers."""
    kept: list[Cell] = []
    for column in columns:
        if column in covered:
            continue
        down, across = merges.get((number, column), (1, 1))
        inside = sum(column <= other < column + across for other in columns) if across > 1 else 1
        kept.append(Cell(clean_inline(_cell(row, column)), max(1, inside), min(down, last - number)))
    return kept


def _is_single(row: Sequence[str]) -> bool:
    return sum(has_words(cell) for cell in row) == 1


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""
