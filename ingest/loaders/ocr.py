"""Reading text from pictures with RapidOCR (PaddleOCR's models on onnxruntime, carried in the wheel: no download)."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.loaders.characters import repaired
from ingest.loaders.pdf_frame import Frame
from ingest.loaders.pieces import PagePieces, Piece

Picture = npt.NDArray[np.uint8]

_TILE = 1.6  # a picture taller than this many widths is read in tiles
_OVERLAP = 0.06  # of a tile's height
_MAX_SIDE = 2400  # pixels; RapidOCR shrinks larger pictures to this
_LINE_HEIGHT = 1.25  # a detected box is this many font sizes high
_TALL = 1.5  # boxes this much taller than wide hold turned text
_SAME_SIZE = 0.3  # sizes within this share of the page's usual size are the usual size


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line as detected: text, confidence 0 to 1, and the corners of its box in pixels, clockwise from top left."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The upright box around the corners: x0, y0, x1, y1."""
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs), max(ys)


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - loading takes a second, and most files need no OCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _MAX_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read_picture(picture: Picture) -> list[OcrLine]:
    """The lines of a picture (height by width by 3, RGB or BGR), unordered; tall pictures are read tile by tile."""
    height, width = picture.shape[:2]
    if height < 16 or width < 16:
        return []
    step = int(width * _TILE)
    if height <= step * 1.25:
        return _read_tile(picture, 0.0)
    overlap = int(step * _OVERLAP)
    found: list[OcrLine] = []
    for top in range(0, height, step):
        low, high = max(top - overlap, 0), min(top + step + overlap, height)
        for line in _read_tile(picture[low:high], float(low)):
            middle = (line.box[1] + line.box[3]) / 2
            if top <= middle < top + step:
                found.append(line)
    return found


def _read_tile(picture: Picture, top: float) -> list[OcrLine]:
    result = _engine()(np.ascontiguousarray(picture))
    if getattr(result, "boxes", None) is None or result.txts is None:
        return []
    return [
        OcrLine(text, float(score), tuple((float(x), float(y) + top) for x, y in corners))
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        if text.strip()
    ]


def pieces_from_picture(picture: Picture, width: float, height: float) -> PagePieces:
    """Read a picture of a page of ``width`` by ``height`` points; sideways and slightly skewed scans are read too."""
    lines = read_picture(picture)
    quarter = 0
    if _is_sideways(lines):
        turned = {turns: read_picture(np.rot90(picture, turns)) for turns in (1, 3)}
        best = max(turned, key=lambda turns: sum(line.score * len(line.text) for line in turned[turns]))
        # np.rot90 turns counter-clockwise: text that ran downwards (quarter 1) is upright after one turn.
        lines, quarter = turned[best], 1 if best == 1 else 3
    frame = Frame(width, height, quarter)
    scale = height / picture.shape[0]
    pieces = _pieces(lines, scale, frame)
    return PagePieces(*frame.size, tuple(pieces), ocr=True)


def _is_sideways(lines: list[OcrLine]) -> bool:
    words = [line for line in lines if len(line.text) >= 3]
    tall = sum(1 for line in words if line.box[3] - line.box[1] > _TALL * (line.box[2] - line.box[0]))
    return len(words) >= 4 and 2 * tall > len(words)


def _pieces(lines: list[OcrLine], scale: float, frame: Frame) -> list[Piece]:
    skew = _skew(lines)
    sizes = [(line.box[3] - line.box[1]) * scale / _LINE_HEIGHT for line in lines]
    heights = [_height(line) * scale / _LINE_HEIGHT for line in lines]
    usual = median(size for size in heights) if heights else 0.0
    pieces: list[Piece] = []
    for line, size, _ in zip(lines, heights, sizes, strict=True):
        x0, y0, x1, y1 = (value * scale for value in line.box)
        text = repaired(line.text).strip()
        if not text:
            continue
        even = usual if abs(size - usual) <= _SAME_SIZE * usual else size
        middle = (y0 + y1) / 2 - math.tan(skew) * (x0 + x1) / 2
        half = 0.54 * even
        upright = Piece(text, x0, middle - half, x1, middle + half, even)
        pieces.append(replace(upright, box=frame.shown(x0, y0, x1, y1)))
    return pieces


def _height(line: OcrLine) -> float:
    """The height of a box across its direction, in pixels."""
    (ax, ay), _, _, (dx, dy) = line.corners
    return math.hypot(dx - ax, dy - ay)


def _skew(lines: list[OcrLine]) -> float:
    """The slant of the page in radians, from its longer lines."""
    slants = []
    for line in lines:
        (ax, ay), (bx, by), *_ = line.corners
        if bx - ax > 8 * _height(line):
            slants.append(math.atan2(by - ay, bx - ax))
    return median(slants) if len(slants) >= 3 else 0.0
