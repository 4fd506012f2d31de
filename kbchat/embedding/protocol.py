"""The seam between text and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into unit vectors.

    ``name`` identifies model and version; a knowledge base remembers it. Every vector is float32 and has length 1, or
    is all zeros when the text holds nothing the model knows.
    """

    @property
    def name(self) -> str:
        """Model and version, for example ``static:kbchat-zh-en-1``."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension). Raises EmbedderError."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (dimension,). Raises EmbedderError."""
