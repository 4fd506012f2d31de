"""A service that is killed during uploads: what it acknowledged is there, and nothing half-done is to be seen."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import threading
import time

import httpx
import pytest

from kbchat.app import App
from kbchat.settings import load_settings
from tests import patient
from tests.process_tree import eventually, started

ROUNDS = int(os.environ.get("TEST_KILL_ROUNDS", "3"))
PARAGRAPH = "【用法用量】口服。一次50～100mg，一日1次。" * 400


def content(name):
    return f"【药品名称】{name}\n{PARAGRAPH}\n".encode()


def upload_until_it_dies(url, prefix, acknowledged):
    with patient.Client(base_url=url) as client, contextlib.suppress(httpx.HTTPError):
        for number in range(1000):
            name = f"{prefix}-{number}.txt"
            said = client.post(
                "/api/bases/drugs/uploads",
                data={"ocr": "off"},
                files=[("files", (name, content(name))), ("files", (f"b-{name}", content(f"b-{name}")))],
            )
            if said.status_code == 202:
                acknowledged.append(said.json()["id"])


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_acknowledged_uploads_survive_and_half_ones_do_not_show(sample_folder, tmp_path, workers):
    folder = tmp_path / "data"
    shutil.copytree(sample_folder, folder)
    acknowledged: list[int] = []
    chance = random.Random(6)
    for turn in range(ROUNDS):
        before = len(acknowledged)
        tree = started(folder, "--workers", workers)
        eventually(tree.is_ready)
        senders = [
            threading.Thread(target=upload_until_it_dies, args=(tree.url, f"{turn}-{sender}", acknowledged))
            for sender in range(2)
        ]
        for sender in senders:
            sender.start()
        eventually(lambda before=before: len(acknowledged) > before)
        time.sleep(chance.uniform(0, 1))
        tree.kill_all()
        assert tree.process.stdout is not None
        tree.process.stdout.close()
        for sender in senders:
            sender.join()

    app = App(load_settings(data_dir=folder))
    base = app.store.base("drugs")
    jobs = {job.id: job for job in app.store.jobs([base.id], active_only=False, limit=100_000, offset=0)}
    assert set(acknowledged) <= set(jobs)
    for job in jobs.values():
        assert len(job.files) == 2, "half an upload is to be seen"
        for file in job.files:
            assert file.size == len(content(file.name))
            staged = app.store.data_layout.staging / job.uid / file.staged
            assert job.state == "done" or file.state == "done" or staged.read_bytes() == content(file.name)
    app.close()
