"""Chunks that were read lately, kept in memory: the same ones are found for question after question.

A chunk's text never changes, but its card may be corrected and its document's file renamed: a kept chunk serves only
with the very owner that it was made with.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from kbchat.store.records import StoredChunk
from kbchat.types import DocumentCard

_MOST_CHARACTERS = 24_000_000
"""Text kept, in characters (two bytes each in Chinese): about 60,000 passages of leaflets."""
_MOST_OWNERS = 10_000
_FOR_THE_REST = 300
"""What a chunk takes beside its texts, in characters."""


@dataclass(frozen=True, slots=True)
class Owner:
    """What the chunks of one revision share: the card, the document's file name, document and base."""

    card: DocumentCard
    name: str
    document_id: int
    base_id: int


class KnownChunks:
    """A bounded memory of owners and chunks as of a change of the store. Safe to share between threads.

    The chunks used least lately go first.
    """

    def __init__(self, most_characters: int = _MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._owners: dict[int, Owner] = {}
        self._chunks: OrderedDict[int, tuple[StoredChunk, Owner]] = OrderedDict()
        self._of_revision: dict[int, set[int]] = {}
        self._characters = 0
        self._as_of = 0
        self._lock = threading.Lock()

    @property
    def as_of(self) -> int:
        """The number of the change up to which changes were followed."""
        return self._as_of

    def follow(self, as_of: int, documents: Container[int] | None) -> None:
        """Forget what the changes up to ``as_of`` touch: some ``documents``, or (None) whatever."""
        with self._lock:
            if as_of <= self._as_of:
                return
            self._as_of = as_of
            if documents is None:
                self._clear()
                return
            for key in [key for key, owner in self._owners.items() if owner.document_id in documents]:
                del self._owners[key]
                for chunk_id in tuple(self._of_revision.get(key, ())):  # nobody asks for those of an old revision again
                    self._drop(chunk_id)

    def owners(self, revision_ids: Iterable[int]) -> dict[int, Owner]:
        """Those known."""
        with self._lock:
            return {key: owner for key in revision_ids if (owner := self._owners.get(key)) is not None}

    def chunks(self, chunk_ids: Iterable[int]) -> dict[int, StoredChunk]:
        """Those known, each as its owner is now."""
        found: dict[int, StoredChunk] = {}
        with self._lock:
            for key in chunk_ids:
                kept = self._chunks.get(key)
                if kept is not None and self._owners.get(kept[0].revision_id) is kept[1]:
                    found[key] = kept[0]
                    self._chunks.move_to_end(key)
        return found

    def keep(self, owners: Mapping[int, Owner], chunks: Iterable[StoredChunk], as_of: int) -> None:
        """Remember what was read in the state ``as_of``, unless changes after it were followed meanwhile."""
        with self._lock:
            if as_of != self._as_of:
                return
            if len(self._owners) + len(owners) > _MOST_OWNERS:
                self._clear()
            for key, owner in owners.items():
                self._owners.setdefault(key, owner)
            for chunk in chunks:
                self._drop(chunk.chunk_id)
                self._chunks[chunk.chunk_id] = chunk, owners[chunk.revision_id]
                self._of_revision.setdefault(chunk.revision_id, set()).add(chunk.chunk_id)
                self._characters += _weight(chunk)
            while self._characters > self._most:
                self._drop(next(iter(self._chunks)))

    def _clear(self) -> None:
        self._owners.clear()
        self._chunks.clear()
        self._of_revision.clear()
        self._characters = 0

    def _drop(self, chunk_id: int) -> None:
        gone = self._chunks.pop(chunk_id, None)
        if gone is not None:
            self._characters -= _weight(gone[0])
            siblings = self._of_revision[gone[0].revision_id]
            siblings.discard(chunk_id)
            if not siblings:
                del self._of_revision[gone[0].revision_id]


def _weight(chunk: StoredChunk) -> int:
    return len(chunk.text) + len(chunk.section_text) + len(chunk.table_header) + _FOR_THE_REST
