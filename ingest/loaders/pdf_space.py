"""From PDF user space (origin anywhere, y upwards, page rotation apart) to the page as shown, origin top left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PageSpace:
    """The crop box in user space, and the page as shown: ``width`` by ``height`` points, turned clockwise ``turn`` times."""

    left: float
    bottom: float
    right: float
    top: float
    width: float
    height: float
    turn: int

    @classmethod
    def of(cls, page: Any) -> PageSpace:
        """The space of a ``PdfPage``."""
        left, bottom, right, top = page.get_bbox()
        width, height = page.get_size()
        return cls(left, bottom, right, top, width, height, page.get_rotation() // 90)

    def point(self, x: Any, y: Any) -> tuple[Any, Any]:
        """A point (numbers or arrays) of user space as shown."""
        if self.turn == 0:
            return x - self.left, self.top - y
        if self.turn == 1:
            return y - self.bottom, x - self.left
        if self.turn == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x
