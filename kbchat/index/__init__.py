"""Search engines behind one seam (``protocol``); the embedded one is opened by :func:`open_index`.

The engine is imported when it is first named: the store needs the seam's types, and must not load FAISS for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbchat.index.embedded import EmbeddedIndex
    from kbchat.index.lexical import FieldBoosts
    from kbchat.index.opening import open_index

__all__ = ["EmbeddedIndex", "FieldBoosts", "open_index"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kbchat.index import embedded, lexical, opening  # noqa: PLC0415

        places = {"EmbeddedIndex": embedded, "FieldBoosts": lexical, "open_index": opening}
        return getattr(places[name], name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
