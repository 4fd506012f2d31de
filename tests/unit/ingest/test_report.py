"""The report of an ingest as data and as text, and its progress."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from ingest.progress import Bar, Lines, Silent, progress_for
from ingest.report import FileReport, FileStatus, IngestReport, print_report, summary
from kbchat.errors import NoTextError, StoreError
from kbchat.messages import Bilingual

ADDED = FileReport("a.pdf", FileStatus.ADDED, pages=10, ocr_pages=2, chunks=30, seconds=1.5, warnings=("odd font",))
UPDATED = FileReport("b.pdf", FileStatus.UPDATED, pages=5, chunks=12)
SAME = FileReport("c.pdf", FileStatus.UNCHANGED)
TWIN = FileReport("d.pdf", FileStatus.DUPLICATE, Bilingual("same content as a.pdf", "与 a.pdf 内容相同"))
FAILED = FileReport.failed(
    "e.pdf", NoTextError(Bilingual("no text", "没有文字"), Bilingual("Try --ocr all.", "请用 --ocr all。"))
)


def _report(*files: FileReport, **more: object) -> IngestReport:
    return IngestReport("default", files, seconds=3.0, **more)  # type: ignore[arg-type]


def _printed(report: IngestReport, language: str = "en", **options: bool) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, width=120), language, **options)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (_report(ADDED, SAME), 0),
        (_report(SAME), 0),
        (_report(ADDED, FAILED), 3),
        (_report(SAME, FAILED), 3),
        (_report(FAILED), 1),
        (_report(), 1),
        (_report(ADDED, interrupted=True), 130),
        (_report(ADDED, error=StoreError(Bilingual("full", "满"), Bilingual("", ""))), 1),
    ],
)
def test_exit_status(report: IngestReport, code: int) -> None:
    assert report.exit_code == code


def test_json_names_every_file_and_counts() -> None:
    told = _report(ADDED, UPDATED, SAME, TWIN, FAILED, notes=(Bilingual("a note", "说明"),)).as_json("zh")
    assert json.loads(json.dumps(told)) == told
    assert [file["path"] for file in told["files"]] == ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"]
    assert told["files"][4] == {
        "path": "e.pdf",
        "status": "failed",
        "reason": "没有文字",
        "remedy": "请用 --ocr all。",
        "error": "NoTextError",
        "pages": 0,
        "ocr_pages": 0,
        "chunks": 0,
        "seconds": 0.0,
        "warnings": [],
    }
    assert told["totals"] == {
        "files": 5,
        "added": 1,
        "updated": 1,
        "unchanged": 1,
        "duplicate": 1,
        "retired": 0,
        "failed": 1,
        "pages": 15,
        "ocr_pages": 2,
        "chunks": 42,
    }
    assert told["notes"] == ["说明"]


def test_text_tells_failures_with_reason_and_remedy() -> None:
    text = _printed(_report(ADDED, TWIN, FAILED))
    assert "e.pdf" in text
    assert "no text Try --ocr all." in " ".join(text.split())
    assert "same content as a.pdf" in text
    assert "odd font" in text
    assert "1 added, 1 duplicate, 1 failed" in text
    assert "5 pages a second" not in text
    brief = _printed(_report(ADDED, TWIN, FAILED), brief=True)
    assert "a.pdf" not in brief
    assert "e.pdf" in brief


def test_summary_in_both_languages() -> None:
    report = _report(ADDED, UPDATED, interrupted=True)
    assert summary(report, "en") == (
        "Knowledge base “default”: 1 added, 1 updated.\n15 pages (2 by OCR), 42 chunks in 3.0 s, 5 pages a second.\n"
        "Interrupted; the same command goes on from here."
    )
    assert "新增 1，更新 1" in summary(report, "zh")
    assert "OCR 2 页" in summary(report, "zh")


def test_many_unchanged_files_are_only_counted() -> None:
    files = [FileReport(f"{n}.pdf", FileStatus.UNCHANGED) for n in range(500)]
    text = _printed(_report(*files, ADDED))
    assert "499.pdf" not in text
    assert "a.pdf" in text
    assert "500 unchanged" in text


def test_markup_and_control_characters_in_names_stay_text() -> None:
    evil = "[bold red]x\x1b[2J\n.pdf"
    text = _printed(_report(FileReport(evil, FileStatus.ADDED), FileReport.failed(evil, FAILED_ERROR)))
    assert text.count("[bold red]x\\x1b[2J\\n.pdf") == 2
    assert "\x1b" not in text


FAILED_ERROR = NoTextError(Bilingual("[link=x]no[/link]", "没有"), Bilingual("", ""))


def _steps(progress: Bar | Lines | Silent) -> None:
    progress.checking(1, 2)
    progress.checking(2, 2)
    progress.reading(2, 300)
    progress.page("a.pdf", 3, 10)
    progress.file("a.pdf", 100, 10)
    progress.file("b.pdf", 200, 5)
    progress.stop()


def test_lines_tell_files_pages_rate_and_time_left() -> None:
    stream = io.StringIO()
    _steps(Lines(Console(file=stream, width=200), "en", every=0.0))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Checking files: 1/2"
    assert "1/2 files, 10 pages" in lines[3]
    assert "min left" in lines[3]
    assert "2/2 files, 15 pages" in lines[4]


def test_bar_shows_on_a_terminal_and_vanishes() -> None:
    stream = io.StringIO()
    _steps(Bar(Console(file=stream, force_terminal=True, width=120), "zh"))
    assert "2/2 个文件 · 15 页" in stream.getvalue()


def test_the_console_decides() -> None:
    pipe, terminal = Console(file=io.StringIO()), Console(file=io.StringIO(), force_terminal=True)
    assert isinstance(progress_for(pipe, "en", silent=False), Lines)
    assert isinstance(progress_for(terminal, "en", silent=False), Bar)
    assert isinstance(progress_for(terminal, "en", silent=True), Silent)
