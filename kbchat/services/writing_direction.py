"""Which way the text of a page runs, told by how its runs follow each other (scans may be sideways or upside down)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise

from kbchat.types import TextRun

_TALL = 1.5
"""A run of several characters that is this much taller than wide runs up or down the page."""
_LEAST_STEPS = 2
"""Steps by which one way must outnumber the other before text is taken to be upside down."""


class Direction(IntEnum):
    """Where the text runs to, in quarter turns clockwise; ``UNKNOWN`` where runs do not tell."""

    UNKNOWN = -1
    RIGHT = 0
    DOWN = 1
    LEFT = 2
    UP = 3


def is_tall(run: TextRun) -> bool:
    """Whether a run stands upright on the page."""
    return run.end - run.start > 1 and run.y1 - run.y0 > _TALL * (run.x1 - run.x0)


def direction_of(runs: Sequence[TextRun]) -> Direction:
    """The direction of most text of a page.

    Lines of text that runs down follow each other to the left, of text that runs up to the right; where text stands on
    its head, each line is above the one before.
    """
    words = [run for run in runs if run.end - run.start > 1]
    tall = [run for run in words if is_tall(run)]
    if 2 * len(tall) > len(words):
        steps = _steps([(run.x0, run.x1 - run.x0) for run in tall])
        return Direction.UP if steps > 0 else Direction.DOWN if steps < 0 else Direction.UNKNOWN
    steps = _steps([(run.y0, run.y1 - run.y0) for run in words if not is_tall(run)])
    return Direction.LEFT if steps <= -_LEAST_STEPS else Direction.RIGHT


def _steps(lines: Sequence[tuple[float, float]]) -> int:
    """How many more steps go on than back; places (with the thickness of the line) on one line are no step."""
    total = 0
    for (before, thickness), (after, _) in pairwise(lines):
        if abs(after - before) > thickness / 2:
            total += 1 if after > before else -1
    return total
