"""What is drawn on a PDF page besides text: ruling lines (for tables) and pictures (for the judgement about OCR)."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from ingest.loaders.pdf_space import PageSpace
from ingest.loaders.pieces import Rule

MAX_OBJECTS = 4000
"""Objects looked at on one page; drawings with more are no tables."""

_MAX_SEGMENTS = 400  # of one path; a path with more is a drawing
_THIN = 2.6  # points; a filled box no thicker is a line
_SHORTEST = 6.0  # points
_MAX_DEPTH = 3  # of forms within forms

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class PageObjects:
    """Ruling lines in points as shown (origin top left), and how much of the page pictures cover.

    ``picture_share`` is the share of the page under the largest picture, 0 to 1; ``drawings`` counts paths that are
    no ruling lines (glyphs drawn as outlines among them), ``text_objects`` objects that show text.
    """

    rules: tuple[Rule, ...]
    picture_share: float
    pictures: int
    drawings: int
    text_objects: int


class _Reader:
    def __init__(self, page: Any) -> None:
        self._space = PageSpace.of(page)
        self._rules: list[Rule] = []
        self._left = MAX_OBJECTS
        self._picture_area = 0.0
        self._pictures = 0
        self._drawings = 0
        self._text_objects = 0
        self._page_area = max(self._space.width * self._space.height, 1.0)

    def read(self, page: Any) -> PageObjects:
        count = pdfium.FPDFPage_CountObjects(page.raw)
        for index in range(min(count, MAX_OBJECTS)):
            self._object(pdfium.FPDFPage_GetObject(page.raw, index), _IDENTITY, 0)
        share = min(self._picture_area / self._page_area, 1.0)
        return PageObjects(tuple(self._rules), share, self._pictures, self._drawings, self._text_objects)

    def _object(self, handle: Any, outer: _Matrix, depth: int) -> None:
        if self._left <= 0 or not handle:
            return
        self._left -= 1
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            self._text_objects += 1
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            self._path(handle, outer)
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            bounds = self._bounds(handle, outer)
            if bounds:
                x0, y0, x1, y1 = bounds
                width = min(x1, self._space.width) - max(x0, 0.0)
                height = min(y1, self._space.height) - max(y0, 0.0)
                self._pictures += 1
                self._picture_area = max(self._picture_area, max(width, 0.0) * max(height, 0.0))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            matrix = pdfium.FS_MATRIX()
            pdfium.FPDFPageObj_GetMatrix(handle, matrix)
            inner = _product((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
            for index in range(min(max(pdfium.FPDFFormObj_CountObjects(handle), 0), self._left)):
                self._object(pdfium.FPDFFormObj_GetObject(handle, index), inner, depth + 1)

    def _bounds(self, handle: Any, outer: _Matrix) -> tuple[float, float, float, float] | None:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not pdfium.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
            return None
        return self._shown(left.value, bottom.value, right.value, top.value, outer)

    def _shown(
        self, left: float, bottom: float, right: float, top: float, outer: _Matrix
    ) -> tuple[float, float, float, float]:
        ax, ay = self._space.point(*_applied(outer, left, bottom))
        bx, by = self._space.point(*_applied(outer, right, top))
        return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def _path(self, handle: Any, outer: _Matrix) -> None:
        bounds = self._bounds(handle, outer)
        if bounds is None:
            return
        x0, y0, x1, y1 = bounds
        if not self._is_drawn(handle):
            return
        if self._line(x0, y0, x1, y1):
            return
        segments = pdfium.FPDFPath_CountSegments(handle)
        if not 2 <= segments <= _MAX_SEGMENTS or not self._segments(handle, segments, outer):
            self._drawings += 1

    def _is_drawn(self, handle: Any) -> bool:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDFPath_GetDrawMode(handle, fill, stroke):
            return False
        return bool(fill.value or stroke.value)

    def _line(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        width, height = x1 - x0, y1 - y0
        if height <= _THIN and width >= _SHORTEST:
            self._rules.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
            return True
        if width <= _THIN and height >= _SHORTEST:
            self._rules.append(Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
            return True
        return width < _SHORTEST and height < _SHORTEST and max(width, height) < _THIN * 1.5

    def _segments(self, handle: Any, count: int, outer: _Matrix) -> bool:
        """Take the straight sides of a path as rules; False when it has curves or slanted sides."""
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(handle, matrix)
        inner = _product((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
        x, y = ctypes.c_float(), ctypes.c_float()
        found: list[Rule] = []
        start = last = (0.0, 0.0)
        for index in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(handle, index)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                return False
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = self._space.point(*_applied(inner, x.value, y.value))
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                start = last = point
                continue
            if not _side(last, point, found):
                return False
            if pdfium.FPDFPathSegment_GetClose(segment) and not _side(point, start, found):
                return False
            last = point
        self._rules.extend(found)
        return True


def _side(start: tuple[float, float], end: tuple[float, float], found: list[Rule]) -> bool:
    (ax, ay), (bx, by) = start, end
    if abs(ay - by) <= 1.0:
        if abs(ax - bx) >= _SHORTEST:
            found.append(Rule(min(ax, bx), (ay + by) / 2, max(ax, bx), (ay + by) / 2))
        return True
    if abs(ax - bx) <= 1.0:
        if abs(ay - by) >= _SHORTEST:
            found.append(Rule((ax + bx) / 2, min(ay, by), (ax + bx) / 2, max(ay, by)))
        return True
    return False


def _product(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, e * oa + f * oc + oe, e * ob + f * od + of,
    )  # fmt: skip


def _applied(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e, b * x + d * y + f)


def read_objects(page: Any) -> PageObjects:
    """Read the rules and pictures of one loaded PDFium page (a ``PdfPage``)."""
    return _Reader(page).read(page)


def merged_rules(rules: tuple[Rule, ...], tolerance: float = 2.0) -> tuple[Rule, ...]:
    """Rules that lie on one line and touch, as one; both sides of a thick line become one rule."""
    merged: list[Rule] = []
    for flat in (True, False):
        lines = sorted(
            ((r.y0, r.x0, r.x1) if flat else (r.x0, r.y0, r.y1) for r in rules if r.horizontal == flat),
        )
        groups: list[list[tuple[float, float, float]]] = []
        for line in lines:
            if groups and line[0] - groups[-1][0][0] <= tolerance:
                groups[-1].append(line)
            else:
                groups.append([line])
        for group in groups:
            at = sum(line[0] for line in group) / len(group)
            for low, high in _joined(sorted((low, high) for _, low, high in group), tolerance + 1.0):
                merged.append(Rule(low, at, high, at) if flat else Rule(at, low, at, high))
    return tuple(merged)


def _joined(stretches: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for low, high in stretches:
        if joined and low <= joined[-1][1] + tolerance:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined
