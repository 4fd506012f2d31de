"""``kbchat ingest``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import Base, DataDir, Json, Lang, open_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.pipeline import IngestOptions
    from ingest.report import IngestReport
    from kbchat.app import App
    from kbchat.store import KnowledgeBase


class OcrChoice(StrEnum):
    """When pages are read from their picture."""

    AUTO = "auto"
    OFF = "off"
    ALL = "all"


def ingest_command(
    context: typer.Context,
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders or files.", show_default=False)],
    kb: Base = "default",
    prune: Annotated[bool, typer.Option("--prune", help="Retire documents whose files have left the folder.")] = False,
    password: Annotated[
        str | None, typer.Option("--password", metavar="TEXT", help="Password of encrypted files.")
    ] = None,
    ocr: Annotated[
        OcrChoice | None,
        typer.Option(
            "--ocr", help="Read pages from their picture: where needed, never, always (default: the setting)."
        ),
    ] = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only failures and the summary.")] = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Bring files and folders into a knowledge base; unchanged files are skipped.

    Exit status: 0 all well, 3 some files failed, 1 nothing could be done, 130 interrupted.
    """
    opened = open_app(context, data_dir, lang)
    from ingest.pipeline import IngestOptions  # noqa: PLC0415 - `kbchat --help` must be quick

    options = IngestOptions(prune=prune, password=password, ocr=None if ocr is None else ocr.value)
    report = ingest_into(opened, paths, kb, options, silent=as_json or quiet)
    tell(report, opened, as_json=as_json, brief=quiet)
    raise typer.Exit(report.exit_code)


def ingest_into(
    opened: App, paths: Sequence[Path], base_name: str, options: IngestOptions, *, silent: bool
) -> IngestReport:
    """Ingest ``paths`` into the knowledge base of this name; the default one is made when it is not there.

    Raises what ``ingest.pipeline.ingest`` raises, and NotFoundError for an unknown knowledge base.
    """
    from rich.console import Console  # noqa: PLC0415

    from ingest.discovery import require_paths  # noqa: PLC0415
    from ingest.pipeline import ingest, worker_pool  # noqa: PLC0415
    from ingest.progress import progress_for  # noqa: PLC0415

    require_paths(paths)  # before a knowledge base is made for nothing
    settings = opened.settings
    one_file = len(paths) == 1 and paths[0].is_file()
    with worker_pool(settings, 1 if one_file else sys.maxsize) as pool:
        pool.start()  # they load their readers while the store and the index are opened here
        base = _base(opened, base_name)
        return ingest(
            paths,
            store=opened.store,
            base=base,
            embedder=opened.embedder_for(base),
            index=opened.index_for(base),
            settings=settings,
            options=options,
            progress=progress_for(Console(stderr=True), settings.language, silent=silent),
            pool=pool,
        )


def tell(report: IngestReport, opened: App, *, as_json: bool, brief: bool) -> None:
    """Print the report; what ended the ingest early goes to standard error."""
    from rich.console import Console  # noqa: PLC0415

    from ingest.report import print_report  # noqa: PLC0415
    from kbchat.cli.terminal import print_error, print_json  # noqa: PLC0415

    if as_json:
        print_json(report.as_json(opened.settings.language))
    else:
        print_report(report, Console(), opened.settings.language, brief=brief)
        sys.stdout.flush()
    if report.error is not None:
        print_error(report.error)


def _base(opened: App, name: str) -> KnowledgeBase:
    from kbchat.app import DEFAULT_BASE  # noqa: PLC0415
    from kbchat.cli.bases import create_base  # noqa: PLC0415

    if name == DEFAULT_BASE and name not in {base.name for base in opened.store.bases()}:
        return create_base(opened, name)
    return opened.store.base(name)
