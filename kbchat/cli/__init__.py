"""The command line: ``kbchat``. Commands are thin; what is heavy is imported inside them."""

from __future__ import annotations

import gc
import sys

from kbchat.cli.program import app

__all__ = ["app", "main"]

_NEW_OBJECTS = 20_000
"""After so many new objects a collection; Python's 700 makes for some 350 collections, 0.2 s, while a question's parts load."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit status; errors meant for people are told without a traceback."""
    from kbchat.cli.terminal import end_process, prepare_streams, print_error  # noqa: PLC0415 - app alone must stay light
    from kbchat.errors import KbchatError  # noqa: PLC0415

    gc.set_threshold(max(_NEW_OBJECTS, gc.get_threshold()[0]), *gc.get_threshold()[1:])
    prepare_streams()
    try:
        app(args=arguments, prog_name="kbchat")
    except KbchatError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except SystemExit as ended:
        if arguments is None and ended.code in (None, 0):
            end_process()
        raise
