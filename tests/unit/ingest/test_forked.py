"""Work shared with a fork of a worker process: the same result, and the same trouble, as without."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import psutil
import pytest

from ingest.forked import forked
from ingest.loaders.options import LoadOptions
from ingest.parsed_file import TARGET, ChunkSizes, ParseTask
from ingest.workers import Done, Limits, WorkerPool
from kbchat.errors import FileLimitError

TARGET_CODE = """
    import os, signal, time
    from ingest.forked import forked
    from ingest.worker_process import beat

    def run(task):
        kind, value = task
        def other():
            beat(1, 2)
            print("noise", flush=True)
            if kind == "raise":
                raise ValueError(value)
            if kind == "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            if kind == "hang":
                time.sleep(3600)
            return (os.getpid(), value)
        with forked(other) as result:
            if kind == "abandon":
                return "left"
            found = result()
        if found is None:
            return "none"
        return found[0] != os.getpid(), len(found[1])
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "forking_reader.py").write_text(textwrap.dedent(TARGET_CODE), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "forking_reader:run"


def _run(target: str, *tasks: tuple[str, str], seconds: float = 30) -> list[Done]:
    with WorkerPool(target, workers=1, limits=Limits(seconds, 600 << 20)) as pool:
        return sorted(pool.run(enumerate(tasks)), key=lambda done: done.key)


def test_result_comes_from_another_process_and_may_be_large(target: str) -> None:
    (done,) = _run(target, ("plain", "x" * 5_000_000))
    assert done.value == (True, 5_000_000)


@pytest.mark.parametrize("kind", ["raise", "crash"])
def test_fork_that_fails_gives_nothing_and_spoils_nothing(target: str, kind: str) -> None:
    failed, after = _run(target, (kind, ""), ("plain", "abc"))
    assert failed.value == "none"
    assert after.value == (True, 3)


def test_fork_that_hangs_is_ended_with_its_worker(target: str) -> None:
    started = time.monotonic()
    (done,) = _run(target, ("hang", ""), seconds=1.0)
    assert isinstance(done.error, FileLimitError)
    assert time.monotonic() - started < 120
    assert not [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


def test_result_nobody_asks_for_is_dropped(target: str) -> None:
    first, second = _run(target, ("abandon", ""), ("plain", "abc"))
    assert first.value == "left"
    assert second.value == (True, 3)


def test_outside_a_worker_nothing_is_forked() -> None:
    with forked(lambda: 1) as result:
        assert result() is None


def test_long_pdf_is_read_the_same_in_one_process_and_in_two(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    from ingest.parse import parse_file

    path = tmp_path / "long.pdf"
    canvas = Canvas(str(path))
    for page in range(1, 141):
        canvas.drawString(72, 780, f"Section {page}")
        canvas.drawString(72, 750, f"Word{page} is taken with a meal by adults and children of {page} kg or more.")
        canvas.showPage()
    canvas.save()
    task = ParseTask(path, path.name, LoadOptions(), ChunkSizes(480, 800))
    (done,) = _run(TARGET, task)  # type: ignore[arg-type]
    assert done.error is None
    assert done.value == parse_file(task)
    assert [f"Word{number} " in page.text for number, page in enumerate(done.value.document.pages, 1)] == [True] * 140
