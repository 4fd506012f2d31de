"""Collapsing near-identical passages: the same paragraph in the texts of several strengths or sibling products.

Two passages are near-identical when most of the shorter one's character shingles stand in the longer one. Of a group the
best-placed passage stays, so that the reader's few passages say different things.
"""

from __future__ import annotations

from collections.abc import Iterable

from kbchat.text.tokens import fold

_SHINGLE = 6


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
    texts: Iterable[frozenset[int]], *, threshold: float = 0.85, limit: int | None = None
) -> list[int]:
    """The positions, in order, of texts (as shingles) that are not near-identical to an earlier one; at most ``limit``."""
    kept: list[int] = []
    seen: list[frozenset[int]] = []
    for position, mine in enumerate(texts):
        if any(containment(mine, other) >= threshold for other in seen):
            continue
        kept.append(position)
        seen.append(mine)
        if limit is not None and len(kept) >= limit:
            break
    return kept
