"""The embedding that ships with kbchat: small, bilingual, medical, no download.

A static embedding: a text is the weighted mean of the vectors of its tokens. The folder ``models/kbchat-zh-en-1`` is one
that model2vec reads (``StaticModel.from_pretrained(folder)``); it is read here without model2vec, because checking the
hashes, loading in a tenth of a second and pooling straight from int8 are wanted. The model card beside the weights tells
how they were made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from tokenizers import Tokenizer, normalizers

from kbchat.embedding.protocol import Vectors
from kbchat.embedding.vectors import embeddable
from kbchat.errors import EmbedderError
from kbchat.messages import Bilingual
from kbchat.text.tokens import fold

MODEL_NAME: Final = "kbchat-zh-en-1"
FILES: Final = ("model.safetensors", "tokenizer.json", "config.json")
_SHORTEST_VECTOR = np.float32(1e-6)
_BATCH = 256  # texts cut at a time: bounds the memory of the gathered rows


class BuiltinEmbedder:
    """The built-in model as an :class:`~kbchat.embedding.protocol.Embedder`; may be shared by threads.

    The vector of a text without any known token (empty, only emoji or punctuation) is all zeros; every other is a unit
    vector. Of a text longer than 20,000 characters the beginning counts.
    """

    def __init__(self, folder: Path) -> None:
        """Load and check ``folder``. Raises EmbedderError when a file is missing or is not the one that was shipped."""
        manifest, contents = _checked(folder)
        try:
            tensors = load_tensors(contents["model.safetensors"])
            self._rows: NDArray[np.int8] = tensors["embeddings"]
            self._factors: NDArray[np.float32] = tensors["weights"]
            self._tokenizer = Tokenizer.from_str(contents["tokenizer.json"].decode("utf-8"))
        except (SafetensorError, KeyError, ValueError) as error:
            raise _damaged(folder, str(error)) from error
        self._tokenizer.normalizer = normalizers.Sequence([])  # fold() has done it, and more
        self._name = f"static:{manifest['name']}"

    @property
    def name(self) -> str:
        """``static:kbchat-zh-en-1``."""
        return self._name

    @property
    def dimension(self) -> int:
        """256."""
        return int(self._rows.shape[1])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension)."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [fold(embeddable(text)) for text in texts[start : start + _BATCH]]
            for row, encoding in enumerate(self._tokenizer.encode_batch_fast(batch, add_special_tokens=False), start):
                vectors[row] = self._mean(encoding.ids)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (dimension,)."""
        return self._mean(self._tokenizer.encode(fold(embeddable(text)), add_special_tokens=False).ids)

    def tokens(self, text: str, most: int) -> tuple[NDArray[np.int32], Vectors]:
        """The first ``most`` tokens of ``text``: their numbers, shape (n,), and their unit vectors, shape (n, dimension)."""
        encoding = self._tokenizer.encode(fold(embeddable(text)), add_special_tokens=False)
        ids = np.array(encoding.ids[:most], dtype=np.int32)
        return ids, self.vectors_of_tokens(ids)

    def vectors_of_tokens(self, ids: NDArray[np.int32] | None = None) -> Vectors:
        """The unit vectors of some tokens, or of all, shape (n, dimension)."""
        vectors = (self._rows if ids is None else self._rows[ids]).astype(np.float32)
        units: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _SHORTEST_VECTOR)
        return units

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return int(self._rows.shape[0])

    def _mean(self, ids: list[int]) -> Vectors:
        known = np.array(ids, dtype=np.int32)
        total = self._factors[known] @ self._rows[known].astype(np.float32)
        length = float(np.linalg.norm(total))
        return total / np.float32(length) if length > 0 else total


@lru_cache(maxsize=1)
def builtin_embedder() -> BuiltinEmbedder:
    """The model that ships with kbchat, loaded once for each process.

    Raises EmbedderError when its files are missing or are not the ones that were shipped.
    """
    return BuiltinEmbedder(builtin_folder())


def builtin_folder() -> Path:
    """Where the shipped model lies."""
    return Path(str(files("kbchat.embedding").joinpath("models", MODEL_NAME)))


def _checked(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest, and the bytes of each file, which are the ones it names."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        expected = {name: str(manifest["sha256"][name]) for name in FILES}
        contents = {name: (folder / name).read_bytes() for name in FILES}
        manifest["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    for name, content in contents.items():
        found = hashlib.sha256(content).hexdigest()
        if found != expected[name]:
            raise _damaged(folder, f"{name} has SHA-256 {found[:12]}…, {expected[name][:12]}… was expected")
    return manifest, contents


def _damaged(folder: Path, cause: str) -> EmbedderError:
    return EmbedderError(
        Bilingual(
            f"The built-in embedding model in {folder} is not as it was shipped: {cause}.",
            f"{folder} 中的内置向量模型与发布时不一致：{cause}。",
        ),
        Bilingual(
            "Install kbchat again (`pip install --force-reinstall --no-deps kbchat`), or set embedding.model to `none` to "
            "search by words alone.",
            "请重新安装 kbchat（`pip install --force-reinstall --no-deps kbchat`），或将 embedding.model 设为 `none` 仅用关键词检索。",
        ),
    )
