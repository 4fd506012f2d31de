"""``kbchat conversation``: what was asked with ``kbchat chat``."""

from __future__ import annotations

from typing import Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

app = typer.Typer(no_args_is_help=True, help="Conversations kept by `kbchat chat`.")

Id = Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]


@app.command("list")
def list_conversations(context: typer.Context, *, data_dir: DataDir = None, lang: Lang = None) -> None:
    """List your conversations, the one used last first; `kbchat chat --resume ID` goes on with one."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.kept_conversation import local_user  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.text.visible import visible  # noqa: PLC0415

    for one in opened.store.conversations(local_user()):
        moment = one.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
        typer.echo(f"{one.id:>5}  {moment}  {one.assistant or '-'}  {visible(one.title)}")


@app.command("show")
def show(context: typer.Context, *, conversation: Id, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Show a conversation."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.kept_conversation import local_user  # noqa: PLC0415
    from kbchat.text.visible import visible  # noqa: PLC0415

    for message in opened.store.messages(local_user(), conversation):
        mark = "> " if message.role == "user" else ""
        for line in message.text.split("\n"):
            typer.echo(f"{mark}{visible(line)}")
        typer.echo()


@app.command("delete")
def delete(context: typer.Context, *, conversation: Id, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Delete a conversation for good."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.kept_conversation import local_user  # noqa: PLC0415
    from kbchat.cli.terminal import say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415

    opened.store.delete_conversation(local_user(), conversation)
    say(Bilingual(f"Deleted conversation {conversation}.", f"已删除对话 {conversation}。"))
