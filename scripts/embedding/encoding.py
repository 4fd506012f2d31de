"""Texts to token ids and to vectors, during training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embedding.corpus import BILINGUAL, Pair
from embedding.translation import Ids
from kbchat.text.tokens import fold


class TokenIds:
    """A tokenizer's ids, without the unknown token. ``chinese`` tells for each id whether it is a Chinese word."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.size: int = tokenizer.get_vocab_size()
        words = [tokenizer.id_to_token(i) or "" for i in range(self.size)]
        self.chinese = np.array([any("\u3400" <= character <= "\u9fff" for character in word) for word in words])

    def __call__(self, texts: Sequence[str]) -> list[Ids]:
        """Ids of folded texts."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.array([i for i in encoding.ids if i], dtype=np.int32) for encoding in encodings]


@dataclass(frozen=True, slots=True)
class TokenisedPairs:
    """Pairs and the ids of both sides."""

    pairs: Sequence[Pair]
    anchors: Sequence[Ids]
    positives: Sequence[Ids]

    @classmethod
    def of(cls, pairs: Sequence[Pair], tokens: TokenIds) -> TokenisedPairs:
        """Cut both sides of every pair."""
        return cls(pairs, tokens([pair.anchor for pair in pairs]), tokens([pair.positive for pair in pairs]))

    def joined(self, *, aligned: bool) -> list[Ids]:
        """Both sides of each pair as one text: of the pairs in two languages, or of those in one."""
        together = zip(self.pairs, self.anchors, self.positives, strict=True)
        return [np.concatenate([a, b]) for pair, a, b in together if (pair.source in BILINGUAL) == aligned]


class Encoder:
    """Texts to unit vectors by any token vectors; the ids of a list of texts are remembered."""

    def __init__(self, tokens: TokenIds) -> None:
        self._tokens = tokens
        self._known: dict[tuple[str, ...], list[Ids]] = {}

    def encode(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors of raw texts, shape (len(texts), dimension)."""
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self._tokens([fold(text) for text in texts])
        rows = [vectors[ids].mean(axis=0) if len(ids) else np.zeros(vectors.shape[1]) for ids in self._known[key]]
        found = np.stack(rows).astype(np.float32)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)
