"""Locks between holders."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from kbchat.locks import LockedError, file_lock


def test_one_holder_at_a_time_and_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with file_lock(path), pytest.raises(LockedError) as caught, file_lock(path):
        pass
    assert caught.value.holder.pid == os.getpid()
    assert caught.value.holder.since
    with file_lock(path):
        pass


def test_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = threading.Event()

    def hold() -> None:
        with file_lock(path):
            held.set()
            time.sleep(0.2)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with file_lock(path, wait=10):
        pass
    thread.join()


def test_a_file_left_by_a_dead_process_locks_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text('{"pid": 1, "since": "2020-01-01"}')
    with file_lock(path):
        pass


def test_a_holder_that_has_not_told_yet(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with file_lock(path):
        path.write_text("not json")
        with pytest.raises(LockedError) as caught, file_lock(path):
            pass
    assert caught.value.holder.pid == 0
