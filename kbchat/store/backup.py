"""What a backup needs of the database: one consistent picture of it while others write, and what it refers to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kbchat.errors import ConfigurationError, StoreError
from kbchat.messages import Bilingual
from kbchat.store.database import DatabasePart


@dataclass(frozen=True, slots=True)
class SnapshotContent:
    """What a picture of the database refers to: originals by hash, folders of staged uploads by name."""

    revision: str
    originals: tuple[str, ...]
    staged: tuple[str, ...]


class Snapshots(DatabasePart):
    """Pictures of the SQLite database. PostgreSQL has tools of its own for that."""

    def snapshot(self, target: Path) -> None:
        """Write the database as it is at one moment into the new file ``target``; others may go on writing.

        Raises ConfigurationError on PostgreSQL, StoreError.
        """
        if self._database.dialect != "sqlite":
            raise ConfigurationError(
                Bilingual("Only the built-in database can be backed up here.", "此命令只能备份内置数据库。"),
                Bilingual(
                    "Back up PostgreSQL with pg_dump, and then the folders files and secrets of the data folder.",
                    "请用 pg_dump 备份 PostgreSQL，再备份数据目录中的 files 与 secrets 文件夹。",
                ),
            )
        self._database.vacuum_into(target)


def snapshot_content(path: Path) -> SnapshotContent:
    """What the database file ``path`` refers to; its pages are checked first. Raises StoreError when it is damaged."""
    try:
        with _opened(path) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise _damaged(path, str(verdict))
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            originals = [row[0] for row in connection.execute("SELECT DISTINCT sha256 FROM revisions ORDER BY sha256")]
            active = "SELECT uid FROM jobs WHERE state IN ('queued', 'running') ORDER BY uid"
            return SnapshotContent(str(revision), tuple(originals), tuple(row[0] for row in connection.execute(active)))
    except (sqlite3.Error, TypeError) as error:
        raise _damaged(path, str(error)) from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Read only, and without making any file beside it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(
        Bilingual(
            f"The database {path.name} of the backup is damaged: {why}.", f"备份中的数据库 {path.name} 已损坏：{why}。"
        ),
        Bilingual("Use another backup.", "请使用其他备份。"),
    )
