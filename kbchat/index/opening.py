"""Opening the embedded index of a knowledge base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kbchat.index.embedded import EmbeddedIndex
from kbchat.index.folder import IndexFolder
from kbchat.index.lexical import FieldBoosts

if TYPE_CHECKING:
    from kbchat.store import KnowledgeBase, Store


def open_index(store: Store, base: KnowledgeBase, *, boosts: FieldBoosts | None = None) -> EmbeddedIndex:
    """The index of ``base``, caught up with ``store``; what is missing or damaged on disk is made anew.

    Call ``refresh`` before a search to see what was committed since. Raises IndexStateError, StoreError.
    """
    index = EmbeddedIndex(store, base.id, IndexFolder(store.data_layout.index_folder(base.id)), boosts)
    index.refresh()
    return index
