"""An ingest that somebody looks on at: uploads by name, reports as they come, an end on demand, reading anew."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.discovery import UPLOADED, Discovery, FoundFile, is_gone
from ingest.pipeline import IngestOptions, Supervision, ingest_found, worker_pool
from ingest.report import FileReport, FileStatus, IngestReport
from kbchat.settings import IngestSettings, Settings
from kbchat.store import KnowledgeBase, Store

READER = """
    import time
    from ingest.parsed_file import ParsedFile, file_sha256
    from kbchat.text.page_layout import layout_out
    from kbchat.types import *

    def read(task):
        text = task.path.read_text(encoding="utf-8")
        if "HANG" in text:
            time.sleep(3600)
        span = (Span(1, 0, len(text)),)
        section = Section(1, SectionKind.OTHER, task.name, ("Heading",), span, text)
        card = DocumentCard(DocumentKind.OTHER, task.name, "en")
        document = ParsedDocument("txt", card, (Page(1, text),), (section,), (Chunk(1, 1, span, text),))
        return ParsedFile(document, (layout_out((), ()),), file_sha256(task.path))
"""


class NoIndex:
    def refresh(self) -> None:
        """Nothing is searched here."""


@dataclass
class Desk:
    folder: Path
    store: Store
    base: KnowledgeBase

    def upload(self, name: str, text: str, number: int = 1) -> FoundFile:
        path = self.folder / f"{number:05d}.txt"
        path.write_text(text, "utf-8")
        return FoundFile(path, name, len(text), UPLOADED + name, name)

    def take(self, *files: FoundFile, anew: bool = False, supervision: Supervision | None = None) -> IngestReport:
        settings = Settings(data_dir=self.store.data_layout.root, ingest=IngestSettings(workers=1))
        with worker_pool(settings, 1, "small_reader:read", yielding=True) as pool:
            return ingest_found(
                Discovery(files, (), (), ()),
                store=self.store,
                base=self.base,
                embedder=None,
                index=NoIndex(),
                settings=settings,
                options=IngestOptions(anew=anew),
                pool=pool,
                supervision=supervision,
            )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    reader = tmp_path / ".reader"
    reader.mkdir()
    (reader / "small_reader.py").write_text(textwrap.dedent(READER), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(reader))
    (tmp_path / "staged").mkdir()
    with Store.open(tmp_path / "data") as store:
        yield Desk(tmp_path / "staged", store, store.create_base("ward"))


def statuses(report: IngestReport) -> list[str]:
    return [file.status.value for file in report.files]


def test_an_upload_is_known_by_its_name_wherever_it_lies(desk: Desk) -> None:
    assert statuses(desk.take(desk.upload("a.txt", "one", 1))) == ["added"]
    assert statuses(desk.take(desk.upload("a.txt", "two", 2))) == ["updated"]
    assert statuses(desk.take(desk.upload("a.txt", "two", 3))) == ["unchanged"]
    (document,) = desk.store.documents(desk.base.id)
    assert (document.source, document.name, document.revision_number) == ("upload:a.txt", "a.txt", 2)
    assert not is_gone(document.source)


def test_an_upload_of_bytes_whose_file_is_gone_takes_the_document_over(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    path.write_text("one", "utf-8")
    desk.take(FoundFile(path, "gone.txt", 3))
    path.unlink()
    report = desk.take(desk.upload("a.txt", "one"))
    assert statuses(report) == ["unchanged"]
    assert [document.source for document in desk.store.documents(desk.base.id)] == ["upload:a.txt"]


def test_reading_anew_makes_a_revision_of_the_same_bytes(desk: Desk) -> None:
    desk.take(desk.upload("a.txt", "one"))
    assert statuses(desk.take(desk.upload("a.txt", "one", 2), anew=True)) == ["updated"]
    (document,) = desk.store.documents(desk.base.id)
    assert document.revision_number == 2


def test_every_end_of_a_file_is_heard_at_once(desk: Desk) -> None:
    heard: list[FileReport] = []
    files = [desk.upload("a.txt", "one", 1), desk.upload("b.txt", "one", 2), desk.upload("c.txt", "", 3)]
    report = desk.take(*files, supervision=Supervision(heard.append))
    assert {file.path: file.status for file in heard} == {file.path: file.status for file in report.files}
    assert heard[0].status is FileStatus.ADDED


def test_a_file_that_hangs_is_given_up_on_demand(desk: Desk) -> None:
    stop = threading.Event()
    files = [desk.upload("a.txt", "a longer text that is read first", 1), desk.upload("b.txt", "HANG", 2)]
    report = desk.take(*files, supervision=Supervision(lambda _: threading.Timer(1.0, stop.set).start(), stop))
    assert report.interrupted
    assert [(file.path, file.status.value) for file in report.files] == [("a.txt", "added")]


def test_nothing_is_begun_after_the_demand(desk: Desk) -> None:
    stop = threading.Event()
    stop.set()
    report = desk.take(desk.upload("a.txt", "one"), supervision=Supervision(stop=stop))
    assert (report.interrupted, report.files) == (True, ())
