"""One suite for every Embedder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kbchat.embedding.protocol import Embedder
from kbchat.embedding.static import StaticEmbedder
from kbchat.testing import HashEmbedder

_WORDS = ["[UNK]", "dose", "of", "aspirin", "renal", "阿司匹林", "每日", "剂量", "一次", "禁用", "0", "3", "g", "0.3g"]
_DIMENSION = 16


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(_WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def _weights() -> np.ndarray[Any, np.dtype[np.float32]]:
    rows = np.random.default_rng(0).standard_normal((len(_WORDS), _DIMENSION)).astype(np.float32)
    rows[0] = 0.0
    return rows


def _hash(_folder: Path) -> Embedder:
    return HashEmbedder(_DIMENSION)


def _model2vec(folder: Path) -> Embedder:
    from model2vec import StaticModel

    StaticModel(_weights(), _tokenizer()).save_pretrained(folder / "m2v")
    return StaticEmbedder(folder / "m2v")


def _static_folder(folder: Path) -> Path:
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    module = StaticEmbedding(_tokenizer(), embedding_weights=_weights())
    SentenceTransformer(modules=[module], device="cpu").save(str(folder / "st"))
    return folder / "st"


def _static_embedding(folder: Path) -> Embedder:
    return StaticEmbedder(_static_folder(folder))


def _sentence_transformers(folder: Path) -> Embedder:
    from kbchat.embedding.sentence_transformers import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(str(_static_folder(folder)), device="cpu")


@pytest.fixture(
    scope="module",
    params=[_hash, _model2vec, _static_embedding, _sentence_transformers],
    ids=lambda make: make.__name__.strip("_"),
)
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    make: Callable[[Path], Embedder] = request.param
    return make(tmp_path_factory.mktemp("model"))


def test_satisfies_the_protocol(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)
    assert embedder.name
    assert embedder.dimension == _DIMENSION


def test_unit_vectors_in_order(embedder: Embedder) -> None:
    texts = ["阿司匹林 剂量", "renal dose", "禁用"]
    rows = embedder.embed_documents(texts)
    assert rows.shape == (3, embedder.dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for text, row in zip(texts, rows, strict=True):
        assert np.allclose(embedder.embed_query(text), row, atol=1e-5)


def test_like_texts_are_nearer(embedder: Embedder) -> None:
    question, near, far = embedder.embed_documents(["dose of aspirin", "aspirin dose", "禁用"])
    assert question @ near > question @ far


def test_nothing_gives_zeros_or_unit_vectors(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.dimension)
    assert not embedder.embed_query("").any()
    odd = ["", " ", "\x00", "a\x00b", "💊🩺", "\ud800", "每日\udfff剂量", "aspirin " * 40_000, "\n\t"]
    rows = embedder.embed_documents(odd)
    lengths = np.linalg.norm(rows, axis=1)
    assert np.isfinite(rows).all()
    assert all(length == 0 or abs(length - 1) < 1e-5 for length in lengths)


def test_deterministic(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed_query("阿司匹林 每日"), embedder.embed_query("阿司匹林 每日"))
