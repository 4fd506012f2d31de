"""``kbchat key``: keys with which programs sign in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import DataDir, Lang, open_app

if TYPE_CHECKING:
    from datetime import datetime

    from kbchat.messages import Bilingual
    from kbchat.store.keys import StoredKey

app = typer.Typer(no_args_is_help=True, help="Keys with which programs sign in.")


class RoleName(StrEnum):
    """The roles a key can have."""

    READER = "reader"
    CURATOR = "curator"
    ADMIN = "admin"


@app.command("create")
def create(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[RoleName, typer.Option("--role", help="What it may do.")] = RoleName.READER,
    kb: Annotated[
        list[str] | None,
        typer.Option("--kb", metavar="NAME", help="Knowledge base it is limited to (several: repeat; default: all)."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="NAME", help="Group it belongs to, for closed knowledge bases (repeatable)."),
    ] = None,
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="As whom it acts (default: key:NAME).")] = "",
    days: Annotated[int, typer.Option("--days", min=0, help="Days until it expires; 0: never.")] = 365,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Make a key and show it, this once. Only the key is printed to standard output."""
    opened = open_app(context, data_dir, lang)
    from kbchat.access.principal import Role  # noqa: PLC0415 - `kbchat --help` must be quick
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.keys import KeyService  # noqa: PLC0415

    issued = KeyService(opened.store).create(
        name, user=user, roles=(Role(role.value),), bases=kb or None, groups=group or (), days=days or None
    )
    typer.echo(issued.text)
    note = Bilingual(
        "Keep it now: it is not stored and cannot be shown again.", "请立即保存：密钥不会被存储，也无法再次显示。"
    )
    typer.echo(note.in_language(opened.settings.language), err=True)


@app.command("list")
def list_keys(context: typer.Context, *, data_dir: DataDir = None, lang: Lang = None) -> None:
    """List the keys, the newest first, without their secrets."""
    opened = open_app(context, data_dir, lang)
    from kbchat.services.keys import KeyService  # noqa: PLC0415
    from kbchat.text.visible import visible  # noqa: PLC0415

    for key in KeyService(opened.store).list():
        bases = "*" if key.bases is None else ",".join(key.bases)
        state = _state(key).in_language(opened.settings.language)
        used = _day(key.last_used_at)
        columns = (key.prefix, state, ",".join(key.roles), bases, _day(key.expires_at), used, key.user, key.name)
        typer.echo("  ".join(visible(column) for column in columns))


@app.command("revoke")
def revoke(
    context: typer.Context,
    *,
    prefix: Annotated[str, typer.Argument(help="Its first column in the list.")],
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """End a key at once and for ever."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.terminal import say  # noqa: PLC0415
    from kbchat.messages import Bilingual  # noqa: PLC0415
    from kbchat.services.keys import KeyService  # noqa: PLC0415

    key = KeyService(opened.store).revoke(prefix)
    say(Bilingual(f"Revoked {key.prefix} ({key.name}).", f"已吊销 {key.prefix}（{key.name}）。"))


def _state(key: StoredKey) -> Bilingual:
    from datetime import UTC, datetime  # noqa: PLC0415

    from kbchat.messages import Bilingual  # noqa: PLC0415

    if key.revoked_at is not None:
        return Bilingual("revoked", "已吊销")
    return Bilingual("valid", "有效") if key.is_valid(datetime.now(UTC)) else Bilingual("expired", "已过期")


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else moment.astimezone().strftime("%Y-%m-%d")
