"""The pipeline over a real store and real worker processes, with a small reader that can hang, crash and refuse."""

from __future__ import annotations

import os
import signal
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from ingest.pipeline import IngestOptions, ingest, worker_pool
from ingest.report import FileStatus, IngestReport
from kbchat.embedding.protocol import Vectors
from kbchat.errors import BusyError, NotFoundError, StoreError
from kbchat.settings import IngestSettings, Settings
from kbchat.store import KnowledgeBase, Store

READER = """
    import os, signal, time
    from kbchat.errors import NoTextError
    from kbchat.messages import Bilingual
    from kbchat.types import *
    from ingest.parsed_file import ParsedFile, file_sha256
    from kbchat.text.page_layout import layout_out

    def read(task):
        text = task.path.read_text(encoding="utf-8")
        if not text.strip():
            raise NoTextError(Bilingual("no text", "没有文字"), Bilingual("", ""))
        if "HANG" in text:
            time.sleep(3600)
        if "CRASH" in text:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "HOG" in text:
            kept = []
            while True:
                kept.append(b"x" * (8 << 20)); time.sleep(0.01)
        if "SLOW" in text:
            time.sleep(0.3)
        if "GROWS" in text:
            with task.path.open("a") as file: file.write("more")
        if "PICKY" in text and task.path.suffix != ".ok":
            raise NoTextError(Bilingual("not for me", "不支持"), Bilingual("", ""))
        page = Page(1, text, blocks=(Block(BlockKind.PARAGRAPH, 0, len(text)),))
        span = (Span(1, 0, len(text)),)
        section = Section(1, SectionKind.OTHER, task.name, ("Heading",), span, text)
        card = DocumentCard(DocumentKind.OTHER, task.name, "en")
        document = ParsedDocument("txt", card, (Page(1, text),), (section,), (Chunk(1, 1, span, text),), warnings=("odd",))
        return ParsedFile(document, (layout_out(page.blocks, ()),), file_sha256(task.path))
"""


class LengthEmbedder:
    """Vectors that tell how long a text is; enough to see that they belong to their chunks."""

    name = "length"
    dimension = 2

    def embed_documents(self, texts: list[str]) -> Vectors:
        return np.array([[0.0, 1.0] if "long" in text else [1.0, 0.0] for text in texts], np.float32)

    def embed_query(self, text: str) -> Vectors:
        return self.embed_documents([text])[0]


@dataclass
class CountingIndex:
    store: Store
    base: KnowledgeBase
    seen: list[int] = field(default_factory=list)

    def refresh(self) -> None:
        self.seen.append(self.store.watermark(self.base.id))


@dataclass
class House:
    folder: Path
    data: Path
    store: Store
    base: KnowledgeBase

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ingest(self, *paths: Path, prune: bool = False, **limits: float) -> IngestReport:
        settings = Settings(data_dir=self.data, ingest=IngestSettings(workers=2, **limits))  # type: ignore[arg-type]
        with worker_pool(settings, 2, "small_reader:read") as pool:
            return ingest(
                paths or (self.folder,),
                store=self.store,
                base=self.base,
                embedder=LengthEmbedder(),
                index=CountingIndex(self.store, self.base),
                settings=settings,
                options=IngestOptions(prune=prune),
                pool=pool,
            )

    def statuses(self, **options: float | bool) -> dict[str, str]:
        return {file.path: file.status.value for file in self.ingest(**options).files}  # type: ignore[arg-type]

    def live(self) -> dict[str, str]:
        """Name and text of every live document."""
        return {
            document.name: self.store.page(document.revision_id, 1).text
            for document in self.store.documents(self.base.id)
        }


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    reader = tmp_path / ".reader"
    reader.mkdir()
    (reader / "small_reader.py").write_text(textwrap.dedent(READER), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(reader))
    (tmp_path / "docs").mkdir()
    with Store.open(tmp_path / "data") as store:
        base = store.create_base("default", embedder="length", dimension=2)
        yield House(tmp_path / "docs", tmp_path / "data", store, base)


