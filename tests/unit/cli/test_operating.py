"""backup, restore, audit, key, privacy, person and doctor --offline, as a person types them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kbchat.cli import network_guard
from kbchat.cli.offline_proof import offline_findings
from kbchat.settings import EmbeddingSettings, Settings
from kbchat.store import NewMessage, Store


def test_a_key_is_shown_once(kbchat) -> None:
    made = kbchat("key", "create", "HIS", "--role", "curator", "--days", "30")
    assert made.code == 0
    key = made.out.strip()
    assert key.startswith("kbc_")
    assert "cannot be shown again" in made.err
    listed = kbchat("key", "list").out
    assert key[4:16] in listed
    assert key not in listed
    assert key[17:] not in listed
    assert kbchat("key", "revoke", key[4:16]).code == 0
    assert "revoked" in kbchat("key", "list").out
    assert kbchat("key", "revoke", key[4:16]).code == 1


def test_the_audit_is_verified_and_exported(kbchat, data_dir: Path, tmp_path: Path) -> None:
    kbchat("key", "create", "a")
    kbchat("key", "create", "b")
    whole = kbchat("audit", "verify")
    assert (whole.code, "2 entries" in whole.out) == (0, True)
    head = whole.out.rsplit(": ", 1)[1].strip().rstrip(".")
    assert kbchat("audit", "verify", "--noted", f"2:{head}").code == 0
    assert kbchat("audit", "verify", "--noted", "2:other").code == 1
    assert kbchat("audit", "verify", "--noted", "nonsense").code == 2
    out = tmp_path / "audit.csv"
    assert kbchat("audit", "export", "--format", "csv", "--out", out).code == 0
    assert len(out.read_text("utf-8").splitlines()) == 3
    lines = kbchat("audit", "export", "--since", "2020-01-01").out.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2]
    with Store.open(data_dir) as store, store._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE seq = 1")
    broken = kbchat("audit", "verify", lang="zh")
    assert (broken.code, broken.out.strip()) == (1, "缺少第 1 条记录。")


def test_a_person_is_given_out_and_forgotten(
    kbchat, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ann\n"))
    with Store.open(data_dir) as store:
        talk = store.create_conversation("anna", "头痛怎么办？")
        store.add_messages("anna", talk.id, [NewMessage("user", "头痛怎么办？")])
    out = tmp_path / "anna.json"
    assert kbchat("person", "export", "anna", "--out", out).code == 0
    assert json.loads(out.read_text("utf-8"))["conversations"][0]["messages"][0]["text"] == "头痛怎么办？"
    assert kbchat("person", "erase", "anna").code == 1  # not the name
    done = kbchat("person", "erase", "anna", "--yes")
    assert "1 conversations with 1 messages" in done.out
    assert kbchat("person", "export", "anna").code == 1
    assert kbchat("privacy", "sweep").code == 0


def test_backup_and_restore(kbchat, leaflets: Path, data_dir: Path, tmp_path: Path) -> None:
    assert kbchat("ingest", leaflets).code == 0
    made = kbchat("backup", tmp_path / "b.tar.gz")
    assert made.code == 0
    assert kbchat("backup", tmp_path / "b.tar.gz").code == 1
    assert kbchat("restore", tmp_path / "b.tar.gz").code == 1  # its own folder is not empty
    assert not list(data_dir.parent.glob("*before-restore*"))
    restored = kbchat("restore", tmp_path / "b.tar.gz", "--data-dir", tmp_path / "new")
    assert restored.code == 0
    assert "documents can be searched" in restored.out
    before, after = (
        kbchat("search", "阿司匹林 禁忌", "--json", "--data-dir", folder).json
        for folder in (data_dir, tmp_path / "new")
    )
    assert [one["text"] for one in after["passages"]] == [one["text"] for one in before["passages"]] != []
    assert kbchat("doctor", "--data-dir", tmp_path / "new").code == 0


def test_doctor_proves_that_nothing_outside_is_reached(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "none", language="en", embedding=EmbeddingSettings(model="none"))
    found = list(offline_findings(settings))
    wrong = [finding for finding in found if finding.verdict.value == "problem"]
    assert not wrong
    assert {finding.name for finding in found} >= {
        "offline guard",
        "offline ingest",
        "offline citations",
        "offline attempts",
    }
    assert not (tmp_path / "none").exists()


def test_doctor_tells_what_does_not_work(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, language="en", embedding=EmbeddingSettings(model=f"static:{tmp_path / 'no model'}")
    )
    assert [one.name for one in offline_findings(settings) if one.verdict.value == "problem"]


ATTEMPT = """
import socket, subprocess, sys, urllib.request
def tried(action):
    try:
        action()
    except PermissionError as error:
        return "refused" if "doctor" in str(error) else "other"
    except OSError as error:
        return "refused" if "doctor" in str(error) else "let through"
    return "let through"
server = socket.create_server(("127.0.0.1", 0))
print(tried(lambda: socket.create_connection(("192.0.2.7", 9), timeout=1)))
print(tried(lambda: socket.create_connection(("2001:db8::1", 9), timeout=1)))
print(tried(lambda: socket.getaddrinfo("kbchat.invalid", 80)))
print(tried(lambda: urllib.request.urlopen("http://192.0.2.7/", timeout=1)))
print(tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.7", 53))))
print(tried(lambda: socket.create_connection(server.getsockname(), timeout=1)))
print(tried(lambda: socket.create_connection(("localhost", server.getsockname()[1]), timeout=1)))
inner = "import socket; socket.create_connection(('192.0.2.8', 9), timeout=1)"
done = subprocess.run([sys.executable, "-P", "-c", inner], capture_output=True, text=True)
print("refused" if "doctor" in done.stderr else "let through")
"""


def test_the_guard_refuses_what_leads_out_and_only_that(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_bytes(Path(network_guard.__file__).read_bytes())
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "OFFLINE_GUARD_LOG": str(tmp_path / "log")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ATTEMPT],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        timeout=120,
    )
    refused, passed = ["refused"] * 5, ["let through"] * 2
    assert done.stdout.split("\n")[:-1] == [*refused, *passed, "refused"]
    log = (tmp_path / "log").read_text("utf-8")
    assert "192.0.2.8" in log
    assert "127.0.0.1" not in log


@pytest.mark.parametrize("arguments", [("backup", "x.zip"), ("key", "create", ""), ("restore", "nothing.tar")])
def test_wrong_use_is_told_without_a_traceback(kbchat, arguments: tuple[str, ...], tmp_path: Path) -> None:
    command, *rest = arguments
    done = kbchat(command, *(str(tmp_path / one) if command != "key" else one for one in rest))
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    assert "Error" in done.err
