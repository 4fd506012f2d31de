"""What the filters of a search ask about each chunk, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kbchat.index.protocol import IndexEntry, SearchFilters
from kbchat.types import DocumentKind, SectionKind

Ids = NDArray[np.int64]
_FEW = 4
_DOCUMENT_KINDS = {kind: code for code, kind in enumerate(DocumentKind)}
_SECTION_KINDS = {kind: code for code, kind in enumerate(SectionKind)}
VOCABULARY = [[kind.value for kind in DocumentKind], [kind.value for kind in SectionKind]]
"""What the codes in the arrays mean; arrays made with another vocabulary must not be used."""


class Attributes:
    """Document, document kind and section kind of chunks; four arrays in the order of ``ids``, which ascend."""

    def __init__(
        self,
        ids: Ids | None = None,
        documents: Ids | None = None,
        document_kinds: NDArray[np.uint8] | None = None,
        section_kinds: NDArray[np.uint8] | None = None,
    ) -> None:
        self.ids: Ids = np.empty(0, np.int64) if ids is None else ids
        self.documents: Ids = np.empty(0, np.int64) if documents is None else documents
        self.document_kinds = np.empty(0, np.uint8) if document_kinds is None else document_kinds
        self.section_kinds = np.empty(0, np.uint8) if section_kinds is None else section_kinds
        if not len(self.ids) == len(self.documents) == len(self.document_kinds) == len(self.section_kinds):
            raise ValueError("attribute arrays of different lengths")

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, entries: Sequence[IndexEntry]) -> None:
        """Add chunks that are not there yet."""
        new = sorted(entries, key=lambda entry: entry.chunk_id)
        ids = np.array([entry.chunk_id for entry in new], np.int64)
        at = np.searchsorted(self.ids, ids)
        self.ids = np.insert(self.ids, at, ids)
        self.documents = np.insert(self.documents, at, [entry.document_id for entry in new])
        kinds = np.array([_DOCUMENT_KINDS[entry.document_kind] for entry in new], np.uint8)
        self.document_kinds = np.insert(self.document_kinds, at, kinds)
        sections = np.array([_SECTION_KINDS[entry.section_kind] for entry in new], np.uint8)
        self.section_kinds = np.insert(self.section_kinds, at, sections)

    def present(self, ids: Ids) -> Ids:
        """Those of ``ids`` that are there."""
        if not len(self.ids):
            return np.empty(0, np.int64)
        at = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.unique(ids[self.ids[at] == ids])

    def remove(self, ids: Ids) -> None:
        """Take out chunks that are there."""
        keep = np.ones(len(self.ids), bool)
        keep[np.searchsorted(self.ids, ids)] = False
        self.ids = self.ids[keep]
        self.documents = self.documents[keep]
        self.document_kinds = self.document_kinds[keep]
        self.section_kinds = self.section_kinds[keep]

    def allowed(self, filters: SearchFilters) -> Ids | None:
        """The chunks that pass ``filters``; None when all do."""
        masks = []
        if filters.document_ids:
            masks.append(_among(self.documents, list(filters.document_ids)))
        if filters.document_kinds:
            masks.append(_among(self.document_kinds, [_DOCUMENT_KINDS[kind] for kind in filters.document_kinds]))
        if filters.section_kinds:
            masks.append(_among(self.section_kinds, [_SECTION_KINDS[kind] for kind in filters.section_kinds]))
        return self.ids[np.logical_and.reduce(masks)] if masks else None


def _among(values: NDArray[Any], wanted: Sequence[int]) -> NDArray[np.bool_]:
    """Where ``values`` are one of ``wanted``: for few of them, comparing is many times faster than sorting."""
    if len(wanted) > _FEW:
        return np.isin(values, wanted)
    found: NDArray[np.bool_] = values == wanted[0]
    for one in wanted[1:]:
        found |= values == one
    return found
