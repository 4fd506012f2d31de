"""Pieces -> reading order: tables taken out, columns found, each column's rows as lines.

Columns are found region by region. A gutter is a strip that no piece crosses over a stretch of the page, with running
text on both sides; the stretch is read left side first, what lies above before it and what lies below after it
(so headings and tables across both columns keep their place), and each part is searched again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from statistics import median

import numpy as np
import numpy.typing as npt

from ingest.loaders.characters import is_cjk
from ingest.loaders.pdf_bands import banded_tables
from ingest.loaders.pdf_grid import grid_tables
from ingest.loaders.pdf_objects import merged_rules
from ingest.loaders.pdf_rows import Row, rows_of
from ingest.loaders.pdf_stream import stream_tables
from ingest.loaders.pieces import Line, PageLayout, PagePieces, Piece, Rule, Table

Atom = Piece | Table
Boxes = npt.NDArray[np.float64]

_GUTTER = 0.4  # em; narrower white space does not part columns
_MIN_LINES = 3  # on each side of a gutter
_MIN_WIDTH = 8.0  # em; narrower columns are cells
_MAX_DEPTH = 12
_LONG = 14.0  # em; lines that tell where a column ends
_NEARBY = 8  # lines before and after


def lay_out(page: PagePieces) -> PageLayout:
    """Put one page into reading order."""
    rules = merged_rules(page.rules)
    grids, free = grid_tables(page.pieces, rules)
    banded, free = banded_tables(free, rules)
    atoms: list[Atom] = [*free, *grids, *banded]
    elements: list[Line | Table] = []
    for number, region in enumerate(_regions(atoms, rules, 0)):
        elements.extend(_elements(region, rules, number))
    return PageLayout(page.width, page.height, tuple(elements), page.ocr)


def _middle(atom: Atom) -> float:
    return (atom.y0 + atom.y1) / 2


def _regions(atoms: list[Atom], rules: Sequence[Rule], depth: int) -> list[list[Atom]]:
    """Columns in reading order, each a list of its atoms."""
    if not atoms:
        return []
    split = _best_split(atoms, rules) if depth < _MAX_DEPTH and len(atoms) >= 2 * _MIN_LINES else None
    if split is None:
        return [atoms]
    found: list[list[Atom]] = []
    for part in split:
        found.extend(_regions(part, rules, depth + 1))
    return found


@dataclass(frozen=True, slots=True)
class _Gutter:
    """White space from ``left`` to ``right`` between heights ``top`` and ``bottom``; ``score`` lines on either side."""

    left: float
    right: float
    top: float
    bottom: float
    score: int


def _best_split(atoms: list[Atom], rules: Sequence[Rule]) -> tuple[list[Atom], ...] | None:
    boxes = np.array([(atom.x0, atom.y0, atom.x1, atom.y1) for atom in atoms])
    sizes = [atom.size if isinstance(atom, Piece) else 0.0 for atom in atoms]
    of_pieces = [size for size in sizes if size > 0]
    if len(of_pieces) < 2 * _MIN_LINES:
        return None
    pieces = np.array(sizes) > 0
    em = median(of_pieces)
    best: _Gutter | None = None
    for x in _candidates(boxes, pieces, em):
        gutter = _gutter_at(float(x), boxes, pieces, em, rules)
        if gutter and (best is None or gutter.score > best.score):
            best = gutter
    if best is None:
        return None
    return _parts(atoms, best)


def _candidates(boxes: Boxes, pieces: npt.NDArray[np.bool_], em: float) -> npt.NDArray[np.float64]:
    """Left edges of pieces that have another piece to their left at the same height."""
    order = np.argsort((boxes[:, 1] + boxes[:, 3]) / 2, kind="stable")
    middle = ((boxes[:, 1] + boxes[:, 3]) / 2)[order]
    x0, x1 = boxes[order, 0], boxes[order, 2]
    wanted = np.zeros(len(order), bool)
    for step in range(1, min(5, len(order))):
        near = np.abs(middle[step:] - middle[:-step]) < 0.9 * em
        wanted[step:] |= near & (x0[step:] > x1[:-step])
        wanted[:-step] |= near & (x0[:-step] > x1[step:])
    wanted &= pieces[order]
    if wanted.sum() < _MIN_LINES:
        return np.zeros(0)
    edges = np.unique(np.round(x0[wanted] / 2) * 2) - 1.5
    return edges if len(edges) <= 60 else edges[:: len(edges) // 60 + 1]


def _gutter_at(
    x: float, boxes: Boxes, pieces: npt.NDArray[np.bool_], em: float, rules: Sequence[Rule]
) -> _Gutter | None:
    """The longest stretch at ``x`` with prose on both sides and nothing across."""
    strip = x - _GUTTER * em
    right, left = boxes[:, 0] >= x, boxes[:, 2] <= strip
    across = ~right & ~left
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    bounds = np.concatenate(([-np.inf], np.sort(middle[across]), [np.inf]))
    slot = np.searchsorted(bounds, middle, side="right") - 1
    lefts = np.bincount(slot[left & pieces], minlength=len(bounds))
    rights = np.bincount(slot[right & pieces], minlength=len(bounds))
    score = np.minimum(lefts, rights)
    at = int(np.argmax(score))
    if score[at] < _MIN_LINES:
        return None
    inside = slot == at
    sides = (boxes[inside & left & pieces], boxes[inside & right & pieces])
    if not _is_prose(*sides, em):
        return None
    gutter_left, gutter_right = float(sides[0][:, 2].max()), float(sides[1][:, 0].min())
    stretch = boxes[inside & (left | right)]
    top, bottom = float(stretch[:, 1].min()), float(stretch[:, 3].max())
    crossing = sum(
        1
        for r in rules
        if r.horizontal and top + em < r.y0 < bottom - em and r.x0 < gutter_left - em and r.x1 > gutter_right + em
    )
    if crossing >= 2:
        return None
    return _Gutter(gutter_left, gutter_right, float(bounds[at]), float(bounds[at + 1]), int(score[at]))


def _is_prose(left: Boxes, right: Boxes, em: float) -> bool:
    """Whether both sides are running text: lines of about one length, wide enough, both sides about as wide."""
    usual: list[float] = []
    for side in (left, right):
        widths = side[:, 2] - side[:, 0]
        usual.append(_quantile(widths, 0.8))
        full = float((widths >= 0.7 * usual[-1]).mean())
        if usual[-1] < _MIN_WIDTH * em or full < 0.35:
            return False
    return min(usual) >= 0.5 * max(usual)


def _quantile(numbers: npt.NDArray[np.float64], share: float) -> float:
    """``numpy.quantile`` (linear) without its 50 µs of preparation."""
    ordered = np.sort(numbers)
    at = (len(ordered) - 1) * share
    below = ordered[int(at)]
    above = ordered[min(int(at) + 1, len(ordered) - 1)]
    rest = at - int(at)
    return float(below + (above - below) * rest if rest < 0.5 else above - (above - below) * (1 - rest))


def _parts(atoms: list[Atom], gutter: _Gutter) -> tuple[list[Atom], ...]:
    above: list[Atom] = []
    left: list[Atom] = []
    right: list[Atom] = []
    below: list[Atom] = []
    centre = (gutter.left + gutter.right) / 2
    for atom in atoms:
        middle = _middle(atom)
        if middle <= gutter.top:
            above.append(atom)
        elif middle >= gutter.bottom:
            below.append(atom)
        elif (atom.x0 + atom.x1) / 2 < centre:
            left.append(atom)
        else:
            right.append(atom)
    return above, left, right, below


def _elements(region: list[Atom], rules: Sequence[Rule], number: int) -> list[Line | Table]:
    """Lines and tables of one column, from top to bottom."""
    tables = [atom for atom in region if isinstance(atom, Table)]
    rows = rows_of(atom for atom in region if isinstance(atom, Piece))
    placed: list[tuple[float, Line | Table]] = [(_middle(table), table) for table in tables]
    done = 0
    text: list[Row] = []
    for first, end, table in stream_tables(rows, rules):
        text.extend(rows[done:first])
        placed.append((_middle(table), table))
        done = end
    text.extend(rows[done:])
    placed.extend(_lines(text, rules, number))
    return [element for _, element in sorted(placed, key=itemgetter(0))]


def _lines(rows: Sequence[Row], rules: Sequence[Rule], number: int) -> list[tuple[float, Line | Table]]:
    if not rows:
        return []
    left, right = _edges(rows)
    em = median([row.size for row in rows])
    ends = np.array([row.x1 for row in rows])
    long = ends - np.array([row.x0 for row in rows]) >= _LONG * em
    justified = sum(is_cjk(row.pieces[0].text[0]) for row in rows) * 2 > len(rows)  # other text is often ragged
    even = not justified or not long.any() or float((ends[long] >= right - 1.6 * em).mean()) >= 0.5
    flat = sorted([rule for rule in rules if rule.horizontal], key=attrgetter("y0"))
    heights = [rule.y0 for rule in flat]
    placed: list[tuple[float, Line | Table]] = []
    for index, row in enumerate(rows):
        edge = right if even else _edge_nearby(index, ends, long, em, right)
        close = flat[bisect_left(heights, row.y1 - 0.3 * row.size) : bisect_right(heights, row.y1 + 0.1 * row.size)]
        line = Line.of(row.pieces, left, edge, number, underlined=bool(close) and _is_underlined(row, close))
        placed.append((row.middle, line))
    return placed


def _is_underlined(row: Row, close: Sequence[Rule]) -> bool:
    """Whether one of the rules close to the row's letters runs under it from end to end, and no further."""
    reach = 0.6 * row.size
    return any(abs(rule.x0 - row.x0) <= reach and abs(rule.x1 - row.x1) <= reach for rule in close)


def _edge_nearby(
    index: int, ends: npt.NDArray[np.float64], long: npt.NDArray[np.bool_], em: float, right: float
) -> float:
    """The right edge of the text around a row, where most long lines nearby end together (text in a box, a narrow part)."""
    window = slice(max(index - _NEARBY, 0), index + _NEARBY + 1)
    near = np.sort(ends[window][long[window]])[::-1]
    for end in near[: len(near) // 2 + 1]:
        together = int(((near <= end) & (near >= end - 1.2 * em)).sum())
        if together >= 4 and 2 * together >= len(near):
            return max(float(end), float(ends[index]))
    return right


def _edges(rows: Sequence[Row]) -> tuple[float, float]:
    """Edges of a column's text; a single line that sticks out does not move them."""
    if not rows:
        return 0.0, 0.0
    lefts, rights = sorted([row.x0 for row in rows]), sorted([row.x1 for row in rows], reverse=True)
    slack = min(len(rows) // 20, 3)
    return lefts[slack], rights[slack]
