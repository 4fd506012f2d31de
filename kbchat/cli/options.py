"""Options that several commands share, and the application they lead to."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kbchat.app import App
    from kbchat.messages import Language


class LanguageName(StrEnum):
    """The languages of messages."""

    ZH = "zh"
    EN = "en"

    @property
    def language(self) -> Language:
        """The same as a ``Language``."""
        return "zh" if self is LanguageName.ZH else "en"


DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="FOLDER", help="Folder of the database, the originals and the indexes."),
]
Lang = Annotated[LanguageName | None, typer.Option("--lang", help="Language of messages.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON; see docs/json.")]
Base = Annotated[str, typer.Option("--kb", metavar="NAME", help="Knowledge base.")]
Bases = Annotated[
    list[str] | None,
    typer.Option("--kb", metavar="NAME", help="Knowledge base (several: repeat the option; default: default)."),
]


def open_app(context: typer.Context, data_dir: Path | None, lang: LanguageName | None) -> App:
    """The application for a command; options of the command win over those before its name.

    It is closed when the command ends. Raises ConfigurationError.
    """
    from kbchat.app import App  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.cli.terminal import speak  # noqa: PLC0415
    from kbchat.settings import load_settings  # noqa: PLC0415

    general = context.find_root().params
    folder = data_dir or general.get("data_dir")
    language = lang or general.get("lang")
    if language is not None:
        speak(language.language)
    settings = load_settings(
        data_dir=None if folder is None else folder.expanduser(),
        language=None if language is None else language.language,
    )
    speak(settings.language)
    opened = App(settings)
    context.call_on_close(opened.close)
    return opened


def base_names(chosen: list[str] | None) -> tuple[str, ...]:
    """The knowledge bases chosen, or the default one."""
    from kbchat.app import DEFAULT_BASE  # noqa: PLC0415

    return tuple(dict.fromkeys(chosen)) if chosen else (DEFAULT_BASE,)
