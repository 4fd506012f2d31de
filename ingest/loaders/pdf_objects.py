"""What is drawn on a PDF page besides text: ruling lines (for tables) and pictures (for the judgement about OCR)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pypdfium2.raw as pdfium

from ingest.loaders.pdf_calls import quick
from ingest.loaders.pdf_space import PageSpace
from ingest.loaders.pieces import Rule

MAX_OBJECTS = 4000
"""Objects looked at on one page; drawings with more are no tables."""

_MAX_SEGMENTS = 400  # of one path; a path with more is a drawing
_THIN = 2.6  # points; a filled box no thicker is a line
_SHORTEST = 6.0  # points
_MAX_DEPTH = 3  # of forms within forms

_Matrix = tuple[float, float, float, float, float, float]
_Stretch = tuple[float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


_HANDLE, _INT = ctypes.c_void_p, ctypes.c_int
_object_of_page = quick(pdfium.FPDFPage_GetObject, ctypes.c_size_t)  # an address; 0: none
_object_of_form = quick(pdfium.FPDFFormObj_GetObject, ctypes.c_size_t, _HANDLE, ctypes.c_ulong)
_objects_in_form = quick(pdfium.FPDFFormObj_CountObjects, _INT, _HANDLE)
_kind_of = quick(pdfium.FPDFPageObj_GetType, _INT, _HANDLE)
_bounds_of = quick(pdfium.FPDFPageObj_GetBounds, _INT, _HANDLE)
_matrix_of = quick(pdfium.FPDFPageObj_GetMatrix, _INT, _HANDLE)
_draw_mode_of = quick(pdfium.FPDFPath_GetDrawMode, _INT, _HANDLE)
_segments_in_path = quick(pdfium.FPDFPath_CountSegments, _INT, _HANDLE)
_segment_of_path = quick(pdfium.FPDFPath_GetPathSegment, ctypes.c_size_t, _HANDLE, _INT)
_kind_of_segment = quick(pdfium.FPDFPathSegment_GetType, _INT, _HANDLE)
_point_of_segment = quick(pdfium.FPDFPathSegment_GetPoint, _INT, _HANDLE)
_closes = quick(pdfium.FPDFPathSegment_GetClose, _INT, _HANDLE)


@dataclass(frozen=True, slots=True)
class PageObjects:
    """Ruling lines in points as shown (origin top left), and how much of the page pictures cover.

    ``picture_share`` is the share of the page under the largest picture, 0 to 1; ``drawings`` counts paths that are
    no ruling lines (glyphs drawn as outlines among them), ``text_objects`` objects that show text;
    ``texts`` are those of the page itself (addresses, in the order of the content), ``inner_texts`` those within forms;
    ``complete`` says whether no limit cut the reading short.
    """

    rules: tuple[Rule, ...]
    picture_share: float
    pictures: int
    drawings: int
    text_objects: int
    texts: tuple[int, ...] = ()
    inner_texts: tuple[int, ...] = ()
    complete: bool = True


class _Reader:
    def __init__(self, page: Any) -> None:
        self._space = PageSpace.of(page)
        self._rules: list[Rule] = []
        self._left = MAX_OBJECTS
        self._picture_area = 0.0
        self._pictures = 0
        self._drawings = 0
        self._texts: list[int] = []
        self._inner_texts: list[int] = []
        self._page_area = max(self._space.width * self._space.height, 1.0)
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._modes = (ctypes.byref(self._fill), ctypes.byref(self._stroke))
        self._numbers = (ctypes.c_float * 4)()  # what PDFium writes: left, bottom, right, top, or x, y
        self._edges = [ctypes.byref(self._numbers, ctypes.sizeof(ctypes.c_float) * index) for index in range(4)]

    def read(self, page: Any) -> PageObjects:
        every = max(pdfium.FPDFPage_CountObjects(page.raw), 0)
        count = min(every, MAX_OBJECTS)
        if count:
            handle = ctypes.byref(page.raw.contents)
            self._objects(list(map(_object_of_page, repeat(handle), range(count))), _IDENTITY, 0)
        share = min(self._picture_area / self._page_area, 1.0)
        texts, inner = tuple(self._texts), tuple(self._inner_texts)
        total = len(texts) + len(inner)
        complete = count == every and self._left > 0
        return PageObjects(tuple(self._rules), share, self._pictures, self._drawings, total, texts, inner, complete)

    def _objects(self, handles: Sequence[int], outer: _Matrix, depth: int) -> None:
        for handle, kind in zip(handles, map(_kind_of, handles), strict=True):
            if self._left <= 0:
                return
            if not handle:
                continue
            self._left -= 1
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                (self._inner_texts if depth else self._texts).append(handle)
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(handle, outer)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._picture(handle, outer)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
                count = min(max(_objects_in_form(handle), 0), self._left)
                inside = [_object_of_form(handle, index) for index in range(count)]
                self._objects(inside, _product(self._matrix(handle), outer), depth + 1)

    def _picture(self, handle: int, outer: _Matrix) -> None:
        bounds = self._bounds(handle, outer)
        if bounds:
            x0, y0, x1, y1 = bounds
            width = min(x1, self._space.width) - max(x0, 0.0)
            height = min(y1, self._space.height) - max(y0, 0.0)
            self._pictures += 1
            self._picture_area = max(self._picture_area, max(width, 0.0) * max(height, 0.0))

    def _matrix(self, handle: int) -> _Matrix:
        matrix = pdfium.FS_MATRIX()
        _matrix_of(handle, ctypes.byref(matrix))
        return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)

    def _bounds(self, handle: int, outer: _Matrix) -> tuple[float, float, float, float] | None:
        if not _bounds_of(handle, *self._edges):
            return None
        left, bottom, right, top = self._numbers
        return self._shown(left, bottom, right, top, outer)

    def _shown(
        self, left: float, bottom: float, right: float, top: float, outer: _Matrix
    ) -> tuple[float, float, float, float]:
        if outer is not _IDENTITY:
            left, bottom = _applied(outer, left, bottom)
            right, top = _applied(outer, right, top)
        ax, ay = self._space.point(left, bottom)
        bx, by = self._space.point(right, top)
        x0, x1 = (ax, bx) if ax <= bx else (bx, ax)
        y0, y1 = (ay, by) if ay <= by else (by, ay)
        return (x0, y0, x1, y1)

    def _path(self, handle: int, outer: _Matrix) -> None:
        bounds = self._bounds(handle, outer)
        if bounds is None:
            return
        x0, y0, x1, y1 = bounds
        if not self._is_drawn(handle):
            return
        if self._line(x0, y0, x1, y1):
            return
        segments = _segments_in_path(handle)
        if not 2 <= segments <= _MAX_SEGMENTS or not self._segments(handle, segments, outer):
            self._drawings += 1

    def _is_drawn(self, handle: int) -> bool:
        return bool(_draw_mode_of(handle, *self._modes) and (self._fill.value or self._stroke.value))

    def _line(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        width, height = x1 - x0, y1 - y0
        if height <= _THIN and width >= _SHORTEST:
            self._rules.append(Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2))
            return True
        if width <= _THIN and height >= _SHORTEST:
            self._rules.append(Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1))
            return True
        return width < _SHORTEST and height < _SHORTEST and max(width, height) < _THIN * 1.5

    def _segments(self, handle: int, count: int, outer: _Matrix) -> bool:
        """Take the straight sides of a path as rules; False when it has curves or slanted sides."""
        inner = _product(self._matrix(handle), outer)
        found: list[Rule] = []
        start = last = (0.0, 0.0)
        for index in range(count):
            segment = _segment_of_path(handle, index)
            kind = _kind_of_segment(segment)
            if kind == pdfium.FPDF_SEGMENT_BEZIERTO:
                return False
            _point_of_segment(segment, *self._edges[:2])
            point = self._space.point(*_applied(inner, self._numbers[0], self._numbers[1]))
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                start = last = point
                continue
            if not _side(last, point, found):
                return False
            if _closes(segment) and not _side(point, start, found):
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


def merged_rules(rules: Sequence[Rule], tolerance: float = 2.0) -> tuple[Rule, ...]:
    """Rules that lie on one line and touch, as one; both sides of a thick line become one rule."""
    flat = _merged([(r.y0, r.x0, r.x1) for r in rules if r.y0 == r.y1], tolerance)
    upright = _merged([(r.x0, r.y0, r.y1) for r in rules if r.y0 != r.y1], tolerance)
    return (
        *(Rule(low, at, high, at) for at, low, high in flat),
        *(Rule(at, low, at, high) for at, low, high in upright),
    )


def _merged(lines: list[_Stretch], tolerance: float) -> list[_Stretch]:
    """Parallel lines, each as where it lies and from where to where it runs."""
    groups: list[list[_Stretch]] = []
    for line in sorted(lines):
        if groups and line[0] - groups[-1][0][0] <= tolerance:
            groups[-1].append(line)
        else:
            groups.append([line])
    merged: list[_Stretch] = []
    for group in groups:
        if len(group) == 1:
            merged.append(group[0])
            continue
        at = sum([line[0] for line in group]) / len(group)
        for low, high in _joined(sorted([(low, high) for _, low, high in group]), tolerance + 1.0):
            merged.append((at, low, high))
    return merged


def _joined(stretches: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for low, high in stretches:
        if joined and low <= joined[-1][1] + tolerance:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined
