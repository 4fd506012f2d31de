"""``kbchat assistant``: presets of how questions are answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kbchat.cli.options import DataDir, Json, Lang, open_app

if TYPE_CHECKING:
    from kbchat.assistants.assistant import Assistant

app = typer.Typer(no_args_is_help=True, help="Assistants: named presets of how questions are answered.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its id, or its name in Chinese or English.")]
TomlFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="TOML, as `kbchat assistant export` writes it; `-` reads standard input.")
]


def assistant_json(one: Assistant) -> dict[str, Any]:
    """An assistant as ``--json`` prints it."""
    from dataclasses import asdict  # noqa: PLC0415

    return {
        **asdict(one),
        "mode": one.mode.value,
        "strict": one.is_strict,
        "needs_language_model": one.needs_language_model,
    }


@app.command("list")
def list_assistants(
    context: typer.Context, *, as_json: Json = False, data_dir: DataDir = None, lang: Lang = None
) -> None:
    """List the assistants."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import print_json, spoken  # noqa: PLC0415 - `kbchat --help` must be quick

    found = opened.assistants.all()
    if as_json:
        print_json({"assistants": [assistant_json(one) for one in found]})
        return
    for one in found:
        typer.echo(f"{one.id:<18} {one.name.in_language(spoken())}: {one.description.in_language(spoken())}")


@app.command("show")
def show(
    context: typer.Context, *, name: Name, as_json: Json = False, data_dir: DataDir = None, lang: Lang = None
) -> None:
    """Show an assistant."""
    opened = open_app(context, data_dir, lang)
    from kbchat.assistants.toml_format import assistant_to_toml  # noqa: PLC0415
    from kbchat.cli.terminal import print_json  # noqa: PLC0415

    found = opened.assistants.get(name)
    if as_json:
        print_json(assistant_json(found))
    else:
        typer.echo(assistant_to_toml(found), nl=False)


@app.command("create")
def create(context: typer.Context, *, file: TomlFile, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Make a new assistant from a TOML file."""
    opened = open_app(context, data_dir, lang)
    _told(opened.assistants.create(_read(file)), "Created", "已创建")


@app.command("edit")
def edit(context: typer.Context, *, file: TomlFile, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Change the assistant with the id in a TOML file; a built-in one may be changed too."""
    opened = open_app(context, data_dir, lang)
    _told(opened.assistants.edit(_read(file)), "Changed", "已修改")


@app.command("delete")
def delete(context: typer.Context, *, name: Name, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Delete an assistant; a built-in one that was changed becomes as it was."""
    opened = open_app(context, data_dir, lang)
    found = opened.assistants.get(name)
    opened.assistants.delete(name)
    _told(found, "Deleted", "已删除")


@app.command("export")
def export(
    context: typer.Context,
    *,
    name: Name,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write here, not to standard output.")
    ] = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Write an assistant as TOML."""
    opened = open_app(context, data_dir, lang)
    from kbchat.assistants.toml_format import assistant_to_toml  # noqa: PLC0415
    from kbchat.errors import InvalidInputError  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    text = assistant_to_toml(opened.assistants.get(name))
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(
            Bilingual(f"{out} cannot be written: {error.strerror}.", f"无法写入 {out}：{error.strerror}。"),
            Bilingual("Give another file.", "请换一个文件。"),
        ) from error


@app.command("import")
def import_(context: typer.Context, *, file: TomlFile, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Take an assistant from a TOML file, in place of the one with the same id if there is one."""
    opened = open_app(context, data_dir, lang)
    read = _read(file)
    known = any(one.id == read.id for one in opened.assistants.all())
    _told(opened.assistants.edit(read) if known else opened.assistants.create(read), "Imported", "已导入")


def _read(file: Path) -> Assistant:
    import sys  # noqa: PLC0415

    from kbchat.assistants.toml_format import assistant_from_toml  # noqa: PLC0415
    from kbchat.errors import InvalidInputError  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            Bilingual(f"{file} cannot be read: {error}.", f"无法读取 {file}：{error}。"),
            Bilingual("Give a TOML file in UTF-8.", "请提供 UTF-8 编码的 TOML 文件。"),
        ) from error
    return assistant_from_toml(text)


def _told(one: Assistant, en: str, zh: str) -> None:
    from kbchat.cli.terminal import say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    say(Bilingual(f"{en}: {one.id} ({one.name.en}).", f"{zh}：{one.id}（{one.name.zh}）。"))
