"""Whole ingests as processes, in a world that is full, closed, busy or interrupted."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kbchat.store import Store
from tests.process_tree import SECONDS, eventually

ENVIRONMENT = {**os.environ, "KBCHAT_EMBEDDING__MODEL": "none", "KBCHAT_LANGUAGE": "en"}


def _leaflets(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        text = "\n\n".join(f"## Section {part}\n\nword{number}x{part} take with a meal." for part in range(12))
        (folder / f"{number:03}.md").write_text(f"# Leaflet {number}\n\n{text}\n", encoding="utf-8")
    return folder


def _command(folder: Path, data: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "kbchat", "ingest", str(folder), "--data-dir", str(data), "--json", *options]


def _run(folder: Path, data: Path, *options: str, **world: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(folder, data, *options), capture_output=True, text=True, env=ENVIRONMENT, check=False, **world
    )


def test_two_ingests_at_once_into_one_base(tmp_path: Path) -> None:
    folder, data = _leaflets(tmp_path / "docs", 40), tmp_path / "data"
    with Store.open(data) as store:
        store.create_base("default")
    both = [
        subprocess.Popen(
            _command(folder, data), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        for _ in range(2)
    ]
    ended = [(process.communicate(), process.returncode) for process in both]
    codes = sorted(code for _, code in ended)
    if codes == [0, 1]:
        (refused,) = [err for (_, err), code in ended if code == 1]
        assert "Another kbchat" in refused
    else:  # the first had ended before the second asked for the lock
        assert codes == [0, 0]
    assert _run(folder, data).returncode == 0
    with Store.open(data) as store:
        assert len(store.documents(store.base("default").id)) == 40


def test_other_base_can_be_filled_meanwhile(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Store.open(data) as store:
        base = store.create_base("default")
        store.create_base("other")
        with store.writer_lock(base.id):
            assert _run(_leaflets(tmp_path / "docs", 2), data, "--kb", "other").returncode == 0
            assert _run(tmp_path / "docs", data).returncode == 1


def test_ctrl_c_reports_what_was_done_and_leaves_no_worker(tmp_path: Path) -> None:
    import psutil

    folder, data = _leaflets(tmp_path / "docs", 400), tmp_path / "data"
    process = subprocess.Popen(
        _command(folder, data), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    workers = _wait_for_documents(process, data)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["interrupted"]
    assert process.returncode == 130
    with Store.open(data) as store:
        assert len(store.documents(store.base("default").id)) == report["totals"]["added"] < 400
    eventually(lambda: not [worker for worker in workers if psutil.pid_exists(worker)])
    again = _run(folder, data)
    assert again.returncode == 0
    assert json.loads(again.stdout)["totals"]["unchanged"] == report["totals"]["added"]


def test_full_disk_is_told_and_the_next_run_goes_on(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: the database cannot grow any more."""
    folder, data = _leaflets(tmp_path / "docs", 30), tmp_path / "data"
    with Store.open(data) as store:
        store.create_base("default")

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = max(path.stat().st_size for path in data.glob("kbchat.db*")) + 100_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    stopped = _run(folder, data, preexec_fn=limited)
    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    assert "Error" in stopped.stderr
    report = json.loads(stopped.stdout)
    assert report["error"]
    with Store.open(data) as store:
        base = store.base("default")
        whole = store.documents(base.id)
        assert len(whole) == report["totals"]["added"] < 30
        for document in whole:
            assert "\n".join(store.page_texts(document.revision_id).values()).count("word") == 12
    again = _run(folder, data)
    assert again.returncode == 0
    assert json.loads(again.stdout)["totals"]["added"] == 30 - len(whole)


def test_data_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o500)
    result = _run(_leaflets(tmp_path / "docs", 1), data)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


def _wait_for_documents(process: subprocess.Popen[str], data: Path) -> list[int]:
    """Wait until some documents are committed; returns the worker processes."""
    import psutil

    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        assert process.poll() is None, "the ingest ended too early"
        if (data / "files").is_dir() and len(list((data / "files").iterdir())) > 5:
            return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
        time.sleep(0.02)
    raise AssertionError("nothing was committed")
