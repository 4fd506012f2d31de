"""``kbchat audit``: who did what."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

app = typer.Typer(no_args_is_help=True, help="The record of who did what.")

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


class ExportFormat(StrEnum):
    """How entries are written."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command("verify")
def verify(
    context: typer.Context,
    *,
    noted: Annotated[
        str,
        typer.Option("--noted", metavar="NUMBER:SEAL", help="An entry that you noted elsewhere; it must still be so."),
    ] = "",
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Check that no entry was altered, removed or put in. Exit status 1 when one was.

    Note number and seal of the last entry elsewhere now and then: with --noted, cutting off the end is found too.
    """
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.services.audit import AuditTrail, told  # noqa: PLC0415

    number, _, seal = noted.partition(":")
    if noted and not (number.isdigit() and seal):
        raise typer.BadParameter("NUMBER:SEAL", param_hint="--noted")
    check = AuditTrail(opened.store).verify((int(number), seal) if noted else None)
    say(told(check))
    if check.fault is not None:
        raise typer.Exit(1)


@app.command("export")
def export(
    context: typer.Context,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write (default: the terminal).")
    ] = None,
    kind: Annotated[ExportFormat, typer.Option("--format", help="How entries are written.")] = ExportFormat.JSONL,
    since: Annotated[datetime | None, typer.Option("--since", formats=_DATES, help="From this moment on.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=_DATES, help="Before this moment.")] = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Write the entries, one a line. Persons who were erased appear under a pseudonym only."""
    opened = open_app(context, data_dir, lang)
    from kbchat.services.audit import AuditTrail  # noqa: PLC0415

    lines = AuditTrail(opened.store).export(
        kind.value,
        since=None if since is None else since.astimezone(),
        until=None if until is None else until.astimezone(),
    )
    with ExitStack() as stack:
        stream = sys.stdout if out is None else stack.enter_context(out.open("w", encoding="utf-8", newline=""))
        stream.writelines(lines)
