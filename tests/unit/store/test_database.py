"""The database: settings, migrations, failures told, and SQL that PostgreSQL takes too."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from kbchat.errors import BusyError, SchemaError, StoreError
from kbchat.store import DataLayout, Store, schema, upgrading
from kbchat.store.database import Database
from kbchat.testing import HashEmbedder, parsed_leaflet
from kbchat.types import SectionKind


def test_settings_of_sqlite(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, store._database.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert pragma == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000}


def test_the_layout(tmp_path: Path) -> None:
    layout = DataLayout(tmp_path / "数据 data")
    assert not layout.is_valid()
    with Store.open(layout.root) as store:
        assert store.data_layout == layout
        assert layout.is_valid()
        layout.database.unlink()
        assert not layout.is_valid()
        assert DataLayout(layout.root, embedded=False).is_valid()


def test_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, store._database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_head_is_the_newest_migration() -> None:
    steps = Path(upgrading.__file__).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in steps.glob("0*.py")) == upgrading.HEAD


def test_a_database_of_the_last_release_is_brought_up_and_keeps_everything(tmp_path: Path) -> None:
    """As 0003 left it: the tables of that step, with rows."""
    layout = DataLayout(tmp_path)
    layout.create()
    database = Database(layout)
    with database.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(upgrading.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql("INSERT INTO used_tokens VALUES ('t', '2030-01-01 00:00:00')")
        connection.exec_driver_sql(
            "INSERT INTO api_keys (prefix, hash, name, user, roles, groups, created_by, created_at) "
            "VALUES ('p', 'h', 'k', 'anna', '[]', '[]', '', '2026-01-01 00:00:00')"
        )
        assert not inspect(connection).has_table("sessions")
    database.close()

    with Store.open(tmp_path) as store:
        assert store.keys()[0].user == "anna"
        assert store.session("none") is None
        with store._database.read() as connection:
            assert connection.exec_driver_sql("SELECT token FROM used_tokens").scalar() == "t"
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, schema.metadata) == []


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "kbchat.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (tmp_path / "kbchat.db").read_bytes()
    with pytest.raises(SchemaError, match="9999"):
        Store.open(tmp_path)
    assert (tmp_path / "kbchat.db").read_bytes() == before


def test_a_migration_cut_off_leaves_nothing(tmp_path: Path) -> None:
    layout = DataLayout(tmp_path)
    layout.create()
    database = Database(layout)

    def cut_off() -> None:
        with database.write() as connection:
            upgrading._run_steps(connection)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    database.close()
    Store.open(tmp_path).close()


@pytest.mark.parametrize(
    "content", [b"this is no database at all, and long enough to be read as one" * 50, b"\x00" * 4096]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kbchat.db").write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path)
    assert "damaged" in caught.value.remedy.en
    assert str(tmp_path / "kbchat.db") in str(caught.value)
    assert (tmp_path / "kbchat.db").read_bytes() == content


def test_a_torn_database_is_told(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for number in range(50):
            store.create_base(f"base {number}", description="x" * 2000)
    path = tmp_path / "kbchat.db"
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xaa" * (len(content) - 8192))
    with pytest.raises(StoreError), Store.open(tmp_path) as store:
        store.bases()


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--data-dir"):
        Store.open(tmp_path / "file")
    with pytest.raises(StoreError, match="--data-dir"):
        Store.open(tmp_path / "file" / "below")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who can be denied")
def test_a_data_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="--data-dir"):
            Store.open(tmp_path / "data")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_told_and_nothing_half_written(tmp_path: Path) -> None:
    """SQLite answers alike to a full disk and to its own page limit."""
    with Store.open(tmp_path) as store:
        base = store.create_base("default")
        connections: list[sqlite3.Connection] = []

        def limit(connection: sqlite3.Connection, *_: object) -> None:
            connections.append(connection)
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 20}")

        event.listen(store._database._engine, "checkout", limit)
        parsed = parsed_leaflet("药", {SectionKind.DOSAGE: "一次0.3g。" * 100_000})
        with pytest.raises(StoreError) as caught:
            store.commit_document(base.id, source="a", name="a", sha256="a" * 64, parsed=parsed, vectors=None)
        assert "Free some space" in caught.value.remedy.en
        event.remove(store._database._engine, "checkout", limit)
        for connection in connections:
            connection.execute("PRAGMA max_page_count=1000000")
        assert store.sources(base.id) == {}
        assert store.watermark(base.id) == 0
        parsed = parsed_leaflet("药", {SectionKind.DOSAGE: "一次0.3g。"})
        store.commit_document(base.id, source="a", name="a", sha256="a" * 64, parsed=parsed, vectors=None)


def test_a_locked_database_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kbchat.store.database._BUSY_MILLISECONDS", 100)
    with Store.open(tmp_path) as store:
        other = sqlite3.connect(tmp_path / "kbchat.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            store.create_base("default")
        assert store.bases() == []
        other.execute("ROLLBACK")
        other.close()
        assert store.create_base("default").id == 1


@pytest.mark.parametrize("url", ["no url", "nosuchdatabase://host/x", "mysql://host/x"])
def test_urls_that_cannot_be_used(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="database_url"):
        Store.open(tmp_path, url)


def test_another_sqlite_file_by_url(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", f"sqlite:///{tmp_path / 'elsewhere.db'}") as store:
        store.create_base("default")
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (tmp_path / "data" / "kbchat.db").exists()


def test_tables_are_postgresql_too() -> None:
    dialect = postgresql.dialect()
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in schema.metadata.sorted_tables]
    statements += [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in schema.metadata.sorted_tables
        for index in table.indexes
    ]
    assert "BIGSERIAL" in "".join(statements)
    assert "AUTOINCREMENT" not in "".join(statements)


def test_every_statement_is_postgresql_too(tmp_path: Path) -> None:
    """Use the whole store, and compile for PostgreSQL each statement that ran."""
    seen = []
    with Store.open(tmp_path) as store:
        event.listen(store._database._engine, "before_execute", lambda _c, element, *_: seen.append(element))
        embedder = HashEmbedder(4)
        base = store.create_base("default", embedder=embedder.name, dimension=4)
        for version in range(2):
            parsed = parsed_leaflet("药", {SectionKind.DOSAGE: f"一次{version}片。"})
            done = store.commit_document(
                base.id,
                source="a",
                name="a",
                sha256=f"{version:064x}",
                parsed=parsed,
                vectors=embedder.embed_documents([chunk.text for chunk in parsed.chunks]),
            )
        store.retire_document(done.document_id)
        store.restore_document(done.document_id)
        list(store.changes_since(base.id, 0))
        store.chunk_total(base.id)
        store.names(base.id)
        store.sources(base.id)
        store.find_by_hash(base.id, "0" * 64)
        store.documents(base.id)
        store.revisions(done.document_id)
        store.revision(done.revision_id)
        store.page(done.revision_id, 1)
        store.page_texts(done.revision_id)
        section = next(iter(store.chunks([1, 2]).values())).section_id
        store.chunk_spans(section)
        store.section(section)
        store.document_sections(done.revision_id)
        rows = [(key, embedder.embed_documents([c.text for c in chunks])) for key, chunks in store.live_chunks(base.id)]
        store.replace_vectors(base.id, embedder="other", dimension=4, vectors=rows)
        store.change_stamp(base.id, store.watermark(base.id))
        store.finish_run(store.start_run(base.id), {})
        store.last_run(base.id)
        store.bases()
        store.rename_base("default", "renamed")
        store.delete_base("renamed")
    assert len(seen) > 60
    for element in seen:
        element.compile(dialect=postgresql.dialect())


def test_moments_come_back_in_utc(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with Store.open(tmp_path) as store:
        store.create_base("default")
        assert before <= store.base("default").created_at <= datetime.now(UTC)
