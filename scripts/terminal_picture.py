"""Draw what the terminal shows as an SVG for the README: a question over the sample documents and its cited answer.

    python scripts/terminal_picture.py DATA_FOLDER QUESTION OUTPUT.svg

DATA_FOLDER is one that ``kbchat demo`` filled.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from kbchat.app import App
from kbchat.cli.ask import ask_once
from kbchat.cli.rendering import print_answer
from kbchat.settings import load_settings

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_TEXT_LENGTH = re.compile(r' textLength="[^"]*"')


def main() -> None:
    """Ask, print, save."""
    folder, question, output = sys.argv[1:4]
    app = App(load_settings(data_dir=Path(folder), language="zh"))
    console = Console(record=True, width=92)
    console.print(f'$ kbchat ask "{question}"', style="bold", markup=False, highlight=False)
    print_answer(ask_once(app, question, ("demo",)), console, "zh")
    app.close()
    picture = console.export_svg(title="kbchat", theme=MONOKAI)
    picture = _FONT_FACE.sub("", picture)  # rich names fonts on a foreign server
    Path(output).write_text(_TEXT_LENGTH.sub("", picture), encoding="utf-8")  # and squeezes Chinese to half its width


if __name__ == "__main__":
    main()
