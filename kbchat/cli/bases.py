"""``kbchat kb``: knowledge bases and the documents in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kbchat.cli.options import Base, DataDir, Json, Lang, open_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kbchat.app import App
    from kbchat.store import KnowledgeBase, StoredDocument

app = typer.Typer(no_args_is_help=True, help="Knowledge bases and the documents in them.")

DocumentNames = Annotated[
    list[str], typer.Argument(metavar="DOCUMENT...", help="Ids, file names, paths or titles.", show_default=False)
]


def create_base(opened: App, name: str, description: str = "") -> KnowledgeBase:
    """A new knowledge base for the embedder that the settings name. Raises ConflictError, InvalidInputError."""
    embedder = opened.embedder(opened.settings.embedding.model)
    return opened.store.create_base(
        name,
        description=description,
        embedder=embedder.name if embedder else "",
        dimension=embedder.dimension if embedder else 0,
    )


@app.command("list")
def list_bases(context: typer.Context, *, as_json: Json = False, data_dir: DataDir = None, lang: Lang = None) -> None:
    """List the knowledge bases."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.listing import base_json, print_bases  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.cli.terminal import print_json  # noqa: PLC0415

    described = [base_json(opened.store, base) for base in opened.store.bases()]
    if as_json:
        print_json({"knowledge_bases": described})
    else:
        print_bases(described, opened.settings.language)


@app.command("create")
def create(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="Its name.")],
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help="What it is for.")] = "",
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Create an empty knowledge base."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.listing import base_json  # noqa: PLC0415

    base = create_base(opened, name, description)
    _told(
        base_json(opened.store, base),
        as_json=as_json,
        en=f"Created. Fill it with: kbchat ingest FOLDER --kb {base.name}",
        zh=f"已创建。导入资料：kbchat ingest 文件夹 --kb {base.name}",
    )


@app.command("show")
def show(
    context: typer.Context,
    *,
    name: Annotated[str | None, typer.Argument(help="The knowledge base (default: the one of --kb).")] = None,
    kb: Base = "default",
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Show what a knowledge base holds and how it is searched."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.listing import base_details_json, print_base  # noqa: PLC0415
    from kbchat.cli.terminal import print_json  # noqa: PLC0415

    details = base_details_json(opened.store, opened.store.base(name or kb))
    if as_json:
        print_json(details)
    else:
        print_base(details, opened.settings.language)


@app.command("delete")
def delete(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="The knowledge base.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Delete a knowledge base with all its documents; citations of earlier answers then lead nowhere."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import confirm_by_typing  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    base = opened.store.base(name)
    if not yes:
        count = len(opened.store.documents(base.id, include_retired=True))
        confirm_by_typing(
            base.name,
            Bilingual(
                f"This deletes {base.name} with {count} documents for good. Type its name to go on:",
                f"将永久删除 {base.name} 及其 {count} 份文档。请输入知识库名称以确认：",
            ),
        )
    with opened.store.writer_lock(base.id):
        opened.store.delete_base(base.name)
    _told({"deleted": base.name}, as_json=as_json, en=f"Deleted {base.name}.", zh=f"已删除 {base.name}。")


@app.command("documents")
def documents(
    context: typer.Context,
    *,
    kb: Base = "default",
    everything: Annotated[bool, typer.Option("--all", help="Retired documents too.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """List the documents of a knowledge base."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.listing import document_json, print_documents  # noqa: PLC0415
    from kbchat.cli.terminal import print_json  # noqa: PLC0415

    base = opened.store.base(kb)
    found = opened.store.documents(base.id, include_retired=everything)
    if as_json:
        print_json({"knowledge_base": base.name, "documents": [document_json(document) for document in found]})
    else:
        print_documents(found, opened.settings.language)


@app.command("retire")
def retire(
    context: typer.Context,
    *,
    names: DocumentNames,
    kb: Base = "default",
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Take documents out of search; their pages stay readable for earlier citations, and ingest leaves them retired."""
    opened = open_app(context, data_dir, lang)
    base = opened.store.base(kb)
    chosen = _change_each(opened, base, names, opened.store.retire_document)
    listed = ", ".join(document.name for document in chosen)
    _told(
        {"knowledge_base": base.name, "retired": [document.id for document in chosen]},
        as_json=as_json,
        en=f"Retired: {listed}. `kbchat kb restore` brings it back.",
        zh=f"已停用：{listed}。可用 `kbchat kb restore` 恢复。",
    )


@app.command("restore")
def restore(
    context: typer.Context,
    *,
    names: DocumentNames,
    kb: Base = "default",
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Bring retired documents back into search."""
    opened = open_app(context, data_dir, lang)
    base = opened.store.base(kb)
    chosen = _change_each(opened, base, names, opened.store.restore_document)
    listed = ", ".join(document.name for document in chosen)
    _told(
        {"knowledge_base": base.name, "restored": [document.id for document in chosen]},
        as_json=as_json,
        en=f"Restored: {listed}.",
        zh=f"已恢复：{listed}。",
    )


def _change_each(
    opened: App, base: KnowledgeBase, names: Iterable[str], change: Callable[[int], object]
) -> list[StoredDocument]:
    """Apply ``change`` to the documents that ``names`` mean, under the writer's lock; the index follows.

    Nothing is changed unless every name means one document.
    """
    with opened.store.writer_lock(base.id):
        chosen = [_document(opened, base, name) for name in names]
        for document in chosen:
            change(document.id)
    opened.index_for(base)
    return chosen


def _document(opened: App, base: KnowledgeBase, name: str) -> StoredDocument:
    """The one document that ``name`` means: an id, a path, a file name or a title.

    Raises NotFoundError, and ConflictError when it could mean several.
    """
    from kbchat.errors import ConflictError, NotFoundError  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    stored = opened.store.documents(base.id, include_retired=True)
    for of in (_id_text, _source, _file_name, _title):
        found = [document for document in stored if of(document) == name]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"{document.id} ({document.source})" for document in found[:8])
            raise ConflictError(
                Bilingual(f"“{name}” means several documents: {ids}.", f"“{name}”对应多份文档：{ids}。"),
                Bilingual("Give the id of the one you mean.", "请给出文档编号。"),
            )
    raise NotFoundError(
        Bilingual(
            f"There is no document “{name}” in the knowledge base {base.name}.",
            f"知识库 {base.name} 中没有文档“{name}”。",
        ),
        Bilingual("`kbchat kb documents --all` lists them.", "可用 `kbchat kb documents --all` 列出。"),
    )


def _id_text(document: StoredDocument) -> str:
    return str(document.id)


def _source(document: StoredDocument) -> str:
    return document.source


def _file_name(document: StoredDocument) -> str:
    return document.name


def _title(document: StoredDocument) -> str:
    return document.card.title


def _told(value: Any, *, as_json: bool, en: str, zh: str) -> None:
    from kbchat.cli.terminal import print_json, say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    if as_json:
        print_json(value)
    else:
        say(Bilingual(en, zh))
