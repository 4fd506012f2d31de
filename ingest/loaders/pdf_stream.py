"""Tables without a grid: rows whose fields stand under one another, with or without lines above and below.

When unsure no table is made: the rows stay lines of text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf_cells import GUTTER, column_edges, in_columns, is_running_text, merge_continuations, right_of
from ingest.loaders.pdf_rows import Row, fields_of, piece_text
from ingest.loaders.pieces import Piece, Rule, Table

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring rows that leave a gutter free."""

    first: int
    last: int


def stream_tables(rows: Sequence[Row], rules: Sequence[Rule]) -> list[tuple[int, int, Table]]:
    """Tables among ``rows`` of one column: (first row, one past the last row, table), in order."""
    flat = [rule for rule in rules if rule.horizontal]
    fields = [fields_of(row.pieces) for row in rows]
    found: list[tuple[int, int, Table]] = []
    at = 0
    while at < len(rows):
        if len(fields[at]) < 2:
            at += 1
            continue
        run = _run_from(rows, fields, at, flat)
        table = _table(rows, fields, run, flat)
        if table:
            found.append((run.first, run.last + 1, table))
            at = run.last + 1
        else:
            at += 1
    return found


def _gaps(fields: Sequence[tuple[Piece, ...]], em: float) -> list[Span]:
    edges = [(field[0].x0, right_of(field)) for field in fields]
    return [(a[1], b[0]) for a, b in pairwise(edges) if b[0] - a[1] >= GUTTER * em]


def _narrowed(gutters: Sequence[Span], row: Sequence[tuple[Piece, ...]], em: float) -> list[Span]:
    """What a row leaves of the gutters."""
    left = list(gutters)
    for field in row:
        x0, x1 = field[0].x0, right_of(field)
        cut: list[Span] = []
        for low, high in left:
            if x1 <= low or x0 >= high:
                cut.append((low, high))
                continue
            if x0 - low >= GUTTER * em:
                cut.append((low, x0))
            if high - x1 >= GUTTER * em:
                cut.append((x1, high))
        left = cut
    return left


def _run_from(
    rows: Sequence[Row], fields: Sequence[list[tuple[Piece, ...]]], first: int, rules: Sequence[Rule]
) -> _Run:
    """The longest run from ``first`` in which no row closes a gutter; a ruled table may hold rows that span it."""
    em = rows[first].size
    gutters = _gaps(fields[first], em)
    last, spanning = first, 0
    for index in range(first + 1, len(rows)):
        row = rows[index]
        if row.y0 - rows[index - 1].y1 > 3.2 * em or row.size > 1.6 * em or row.size < 0.55 * em:
            break
        left = _narrowed(gutters, fields[index], em)
        if left:
            gutters = left
            if len(fields[index]) > 1 or _within_columns(gutters, fields[index]):
                last, spanning = index, 0
            continue
        spanning += 1
        if spanning > 1 or not _ruled_between(rows[index - 1], row, rules):
            break
    while last > first and len(fields[last]) == 1 and not _closing_rule(rows[last], rules):
        last -= 1
    return _Run(first, last)


def _within_columns(gutters: Sequence[Span], row: Sequence[tuple[Piece, ...]]) -> bool:
    x0, x1 = row[0][0].x0, right_of(row[-1])
    return not any(x0 < low and x1 > high for low, high in gutters)


def _ruled_between(above: Row, below: Row, rules: Sequence[Rule]) -> bool:
    middle_above, middle_below = (above.y0 + above.y1) / 2, (below.y0 + below.y1) / 2
    left, right = min(above.x0, below.x0), max(above.x1, below.x1)
    return any(
        middle_above < rule.y0 < middle_below and min(rule.x1, right) - max(rule.x0, left) > 0.6 * (right - left)
        for rule in rules
    )


def _closing_rule(row: Row, rules: Sequence[Rule]) -> bool:
    """Whether a line, wider than the row's text, lies closely under it."""
    return any(
        row.y1 - 2 <= rule.y0 <= row.y1 + 1.5 * row.size and rule.x1 - rule.x0 > 2 * (row.x1 - row.x0) for rule in rules
    )


def _table(
    rows: Sequence[Row], fields: Sequence[list[tuple[Piece, ...]]], run: _Run, rules: Sequence[Rule]
) -> Table | None:
    inside = range(run.first, run.last + 1)
    em = median([rows[index].size for index in inside])
    edges = column_edges([fields[index] for index in inside], em)
    columns = len(edges)
    many = [index for index in inside if len(fields[index]) > 1]
    x0, x1 = min(rows[i].x0 for i in inside), max(rows[i].x1 for i in inside)
    lines = _lines_across(rules, x0, x1, rows[run.first], rows[run.last])
    ruled = len(lines) >= 2
    if columns < 2 or len(many) < (2 if ruled else 3) or len(many) < 0.4 * len(inside):
        return None
    if not ruled and not _convincing(fields, many, columns):
        return None
    grid = [in_columns(rows[index], edges) for index in inside]
    merged, starts = merge_continuations(grid, [rows[i] for i in inside], lines)
    if len(merged) < 2:
        return None
    top, bottom = rows[run.first].y0, rows[run.last].y1
    if ruled:
        x0, x1 = min(x0, *(r.x0 for r in lines)), max(x1, *(r.x1 for r in lines))
    headers = 1
    header_line = next((r.y0 for r in lines if r.y0 > rows[run.first].y1 - 2), None)
    if header_line is not None:
        above = sum(1 for start in starts if rows[run.first + start].y1 <= header_line + 2)
        headers = above if 1 <= above <= 3 and above < len(merged) else 1
    return Table(tuple(merged), headers, x0, top, x1, bottom, tuple(edges))


def _convincing(fields: Sequence[list[tuple[Piece, ...]]], many: Sequence[int], columns: int) -> bool:
    """Whether unruled rows look like a table: several full rows, short fields, no list of particulars or contents."""
    full = [index for index in many if len(fields[index]) >= max(2, columns - 1)]
    if columns == 2:
        heads = [piece_text(fields[index][0]) for index in many]
        tails = [piece_text(fields[index][-1]) for index in many]
        labels = sum(1 for head in heads if head.endswith(("：", ":", "】", "]")) or len(head) <= 2)
        leaders = sum(1 for head in heads if head.endswith(("…", "....")))
        pages = sum(1 for tail in tails if tail.isdigit())
        if len(many) < 4 or 3 * (labels + leaders) > len(many) or 2 * pages > len(many):
            return False
    if any(
        is_running_text([fields[index][number] for index in many if len(fields[index]) > number])
        for number in (0, 1, -1)
    ):
        return False
    lengths = sorted(len(piece_text(field)) for index in many for field in fields[index])
    return 2 * len(full) >= len(many) and lengths[len(lengths) // 2] <= 40


def _lines_across(rules: Sequence[Rule], x0: float, x1: float, first: Row, last: Row) -> list[Rule]:
    """Horizontal rules over, in and under the run that cover most of its width, from top to bottom."""
    top, bottom = first.y0 - 1.2 * first.size, last.y1 + 2.5 * last.size
    across = [
        rule for rule in rules if top <= rule.y0 <= bottom and min(rule.x1, x1) - max(rule.x0, x0) >= 0.7 * (x1 - x0)
    ]
    return sorted(across, key=lambda rule: rule.y0)
