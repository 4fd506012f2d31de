"""Which embedder a setting names, and whether it is the one that a knowledge base was embedded with."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from kbchat.embedding.protocol import Embedder
from kbchat.errors import ConfigurationError, EmbedderMismatchError
from kbchat.messages import Bilingual


def embedder_from_spec(spec: str, *, allow_download: bool = False) -> Embedder | None:
    """The embedder that ``spec`` names; None means searching by words alone.

    ``none``; ``default`` (the built-in model, None where this installation has none); ``static:PATH``;
    ``sentence-transformers:PATH_OR_NAME``. Raises ConfigurationError for anything else, EmbedderError when the model
    cannot be loaded.
    """
    kind, _, place = spec.strip().partition(":")
    if kind == "none" and not place:
        return None
    if kind == "default" and not place:
        return _builtin()
    if kind == "static" and place:
        from kbchat.embedding.static import StaticEmbedder  # noqa: PLC0415 - only what is asked for is imported

        return StaticEmbedder(Path(place).expanduser())
    if kind == "sentence-transformers" and place:
        from kbchat.embedding.sentence_transformers import SentenceTransformerEmbedder  # noqa: PLC0415

        return SentenceTransformerEmbedder(place, allow_download=allow_download)
    raise ConfigurationError(
        Bilingual(f"{spec!r} does not name an embedding model.", f"{spec!r} 不是有效的向量模型设置。"),
        Bilingual(
            "Expected `default`, `none`, `static:PATH` or `sentence-transformers:PATH_OR_NAME` in embedding.model.",
            "embedding.model 应为 `default`、`none`、`static:路径` 或 `sentence-transformers:路径或名称`。",
        ),
    )


def check_embedder(base_name: str, recorded: str, embedder: Embedder | None) -> None:
    """Refuse an embedder other than ``recorded``, the one the knowledge base remembers (empty: none).

    Raises EmbedderMismatchError naming the command that embeds again.
    """
    opened = embedder.name if embedder is not None else ""
    if opened == recorded:
        return
    words_only = Bilingual("no embedding model (search by words alone)", "无向量模型（仅关键词检索）")
    raise EmbedderMismatchError(
        Bilingual(
            f"The knowledge base {base_name!r} was embedded with {recorded or words_only.en}, "
            f"the settings name {opened or words_only.en}.",
            f"知识库 {base_name!r} 使用的是 {recorded or words_only.zh}，而设置指定的是 {opened or words_only.zh}。",
        ),
        Bilingual(
            f"Change embedding.model back, or embed again with `kbchat reindex --kb {base_name} --re-embed`.",
            f"请改回 embedding.model，或运行 `kbchat reindex --kb {base_name} --re-embed` 重新生成向量。",
        ),
    )


def _builtin() -> Embedder | None:
    if find_spec("kbchat.embedding.builtin") is None:
        return None
    found: Embedder | None = import_module("kbchat.embedding.builtin").builtin_embedder()
    return found
