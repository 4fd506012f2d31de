"""Tables ruled by horizontal lines only, a line under every row: the usual table of Chinese guidelines.

The lines make bands, and a band is a row however many lines of text its cells have, unless it holds several rows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf_cells import Field, column_edges, in_columns, is_running_text, merge_continuations
from ingest.loaders.pdf_rows import Row, fields_of, rows_of
from ingest.loaders.pieces import Cell, Piece, Rule, Table

_SAME_EDGE = 6.0  # points by which the ends of the lines of one table may differ
_MIN_BANDS = 3
_MAX_LABEL_LINES = 3  # lines of the first cell of a row
_MAX_LINES = 30  # of a band


@dataclass(frozen=True, slots=True)
class _Band:
    """The rows of text between two lines, at ``top`` and ``bottom``, that reach from ``left`` to ``right``."""

    left: float
    right: float
    top: float
    bottom: float
    rows: tuple[Row, ...]


def banded_tables(pieces: Sequence[Piece], rules: Sequence[Rule]) -> tuple[list[Table], list[Piece]]:
    """The banded tables, and the pieces that are in none."""
    left = list(pieces)
    tables: list[Table] = []
    for group in _groups(rules):
        for bands in _stretches(_bands(group, left)):
            table = _table(bands, group)
            if table:
                tables.append(table)
                used = {id(piece) for band in bands for row in band.rows for piece in row.pieces}
                left = [piece for piece in left if id(piece) not in used]
    return tables, left


def _groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Horizontal rules of the same extent, from top to bottom."""
    groups: list[list[Rule]] = []
    for rule in sorted((rule for rule in rules if rule.horizontal), key=lambda rule: rule.y0):
        for group in groups:
            if abs(group[0].x0 - rule.x0) <= _SAME_EDGE and abs(group[0].x1 - rule.x1) <= _SAME_EDGE:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) > _MIN_BANDS]


def _bands(group: Sequence[Rule], pieces: Sequence[Piece]) -> list[_Band]:
    x0, x1 = group[0].x0 - 3, group[0].x1 + 3
    inside = [piece for piece in pieces if piece.x0 >= x0 and piece.x1 <= x1]
    bands: list[_Band] = []
    for above, below in pairwise(group):
        rows = rows_of(piece for piece in inside if above.y0 <= piece.middle < below.y0)
        if rows:
            bands.append(_Band(above.x0, above.x1, above.y0, below.y0, tuple(rows)))
    return bands


def _stretches(bands: Sequence[_Band]) -> list[list[_Band]]:
    """Neighbouring bands that may be rows of one table: no prose, and no caption between two tables."""
    found: list[list[_Band]] = [[]]
    for band in bands:
        if len(band.rows) > _MAX_LINES or not (_has_columns(band) or _is_label(band)):
            found.append([])
        else:
            found[-1].append(band)
    return [stretch for stretch in found if len(stretch) >= _MIN_BANDS]


def _has_columns(band: _Band) -> bool:
    """Whether some text of the band stands clear to the right of other text."""
    size = band.rows[0].size
    return max(row.pieces[-1].x0 for row in band.rows) > min(row.pieces[0].x1 for row in band.rows) + 0.5 * size


def _is_label(band: _Band) -> bool:
    """Whether the band is a line that heads the rows below it, and no caption with room around it."""
    row = band.rows[0]
    roomy = band.bottom - band.top > 2.5 * row.size
    wide = row.x1 - row.x0 > 0.3 * (band.right - band.left)
    return len(band.rows) == 1 and not (roomy and wide)


def _table(bands: Sequence[_Band], group: Sequence[Rule]) -> Table | None:
    rows = [row for band in bands for row in band.rows]
    fields = [fields_of(row.pieces) for row in rows]
    if sum(_has_columns(band) for band in bands) < _MIN_BANDS:
        return None
    edges = column_edges(fields, median([row.size for row in rows]))
    if len(edges) < 2 or _is_columns_of_prose(rows, edges, len(bands)):
        return None
    made: list[tuple[Cell, ...]] = []
    headers = 1
    for number, band in enumerate(bands):
        cells = _rows_of_band(band, edges)
        headers = min(len(cells), 2) if number == 0 else headers
        made.extend(cells)
    if len(made) < _MIN_BANDS:
        return None
    return Table(
        tuple(made), headers, group[0].x0, bands[0].top, group[0].x1, bands[-1].bottom, (group[0].x0, *edges[1:])
    )


def _is_columns_of_prose(rows: Sequence[Row], edges: Sequence[float], bands: int) -> bool:
    """Whether the lines only happen to be drawn across columns of running text."""
    columns: list[list[Field]] = [[] for _ in edges]
    for row in rows:
        for column, cell in enumerate(in_columns(row, edges)):
            if cell:
                columns[column].append(cell)
    return len(rows) > 6 * bands and sum(is_running_text(column) for column in columns) > 1


def _rows_of_band(band: _Band, edges: Sequence[float]) -> list[tuple[Cell, ...]]:
    """One row, or several where the first column shows that the band holds several."""
    grid = [in_columns(row, edges) for row in band.rows]
    labelled = [number for number, cells in enumerate(grid) if cells[0]]
    several = len(labelled) > _MAX_LABEL_LINES or (len(labelled) > 1 and len(labelled) == len(grid))
    if several:
        return merge_continuations(grid, band.rows, ())[0]
    lines: list[list[Field]] = [[] for _ in edges]
    for cells in grid:
        for column, cell in enumerate(cells):
            if cell:
                lines[column].append(cell)
    return [tuple(Cell(tuple(found)) for found in lines)]
