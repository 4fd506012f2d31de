"""The command line: ``kbchat``. Commands are thin; what is heavy is imported inside them."""

from __future__ import annotations

import sys

from kbchat.cli.program import app

__all__ = ["app", "main"]


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit status; errors meant for people are told without a traceback."""
    from kbchat.cli.terminal import prepare_streams, print_error  # noqa: PLC0415 - app alone must stay light
    from kbchat.errors import KbchatError  # noqa: PLC0415

    prepare_streams()
    try:
        app(args=arguments, prog_name="kbchat")
    except KbchatError as error:
        print_error(error)
        sys.exit(error.exit_code)
