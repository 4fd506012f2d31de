"""``kbchat reindex``: make the index anew from the store, with another embedding model if wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import Bases, DataDir, Json, Lang, open_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kbchat.app import App
    from kbchat.embedding.protocol import Embedder, Vectors
    from kbchat.store import KnowledgeBase


def reindex(
    context: typer.Context,
    *,
    kb: Bases = None,
    re_embed: Annotated[
        bool, typer.Option("--re-embed", help="Embed all chunks with the model that the settings name now.")
    ] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Rebuild the search index from the store; search goes on meanwhile. Without --kb: of every knowledge base."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import print_json, say  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.messages import Bilingual  # noqa: PLC0415

    store = opened.store
    bases = [store.base(name) for name in dict.fromkeys(kb)] if kb else store.bases()
    done = []
    for base in bases:
        started = time.monotonic()
        with store.writer_lock(base.id):
            if re_embed:
                re_embed_base(opened, base)
            _rebuild(opened, store.base(base.name))
        chunks = store.chunk_total(base.id)
        seconds = round(time.monotonic() - started, 3)
        embedder = store.base(base.name).embedder
        done.append({"name": base.name, "chunks": chunks, "embedder": embedder, "seconds": seconds})
        if not as_json:
            say(
                Bilingual(
                    f"{base.name}: {chunks} chunks indexed in {seconds:.1f} s.",
                    f"{base.name}：已索引 {chunks} 个片段，用时 {seconds:.1f} 秒。",
                )
            )
    if as_json:
        print_json({"knowledge_bases": done})
    elif not bases:
        say(Bilingual("There is no knowledge base yet.", "还没有知识库。"))


def re_embed_base(opened: App, base: KnowledgeBase) -> None:
    """Give a knowledge base the vectors of the embedder that the settings name. Raises EmbedderError, StoreError."""
    embedder = opened.embedder(opened.settings.embedding.model)
    opened.store.replace_vectors(
        base.id,
        embedder=embedder.name if embedder else "",
        dimension=embedder.dimension if embedder else 0,
        vectors=_vectors(opened, base, embedder) if embedder else (),
    )


def _vectors(opened: App, base: KnowledgeBase, embedder: Embedder) -> Iterator[tuple[int, Vectors]]:
    from kbchat.embedding.passage_text import passage_text  # noqa: PLC0415

    for revision_id, chunks in opened.store.live_chunks(base.id):
        texts = [
            passage_text(chunk.subject or chunk.document_title, chunk.section_path, chunk.table_header, chunk.text)
            for chunk in chunks
        ]
        yield revision_id, embedder.embed_documents(texts)


def _rebuild(opened: App, base: KnowledgeBase) -> None:
    from kbchat.index import open_index  # noqa: PLC0415

    index = open_index(opened.store, base)
    try:
        index.rebuild()
    finally:
        index.close()
