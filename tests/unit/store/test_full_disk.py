"""A full disk without a privilege: no larger files are allowed (files), no more pages (database)."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from kbchat.access.principal import local_principal
from kbchat.disk_full import is_full, storage_full
from kbchat.errors import StorageFullError
from kbchat.server.problems import error_response
from kbchat.services.audit import AuditTrail
from kbchat.store import NewMessage, Store

_PROGRAM = """
import io, resource, sys
from pathlib import Path
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.errors import StorageFullError
from kbchat.services import Services
from kbchat.services.backup import make_backup
from kbchat.settings import load_settings
from ingest.jobs import JobService

folder = Path(sys.argv[1])
app = App(load_settings(data_dir=folder, language="en"))
Services(app, local_principal("root")).bases.create("ward")
original = folder / "incoming"
original.write_bytes(b"x" * 3_000_000)
(folder / "words.tsv").write_bytes(b"x" * 3_000_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

def refused(what, call):
    try:
        call()
    except StorageFullError as error:
        print(what, "Free some space" in error.remedy.en, sep=":")
    else:
        print(what, "went through", sep=":")

service = JobService(app, local_principal("root"))
refused("upload", lambda: service.submit_upload("ward", [("a.txt", io.BytesIO(b"x" * 3_000_000))]))
refused("original", lambda: app.store.save_original(original, "0" * 64))
refused("backup", lambda: make_backup(app.store, folder.parent / "backup.tar"))
print("left:", sorted(path.name for path in (folder / "staging").iterdir()), list((folder / "files").iterdir()),
      sorted(path.name for path in folder.parent.iterdir()), sorted(path.name for path in folder.glob(".backup*")))
job = service.submit_upload("ward", [("a.txt", io.BytesIO(b"Dosage: 1 tablet."))])
print("small:", job.state)
app.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_files_that_may_not_grow(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    program = [sys.executable, "-c", _PROGRAM, str(tmp_path / "home" / "data")]
    done = subprocess.run(program, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "upload:True", "original:True", "backup:True", "left: [] [] ['data'] []", "small: queued",
    ]  # fmt: skip


def test_a_database_that_may_not_grow_keeps_what_it_has(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        talk = store.create_conversation("anna", "first", bases=["ward"])
        store.add_messages("anna", talk.id, [NewMessage("user", "Q"), NewMessage("assistant", "A")])
        trail = AuditTrail(store)
        trail.record(local_principal("anna"), "ask")
        with store._database.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        with pytest.raises(StorageFullError) as caught:
            store.add_messages("anna", talk.id, [NewMessage("user", "x" * 200_000), NewMessage("assistant", "A")])
        assert "Nothing was half-written" in str(caught.value)
        with pytest.raises(StorageFullError):
            _record_much(trail)
        assert [one.text for one in store.messages("anna", talk.id)] == ["Q", "A"]
        assert trail.verify().fault is None

        with store._database.read() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
        trail.record(local_principal("anna"), "ask")
        assert trail.verify().fault is None


def _record_much(trail: AuditTrail) -> None:
    for _ in range(10_000):
        trail.record(local_principal("anna"), "ask", object="y" * 900)


def test_what_a_full_disk_is() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        assert is_full(OSError(number, "full"))
    assert not is_full(OSError(errno.EACCES, "denied"))
    assert not is_full(ValueError())
    said = error_response(storage_full("/srv/kbchat/data"), "/api/bases", "zh")
    assert said.status_code == 507
    assert "磁盘空间已满" in bytes(said.body).decode()
    assert "/srv" not in bytes(said.body).decode()
