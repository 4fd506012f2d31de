"""What happened to every file of an ingest: as data, as JSON, and as text for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from kbchat.errors import KbchatError
from kbchat.messages import Bilingual, Language
from kbchat.text.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

_ROWS = 200
_NOTES = 20
_FEW_FILES = 40


class FileStatus(StrEnum):
    """How one file ended."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    RETIRED = "retired"
    FAILED = "failed"


_STATUS_WORDS: dict[FileStatus, tuple[Bilingual, str]] = {
    FileStatus.ADDED: (Bilingual("added", "新增"), "green"),
    FileStatus.UPDATED: (Bilingual("updated", "更新"), "green"),
    FileStatus.UNCHANGED: (Bilingual("unchanged", "未变"), "dim"),
    FileStatus.DUPLICATE: (Bilingual("duplicate", "重复"), "yellow"),
    FileStatus.RETIRED: (Bilingual("retired", "停用"), "yellow"),
    FileStatus.FAILED: (Bilingual("failed", "失败"), "bold red"),
}


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file. ``error`` is the name of the error class of a failed file, else empty; ``seconds`` is reading time."""

    path: str
    status: FileStatus
    reason: Bilingual | None = None
    remedy: Bilingual | None = None
    error: str = ""
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    @classmethod
    def failed(cls, path: str, error: KbchatError, seconds: float = 0.0) -> FileReport:
        """A file that could not be taken in."""
        return cls(path, FileStatus.FAILED, error.user_message, error.remedy, type(error).__name__, seconds=seconds)

    def as_json(self, language: Language) -> dict[str, Any]:
        """The file's entry in the report."""
        return {
            "path": self.path,
            "status": self.status.value,
            "reason": self.reason.in_language(language) if self.reason else "",
            "remedy": self.remedy.in_language(language) if self.remedy else "",
            "error": self.error,
            "pages": self.pages,
            "ocr_pages": self.ocr_pages,
            "chunks": self.chunks,
            "seconds": round(self.seconds, 3),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class IngestReport:
    """A whole ingest. ``error`` is what ended it early (a full disk), ``interrupted`` that a person did."""

    base: str
    files: tuple[FileReport, ...]
    notes: tuple[Bilingual, ...] = ()
    seconds: float = 0.0
    interrupted: bool = False
    error: KbchatError | None = None

    def count(self, status: FileStatus) -> int:
        """How many files ended so."""
        return sum(file.status is status for file in self.files)

    @property
    def pages(self) -> int:
        """Pages of the files added and updated."""
        return sum(file.pages for file in self.files if file.status in _TAKEN_IN)

    @property
    def ocr_pages(self) -> int:
        """Pages read from their picture, of the files added and updated."""
        return sum(file.ocr_pages for file in self.files if file.status in _TAKEN_IN)

    @property
    def chunks(self) -> int:
        """Chunks of the files added and updated."""
        return sum(file.chunks for file in self.files if file.status in _TAKEN_IN)

    @property
    def exit_code(self) -> int:
        """0: all well; 3: some files failed; 1: nothing could be done; 130: interrupted."""
        if self.error is not None:
            return self.error.exit_code
        if self.interrupted:
            return 130
        failed = self.count(FileStatus.FAILED)
        if failed == len(self.files):
            return 1
        return 3 if failed else 0

    def as_json(self, language: Language) -> dict[str, Any]:
        """The report as ``kbchat ingest --json`` prints it."""
        return {
            "knowledge_base": self.base,
            "files": [file.as_json(language) for file in self.files],
            "totals": {
                "files": len(self.files),
                **{status.value: self.count(status) for status in FileStatus},
                "pages": self.pages,
                "ocr_pages": self.ocr_pages,
                "chunks": self.chunks,
            },
            "notes": [note.in_language(language) for note in self.notes],
            "seconds": round(self.seconds, 3),
            "interrupted": self.interrupted,
            "error": self.error.in_language(language) if self.error else "",
        }


_TAKEN_IN = (FileStatus.ADDED, FileStatus.UPDATED)


def print_report(report: IngestReport, console: Console, language: Language, *, brief: bool = False) -> None:
    """Write the report for a person; ``brief`` leaves out the files that went well."""
    if not brief:
        _print_files(report, console, language)
    _print_failures(report, console, language)
    for note in report.notes[:_NOTES]:
        console.print(visible(note.in_language(language)), style="yellow", markup=False, highlight=False)
    console.print(summary(report, language), markup=False, highlight=False)


def summary(report: IngestReport, language: Language) -> str:
    """One or two lines: how many files of each status, pages, chunks, time."""
    counts = [(status, report.count(status)) for status in FileStatus]
    told = [(status, number) for status, number in counts if number]
    rate = report.pages / report.seconds if report.seconds > 0 else 0.0
    if language == "zh":
        files = "，".join(f"{_STATUS_WORDS[status][0].zh} {number}" for status, number in told) or "没有文件"
        text = f"知识库“{report.base}”：{files}。"
        if report.pages:
            ocr = f"（其中 OCR {report.ocr_pages} 页）" if report.ocr_pages else ""
            text += f"\n读取 {report.pages} 页{ocr}，{report.chunks} 个片段，用时 {_duration(report.seconds)}"
            text += f"，每秒 {rate:.0f} 页。" if rate >= 1 else "。"
        return text + ("\n已中断；再次运行同一命令即可继续。" if report.interrupted else "")
    files = ", ".join(f"{number} {_STATUS_WORDS[status][0].en}" for status, number in told) or "no files"
    text = f"Knowledge base “{report.base}”: {files}."
    if report.pages:
        ocr = f" ({report.ocr_pages} by OCR)" if report.ocr_pages else ""
        text += f"\n{_counted(report.pages, 'page')}{ocr}, {_counted(report.chunks, 'chunk')} in {_duration(report.seconds)}"
        text += f", {rate:.0f} pages a second." if rate >= 1 else "."
    return text + ("\nInterrupted; the same command goes on from here." if report.interrupted else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _print_files(report: IngestReport, console: Console, language: Language) -> None:
    from rich.table import Table  # noqa: PLC0415 - only where a table is drawn
    from rich.text import Text  # noqa: PLC0415

    rows = [file for file in report.files if file.status is not FileStatus.FAILED]
    if len(rows) > _FEW_FILES:
        rows = [file for file in rows if file.status is not FileStatus.UNCHANGED]
    if not rows:
        return
    titles = (
        ("", "文件", "页", "OCR", "片段", "说明") if language == "zh" else ("", "file", "pages", "OCR", "chunks", "")
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, right in zip(titles, (False, False, True, True, True, False), strict=True):
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    for file in rows[:_ROWS]:
        word, style = _STATUS_WORDS[file.status]
        remarks = [file.reason.in_language(language)] if file.reason else []
        table.add_row(
            Text(word.in_language(language), style=style),
            Text(visible(file.path)),
            _number(file.pages),
            _number(file.ocr_pages),
            _number(file.chunks),
            Text(visible(" ".join((*remarks, *file.warnings)))),
        )
    console.print(table)
    if len(rows) > _ROWS:
        more = Bilingual(
            f"… and {len(rows) - _ROWS} more; --json lists all.", f"……另有 {len(rows) - _ROWS} 个；--json 可列出全部。"
        )
        console.print(more.in_language(language), markup=False)


def _print_failures(report: IngestReport, console: Console, language: Language) -> None:
    failures: Sequence[FileReport] = [file for file in report.files if file.status is FileStatus.FAILED]
    from rich.text import Text  # noqa: PLC0415

    word, style = _STATUS_WORDS[FileStatus.FAILED]
    for file in failures:
        console.print(
            Text.assemble(
                (word.in_language(language), style),
                "  ",
                (visible(file.path), "bold"),
                "\n      ",
                visible(file.reason.in_language(language) if file.reason else ""),
                " ",
                (visible(file.remedy.in_language(language) if file.remedy else ""), "dim"),
            )
        )


def _number(value: int) -> str:
    return str(value) if value else ""


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d} min"
