"""kill -9 of a process that takes uploads and reads them: what was acknowledged is there, nothing half is."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.jobs import JobRunner
from kbchat.app import App
from kbchat.services.audit import AuditTrail
from kbchat.settings import EmbeddingSettings, IngestSettings, Settings

PROGRAM = """
import io, sys, time, zipfile
from ingest.jobs import JobRunner, JobService
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.settings import load_settings

def text(name, lines):
    body = "\\n\\n".join(f"第{n}条：{name} 一次{n + 1}片。" for n in range(lines))
    return f"# {name}\\n\\n## 【用法用量】\\n\\n{body}\\n\\n## 【贮藏】\\n\\nEND {name}\\n".encode()

turn = int(sys.argv[1])
app = App(load_settings())
if not app.store.bases():
    app.store.create_base("ward")
runner = JobRunner(app)
runner.start()
service = JobService(app, local_principal("anna"))
print("ready", flush=True)
for number in range(10_000):
    names = [f"t{turn}n{number}f{part}.md" for part in range(3)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names[1:]:
            archive.writestr(name, text(name, 60))
    packed.seek(0)
    job = service.submit_upload("ward", [(names[0], io.BytesIO(text(names[0], 20))), ("pack.zip", packed)])
    print("ack", job.id, *names, flush=True)
    time.sleep(0.03)
"""


def environment(data_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KBCHAT_")}
    return kept | {
        "KBCHAT_DATA_DIR": str(data_dir), "KBCHAT_EMBEDDING__MODEL": "none", "KBCHAT_INGEST__WORKERS": "1",
    }  # fmt: skip


def killed_run(data_dir: Path, turn: int, seconds: float) -> list[str]:
    """The names acknowledged by a process that was killed ``seconds`` after the first of them."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(turn)], stdout=subprocess.PIPE, text=True, env=environment(data_dir)
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    output = first + process.stdout.read()
    process.stdout.close()
    process.wait()
    lines = [line.split() for line in output.splitlines() if line.startswith("ack") and line.endswith("f2.md")]
    return [name for line in lines for name in line[2:]]


def finish(app: App) -> None:
    """Go on as the restarted service would, until nothing waits."""
    runner = JobRunner(app)
    runner.start()
    try:
        deadline = time.monotonic() + 240
        while app.store.jobs(active_only=True):
            assert time.monotonic() < deadline, "jobs of the killed processes do not go on"
            time.sleep(0.2)
    finally:
        runner.stop()


@pytest.mark.slow
def test_killed_while_uploading(tmp_path: Path) -> None:
    chance = random.Random(11)
    data_dir = tmp_path / "data"
    acknowledged = [
        name for turn in range(6) for name in killed_run(data_dir, turn, chance.choice((0.02, 0.1, 0.3, 0.6, 0.9)))
    ]
    assert len(acknowledged) >= 6 * 3
    settings = Settings(data_dir=data_dir, embedding=EmbeddingSettings(model="none"), ingest=IngestSettings(workers=2))
    app = App(settings)
    _expire_leases(app)
    finish(app)
    base = app.store.base("ward")
    documents = {document.name: document for document in app.store.documents(base.id)}

    assert set(acknowledged) <= set(documents)
    for name, document in documents.items():
        pages = app.store.page_texts(document.revision_id)
        assert f"END {name}" in pages[max(pages)], f"{name} is half there"
        assert document.revision_number == 1, f"{name} was read twice"
    jobs = app.store.jobs(limit=10_000)
    assert {job.state for job in jobs} == {"done"}
    assert {file.status for job in jobs for file in job.files} == {"added"}
    assert {file.name for job in jobs for file in job.files} == set(documents)
    assert [path.name for path in app.store.data_layout.staging.iterdir()] == []
    assert AuditTrail(app.store).verify().fault is None
    app.close()


def _expire_leases(app: App) -> None:
    """As if half a minute had passed since the last process was killed."""
    import sqlite3

    with sqlite3.connect(app.store.data_layout.database, timeout=60) as connection:
        connection.execute("UPDATE jobs SET lease_until = '2020-01-01 00:00:00.000000' WHERE state = 'running'")
    connection.close()
