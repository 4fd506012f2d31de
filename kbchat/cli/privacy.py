"""``kbchat privacy`` and ``kbchat person``: how long things are kept, and one person's data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

app = typer.Typer(no_args_is_help=True, help="How long things are kept.")
person_app = typer.Typer(no_args_is_help=True, help="One person's data.")

User = Annotated[str, typer.Argument(metavar="USER", help="The name the person signs in with.")]


@app.command("sweep")
def sweep_command(context: typer.Context, *, data_dir: DataDir = None, lang: Lang = None) -> None:
    """Remove what is older than the settings under `privacy` say; a running service does so once a day."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.privacy import sweep  # noqa: PLC0415

    swept = sweep(opened.store, opened.settings.privacy)
    say(
        Bilingual(
            f"Removed: {swept.conversations + swept.aside} conversations, {swept.feedback} feedback, {swept.questions} "
            f"questions, {swept.jobs} job reports, {swept.audit} audit entries.",
            f"已清除：对话 {swept.conversations + swept.aside} 个，反馈 {swept.feedback} 条，问题 {swept.questions} 条，"
            f"任务报告 {swept.jobs} 份，审计记录 {swept.audit} 条。",
        )
    )


@person_app.command("export")
def export(
    context: typer.Context,
    *,
    user: User,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write (default: the terminal).")
    ] = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Write everything that is kept about a person as JSON: conversations, feedback, keys, jobs, audit entries."""
    opened = open_app(context, data_dir, lang)
    import json  # noqa: PLC0415

    from kbchat.atomic import write_bytes  # noqa: PLC0415
    from kbchat.services.privacy import PersonService  # noqa: PLC0415

    text = json.dumps(PersonService(opened.store).export(user), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_bytes(out, text.encode())


@person_app.command("end-sessions")
def end_sessions(context: typer.Context, *, user: User, data_dir: DataDir = None, lang: Lang = None) -> None:
    """End the sessions that host tokens began for a person, in every running service."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.privacy import PersonService  # noqa: PLC0415

    ended = PersonService(opened.store).end_sessions(user)
    say(Bilingual(f"Sessions ended: {ended}.", f"已结束的会话：{ended} 个。"))


@person_app.command("erase")
def erase(
    context: typer.Context,
    *,
    user: User,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Forget a person: conversations, feedback and keys go; the audit keeps a pseudonym that leads to nobody."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import confirm_by_typing, say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.privacy import PersonService  # noqa: PLC0415

    if not yes:
        confirm_by_typing(
            user,
            Bilingual(
                f"This erases all data of {user} for good. Type the name to go on:",
                f"将永久清除 {user} 的全部数据。请输入该用户名以确认：",
            ),
        )
    done = PersonService(opened.store).erase(user)
    say(
        Bilingual(
            f"Erased: {done.conversations} conversations with {done.messages} messages, {done.feedback} feedback, "
            f"{done.keys} keys. Backups made before still hold them.",
            f"已清除：对话 {done.conversations} 个（消息 {done.messages} 条），反馈 {done.feedback} 条，密钥 {done.keys} 个。"
            "此前的备份中仍有这些数据。",
        )
    )
