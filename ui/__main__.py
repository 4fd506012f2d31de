"""``python -m ui``: what ``kbchat ui`` starts."""

from __future__ import annotations

import argparse
import sys

from kbchat.errors import KbchatError
from kbchat.messages import system_language
from kbchat.settings import load_settings
from ui.serving import serve


def main() -> None:
    """Show the app until told to end; a wrong setting or a taken port ends with a message."""
    parser = argparse.ArgumentParser(prog="python -m ui", description=__doc__)
    parser.add_argument("--host", default=None)
    parser.add_argument("--port", type=int, default=None)
    given = parser.parse_args()
    spoken = system_language()
    try:
        settings = load_settings()
        spoken = settings.language
        serve(given.host or settings.ui.host, settings.ui.port if given.port is None else given.port)
    except KbchatError as error:
        sys.stderr.write(f"{error.in_language(spoken)}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
