"""Backups: consistent while others write, checked before anything is restored."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kbchat.errors import ConflictError, InvalidInputError, SchemaError, StoreError
from kbchat.services.audit import AuditTrail
from kbchat.services.backup import make_backup
from kbchat.services.restore import restore_backup
from kbchat.store import Store
from kbchat.store.jobs import NewJobFile
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        base = opened.create_base("ward")
        for number in range(3):
            commit(opened, base.id, tmp_path, number)
        AuditTrail(opened).record(None, "test")
        folder = opened.data_layout.staging / ("a" * 32)
        folder.mkdir(parents=True)
        (folder / "00001.md").write_text("waiting", "utf-8")
        opened.add_job(
            folder.name, base.id, owner="anna", kind="upload", options={}, files=[NewJobFile("x", "00001.md", 7)]
        )
        gone = opened.data_layout.staging / ("b" * 32)
        gone.mkdir()
        (gone / "00001.md").write_text("of no job", "utf-8")
        (opened.data_layout.root / "earlier.tar").write_bytes(b"x")
        (opened.data_layout.root / "kbchat.toml").write_text('language = "zh"\n', "utf-8")
        yield opened


def commit(store: Store, base_id: int, folder: Path, number: int) -> str:
    """A document whose original and text tell its number."""
    path = folder / f"{number}.md"
    path.write_text(f"document {number}", "utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    store.save_original(path, sha256)
    parsed = parsed_leaflet(f"药{number}", {SectionKind.DOSAGE: f"一次{number}片。"})
    store.commit_document(base_id, source=str(path), name=path.name, sha256=sha256, parsed=parsed, vectors=None)
    return sha256


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b.tgz"])
def test_there_and_back(store: Store, tmp_path: Path, name: str) -> None:
    report = make_backup(store, tmp_path / name)
    assert report.missing == 0
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    restore_backup(tmp_path / name, tmp_path / "new")
    with Store.open(tmp_path / "new") as again:
        base = again.base("ward")
        documents = again.documents(base.id)
        assert [document.name for document in documents] == ["0.md", "1.md", "2.md"]
        assert again.original(documents[1].sha256).read_text("utf-8") == "document 1"
        assert AuditTrail(again).verify().fault is None
        (job,) = again.jobs(active_only=True)
        assert (again.data_layout.staging / job.uid / "00001.md").read_text("utf-8") == "waiting"
        assert [path.name for path in again.data_layout.staging.iterdir()] == ["a" * 32]
    assert (tmp_path / "new" / "kbchat.toml").is_file()
    assert not (tmp_path / "new" / "earlier.tar").exists()
    assert not (tmp_path / "new" / "index").exists() or not any((tmp_path / "new" / "index").iterdir())
    assert not list(store.data_layout.root.glob(".backup-*"))


def test_a_backup_while_others_write_is_one_moment(store: Store, tmp_path: Path) -> None:
    """Whatever moment it is: every document in it is whole, with its original."""
    base = store.base("ward")
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        number = 10
        while not stop.is_set():
            commit(store, base.id, tmp_path, number)
            AuditTrail(store).record(None, "test")
            written.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            before = len(written)
            make_backup(store, tmp_path / f"{number}.tar")
            after = len(written) + 1
            restore_backup(tmp_path / f"{number}.tar", tmp_path / f"new{number}")
            with Store.open(tmp_path / f"new{number}") as again:
                documents = again.documents(again.base("ward").id)
                assert 3 + before <= len(documents) <= 3 + after
                for document in documents:
                    text = again.original(document.sha256).read_text("utf-8")
                    assert text == f"document {document.name.removesuffix('.md')}"
                    assert again.page_texts(document.revision_id)
                assert AuditTrail(again).verify().fault is None
    finally:
        stop.set()
        writer.join()
    assert written


def rewritten(source: Path, target: Path, change: dict[str, bytes | None], *extra: tarfile.TarInfo) -> Path:
    """The backup with members replaced (None: left out) or added."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            data: bytes | None = change.get(member.name, stream.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
        for info in extra:
            new.addfile(info, io.BytesIO(b"x" * info.size))
    return target


