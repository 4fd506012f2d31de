"""Text that does not run from left to right is turned upright for layout, and its boxes are turned back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ingest.loaders.pdf_glyphs import Floats, Glyphs
from ingest.loaders.pieces import Rule


@dataclass(frozen=True, slots=True)
class Frame:
    """The page as shown (``width`` by ``height`` points), turned by ``quarter`` quarter turns so that text is upright."""

    width: float
    height: float
    quarter: int = 0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright page."""
        return (self.height, self.width) if self.quarter % 2 else (self.width, self.height)

    def upright(self, glyphs: Glyphs) -> Glyphs:
        """Glyphs of this direction in upright coordinates."""
        if self.quarter == 0:
            return glyphs
        ax, ay = self._turn(glyphs.x0, glyphs.y0)
        bx, by = self._turn(glyphs.x1, glyphs.y1)
        if self.quarter == 1:
            baseline = self.width - glyphs.baseline
        elif self.quarter == 2:
            baseline = self.height - glyphs.baseline
        else:
            baseline = glyphs.baseline
        return replace(
            glyphs,
            x0=np.minimum(ax, bx),
            y0=np.minimum(ay, by),
            x1=np.maximum(ax, bx),
            y1=np.maximum(ay, by),
            baseline=baseline,
        )

    def upright_rule(self, rule: Rule) -> Rule:
        """A ruling line in upright coordinates."""
        (ax, bx), (ay, by) = self._turn(np.array([rule.x0, rule.x1]), np.array([rule.y0, rule.y1]))
        return Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def shown(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """A box in upright coordinates, back on the page as shown."""
        if self.quarter == 0:
            return (x0, y0, x1, y1)
        if self.quarter == 1:
            return (self.width - y1, x0, self.width - y0, x1)
        if self.quarter == 2:
            return (self.width - x1, self.height - y1, self.width - x0, self.height - y0)
        return (y0, self.height - x1, y1, self.height - x0)

    def _turn(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        if self.quarter == 0:
            return x, y
        if self.quarter == 1:
            return y, self.width - x
        if self.quarter == 2:
            return self.width - x, self.height - y
        return self.height - y, x


def directions(glyphs: Glyphs) -> list[tuple[int, Glyphs]]:
    """The glyphs by direction of writing, the direction of most text first.

    Slanted text is a watermark or a stamp and is dropped, unless it makes up a third of the page.
    """
    if not len(glyphs):
        return []
    if 3 * np.count_nonzero(glyphs.slanted) < len(glyphs):
        glyphs = glyphs.select(~glyphs.slanted)
    counts = np.bincount(glyphs.quarter, minlength=4)
    order = [int(quarter) for quarter in np.argsort(-counts, kind="stable") if counts[quarter]]
    return [(quarter, glyphs.select(glyphs.quarter == quarter)) for quarter in order]
