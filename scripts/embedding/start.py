"""Where training starts: cross-lingual latent semantic indexing.

Method: Dumais et al. 1997, "Automatic cross-language retrieval using latent semantic indexing": a text and its translation
are one column of the term-document matrix, and the singular vectors put a word and its translation side by side. Texts
without a translation get one word by word, from the translation table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, vstack
from sklearn.utils.extmath import randomized_svd

from embedding.translation import Candidates, Ids


def _counts(texts: Sequence[Ids], size: int) -> csr_matrix:
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    rows = np.repeat(np.arange(len(texts)), lengths)
    columns = np.concatenate(texts)
    return csr_matrix((np.ones(len(columns), dtype=np.float32), (rows, columns)), shape=(len(texts), size))


def translation_matrix(candidates: Sequence[Candidates], size: int) -> csr_matrix:
    """Row: a token, columns: its translations, values: their weights."""
    total = csr_matrix((size, size), dtype=np.float32)
    for table in candidates:
        best = table.ids.shape[1]
        rows = np.repeat(np.arange(size), best)
        total = total + csr_matrix((table.weights.ravel(), (rows, table.ids.ravel())), shape=(size, size))
    return total


def starting_vectors(
    monolingual: Sequence[Ids], bilingual: Sequence[Ids], translate: csr_matrix, *, dimension: int, seed: int
) -> NDArray[np.float32]:
    """One vector a token, shape (vocabulary, dimension), rare words longer than frequent ones.

    ``monolingual`` are texts in one language, ``bilingual`` texts with their translation appended.
    """
    size = translate.shape[0]
    counts = _counts(monolingual, size)
    matrix = vstack([counts + counts @ translate, _counts(bilingual, size)]).tocsr()
    frequency = np.asarray((matrix > 0).sum(axis=0)).ravel() + 1.0
    idf = np.log(matrix.shape[0] / frequency).clip(0.1).astype(np.float32)
    matrix.data = np.log1p(matrix.data)
    matrix = (matrix @ diags(idf)).tocsr()
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()).clip(1e-6)
    matrix = (diags(1 / norms) @ matrix).astype(np.float32)
    _, singular, right = randomized_svd(matrix, dimension, n_iter=2, random_state=seed)
    vectors = right.T * np.sqrt(singular)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return np.ascontiguousarray(vectors * (idf / idf.mean())[:, None], dtype=np.float32)