def test_files_become_documents_with_pages_chunks_vectors_and_originals(house: House) -> None:
    house.write("a.txt", "aspirin")
    house.write("sub/b.txt", "a long leaflet")
    report = house.ingest()
    assert [(f.path, f.status, f.pages, f.chunks, f.warnings) for f in report.files] == [
        ("a.txt", FileStatus.ADDED, 1, 1, ("odd",)),
        ("sub/b.txt", FileStatus.ADDED, 1, 1, ("odd",)),
    ]
    assert report.exit_code == 0
    assert house.live() == {"a.txt": "aspirin", "b.txt": "a long leaflet"}
    for document in house.store.documents(house.base.id):
        assert house.store.original(document.sha256).read_text(encoding="utf-8") == house.live()[document.name]
        assert len(house.store.page(document.revision_id, 1).blocks) == 1
    vectors = {
        entry.body: entry.vector.tolist()
        for change in house.store.changes_since(house.base.id, 0)
        for entry in change.added
        if entry.vector is not None
    }
    assert vectors == {"aspirin": [1.0, 0.0], "a long leaflet": [0.0, 1.0]}


def test_second_run_reads_nothing_and_a_change_is_a_new_revision(house: House) -> None:
    house.write("a.txt", "one")
    house.write("b.txt", "two")
    house.ingest()
    assert house.statuses() == {"a.txt": "unchanged", "b.txt": "unchanged"}
    house.write("a.txt", "one, revised")
    assert house.statuses() == {"a.txt": "updated", "b.txt": "unchanged"}
    document = house.store.documents(house.base.id)[0]
    assert [house.store.page(r.id, 1).text for r in house.store.revisions(document.id)] == ["one", "one, revised"]


def test_every_bad_file_is_reported_with_its_reason_and_the_rest_goes_in(house: House) -> None:
    house.write("crash.txt", "CRASH")
    house.write("hang.txt", "HANG")
    house.write("hog.txt", "HOG")
    house.write("empty.txt", "")
    house.write("grows.txt", "GROWS")
    for n in range(5):
        house.write(f"good{n}.txt", f"text {n}")
    report = house.ingest(file_timeout=3.0, file_memory=300)
    failed = {f.path: f for f in report.files if f.status is FileStatus.FAILED}
    assert {path: f.error for path, f in failed.items()} == {
        "crash.txt": "DamagedFileError",
        "hang.txt": "FileLimitError",
        "hog.txt": "FileLimitError",
        "empty.txt": "NoTextError",
        "grows.txt": "LoadError",
    }
    assert all(f.reason is not None and f.reason.zh for f in failed.values())
    assert len(house.live()) == 5
    assert report.exit_code == 3


def test_nothing_but_failures_is_exit_status_1(house: House) -> None:
    house.write("empty.txt", "")
    assert house.ingest().exit_code == 1


def test_failed_change_leaves_the_earlier_version_in_use(house: House) -> None:
    house.write("a.txt", "one")
    house.ingest()
    house.write("a.txt", "  ")
    (report,) = house.ingest().files
    assert report.status is FileStatus.FAILED
    assert report.reason is not None
    assert "stays in use" in report.reason.en
    assert house.live() == {"a.txt": "one"}


def test_duplicates_name_the_other_and_are_stored_once(house: House) -> None:
    house.write("a.txt", "same")
    house.write("b.txt", "same")
    report = house.ingest()
    assert [f.status.value for f in report.files] == ["added", "duplicate"]
    assert report.files[1].reason is not None
    assert "a.txt" in report.files[1].reason.en
    assert house.live() == {"a.txt": "same"}
    assert house.statuses() == {"a.txt": "unchanged", "b.txt": "duplicate"}


def test_twin_of_a_failed_file_is_tried_under_its_own_ending(house: House) -> None:
    for name in ("a.txt", "b.txt", "c.ok", "d.ok"):
        house.write(name, "PICKY")
    assert house.statuses() == {"a.txt": "failed", "b.txt": "failed", "c.ok": "added", "d.ok": "duplicate"}


def test_prune_retires_what_has_left_and_brings_back_what_returns(house: House) -> None:
    path = house.write("a.txt", "one")
    house.write("b.txt", "two")
    house.ingest()
    path.unlink()
    report = house.ingest()
    assert house.live().keys() == {"a.txt", "b.txt"}
    assert any("--prune" in note.en for note in report.notes)
    assert house.statuses(prune=True) == {"a.txt": "retired", "b.txt": "unchanged"}
    assert house.live().keys() == {"b.txt"}
    house.write("a.txt", "one")
    assert house.statuses() == {"a.txt": "added", "b.txt": "unchanged"}
    assert len(house.store.documents(house.base.id, include_retired=True)) == 2


