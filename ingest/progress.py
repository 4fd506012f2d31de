"""Showing how an ingest gets on: a bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from kbchat.messages import Bilingual, Language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_LINE_SECONDS = 10.0

_CHECKING = Bilingual("Checking files", "检查文件")
_READING = Bilingual("Reading", "读取")
_FILES = Bilingual("files", "个文件")
_PAGES = Bilingual("pages", "页")
_RATE = Bilingual("pages/s", "页/秒")


class IngestProgress(Protocol):
    """What the pipeline tells while it works; all calls come from one thread except ``page``."""

    def checking(self, done: int, total: int) -> None:
        """``done`` of ``total`` files have been compared with what is stored."""

    def reading(self, files: int, size: int) -> None:
        """So many files, of so many bytes together, are about to be read."""

    def page(self, path: str, done: int, total: int) -> None:
        """``done`` of the ``total`` pages of the file are read."""

    def file(self, path: str, size: int, pages: int) -> None:
        """The file of ``size`` bytes is through, with ``pages`` pages taken in (0 if it failed)."""

    def stop(self) -> None:
        """Nothing more will come."""


class Silent:
    """Shows nothing."""

    def checking(self, done: int, total: int) -> None:
        """Nothing."""

    def reading(self, files: int, size: int) -> None:
        """Nothing."""

    def page(self, path: str, done: int, total: int) -> None:
        """Nothing."""

    def file(self, path: str, size: int, pages: int) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class _Counts:
    """Files, bytes and pages so far, and the pages of files still being read."""

    def __init__(self) -> None:
        self.files = self.total_files = 0
        self.size = self.total_size = 0
        self._pages = 0
        self._open: dict[str, int] = {}
        self._since = time.monotonic()

    def start(self, files: int, size: int) -> None:
        self.total_files, self.total_size = files, size
        self._since = time.monotonic()

    def page(self, path: str, done: int) -> None:
        self._open[path] = done

    def file(self, path: str, size: int, pages: int) -> None:
        self._open.pop(path, None)
        self.files += 1
        self.size += size
        self._pages += pages

    @property
    def pages(self) -> int:
        return self._pages + sum(tuple(self._open.values()))

    @property
    def rate(self) -> float:
        """Pages a second since reading began."""
        return self.pages / max(time.monotonic() - self._since, 0.001)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the bytes read so far."""
        if not self.size or self.total_size <= self.size:
            return None
        return (time.monotonic() - self._since) * (self.total_size - self.size) / self.size


class Bar:
    """A bar with files, pages, rate and time left, for a terminal."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language
        self._counts = _Counts()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def checking(self, done: int, total: int) -> None:
        """Moves the bar."""
        if self._task is None:
            self._begin(_CHECKING, total)
        assert self._progress is not None
        assert self._task is not None
        self._progress.update(self._task, completed=done, told=f"{done}/{total} {self._word(_FILES)}")

    def reading(self, files: int, size: int) -> None:
        """Begins the bar anew, in bytes."""
        self.stop()
        self._counts.start(files, size)
        self._begin(_READING, max(size, 1))

    def page(self, path: str, done: int, total: int) -> None:
        """Counts the page."""
        del total
        self._counts.page(path, done)
        self._update()

    def file(self, path: str, size: int, pages: int) -> None:
        """Moves the bar."""
        self._counts.file(path, size, pages)
        self._update()

    def stop(self) -> None:
        """Takes the bar away."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None

    def _begin(self, what: Bilingual, total: int) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console,
            transient=True,
            refresh_per_second=5,
        )
        self._task = self._progress.add_task(self._word(what), total=total, told="")
        self._progress.start()

    def _update(self) -> None:
        counts = self._counts
        if self._progress is None or self._task is None:
            return
        told = (
            f"{counts.files}/{counts.total_files} {self._word(_FILES)} · {counts.pages} {self._word(_PAGES)}"
            f" · {counts.rate:.0f} {self._word(_RATE)}"
        )
        self._progress.update(self._task, completed=counts.size, told=told)

    def _word(self, text: Bilingual) -> str:
        return text.in_language(self._language)


class Lines:
    """A line every ten seconds, for logs and pipes."""

    def __init__(self, console: Console, language: Language, every: float = _LINE_SECONDS) -> None:
        self._console = console
        self._language = language
        self._every = every
        self._counts = _Counts()
        self._due = time.monotonic() + every

    def checking(self, done: int, total: int) -> None:
        """Writes a line when it is time."""
        if self._is_due():
            self._write(f"{_CHECKING.in_language(self._language)}: {done}/{total}")

    def reading(self, files: int, size: int) -> None:
        """Writes nothing yet."""
        self._counts.start(files, size)

    def page(self, path: str, done: int, total: int) -> None:
        """Counts the page; writes a line when it is time."""
        del total
        self._counts.page(path, done)
        self._tell()

    def file(self, path: str, size: int, pages: int) -> None:
        """Counts the file; writes a line when it is time."""
        self._counts.file(path, size, pages)
        self._tell()

    def stop(self) -> None:
        """Nothing is left to write."""

    def _tell(self) -> None:
        if not self._is_due():
            return
        counts, language = self._counts, self._language
        text = (
            f"{_READING.in_language(language)}: {counts.files}/{counts.total_files} {_FILES.in_language(language)}, "
            f"{counts.pages} {_PAGES.in_language(language)}, {counts.rate:.0f} {_RATE.in_language(language)}"
        )
        left = counts.seconds_left
        if left is not None:
            minutes = max(1, round(left / 60))
            text += f", 约剩 {minutes} 分钟" if language == "zh" else f", about {minutes} min left"
        self._write(text)

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + self._every
        return True

    def _write(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)


def progress_for(console: Console, language: Language, *, silent: bool) -> IngestProgress:
    """The way of showing that suits the console: a bar on a terminal, lines elsewhere."""
    if silent:
        return Silent()
    return Bar(console, language) if console.is_terminal else Lines(console, language)
