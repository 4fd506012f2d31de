"""``kbchat serve``: the HTTP service."""

from __future__ import annotations

from typing import Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app


def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str | None,
        typer.Option("--host", help="Address to listen on (default: server.host, this machine alone)."),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on (default: server.port).")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, help="Processes that answer (default: server.workers, one)."),
    ] = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Serve the OpenAI-compatible chat, the management API and the widget.

    On any address but loopback it refuses to start without a way to sign in.
    """
    from kbchat.server.running import serve as run  # noqa: PLC0415 - `kbchat --help` must be quick

    app = open_app(context, data_dir, lang)
    settings = app.settings.server
    run(app, host or settings.host, settings.port if port is None else port, workers or settings.workers)
