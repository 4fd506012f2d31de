"""Static embeddings: the mean of one fixed vector a token, by model2vec; no torch, thousands of passages a second.

Reads model2vec folders and folders of a sentence-transformers StaticEmbedding. Only local folders: nothing is
downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbchat.embedding.protocol import Vectors
from kbchat.embedding.vectors import embeddable, file_mark, unit_rows
from kbchat.errors import EmbedderError
from kbchat.messages import Bilingual

_BATCH = 1024


class StaticEmbedder:
    """A static model from a local folder."""

    def __init__(self, folder: Path, name: str = "") -> None:
        """Load the model in ``folder``; ``name`` defaults to the folder's with a mark of its content.

        Raises EmbedderError when there is no model that can be read.
        """
        if not folder.is_dir():
            raise _unusable(folder, "there is no such folder", "没有该目录")
        from model2vec import StaticModel  # noqa: PLC0415 - a fifth of a second that lexical bases need not pay

        try:
            model: Any = StaticModel.from_pretrained(str(folder), max_length=None, force_download=False)
            # A broken file may load; the first text finds out.
            self._dimension = int(np.asarray(model.encode(["a"], use_multiprocessing=False)).shape[1])
            self._name = name or f"static:{folder.resolve().name}@{_mark(folder)}"
        except Exception as error:  # hub, tokenizers, safetensors and torch each raise their own
            raise _unusable(folder, str(error), str(error)) from error
        self._model = model

    @property
    def name(self) -> str:
        """Model and version."""
        return self._name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self._dimension), np.float32)
        prepared = [embeddable(text) for text in texts]
        return unit_rows(self._model.encode(prepared, batch_size=_BATCH, use_multiprocessing=False))

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (dimension,)."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector


def _mark(folder: Path) -> str:
    """The mark of the folder's weights, wherever the two formats keep them."""
    return file_mark(next(path for path in sorted(folder.rglob("*.safetensors"))))


def _unusable(folder: Path, cause: str, cause_zh: str) -> EmbedderError:
    return EmbedderError(
        Bilingual(
            f"No static embedding model can be read from {folder}: {cause}.",
            f"无法从 {folder} 读取静态向量模型：{cause_zh}。",
        ),
        Bilingual(
            "Expected a folder made by model2vec or by sentence-transformers' StaticEmbedding; set embedding.model to "
            "`static:PATH` of one, to `default`, or to `none` to search by words alone.",
            "需要 model2vec 或 sentence-transformers StaticEmbedding 生成的目录；请将 embedding.model 设为 `static:路径`、"
            "`default`，或设为 `none` 仅用关键词检索。",
        ),
    )
