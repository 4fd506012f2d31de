"""Tables that run over page breaks are one table: they share a number, and a repeated header row stays a header."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.loaders.pdf_rows import piece_text
from ingest.loaders.pieces import Cell, PageLayout, Table

_SAME_EDGE = 12.0  # points a column may shift from page to page


def numbered_tables(layouts: Sequence[PageLayout]) -> list[list[tuple[int, int]]]:
    """For each page, for each of its tables in order: the table's number in the document and its header rows."""
    numbers: list[list[tuple[int, int]]] = []
    count = 0
    open_table: tuple[Table, int] | None = None  # the table that ended the page before, and its first part's headers
    first_part: Table | None = None
    for layout in layouts:
        found: list[tuple[int, int]] = []
        for index, element in enumerate(layout.elements):
            if not isinstance(element, Table):
                continue
            if index == 0 and open_table and first_part and _same_columns(open_table[0], element):
                found.append((count, _repeated_headers(first_part, element)))
            else:
                count += 1
                first_part = element
                found.append((count, element.headers))
        numbers.append(found)
        last = layout.elements[-1] if layout.elements else None
        open_table = (last, count) if isinstance(last, Table) else None
    return numbers


def _same_columns(before: Table, after: Table) -> bool:
    if len(before.columns) == len(after.columns):
        return all(
            abs((a - before.x0) - (b - after.x0)) <= _SAME_EDGE
            for a, b in zip(before.columns, after.columns, strict=True)
        )
    return abs(before.x0 - after.x0) <= 3 and abs(before.x1 - after.x1) <= 3 and _framed_alike(before, after)


def _framed_alike(before: Table, after: Table) -> bool:
    """Whether the columns of one table are among those of the other (a column may be empty on one page)."""
    fewer, more = sorted((before.columns, after.columns), key=len)
    return all(any(abs(a - b) <= _SAME_EDGE for b in more) for a in fewer)


def _repeated_headers(first: Table, part: Table) -> int:
    """How many rows at the top of a further part repeat the header of the first."""
    count = 0
    for ours, theirs in zip(first.rows[: first.headers], part.rows, strict=False):
        if _row_text(ours) != _row_text(theirs):
            break
        count += 1
    return count


def _row_text(row: Sequence[Cell]) -> str:
    return "".join(piece_text(line) for cell in row for line in cell.lines)