def test_what_was_changed_is_not_restored(store: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.tar"
    make_backup(store, good)
    with tarfile.open(good) as tar:
        names = tar.getnames()
    original = next(name for name in names if name.startswith("files/"))
    link = tarfile.TarInfo("files/" + "0" * 64)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    out = tarfile.TarInfo("../evil")
    out.size = 4
    twice = tarfile.TarInfo(original)
    wrong: list[Path] = [
        rewritten(good, tmp_path / "1.tar", {original: b"other"}),
        rewritten(good, tmp_path / "2.tar", {original: None}),
        rewritten(good, tmp_path / "3.tar", {"manifest.json": None}),
        rewritten(good, tmp_path / "4.tar", {"manifest.json": b"{"}),
        rewritten(good, tmp_path / "5.tar", {"kbchat.db": b"nothing"}),
        rewritten(good, tmp_path / "6.tar", {}, link),
        rewritten(good, tmp_path / "7.tar", {}, out),
        rewritten(good, tmp_path / "8.tar", {}, twice),
        rewritten(good, tmp_path / "deep.tar", {"manifest.json": b"[" * 100_000}),
        rewritten(good, tmp_path / "list.tar", {"manifest.json": b"[]"}),
    ]
    cut = tmp_path / "9.tar"
    cut.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    other = tmp_path / "10.tar.gz"
    other.write_bytes(b"no archive")
    for path in (*wrong, cut, other):
        with pytest.raises(StoreError, match="Use another backup"):
            restore_backup(path, tmp_path / "new")
        assert not (tmp_path / "new").exists(), path
    assert not [path for path in tmp_path.iterdir() if "restore" in path.name]
    assert not (tmp_path.parent / "evil").exists()


def test_a_damaged_or_newer_database_with_a_right_manifest(store: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.tar"
    make_backup(store, good)
    with tarfile.open(good) as tar:
        database, manifest = (tar.extractfile(name) for name in ("kbchat.db", "manifest.json"))
        assert database is not None
        assert manifest is not None
        data, told = database.read(), json.loads(manifest.read())
    newer = tmp_path / "newer.db"
    newer.write_bytes(data)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    torn = data[: len(data) // 2] + b"\xaa" * (len(data) - len(data) // 2)
    for content, expected in ((newer.read_bytes(), SchemaError), (torn, StoreError)):
        told["sha256"]["kbchat.db"] = hashlib.sha256(content).hexdigest()
        path = rewritten(good, tmp_path / "x.tar", {"kbchat.db": content, "manifest.json": json.dumps(told).encode()})
        with pytest.raises(expected):
            restore_backup(path, tmp_path / "new")
        assert not (tmp_path / "new").exists()


def test_what_is_there_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    make_backup(store, tmp_path / "b.tar")
    with pytest.raises(ConflictError):
        make_backup(store, tmp_path / "b.tar")
    make_backup(store, tmp_path / "b.tar", replace=True)
    target = tmp_path / "used"
    target.mkdir()
    restore_backup(tmp_path / "b.tar", target)
    (target / "mine").write_text("x", "utf-8")
    with pytest.raises(ConflictError):
        restore_backup(tmp_path / "b.tar", target)
    restore_backup(tmp_path / "b.tar", target, replace=True)
    assert not (target / "mine").exists()
    (aside,) = tmp_path.glob("used.before-restore-*")
    assert (aside / "mine").is_file()
    with pytest.raises(InvalidInputError):
        make_backup(store, tmp_path / "b.zip")


def test_into_a_mounted_folder(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A volume cannot be renamed; its contents are replaced."""
    make_backup(store, tmp_path / "b.tar")
    target = tmp_path / "volume"
    target.mkdir()
    (target / "mine").write_text("x", "utf-8")
    monkeypatch.setattr("kbchat.services.restore.os.path.ismount", lambda _: True)
    restore_backup(tmp_path / "b.tar", target, replace=True)
    with Store.open(target) as again:
        assert len(again.documents(again.base("ward").id)) == 3
    (aside,) = target.glob(".volume.before-restore-*")
    assert (aside / "mine").is_file()


def test_a_deleted_original_is_counted(store: Store, tmp_path: Path) -> None:
    next(store.data_layout.files.iterdir()).unlink()
    assert make_backup(store, tmp_path / "b.tar").missing == 1
    restore_backup(tmp_path / "b.tar", tmp_path / "new")
