"""The word side of the embedded engine: the index on disk and, while that lags behind, an overlay in memory."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.index.lexical import FIELDS, Correction, FieldBoosts, LexicalIndex, inverse_document_frequency
from kbchat.index.protocol import IndexChanges, SearchFilters, WeightedToken


class WordSide:
    """One or two word indexes searched as one. The caller keeps readers away from ``publish`` and ``cover``.

    ``overlay`` holds the documents that changed after the disk's watermark, and ``hidden`` all their chunks, old and
    new: for these the overlay alone speaks.
    """

    def __init__(self, disk: LexicalIndex | None, boosts: FieldBoosts) -> None:
        self.disk = disk
        self._boosts = boosts
        self._overlay: LexicalIndex | None = None
        self._hidden: set[int] = set()
        self._frequencies: dict[str, int] = {}

    @property
    def watermark(self) -> int:
        """Up to which change the side is complete."""
        if self._overlay is not None:
            return self._overlay.watermark
        return self.disk.watermark if self.disk is not None else 0

    @property
    def count(self) -> int:
        """How many chunks can be found."""
        on_disk = 0 if self.disk is None else self.disk.count - self.disk.holding(self._hidden)
        return on_disk + (0 if self._overlay is None else self._overlay.count)

    def publish(self) -> None:
        """Show what was committed on disk, and give up the overlay when that holds all of it."""
        self._frequencies = {}
        if self.disk is None:
            return
        self.disk.publish()
        if self._overlay is not None and self.disk.watermark >= self._overlay.watermark:
            self._overlay, self._hidden = None, set()

    def overlaid(self, changes: IndexChanges) -> LexicalIndex:
        """The overlay with ``changes`` committed, not yet shown: ``cover`` does that."""
        overlay = self._overlay or LexicalIndex(None, self._boosts)
        with overlay.writing():
            overlay.commit(changes)
        return overlay

    def cover(self, overlay: LexicalIndex, changes: IndexChanges) -> None:
        """Show an overlay with the changes it took last."""
        overlay.publish()
        self._overlay = overlay
        self._hidden.update(changes.removed)
        self._hidden.update(entry.chunk_id for entry in changes.added)
        self._frequencies = {}

    def search(self, tokens: Sequence[WeightedToken], filters: SearchFilters, k: int) -> list[tuple[int, float]]:
        """The ``k`` best (chunk id, BM25 score), best first, equal scores by id."""
        if self._overlay is None:
            return self.disk.search(tokens, filters, k) if self.disk is not None else []
        parts = self._parts()
        corrections = _corrections(parts, tokens) if len(parts) > 1 else [{}]
        found: list[tuple[int, float]] = []
        for part, correction in zip(parts, corrections, strict=True):
            hidden = self._hidden if part is self.disk else frozenset[int]()
            found.extend(part.search(tokens, filters, k, hidden, correction))
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:k]

    def document_frequency(self, token: str) -> int:
        """How many chunks hold ``token`` in any field, remembered until the next change.

        Chunks on disk that the overlay replaces still count.
        """
        known = self._frequencies
        if token not in known:
            known[token] = sum(part.document_frequency(token) for part in self._parts())
        return known[token]

    def _parts(self) -> list[LexicalIndex]:
        return [part for part in (self.disk, self._overlay) if part is not None]


def _corrections(parts: Sequence[LexicalIndex], tokens: Sequence[WeightedToken]) -> list[Correction]:
    """For each part what a (field, token) must be weighted with to count by the frequencies of all parts together."""
    total = sum(part.indexed for part in parts)
    corrections: list[dict[tuple[str, str], float]] = [{} for _ in parts]
    for token in {item.token for item in tokens}:
        frequencies = [part.field_frequencies(token) for part in parts]
        for field in FIELDS:
            together = inverse_document_frequency(sum(found[field] for found in frequencies), total)
            for part, found, correction in zip(parts, frequencies, corrections, strict=True):
                if found[field]:
                    alone = inverse_document_frequency(found[field], part.indexed)
                    correction[field, token] = together / alone
    return list(corrections)