def test_prune_of_an_emptied_folder_is_refused(house: House) -> None:
    """A network drive that is not mounted is an empty folder."""
    path = house.write("a.txt", "one")
    house.ingest()
    path.unlink()
    with pytest.raises(NotFoundError):
        house.ingest(prune=True)
    assert house.live() == {"a.txt": "one"}


def test_moved_file_keeps_its_document(house: House) -> None:
    path = house.write("a.txt", "one")
    house.ingest()
    before = house.store.documents(house.base.id)[0]
    (house.folder / "sub").mkdir()
    path.rename(house.folder / "sub" / "renamed.txt")
    report = house.ingest(prune=True)
    assert [(f.path, f.status.value) for f in report.files] == [("sub/renamed.txt", "unchanged")]
    after = house.store.documents(house.base.id)[0]
    assert (after.id, after.revision_id, after.name) == (before.id, before.revision_id, "renamed.txt")


def test_swapped_files_swap(house: House) -> None:
    house.write("a.txt", "one")
    house.write("b.txt", "two")
    house.ingest()
    house.write("a.txt", "two")
    house.write("b.txt", "one")
    house.ingest()
    assert house.live() == {"a.txt": "two", "b.txt": "one"}


def test_what_a_person_retired_stays_retired(house: House) -> None:
    house.write("a.txt", "one")
    house.ingest()
    house.store.retire_document(house.store.documents(house.base.id)[0].id)
    (report,) = house.ingest().files
    assert report.status is FileStatus.UNCHANGED
    assert report.reason is not None
    assert "restore" in report.reason.en
    assert house.live() == {}


def test_odd_names_go_through(house: House) -> None:
    names = ["two words.txt", "药品.txt", "💊.txt", "line\nbreak.txt", "'; DROP TABLE documents; --.txt"]
    for name in names:
        house.write(name, f"content of {name!r}")
    bad = Path(os.fsdecode(os.fsencode(house.folder) + b"/\xff.txt"))
    try:
        bad.write_text("bad bytes", encoding="utf-8")
        names.append("\\xff.txt")
    except OSError:
        pass
    assert set(house.statuses().values()) == {"added"}
    assert house.live().keys() == set(names)
    assert set(house.statuses().values()) == {"unchanged"}


def test_own_data_folder_inside_the_documents_is_not_ingested(house: House) -> None:
    house.write("docs/a.txt", "one")
    report = house.ingest(house.folder.parent)
    assert {f.path for f in report.files if f.status is FileStatus.ADDED} >= {"docs/docs/a.txt"}
    assert not any(f.path.startswith("data/") for f in report.files)


def test_second_writer_is_told_to_wait(house: House) -> None:
    house.write("a.txt", "one")
    with house.store.writer_lock(house.base.id), pytest.raises(BusyError):
        house.ingest()
    assert house.ingest().exit_code == 0


def test_interrupt_keeps_what_was_committed_and_the_next_run_goes_on(house: House) -> None:
    for n in range(12):
        house.write(f"{n:02}.txt", f"SLOW {n}")
    timer = threading.Timer(1.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    started = time.monotonic()
    report = house.ingest()
    timer.cancel()
    assert report.interrupted
    assert report.exit_code == 130
    assert time.monotonic() - started < 60
    done = len(house.live())
    assert done == len(report.files) < 12
    second = house.ingest()
    assert second.count(FileStatus.UNCHANGED) == done
    assert second.count(FileStatus.ADDED) == 12 - done


def test_full_disk_ends_the_run_with_the_report_so_far(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from kbchat.store import originals

    written = []

    def fill_up(source: object, target: object) -> str:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(1)
        return real(source, target)  # type: ignore[arg-type]

    real = originals._copy
    monkeypatch.setattr(originals, "_copy", fill_up)
    for n in range(6):
        house.write(f"{n}.txt", f"text {n}")
    report = house.ingest()
    assert isinstance(report.error, StoreError)
    assert "no space left" in report.error.user_message.en
    assert report.exit_code == 1
    assert len(house.live()) == len(report.files) == 1
    monkeypatch.undo()


def test_run_is_noted_in_the_store(house: House) -> None:
    house.write("a.txt", "one")
    house.ingest()
    run = house.store.last_run(house.base.id)
    assert run is not None
    assert run.report is not None
    assert run.report["totals"]["added"] == 1
