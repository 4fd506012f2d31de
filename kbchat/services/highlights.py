"""Where a stretch of a page's text stands on the page, and marking it on the page's picture."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from kbchat.services.writing_direction import Direction, direction_of, is_tall
from kbchat.types import Page, TextRun

_YELLOW = (255, 236, 94)
_EDGE = (214, 158, 0)
_PADDING = 0.08
"""Of the line's height, around each box."""
_SAME_LINE = 0.5
"""Runs whose heights overlap by this share stand on one line."""
_GAP = 1.2
"""Runs of a line that are at most this many line heights apart are marked as one."""
_COMPRESSION = 1  # made for one look
_NARROW = frozenset(" iljtfrI.,;:'|!()[]/-")
_BROAD = frozenset("mwMW%@")


@dataclass(frozen=True, slots=True)
class Box:
    """A box on a page, each side from 0 to 1 of the page's width or height; origin at the top left."""

    x0: float
    y0: float
    x1: float
    y1: float


def boxes_of(page: Page, ranges: Iterable[tuple[int, int]]) -> list[Box]:
    """The boxes of stretches ``text[start:end]`` of a page, one a line; none where the page has no places."""
    if page.width <= 0 or page.height <= 0:
        return []
    boxes: list[Box] = []
    direction = direction_of(page.runs)
    for start, end in ranges:
        cut = [_cut(page.text, run, start, end, direction) for run in page.runs if run.start < end and start < run.end]
        boxes.extend(
            _scaled(line, page) for line in _lines([run for run in cut if run.x1 > run.x0 and run.y1 > run.y0])
        )
    return boxes


def marked(png: bytes, boxes: Sequence[Box]) -> bytes:
    """The picture with each box marked in yellow, through which what is printed stays readable."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    places = [_pixels(box, picture.size) for box in boxes]
    covered = Image.new("1", picture.size)
    pen = ImageDraw.Draw(covered)
    for place in places:
        pen.rectangle(place, fill=1)
    around = covered.getbbox() or (0, 0, 1, 1)
    part = picture.crop(around)
    yellow = ImageChops.multiply(part, Image.new("RGB", part.size, _YELLOW))
    picture.paste(yellow, around, covered.crop(around))
    edge = ImageDraw.Draw(picture)
    for place in places:  # on dark ground the yellow does not show, the edge does
        edge.rectangle(place, outline=_EDGE, width=1)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    width, height = size
    return (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)


def _cut(text: str, run: TextRun, start: int, end: int, direction: Direction) -> TextRun:
    """The part of a run inside ``start:end``, by the width its characters usually have."""
    low, high = max(start, run.start), min(end, run.end)
    whole = _width(text[run.start : run.end])
    if (low, high) == (run.start, run.end) or not whole:
        return run
    first = _width(text[run.start : low]) / whole
    last = _width(text[run.start : high]) / whole
    if is_tall(run):
        if direction not in (Direction.DOWN, Direction.UP):
            return run  # whether it runs up or down is not known: all of it is marked
        y0, y1 = _between(run.y0, run.y1, first, last, turned=direction is Direction.UP)
        return TextRun(low, high, run.x0, y0, run.x1, y1)
    x0, x1 = _between(run.x0, run.x1, first, last, turned=direction is Direction.LEFT)
    return TextRun(low, high, x0, run.y0, x1, run.y1)


def _between(low: float, high: float, first: float, last: float, *, turned: bool) -> tuple[float, float]:
    """The part from ``first`` to ``last`` (shares) of a stretch, counted from its end where it is turned."""
    if turned:
        first, last = 1 - last, 1 - first
    return low + (high - low) * first, low + (high - low) * last


def _width(text: str) -> float:
    """The width of a text in ems of a usual print face. Only shares of a run's own width are made of it."""
    return sum(_em(character) for character in text)


def _em(character: str) -> float:
    if not character.isascii():
        return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.55
    if character in _NARROW:
        return 0.3
    if character in _BROAD:
        return 0.85
    return 0.68 if character.isupper() else 0.54


def _lines(runs: Sequence[TextRun]) -> list[TextRun]:
    """Runs in the order of the text, those that follow each other on one line joined."""
    joined: list[TextRun] = []
    for run in runs:
        if joined and _continues(joined[-1], run):
            last = joined[-1]
            joined[-1] = TextRun(
                last.start,
                run.end,
                min(last.x0, run.x0),
                min(last.y0, run.y0),
                max(last.x1, run.x1),
                max(last.y1, run.y1),
            )
        else:
            joined.append(run)
    return joined


def _continues(before: TextRun, after: TextRun) -> bool:
    height = min(before.y1 - before.y0, after.y1 - after.y0)
    shared = min(before.y1, after.y1) - max(before.y0, after.y0)
    return shared >= _SAME_LINE * height and -height <= after.x0 - before.x1 <= _GAP * height


def _scaled(run: TextRun, page: Page) -> Box:
    around = _PADDING * min(run.y1 - run.y0, run.x1 - run.x0)
    return Box(
        _share(run.x0 - around, page.width),
        _share(run.y0 - around, page.height),
        _share(run.x1 + around, page.width),
        _share(run.y1 + around, page.height),
    )


def _share(value: float, whole: float) -> float:
    return min(max(value / whole, 0.0), 1.0)
