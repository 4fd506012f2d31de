"""Tables drawn with ruling lines: a grid of cells, read from the lines themselves.

A grid is a set of touching rules with at least one vertical line inside it. A frame around prose is no table, and
neither are two frames side by side that hold columns of running text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.loaders.pdf_rows import Row, rows_of
from ingest.loaders.pieces import Cell, Piece, Rule, Table

_TOUCH = 3.5  # points within which rules meet
_MAX_CELL_LINES = 30  # a taller cell is a column of prose in a frame
_MAX_CELLS = 6000


@dataclass(frozen=True, slots=True)
class _Grid:
    """Positions of the lines of one grid, and the lines."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    flat: tuple[Rule, ...]
    upright: tuple[Rule, ...]

    def wall(self, column: int, row: int) -> bool:
        """Whether a line parts ``column`` from the one to its left, in ``row``."""
        x, y = self.xs[column], (self.ys[row] + self.ys[row + 1]) / 2
        return any(abs(rule.x0 - x) <= _TOUCH and rule.y0 <= y <= rule.y1 for rule in self.upright)

    def floor(self, row: int, column: int) -> bool:
        """Whether a line parts ``row`` from the one above it, in ``column``."""
        y, x = self.ys[row], (self.xs[column] + self.xs[column + 1]) / 2
        return any(abs(rule.y0 - y) <= _TOUCH and rule.x0 <= x <= rule.x1 for rule in self.flat)


def grid_tables(pieces: Sequence[Piece], rules: Sequence[Rule]) -> tuple[list[Table], list[Piece]]:
    """The tables that stand in grids, and the pieces that are in none."""
    left = list(pieces)
    tables: list[Table] = []
    for grid in _grids(rules):
        x0, x1, y0, y1 = grid.xs[0] - 2, grid.xs[-1] + 2, grid.ys[0] - 2, grid.ys[-1] + 2
        inside = [p for p in left if x0 <= (p.x0 + p.x1) / 2 <= x1 and y0 <= p.middle <= y1]
        found, used = _tables(grid, inside)
        tables.extend(found)
        left = [piece for piece in left if id(piece) not in used]
    return tables, left


def _grids(rules: Sequence[Rule]) -> list[_Grid]:
    grids: list[_Grid] = []
    for group in _touching(rules):
        flat = tuple(rule for rule in group if rule.horizontal)
        upright = tuple(rule for rule in group if not rule.horizontal)
        if len(flat) < 2 or not upright:
            continue
        left, right = min(rule.x0 for rule in flat), max(rule.x1 for rule in flat)
        xs = _positions([rule.x0 for rule in upright] + [left, right])
        ys = _positions([rule.y0 for rule in flat] + [min(r.y0 for r in upright), max(r.y1 for r in upright)])
        if len(xs) >= 3 and len(ys) >= 2 and (len(xs) - 1) * (len(ys) - 1) <= _MAX_CELLS:
            grids.append(_Grid(xs, ys, flat, upright))
    return grids


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules in groups that hang together."""
    parent = list(range(len(rules)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    flat = [(i, r) for i, r in enumerate(rules) if r.horizontal]
    for i, v in ((i, r) for i, r in enumerate(rules) if not r.horizontal):
        for j, h in flat:
            if h.x0 - _TOUCH <= v.x0 <= h.x1 + _TOUCH and v.y0 - _TOUCH <= h.y0 <= v.y1 + _TOUCH:
                parent[root(i)] = root(j)
    groups: dict[int, list[Rule]] = {}
    for index, rule in enumerate(rules):
        groups.setdefault(root(index), []).append(rule)
    return list(groups.values())


def _positions(values: list[float]) -> tuple[float, ...]:
    """Distinct positions, those within touch of one another as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return tuple(found)


def _tables(grid: _Grid, pieces: Sequence[Piece]) -> tuple[list[Table], set[int]]:
    """The tables of one grid (prose framed with a table parts it), and the ids of their pieces."""
    columns, bands = len(grid.xs) - 1, len(grid.ys) - 1
    held: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        column = _slot(grid.xs, (piece.x0 + piece.x1) / 2, columns)
        anchor = _anchor(grid, _slot(grid.ys, piece.middle, bands), column)
        held.setdefault(anchor, []).append(piece)
    lines = {place: rows_of(found) for place, found in held.items()}
    tables: list[Table] = []
    used: set[int] = set()
    stretch: list[int] = []
    filled: list[int | None] = [*sorted({band for band, _ in held})]
    for band in [*filled, None]:
        if band is not None and not _is_prose([rows for (at, _), rows in lines.items() if at == band]):
            stretch.append(band)
            continue
        table = _table(grid, lines, stretch)
        if table:
            tables.append(table)
            used.update(id(piece) for (at, _), found in held.items() if at in stretch for piece in found)
        stretch = []
    return tables, used


def _is_prose(cells: Sequence[Sequence[Row]]) -> bool:
    """Whether a band of the grid is a frame around running text: one cell of several lines, or a cell as tall as a page."""
    tallest = max(len(rows) for rows in cells)
    return tallest > _MAX_CELL_LINES or (len(cells) == 1 and tallest > 4)


def _table(grid: _Grid, lines: dict[tuple[int, int], list[Row]], bands: Sequence[int]) -> Table | None:
    """The table that ``bands`` make, when they have at least two rows and two columns."""
    columns = sorted({column for band, column in lines if band in bands})
    if len(columns) < 2:
        return None
    rows: list[tuple[Cell, ...]] = []
    for band in bands:
        cells = [lines.get((band, column), []) for column in columns]
        split = len(bands) <= 2 and _lines_are_rows(cells)
        rows.extend(_one_per_line(cells) if split else [tuple(_cell(found) for found in cells)])
    if len(rows) < 2:
        return None
    return Table(
        rows=tuple(rows),
        headers=1,
        x0=grid.xs[columns[0]],
        y0=grid.ys[bands[0]],
        x1=grid.xs[columns[-1] + 1],
        y1=grid.ys[bands[-1] + 1],
        columns=tuple(grid.xs[column] for column in columns),
    )


def _slot(edges: Sequence[float], position: float, slots: int) -> int:
    return min(max(bisect_right(edges, position) - 1, 0), slots - 1)


def _anchor(grid: _Grid, band: int, column: int) -> tuple[int, int]:
    """The upper left field of the cell that a field belongs to (cells may span several fields)."""
    while column > 0 and not grid.wall(column, band):
        column -= 1
    while band > 0 and not grid.floor(band, column):
        band -= 1
    return band, column


def _cell(rows: Sequence[Row]) -> Cell:
    return Cell(tuple(row.pieces for row in rows))


def _lines_are_rows(cells: Sequence[Sequence[Row]]) -> bool:
    """Whether a tall band holds one table row a line: every cell has as many lines, at the same heights."""
    filled = [rows for rows in cells if rows]
    count = len(filled[0])
    if len(filled) < 2 or count < 2 or any(len(rows) != count for rows in filled):
        return False
    first = filled[0]
    return all(abs(a.y0 - b.y0) <= 3 for rows in filled[1:] for a, b in zip(first, rows, strict=True))


def _one_per_line(cells: Sequence[Sequence[Row]]) -> list[tuple[Cell, ...]]:
    count = max(len(rows) for rows in cells)
    return [tuple(Cell((rows[line].pieces,)) if rows else Cell() for rows in cells) for line in range(count)]
