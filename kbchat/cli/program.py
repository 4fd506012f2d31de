"""All commands under one name."""

from __future__ import annotations

from typing import Annotated

import typer

from kbchat import __version__
from kbchat.cli import (
    assistants,
    auditing,
    backups,
    bases,
    conversations,
    demo,
    doctor,
    evaluate,
    ingesting,
    keys,
    privacy,
    questions,
    reindex,
    serving,
    ui,
)
from kbchat.cli.options import DataDir, Lang

app = typer.Typer(
    name="kbchat",
    help="Answers from your own leaflets and guidelines, every sentence with its page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kbchat {__version__}")
        raise typer.Exit


@app.callback()
def general(
    *,
    data_dir: DataDir = None,
    lang: Lang = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Answers from your own leaflets and guidelines, every sentence with its page."""
    del data_dir, lang, version  # read where they are needed, from the context


app.command("ingest")(ingesting.ingest_command)
app.command("ask")(questions.ask)
app.command("chat")(questions.chat)
app.command("search")(questions.search)
app.add_typer(bases.app, name="kb")
app.add_typer(assistants.app, name="assistant")
app.add_typer(conversations.app, name="conversation")
app.add_typer(evaluate.app, name="eval")
app.command("ui")(ui.ui)
app.command("serve")(serving.serve)
app.add_typer(keys.app, name="key")
app.add_typer(auditing.app, name="audit")
app.add_typer(privacy.app, name="privacy")
app.add_typer(privacy.person_app, name="person")
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("reindex")(reindex.reindex)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
