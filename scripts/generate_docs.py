"""Write docs/cli.md and docs/settings.md from the code: ``python scripts/generate_docs.py``.

tests/guards/test_docs.py compares the files with what these functions return.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kbchat.cli import app
from kbchat.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_NOTE = "<!-- Written by scripts/generate_docs.py; change the code, then run `make docs`. -->\n\n"

_SETTINGS_HEAD = """# Settings

Defaults, then the file `kbchat.toml`, then `KBCHAT_*` variables, then the command line: the last one counts. The file is
looked for in the data folder, or where `KBCHAT_CONFIG` points. Unknown keys are refused, with the name of the key.

```toml
# kbchat.toml
language = "zh"

[ingest]
workers = 4
```

| Key in the file | Variable | Default | Meaning |
|---|---|---|---|
"""

_CLI_HEAD = """# The command line

`kbchat COMMAND --help` shows the same. Exit status: 0 all well, 1 it could not be done, 2 wrong use; `kbchat ingest`
ends with 3 when some files failed. What `--json` prints is described in [json/README.md](json/README.md).

"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key in the file, its variable, and how its default and meaning are printed."""

    key: str
    variable: str
    default: str
    meaning: str


def settings(model: type[BaseModel] = Settings, prefix: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Every setting of ``model``, groups taken apart, in the order of the code."""
    for name, field in model.model_fields.items():
        path = (*prefix, name)
        if inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, path)
        else:
            variable = "KBCHAT_" + "__".join(path).upper()
            yield Setting(".".join(path), variable, _default(field), _meaning(field))


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "*from the system*"
    if field.is_required():
        return "*required*"
    return f"`{json.dumps(field.default, ensure_ascii=False, default=str)}`"


def _meaning(field: FieldInfo) -> str:
    bounds = [str(item) for item in field.metadata]
    limits = ", ".join(bound.partition("(")[2].rstrip(")").replace("=", " ") for bound in bounds if "(" in bound)
    text = field.description or ""
    if get_origin(field.annotation) is Literal:
        limits = ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    for word, sign in (("ge ", "≥ "), ("gt ", "> "), ("le ", "≤ "), ("lt ", "< ")):
        limits = limits.replace(word, sign)
    return f"{text} ({limits})" if limits else text


def settings_markdown() -> str:
    """The text of docs/settings.md."""
    rows = (f"| `{one.key}` | `{one.variable}` | {one.default} | {_cell(one.meaning)} |\n" for one in settings())
    return _NOTE + _SETTINGS_HEAD + "".join(rows)


def cli_markdown() -> str:
    """The text of docs/cli.md."""
    return _NOTE + _CLI_HEAD + "\n".join(_command(typer.main.get_command(app), ("kbchat",)))


def _command(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    if command.hidden:
        return
    children = getattr(command, "commands", {})
    parameters = [one for one in command.params if not getattr(one, "hidden", False)]
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    yield f"## {' '.join(path)}\n"
    usage = [*path, *(["[OPTIONS]"] if options else []), *map(_argument, arguments), *(["COMMAND"] if children else [])]
    yield f"`{' '.join(usage)}`\n"
    if command.help:
        yield f"{inspect.cleandoc(command.help)}\n"
    if parameters:
        yield "| Parameter | Default | Meaning |\n|---|---|---|"
        yield from (_parameter(one) for one in (*arguments, *options))
        yield ""
    for name, child in children.items():
        yield from _command(child, (*path, name))


def _argument(parameter: Any) -> str:
    name = f"{parameter.name.upper()}{'...' if parameter.nargs == -1 else ''}"
    return name if parameter.required else f"[{name}]"


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = [parameter.name.upper()]
    else:
        names = [*parameter.opts, *parameter.secondary_opts]
    shown = ", ".join(f"`{name}`" for name in names)
    default = parameter.default
    if parameter.required:
        value = "*required*"
    elif default is None or callable(default) or default is False or default in ([], ()):
        value = ""
    else:
        value = f"`{json.dumps(default, ensure_ascii=False, default=str)}`"
    return f"| {shown} | {value} | {_cell(parameter.help or '')} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write both files."""
    for name, text in (("cli.md", cli_markdown()), ("settings.md", settings_markdown())):
        path = ROOT / "docs" / name
        path.write_text(text, encoding="utf-8")
        print(f"docs/{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
