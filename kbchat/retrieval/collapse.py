"""Collapsing near-identical passages: the same paragraph in the texts of several strengths or sibling products.

Two passages are near-identical when most of the shorter one's character shingles stand in the longer one. Of a group the
best-placed passage stays, so that the reader's few passages say different things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from kbchat.text.tokens import fold

_SHINGLE = 6
_T = TypeVar("_T")


def shingles(text: str) -> frozenset[int]:
    """Hashes of all runs of six letters or digits of the folded text."""
    letters = "".join(character for character in fold(text) if character.isalnum())
    if len(letters) <= _SHINGLE:
        return frozenset((hash(letters),)) if letters else frozenset()
    return frozenset(map(hash, map("".join, zip(*(letters[i:] for i in range(_SHINGLE)), strict=False))))


def containment(first: frozenset[int], second: frozenset[int]) -> float:
    """The share of the smaller set that stands in the larger, 0 to 1."""
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def kept_after_collapse(
    items: Iterable[_T], shingles_of: Callable[[_T], frozenset[int]], *, threshold: float = 0.85
) -> Iterator[_T]:
    """Those of ``items``, in order, whose text (as shingles) is not near-identical to an earlier one's.

    One after the other: each is compared with all kept before it, so who needs few should not ask for more.
    """
    seen: list[frozenset[int]] = []
    for item in items:
        mine = shingles_of(item)
        if any(containment(mine, other) >= threshold for other in seen):
            continue
        seen.append(mine)
        yield item
