"""The database connection: one engine, its SQLite settings, and its failures told as StoreError.

SQLite runs in WAL mode (readers never wait for the writer), with foreign keys on and ``synchronous=FULL``: a commit
that was reported survives a power cut. That matters here beyond durability, because indexes count changes by number; a
change lost after an index took it would leave the index ahead of the store.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kbchat.disk_full import storage_full
from kbchat.errors import BusyError, StoreError
from kbchat.messages import Bilingual
from kbchat.store.layout import DataLayout

_BUSY_MILLISECONDS = 30_000
_WRITES = "kbchat_writes"


class Database:
    """Connections to the store's database.

    Reading happens in one transaction a block, so that a block sees one state; writing in one that is kept whole or
    not at all, and on SQLite takes the write lock at once (a later upgrade from reading could fail half-way).
    """

    def __init__(self, layout: DataLayout, url: str = "") -> None:
        self.layout = layout
        try:
            place = make_url(url) if url else make_url("sqlite://").set(database=str(layout.database))
            self._engine = _engine(place)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise StoreError(
                Bilingual(f"The database URL cannot be used: {error}.", f"数据库 URL 无法使用：{error}。"),
                Bilingual(
                    "Correct database_url (KBCHAT_DATABASE_URL), and install the driver it names.",
                    "请修改 database_url（KBCHAT_DATABASE_URL），并安装其中指定的驱动。",
                ),
            ) from error
        self._writer = self._engine.execution_options(**{_WRITES: True})
        # Threads of one process queue here: SQLite itself lets writers poll, and whoever polls last waits longest.
        self._turn = threading.RLock() if self.dialect == "sqlite" else nullcontext()
        self._joined = threading.local()
        # SQLite shows one state to a transaction anyway; PostgreSQL must be asked. Writers keep its default, under
        # which they wait for each other's counters instead of failing.
        one_state = {} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(**one_state)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises StoreError."""
        if (joined := self._joined_here()) is not None:
            yield joined
            return
        with self._translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed when the block ends well, else undone. Raises StoreError, BusyError."""
        if (joined := self._joined_here()) is not None:
            yield joined
            return
        with self._translated(), self._turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever this thread writes in the block is one transaction, and what it reads sees that.

        One transaction waits for the disk once. Raises StoreError, BusyError.
        """
        if self._joined_here() is not None:
            yield
            return
        with self.write() as connection:
            self._joined.connection = connection
            try:
                yield
            finally:
                self._joined.connection = None

    def _joined_here(self) -> Connection | None:
        """The transaction that this thread's reading and writing is part of."""
        return getattr(self._joined, "connection", None)

    def empty_log(self) -> None:
        """Bring everything into the SQLite file and empty its log, so that nothing deleted is left there.

        Readers under way may keep it from happening; the next checkpoint then does it.
        """
        if self.dialect == "sqlite":
            with self._outside_transactions() as cursor:
                cursor.execute("PRAGMA busy_timeout=1000")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")

    def vacuum_into(self, target: Path) -> None:
        """Write a SQLite database as it is at one moment into a new file. Raises StoreError."""
        with self._outside_transactions() as cursor:
            cursor.execute("VACUUM INTO ?", (str(target),))

    @contextmanager
    def _outside_transactions(self) -> Iterator[Any]:
        """A cursor of the driver, for statements that no transaction may hold. SQLite only."""
        with self._translated():
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                try:
                    yield cursor
                finally:
                    cursor.close()
            finally:
                connection.close()

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, InterfaceError, PoolTimeoutError, sqlite3.Error) as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> StoreError | BusyError:
        cause = str(getattr(error, "orig", None) or error)
        where = self._engine.url.render_as_string(hide_password=True)
        if self.dialect == "sqlite":
            where = str(self._engine.url.database)
        lowered = cause.lower()
        if "locked" in lowered or isinstance(error, PoolTimeoutError):
            return BusyError(
                Bilingual(f"The database {where} is busy: {cause}.", f"数据库 {where} 正忙：{cause}。"),
                Bilingual("Try again when the other work is done.", "请等其他任务结束后重试。"),
            )
        if "is full" in lowered or "no space left" in lowered:  # SQLite; PostgreSQL
            return storage_full(where)
        return StoreError(
            Bilingual(f"The database {where} cannot be used: {cause}.", f"数据库 {where} 无法使用：{cause}。"),
            _remedy(lowered, where),
        )


class DatabasePart:
    """What the parts of the store share: the database and the data folder."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._layout = database.layout


def _remedy(cause: str, where: str) -> Bilingual:
    if "disk i/o" in cause:
        return Bilingual(
            "Nothing was half-written. Free some space on that disk and run the command again.",
            "没有写入不完整的数据。请清理该磁盘空间后重新运行。",
        )
    if "readonly" in cause or "read-only" in cause or "unable to open" in cause or "permission" in cause:
        return Bilingual(
            "Make the file and its folder writable for this user, or choose another folder with --data-dir.",
            "请为当前用户授予该文件及其目录的写权限，或用 --data-dir 指定其他目录。",
        )
    if "malformed" in cause or "not a database" in cause:
        return Bilingual(
            f"The file is damaged. Put a backup in its place, or move {where} away and ingest the documents again.",
            f"文件已损坏。请用备份替换，或移走 {where} 后重新导入文档。",
        )
    return Bilingual(
        "See the cause above; `kbchat doctor` checks the data folder.",
        "请根据上述原因处理；`kbchat doctor` 可检查数据目录。",
    )


def _engine(place: Any) -> Engine:
    if place.get_backend_name() != "sqlite":
        return create_engine(place, pool_pre_ping=True)
    engine = create_engine(place, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours (below): the driver's own rules leave DDL outside transactions
    cursor = connection.cursor()
    try:
        for pragma in (
            f"busy_timeout={_BUSY_MILLISECONDS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    driver: sqlite3.Connection | None = connection.connection.driver_connection
    assert driver is not None
    # Straight to the driver: a question takes a dozen transactions, and a statement costs ten times as much above it.
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
