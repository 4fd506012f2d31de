"""The meaning side of the embedded engine: the vectors in memory and their snapshot on disk."""

from __future__ import annotations

import sys
from collections.abc import Callable

from kbchat.embedding.protocol import Vectors
from kbchat.index.dense import DenseIndex, wrong_dimension
from kbchat.index.folder import IndexFolder, Snapshot, load_snapshot, save_snapshot
from kbchat.index.protocol import IndexChanges, IndexIdentity, SearchFilters

_SNAPSHOT_SHARE = 50
"""A snapshot is written when more than one in so many vectors changed since the last."""


class MeaningSide:
    """The vectors of one base. Without an embedder it holds nothing and is complete by definition.

    The caller keeps readers away from ``take`` and ``adopt``.
    """

    def __init__(self, identity: IndexIdentity) -> None:
        self.identity = identity
        self._dense = DenseIndex(identity.dimension) if identity.dimension else None
        self._watermark = 0 if identity.dimension else sys.maxsize
        self._stamp = ""
        self._unsaved = 0

    @classmethod
    def opened(cls, folder: IndexFolder, identity: IndexIdentity, stamp_of: Callable[[int], str]) -> MeaningSide:
        """From the snapshot, if there is one to be trusted; else empty. ``stamp_of`` gives the stamp of a change."""
        side = cls(identity)
        if not identity.dimension:
            return side
        snapshot = load_snapshot(folder.snapshot, identity)
        if snapshot is not None and snapshot.stamp == stamp_of(snapshot.watermark):
            side._dense, side._watermark, side._stamp = snapshot.dense, snapshot.watermark, snapshot.stamp
        return side

    @property
    def watermark(self) -> int:
        """Up to which change the side is complete."""
        return self._watermark

    def check(self, changes: IndexChanges) -> None:
        """Refuse vectors of another dimension. Raises IndexStateError."""
        for entry in changes.added:
            if entry.vector is not None and self._dense is not None and entry.vector.shape != (self._dense.dimension,):
                raise wrong_dimension(self._dense.dimension, entry.vector.shape[-1])

    def take(self, changes: IndexChanges) -> None:
        """Take over changes that were not yet."""
        if self._dense is None or changes.watermark <= self._watermark:
            return
        self._dense.apply(changes.added, changes.removed)
        self._watermark, self._stamp = changes.watermark, changes.stamp
        self._unsaved += len(changes.added) + len(changes.removed)

    def rearranged(self) -> DenseIndex | None:
        """The vectors in a better arrangement, for ``adopt``; None when there is none. Readers may go on meanwhile."""
        return None if self._dense is None else self._dense.rearranged()

    def adopt(self, dense: DenseIndex) -> None:
        """Search in ``dense`` from now on."""
        self._dense = dense

    def search(self, vector: Vectors | None, filters: SearchFilters, k: int) -> list[tuple[int, float]]:
        """The ``k`` best (chunk id, cosine), best first, equal ones by id. Raises IndexStateError."""
        if vector is None or self._dense is None:
            return []
        return self._dense.search(vector, filters, k)

    def save(self, folder: IndexFolder, *, even_if_little: bool = False) -> None:
        """Write a snapshot when enough changed since the last. Raises OSError."""
        if self._dense is None or not self._unsaved:
            return
        if even_if_little or self._unsaved * _SNAPSHOT_SHARE > len(self._dense):
            save_snapshot(folder.snapshot, Snapshot(self._dense, self._watermark, self._stamp), self.identity)
            self._unsaved = 0
