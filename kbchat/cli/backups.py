"""``kbchat backup`` and ``kbchat restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

if TYPE_CHECKING:
    from kbchat.app import App

Force = Annotated[bool, typer.Option("--force", help="Take the place of what is there.")]


def backup(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; ends in .tar or .tar.gz.")],
    force: Force = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Write a backup of the whole data folder, while kbchat may be running. Keep it safe: it holds conversations and keys."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.backup import make_backup  # noqa: PLC0415

    done = make_backup(opened.store, file, replace=force)
    megabytes = done.size / 1e6
    say(
        Bilingual(
            f"Wrote {done.path}: {done.files} files, {megabytes:.1f} MB.",
            f"已写入 {done.path}：{done.files} 个文件，{megabytes:.1f} MB。",
        )
    )


def restore(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    force: Force = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Make a data folder from a backup, after checking all of it, and build its indexes. Stop kbchat first.

    With --force what is in the folder is put aside, in a folder beside it.
    """
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.restore import restore_backup  # noqa: PLC0415

    done = restore_backup(file, opened.settings.data_dir, replace=force)
    documents = _build_indexes(opened)
    say(
        Bilingual(
            f"Restored {done.files} files to {done.path}; {documents} documents can be searched.",
            f"已将 {done.files} 个文件恢复到 {done.path}；可检索文档 {documents} 份。",
        )
    )


def _build_indexes(opened: App) -> int:
    """Bring the database to this version and build every index; how many documents are searched."""
    documents = 0
    for base in opened.store.bases():
        opened.index_for(base)
        documents += len(opened.store.documents(base.id))
    return documents
