"""Worker processes that die, are told to end, or may not begin."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest

from kbchat.app import App
from kbchat.settings import load_settings
from tests import patient
from tests.process_tree import SECONDS, eventually, interrupt, is_over, served, started, without_settings

LEAFLET = "【药品名称】{name}\n" + "【用法用量】口服。一次50～100mg，一日1次。\n" * 300


@pytest.fixture
def folder(sample_folder, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(sample_folder, folder)
    return folder


def refused(folder, *options, **environment):
    """What a service says that does not begin."""
    return subprocess.run(
        [sys.executable, "-m", "kbchat", "--data-dir", str(folder), "--lang", "en", "serve", *options],
        env=without_settings(os.environ) | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def upload(url, base, names):
    files = [("files", (f"{name}.txt", LEAFLET.format(name=name).encode())) for name in names]
    reply = patient.post(f"{url}/api/bases/{base}/uploads", data={"ocr": "off"}, files=files)
    assert reply.status_code == 202, reply.text
    return reply.json()["id"]


def test_a_model_that_is_loaded_in_the_process_allows_one_worker(folder):
    said = refused(folder, "--port", "0", "--workers", "2", KBCHAT_GENERATION__MODEL="pulse:/models/pulse-7b")
    assert said.returncode == 1
    assert "pulse:/models/pulse-7b" in said.stderr
    assert "server.workers = 1" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_told_once(folder, workers):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = refused(folder, "--port", str(taken.getsockname()[1]), "--workers", workers)
    assert said.returncode != 0
    assert said.stderr.count("Nothing can listen on") == 1
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_network_needs_a_way_to_sign_in(folder, workers):
    said = refused(folder, "--host", "0.0.0.0", "--port", "0", "--workers", workers)
    assert said.returncode == 1
    assert "nobody could sign in" in said.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("one", "group"), [(signal.SIGTERM, False), (signal.SIGINT, True)])
def test_it_ends_as_one_process_does(folder, one, group):
    status = {}
    for workers in ("1", "2"):
        with served(folder, "--workers", workers) as tree:
            everyone = [psutil.Process(pid) for pid in tree.workers()]
            status[workers] = interrupt(tree, one, group=group)
            assert all(is_over(process) for process in everyone)
            assert not list((folder / "staging").glob("*.lock"))
    assert status["1"] == status["2"]


@pytest.mark.slow
def test_what_is_being_answered_is_answered_before_the_end(folder):
    with served(folder, "--workers", "2") as tree:
        body = {
            "model": "medication",
            "stream": True,
            "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}],
        }
        with patient.stream("POST", f"{tree.url}/v1/chat/completions", json=body) as response:
            tree.process.send_signal(signal.SIGTERM)
            assert response.read().decode().rstrip().endswith("data: [DONE]")
        tree.process.wait(SECONDS)


@pytest.mark.slow
def test_a_killed_worker_is_started_again_and_readiness_tells(folder):
    with served(folder, "--workers", "2") as tree:
        before = tree.workers()
        with tree.client_of(before[1]) as other:
            time.sleep(2)  # a worker killed before it answers its supervisor's ping is waited for half a minute
            os.kill(before[0], signal.SIGKILL)
            eventually(lambda: before[0] not in tree.workers())
            eventually(lambda: len(tree.workers()) == 2)
            assert other.get("/healthz").status_code == 200
            told = other.get("/readyz").json()
            assert not told["workers"]
            assert not told["ready"]
        eventually(tree.is_ready)
        assert before[1] in tree.workers()


def expire_leases(app):
    """As if half a minute had passed."""
    with contextlib.closing(sqlite3.connect(app.store.data_layout.database, timeout=SECONDS)) as connection, connection:
        connection.execute("UPDATE jobs SET lease_until = '2020-01-01 00:00:00.000000' WHERE state = 'running'")


@pytest.mark.slow
def test_the_job_of_a_killed_worker_goes_on(folder):
    with served(folder, "--workers", "2") as tree:
        job = upload(tree.url, "drugs", [f"片{number}" for number in range(60)])
        app = App(load_settings(data_dir=folder))
        try:
            eventually(lambda: app.store.job(job).state == "running")
            worker = int(app.store.job(job).worker.partition("-")[0])
            assert worker in tree.workers()
            os.kill(worker, signal.SIGKILL)
            eventually(lambda: worker not in tree.workers())
            expire_leases(app)
            eventually(lambda: app.store.job(job).state not in ("queued", "running"))
            done = app.store.job(job)
            assert done.state == "done"
            assert done.attempts == 2
            assert not done.worker.startswith(f"{worker}-")
            names = [document.name for document in app.store.documents(app.store.base("drugs").id)]
            assert sorted(name for name in names if name.startswith("片")) == sorted(f"片{n}.txt" for n in range(60))
        finally:
            app.close()


@pytest.mark.slow
def test_each_job_is_taken_by_one_worker(folder):
    with served(folder, "--workers", "2") as tree:
        for base in ("one", "two", "three"):
            made = patient.post(f"{tree.url}/api/bases", json={"name": base})
            assert made.status_code == 201, made.text
        jobs = [upload(tree.url, base, [f"{base}{number}"]) for number in range(4) for base in ("one", "two", "three")]
        app = App(load_settings(data_dir=folder))
        try:
            eventually(lambda: all(app.store.job(job).state == "done" for job in jobs))
            assert [app.store.job(job).attempts for job in jobs] == [1] * len(jobs)
        finally:
            app.close()


@pytest.mark.slow
def test_workers_do_not_outlive_their_supervisor(folder):
    tree = started(folder, "--workers", "2")
    eventually(tree.is_ready)
    workers = [psutil.Process(pid) for pid in tree.workers()]
    address = tree.address
    tree.process.kill()
    tree.process.wait(SECONDS)
    assert tree.process.stdout is not None
    tree.process.stdout.close()

    eventually(lambda: all(is_over(worker) for worker in workers))
    with contextlib.closing(socket.create_server(address)) as free:
        assert free.getsockname()[1] == address[1]


@pytest.mark.slow
def test_workers_are_renewed_one_by_one(folder):
    """As a rolling restart: somebody is there all the time."""
    with served(folder, "--workers", "2") as tree:
        before = tree.workers()
        os.kill(tree.process.pid, signal.SIGHUP)
        while set(before) & set(tree.workers()):
            assert patient.get(f"{tree.url}/healthz").status_code == 200
        eventually(lambda: len(tree.workers()) == 2)
        eventually(tree.is_ready)
        log = folder / "logs" / "kbchat.log"
        eventually(lambda: re.search(r"worker \d+ ended", log.read_text("utf-8")))
