"""kill -9 in the middle of ingests; the benchmark of the same name does it fifty times."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import kill


@pytest.mark.slow
def test_killed_ingests_lose_double_and_half_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", "none")
    figures = kill.run(kills=5, files=60, seed=7, workplace=tmp_path)
    assert figures["faults"] == []
    assert figures["kills"] == 5


def test_the_check_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that holds something else than the file is told."""
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", "none")
    folder = kill.Folder(tmp_path / "docs")
    folder.path.mkdir()
    folder.write(1, 0)
    half = kill.text_of(2, 0)
    (folder.path / "leaflet0002.md").write_text(half[: len(half) // 2], encoding="utf-8")
    folder.past[2] = {0}
    assert kill.ingest(tmp_path / "data", folder).wait() == 0
    (fault,) = kill.look(tmp_path / "data", folder).faults[:1]
    assert "leaflet0002.md holds" in fault
