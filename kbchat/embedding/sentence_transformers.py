"""Any sentence-transformers model, from a local folder or (already downloaded) by name.

torch is imported when the first such embedder is made. Unless ``allow_download`` is set, names are looked up in the
local cache only and nothing reaches for the network.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbchat.embedding.protocol import Vectors
from kbchat.embedding.vectors import embeddable, file_mark, unit_rows
from kbchat.errors import EmbedderError
from kbchat.messages import Bilingual

_BATCH = 32


class SentenceTransformerEmbedder:
    """A sentence-transformers model; queries and passages get the prompts that its configuration gives them."""

    def __init__(self, path_or_name: str, *, allow_download: bool = False, device: str = "") -> None:
        """Load the model; ``device`` as torch names it, empty for the best there is.

        Raises EmbedderError when the package is not installed or there is no such model.
        """
        if not allow_download:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - see the module's docstring
        except ImportError as error:
            raise _not_installed() from error
        try:
            model: Any = SentenceTransformer(
                path_or_name, device=device or None, local_files_only=not allow_download, trust_remote_code=False
            )
            self._dimension = int(model.encode(["a"], show_progress_bar=False).shape[1])
        except Exception as error:  # hub, tokenizers, safetensors and torch each raise their own
            raise _unusable(path_or_name, error) from error
        self._model = model
        self._name = f"sentence-transformers:{_identity(path_or_name)}"
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Model and version."""
        return self._name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimension). Raises EmbedderError."""
        if not texts:
            return np.zeros((0, self._dimension), np.float32)
        return self._encode(self._model.encode_document, texts)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape (dimension,). Raises EmbedderError."""
        vector: Vectors = self._encode(self._model.encode_query, [text])[0]
        return vector

    def _encode(self, encode: Any, texts: Sequence[str]) -> Vectors:
        prepared = [embeddable(text) for text in texts]
        try:
            with self._lock:  # fast tokenizers refuse to be used by two threads at once
                rows = encode(prepared, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise EmbedderError(
                Bilingual(
                    f"The embedding model {self._name} failed: {error}.", f"向量模型 {self._name} 运行失败：{error}。"
                ),
                Bilingual("Free memory on the device, or use a smaller model.", "请释放设备内存，或改用更小的模型。"),
            ) from error
        # An empty text gives the model's idea of nothing; by the seam's rule it has no direction.
        empty = np.array([not text.strip() for text in prepared])
        return unit_rows(np.where(empty[:, None], 0.0, rows))


def _identity(path_or_name: str) -> str:
    folder = Path(path_or_name)
    if not folder.is_dir():
        return path_or_name
    weights = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    mark = f"@{file_mark(weights[0])}" if weights else ""
    return f"{folder.resolve().name}{mark}"


def _not_installed() -> EmbedderError:
    return EmbedderError(
        Bilingual("The package sentence-transformers is not installed.", "未安装 sentence-transformers 软件包。"),
        Bilingual("Install it with `pip install 'kbchat[local]'`.", "请运行 `pip install 'kbchat[local]'` 安装。"),
    )


def _unusable(path_or_name: str, error: Exception) -> EmbedderError:
    cause = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return EmbedderError(
        Bilingual(
            f"The embedding model {path_or_name!r} cannot be loaded: {cause}.",
            f"无法加载向量模型 {path_or_name!r}：{cause}。",
        ),
        Bilingual(
            "Give the folder of a sentence-transformers model, or the name of one that was downloaded before; set "
            "embedding.allow_download to fetch it.",
            "请指定 sentence-transformers 模型目录，或已下载模型的名称；如需联网下载请设置 embedding.allow_download。",
        ),
    )
