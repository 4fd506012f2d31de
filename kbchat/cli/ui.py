"""``kbchat ui``: the app in the browser."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from kbchat.cli.options import DataDir, Lang, LanguageName


def ui(
    context: typer.Context,
    *,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on (default: 8501).")
    ] = None,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on (default: 127.0.0.1, this machine alone).")
    ] = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Open the app: questions, documents, assistants, in the browser."""
    from kbchat.cli.terminal import speak  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.settings import load_settings  # noqa: PLC0415

    general = context.find_root().params
    folder, language = data_dir or general.get("data_dir"), lang or general.get("lang")
    environment = _environment(None if folder is None else str(folder.expanduser().resolve()), language)
    os.environ.update(environment)
    settings = load_settings()  # a wrong setting is told here
    speak(settings.language)
    at, number = host or settings.ui.host, port or settings.ui.port
    # -P: a folder named `ui` in the working directory is not the app.
    command = [sys.executable, "-P", "-m", "ui", "--host", at, "--port", str(number)]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - this very process goes on as the server, so signals reach it
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _environment(data_dir: str | None, language: LanguageName | None) -> dict[str, str]:
    """The variables that tell the server what was given on the command line."""
    given = {} if data_dir is None else {"KBCHAT_DATA_DIR": data_dir}
    return given if language is None else given | {"KBCHAT_LANGUAGE": str(language.value)}
