"""A service whose disk is full: everything that writes says so with a remedy, nothing is half-written, and when there is
room again all goes on, without a restart.

The disk is a small one of its own (tmpfs), where this machine lets us mount one; what no privilege is needed for is in
tests/unit/store/test_full_disk.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kbchat.app import App
from kbchat.errors import StorageFullError
from kbchat.services.audit import AuditTrail
from kbchat.services.backup import make_backup
from kbchat.settings import load_settings
from tests import patient
from tests.running_service import host_token, running

MIB = 1 << 20
SIZE = 96
ASK = {"model": "medication", "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}]}
SAVED = ASK | {"kbchat": {"save": True}}


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if not mount or not unmount:
        pytest.skip("no mount here")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", place], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("needs the right to mount")
    try:
        yield place
    finally:
        subprocess.run([unmount, place], check=True)


@pytest.fixture
def service(sample_folder, small_disk, tmp_path):
    shutil.copytree(sample_folder, small_disk / "data")
    key = tmp_path / "his.key"
    from tests.running_service import SECRET

    key.write_bytes(SECRET)
    keys = [{"id": "his", "algorithm": "HS256", "file": key, "roles": ["reader", "curator", "admin"]}]
    app = App(load_settings(data_dir=small_disk / "data", language="en", access={"host_keys": keys}))
    with running(app) as found:
        yield found
    app.close()


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left on the disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while stream.write(b"\0" * (64 << 10)):
                pass
        except OSError:
            pass
        try:
            while stream.write(b"\0"):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


def told(said: httpx.Response) -> None:
    assert said.status_code == 507, said.text
    assert said.headers["content-type"] == "application/problem+json"
    problem = said.json()
    assert (problem["code"], problem["title"]) == ("storage_full", "No space left")
    assert "Free some space" in problem["remedy"]
    assert "/disk/" not in said.text, "folders of the server are nobody's business"


def finished(client, job):
    ends = time.monotonic() + 120
    while (found := client.get(f"/api/jobs/{job['id']}").json())["state"] not in ("done", "failed", "cancelled"):
        assert time.monotonic() < ends
        time.sleep(0.1)
    return found


def state(app):
    conversations, _ = app.store.find_conversations("root", "", offset=0, limit=100)
    staging = app.store.data_layout.staging
    return (
        len(conversations),
        app.store.audit_entries()[-1].seq if app.store.audit_entries() else 0,
        len(app.store.documents(app.store.base("drugs").id)),
        sorted(path.name for path in staging.iterdir()) if staging.is_dir() else [],
        sorted(path.name for path in app.store.data_layout.files.iterdir()),
    )


def test_everything_says_so_and_goes_on_when_there_is_room(service, small_disk):
    app = service.app
    token = patient.post(
        f"{service.url}/api/session", headers={"Authorization": f"Bearer {host_token('root', roles=['admin'])}"}
    ).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    form = {"files": ("new.txt", b"Dosage: 1 tablet daily.\n" * 5000)}
    with patient.Client(base_url=service.url, headers=headers) as client:
        assert client.post("/v1/chat/completions", json=SAVED).status_code == 200
        before = state(app)
        app.store._database.empty_log()  # else what is left of its last pages takes a small write
        with filled(small_disk):
            told(client.post("/api/bases/drugs/uploads", files=form))
            told(client.post("/api/bases/drugs/uploads", files=form, headers={"Idempotency-Key": "full"}))
            told(client.post("/api/bases", json={"name": "x", "description": "y"}))
            told(client.post("/api/keys", json={"name": "k"}))
            said = client.post("/v1/chat/completions", json=SAVED)
            assert (said.status_code, said.json()["error"]["code"]) == (507, "storage_full")
            said = client.post("/v1/chat/completions", json=SAVED | {"stream": True})
            assert said.status_code == 507 or '"storage_full"' in said.text
            again = patient.post(f"{service.url}/api/session", headers={"Authorization": f"Bearer {host_token()}"})
            assert again.status_code == 507, "who is let in must be in the audit"
            with pytest.raises(StorageFullError):
                AuditTrail(app.store).record(None, "test")
            with pytest.raises(StorageFullError):
                make_backup(app.store, small_disk / "backup.tar")

            assert client.get("/healthz").status_code == 200
            assert client.get("/api/me").json()["user"] == "root"
            assert client.get("/api/bases/drugs/documents").status_code == 200
            found = client.post("/api/search", json={"question": "二甲双胍的禁忌", "bases": ["drugs"]})
            assert found.status_code in (200, 507)
            assert state(app) == before, "nothing is half-written"
            assert sorted(path.name for path in small_disk.iterdir()) == ["ballast", "data"]

        assert client.post("/v1/chat/completions", json=SAVED).status_code == 200
        job = client.post("/api/bases/drugs/uploads", files=form, headers={"Idempotency-Key": "full"})
        assert job.status_code == 202, "the key of an upload that failed is free again"
        assert finished(client, job.json())["state"] == "done"
        assert make_backup(app.store, small_disk / "backup.tar").files > 4
        assert AuditTrail(app.store).verify().fault is None


def test_an_upload_larger_than_the_room_leaves_nothing(service, small_disk):
    headers = {"Authorization": f"Bearer {host_token('root', roles=['admin'])}", "Accept-Language": "en"}
    before = state(service.app)

    def form():
        yield b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(SIZE):
            yield b"Dosage: 1 tablet.\n" * (MIB // 18)
        yield b"\r\n--X--\r\n"

    body = b"".join(form())
    headers["Content-Type"] = "multipart/form-data; boundary=X"
    told(patient.post(f"{service.url}/api/bases/drugs/uploads", content=body, headers=headers))
    assert (state(service.app)[2:]) == before[2:]
    free = os.statvfs(small_disk)
    assert free.f_bavail * free.f_frsize > 20 * MIB


def test_a_job_that_meets_the_full_disk_fails_with_the_remedy_and_the_base_stays_whole(
    service, small_disk, monkeypatch
):
    """The disk fills between taking the files in and reading them."""
    app = service.app
    token = patient.post(
        f"{service.url}/api/session", headers={"Authorization": f"Bearer {host_token('root', roles=['admin'])}"}
    ).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    runner = service.application.state.service.runner
    real = runner.run_one
    let_go = []
    monkeypatch.setattr(runner, "run_one", lambda: real() if let_go else False)
    time.sleep(1.5)  # the runner looks up its method between two rounds
    form = {"files": ("new.txt", b"".join(b"Dosage: %d tablets daily.\n" % number for number in range(40_000)))}
    with patient.Client(base_url=service.url, headers=headers) as client:
        job = client.post("/api/bases/drugs/uploads", files=form).json()
        with filled(small_disk):
            let_go.append(True)
            time.sleep(5)
            during = client.get(f"/api/jobs/{job['id']}").json()
        after = finished(client, job)
        assert during["state"] in ("queued", "running", "failed"), during
        assert after["state"] in ("failed", "done"), after
        if after["state"] == "failed":
            assert "space" in after["message"] + str(after["files"]), after
        asked = client.post("/v1/chat/completions", json=ASK)
        assert asked.json()["choices"][0]["message"]["kbchat"]["outcome"] == "answered"
        again = finished(client, client.post("/api/bases/drugs/uploads", files=form).json())
        assert again["state"] == "done", again
    assert AuditTrail(app.store).verify().fault is None
