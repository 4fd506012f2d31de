"""Bringing the database to the tables this version of kbchat works with.

Alembic (a quarter of a second to import) is loaded only when there is something to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from kbchat.errors import BusyError, SchemaError
from kbchat.locks import LockedError, file_lock
from kbchat.messages import Bilingual
from kbchat.store.database import Database

HEAD = "0004"
"""The newest step in ``migrations/versions``; a test holds it to the folder."""

_LOCK_SECONDS = 120.0


def bring_up_to_date(database: Database) -> None:
    """Create or upgrade the tables. Raises SchemaError, BusyError, StoreError."""
    with database.read() as connection:
        if _written_by(connection) == HEAD:
            return
    try:
        with file_lock(database.layout.locks / "schema.lock", wait=_LOCK_SECONDS), database.write() as connection:
            if _written_by(connection) != HEAD:
                _run_steps(connection)
    except LockedError as error:
        raise BusyError(
            Bilingual(
                f"Process {error.holder.pid} has been preparing the database since {error.holder.since}.",
                f"进程 {error.holder.pid} 自 {error.holder.since} 起正在准备数据库。",
            ),
            Bilingual("Try again when it is done.", "请等其完成后重试。"),
        ) from error


def _written_by(connection: Connection) -> str:
    """The step that the database is at; empty for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
    return str(found or "")


def _run_steps(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise SchemaError(
            Bilingual(
                f"The database was written by a version of kbchat that this one does not know ({error}).",
                f"数据库由当前版本无法识别的 kbchat 版本写入（{error}）。",
            ),
            Bilingual(
                "Use that version or a newer one, or another data folder.",
                "请使用该版本或更新的 kbchat，或更换数据目录。",
            ),
        ) from error
