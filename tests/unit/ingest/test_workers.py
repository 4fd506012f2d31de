"""Real worker processes that hang, crash, eat memory, print and die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ingest.workers import Done, Limits, WorkerPool
from kbchat.errors import DamagedFileError, FileLimitError, LoadError, NoTextError

MIB = 1 << 20

TARGET = """
    import ctypes, os, signal, subprocess, sys, time
    from kbchat.errors import NoTextError
    from kbchat.messages import Bilingual
    from ingest.worker_process import beat

    def run(task):
        kind, value = task
        if kind == "echo":
            return value
        if kind == "hang":
            while True:
                time.sleep(1)
        if kind == "hang_in_c":
            ctypes.PyDLL(None).sleep(3600)  # keeps the GIL
        if kind == "hog":
            kept = []
            while True:
                kept.append(b"x" * (8 << 20))
                time.sleep(0.01)
        if kind == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        if kind == "exit":
            os._exit(7)
        if kind == "print":
            print("noise" * 1000, flush=True)
            os.write(1, b"more noise")
            return sys.stdin.read()
        if kind == "raise":
            raise ZeroDivisionError("x / 0")
        if kind == "refuse":
            raise NoTextError(Bilingual("no text", "没有文字"), Bilingual("", ""))
        if kind == "deep":
            return run_deep(0)
        if kind == "big":
            return b"x" * value
        if kind == "slow_pages":
            for page in range(value):
                time.sleep(0.4)
                beat(page + 1, value)
            return "read"
        if kind == "pid":
            return os.getpid()
        if kind == "child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            with open(value, "w") as file:
                file.write(str(child.pid))
            while True:
                time.sleep(1)

    def run_deep(n):
        return run_deep(n + 1)
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "odd_reader.py").write_text(textwrap.dedent(TARGET), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "odd_reader:run"


def _run(target: str, tasks: list[Any], *, workers: int = 2, seconds: float = 30, mib: int = 400) -> dict[int, Done]:
    with WorkerPool(target, workers=workers, limits=Limits(seconds, mib * MIB)) as pool:
        return {done.key: done for done in pool.run(enumerate(tasks))}


def test_values_come_back_under_their_keys(target: str) -> None:
    done = _run(target, [("echo", n * n) for n in range(50)])
    assert {key: item.value for key, item in done.items()} == {n: n * n for n in range(50)}
    assert all(item.error is None for item in done.values())


def test_no_tasks_is_no_work(target: str) -> None:
    assert _run(target, []) == {}


def test_hang_is_ended_and_the_rest_goes_on(target: str) -> None:
    started = time.monotonic()
    done = _run(target, [("hang", 0), ("echo", 1), ("hang_in_c", 0), ("echo", 2)], seconds=2.0)
    assert isinstance(done[0].error, FileLimitError)
    assert isinstance(done[2].error, FileLimitError)
    assert "2 seconds" in done[0].error.user_message.en
    assert (done[1].value, done[3].value) == (1, 2)
    assert time.monotonic() - started < 120


def test_memory_hog_is_ended_and_the_rest_goes_on(target: str) -> None:
    done = _run(target, [("hog", 0), ("echo", 1), ("echo", 2)], workers=1, mib=300)
    assert isinstance(done[0].error, FileLimitError)
    assert "300 MiB" in done[0].error.user_message.en
    assert (done[1].value, done[2].value) == (1, 2)


@pytest.mark.parametrize(("kind", "word"), [("segfault", "SIGSEGV"), ("exit", "exit status 7")])
def test_crash_is_told_for_that_file_only(target: str, kind: str, word: str) -> None:
    done = _run(target, [("echo", 0), (kind, 0), ("echo", 2), (kind, 0), ("echo", 4)], workers=1)
    for number in (1, 3):
        error = done[number].error
        assert isinstance(error, DamagedFileError)
        assert word in error.user_message.en
    assert [done[n].value for n in (0, 2, 4)] == [0, 2, 4]


def test_what_readers_raise_becomes_an_error_with_a_reason(target: str) -> None:
    done = _run(target, [("raise", 0), ("refuse", 0), ("deep", 0)], workers=1)
    assert isinstance(done[0].error, DamagedFileError)
    assert "ZeroDivisionError" in done[0].error.user_message.en
    assert type(done[1].error) is NoTextError
    assert done[1].error.user_message.zh == "没有文字"
    assert isinstance(done[2].error, DamagedFileError)


def test_printing_does_not_spoil_the_results(target: str) -> None:
    done = _run(target, [("print", 0), ("echo", 1)], workers=1)
    assert (done[0].value, done[1].value) == ("", 1)


def test_worker_is_kept_between_files_and_replaced_after_a_crash(target: str) -> None:
    done = _run(target, [("pid", 0), ("pid", 0), ("exit", 0), ("pid", 0)], workers=1)
    assert done[0].value == done[1].value != done[3].value


def test_large_results_arrive_whole(target: str) -> None:
    done = _run(target, [("big", 40 * MIB), ("big", 1)], workers=1)
    assert len(done[0].value) == 40 * MIB


def test_pages_that_get_on_are_not_a_hang(target: str) -> None:
    beats: list[tuple[int, int, int]] = []
    with WorkerPool(target, workers=1, limits=Limits(1.5, 400 * MIB)) as pool:
        tasks = [(0, ("slow_pages", 5))]
        (done,) = pool.run(tasks, lambda key, done, total: beats.append((key, done, total)))
    assert done.value == "read"
    assert beats == [(0, n, 5) for n in range(1, 6)]


def test_tasks_are_drawn_only_when_a_worker_is_free(target: str) -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[tuple[int, Any]]:
        for n in range(1000):
            drawn.append(n)
            yield n, ("echo", n)

    with WorkerPool(target, workers=2, limits=Limits(30, 400 * MIB)) as pool:
        results = pool.run(tasks())
        next(results)
        time.sleep(0.5)
        assert len(drawn) <= 10


def test_target_that_cannot_be_imported_is_a_clear_error(target: str) -> None:
    with (
        WorkerPool("no_such_module:run", workers=2, limits=Limits(30, 400 * MIB)) as pool,
        pytest.raises(LoadError, match="no_such_module"),
    ):
        list(pool.run([(0, ("echo", 1))]))


def test_workers_started_early_serve_several_rounds(target: str) -> None:
    with WorkerPool(target, workers=2, limits=Limits(30, 400 * MIB)) as pool:
        pool.start()
        pids = {done.value for _ in range(3) for done in pool.run((n, ("pid", 0)) for n in range(6))}
        assert 1 <= len(pids) <= 2
        (crashed,) = pool.run([(0, ("exit", 0))])
        assert crashed.error is not None
        assert {done.value for done in pool.run((n, ("echo", n)) for n in range(4))} == {0, 1, 2, 3}


def test_pool_started_for_nothing_leaves_nothing(target: str) -> None:
    with WorkerPool(target, workers=2, limits=Limits(30, 400 * MIB)) as pool:
        pool.start()
        children = [child.pid for child in psutil.Process().children()]
    for pid in children:
        _wait_until_gone(pid)


def test_close_ends_workers_and_their_children(target: str, tmp_path: Path) -> None:
    note = tmp_path / "child"
    pool = WorkerPool(target, workers=1, limits=Limits(60, 400 * MIB))
    results = pool.run([(0, ("pid", 0)), (1, ("child", str(note)))])
    worker = next(results).value
    child = _wait_for_number(note)
    pool.close()
    _wait_until_gone(worker)
    _wait_until_gone(child)


def test_workers_do_not_outlive_a_killed_parent(target: str, tmp_path: Path) -> None:
    note = tmp_path / "child"
    script = textwrap.dedent(f"""
        from ingest.workers import Limits, WorkerPool
        pool = WorkerPool({target!r}, workers=1, limits=Limits(60, 400 << 20))
        for done in pool.run([(0, ("pid", 0)), (1, ("child", {str(note)!r}))]):
            print(done.value, flush=True)
    """)
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    child = _wait_for_number(note)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    _wait_until_gone(worker)
    _wait_until_gone(child)


def _wait_for_number(path: Path) -> int:
    for _ in range(1800):
        if path.exists() and path.read_text(encoding="utf-8"):
            return int(path.read_text(encoding="utf-8"))
        time.sleep(0.05)
    raise AssertionError("the child was not started")


def _wait_until_gone(pid: int) -> None:
    for _ in range(1800):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"process {pid} outlived its parent")
