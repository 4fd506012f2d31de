"""Rows of fields -> cells: where the columns of a table without upright lines are, and which lines are one row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ingest.loaders.pdf_rows import Row, piece_text
from ingest.loaders.pieces import Cell, Piece, Rule

Field = tuple[Piece, ...]

GUTTER = 0.45
"""The least width of white space between two columns, in em."""

_STEP = 1.0  # points; the grain at which free strips are looked for


def column_edges(rows: Sequence[Sequence[Field]], em: float) -> list[float]:
    """Left edges of the columns: the first at the leftmost text, the others in the middle of the gutters.

    A gutter is a strip that at most one row in ten crosses, with text of several rows on both sides.
    """
    spans = [(field[0].x0, right_of(field)) for row in rows for field in row]
    x0, x1 = min([start for start, _ in spans]), max([end for _, end in spans])
    change = [0] * (int((x1 - x0) / _STEP) + 2)  # how many more fields cover a step than the step before it
    for start, end in spans:
        change[int((start - x0) / _STEP)] += 1
        change[int((end - x0) / _STEP) + 1] -= 1
    most = len(rows) // 10
    edges = [x0]
    free_from = 0  # where the strip begins that is free up to here; 0: it is none
    free = False
    for at, cover in enumerate(accumulate(change)):
        if (cover <= most) == free:
            continue
        if free and free_from > 0 and (at - free_from) * _STEP >= GUTTER * em:
            edges.append(x0 + (free_from + at) / 2 * _STEP)
        free, free_from = not free, at
    return edges


def right_of(field: Field) -> float:
    """The right end of pieces that stand side by side."""
    return field[0].x1 if len(field) == 1 else max([piece.x1 for piece in field])


def is_running_text(column: Sequence[Field]) -> bool:
    """Whether the fields of a column are mostly full lines of prose."""
    widths = [field[-1].x1 - field[0].x0 for field in column]
    if len(widths) < 4:
        return False
    full = sum(1 for width in widths if width >= 0.85 * max(widths))
    lengths = sorted((field[-1].x1 - field[0].x0) / field[0].size for field in column)
    return 2 * full > len(widths) and lengths[len(lengths) // 2] >= 12


def in_columns(row: Row, edges: Sequence[float]) -> list[Field]:
    """The pieces of a row by column; cells without text are empty."""
    cells: list[list[Piece]] = [[] for _ in edges]
    for piece in row.pieces:
        middle = (piece.x0 + piece.x1) / 2
        column = 0
        for number, edge in enumerate(edges):
            if number and (piece.x0 >= edge or (middle >= edge and piece.x0 > edge - piece.size)):
                column = number
        cells[column].append(piece)
    return [tuple(cell) for cell in cells]


def merge_continuations(
    grid: Sequence[list[Field]], rows: Sequence[Row], lines: Sequence[Rule]
) -> tuple[list[tuple[Cell, ...]], list[int]]:
    """Lines that go on a cell above are put into its row. Returns the rows, and the line each begins with."""
    widest = [
        max((line[c][-1].x1 - line[c][0].x0 for line in grid if line[c]), default=0.0) for c in range(len(grid[0]))
    ]
    merged: list[list[list[tuple[Piece, ...]]]] = []
    starts: list[int] = []
    for number, cells in enumerate(grid):
        new = number == 0 or _parted(rows[number - 1], rows[number], lines)
        if not new:
            new = not _continues(grid[number - 1], cells, merged[-1], widest)
        if new:
            merged.append([[cell] if cell else [] for cell in cells])
            starts.append(number)
        else:
            for column, cell in enumerate(cells):
                if cell:
                    merged[-1][column].append(cell)
    return [tuple(Cell(tuple(lines_of)) for lines_of in row) for row in merged], starts


def _parted(above: Row, below: Row, lines: Sequence[Rule]) -> bool:
    middle_above, middle_below = (above.y0 + above.y1) / 2, (below.y0 + below.y1) / 2
    return any(middle_above < rule.y0 < middle_below for rule in lines)


def _continues(
    before: Sequence[tuple[Piece, ...]],
    cells: Sequence[tuple[Piece, ...]],
    row: Sequence[list[tuple[Piece, ...]]],
    widest: Sequence[float],
) -> bool:
    """Whether a line goes on the row above: it fills only columns that are filled there, and begins no row itself."""
    filled = [column for column, cell in enumerate(cells) if cell]
    above = [column for column, lines in enumerate(row) if lines]
    if not set(filled) <= set(above):
        return False
    if len(filled) == len(cells):
        return len(cells) <= 3 and all(_is_wrapped(row[column][-1], widest[column]) for column in filled)
    if 0 not in filled:
        return not (2 * len(filled) >= len(cells) and _alike(filled, cells, row))
    if 2 * len(filled) > len(above) or len(above) < 2:
        return False
    previous = row[0][-1]
    bold = cells[0][0].bold
    if cells[0][0].text[0] in "（(" and len(filled) == 1:
        return True
    reaches = previous[-1].x1 - previous[0].x0 >= 0.7 * widest[0]
    return reaches and bold == previous[0].bold and bool(before[0])


def _is_wrapped(line: tuple[Piece, ...], widest: float) -> bool:
    """Whether a line of a cell is full and holds words, so that another line may go on it."""
    text = piece_text(line)
    full = line[-1].x1 - line[0].x0 >= 0.85 * widest
    return full and len(text) >= 5 and not any(character.isdigit() for character in text) and text[-1] not in "。."


def _alike(filled: Sequence[int], cells: Sequence[tuple[Piece, ...]], row: Sequence[list[tuple[Piece, ...]]]) -> bool:
    """Whether all fields but the first hold numbers, as those above them do: then it is a row of its own."""
    return len(filled) > 1 and all(
        any(character.isdigit() for character in piece_text(cells[column]))
        and any(character.isdigit() for character in piece_text(row[column][0]))
        for column in filled[1:]
    )
