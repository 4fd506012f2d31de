"""The process that draws pages: it dies and hangs without harm; drawn pages are kept within bounds."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from kbchat.errors import PagePictureError
from kbchat.services.page_cache import PageCache
from kbchat.services.render_process import RenderProcess


@pytest.fixture
def renderer() -> Iterator[RenderProcess]:
    process = RenderProcess()
    yield process
    process.close()


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Pages of different shapes: page n is 100 wide and 100 * n high."""
    path = tmp_path / "pages.pdf"
    canvas = Canvas(str(path))
    for number in range(1, 9):
        canvas.setPageSize((100, 100 * number))
        canvas.drawString(10, 10, f"page {number}")
        canvas.showPage()
    canvas.save()
    return path


def _size(png: bytes) -> tuple[int, int]:
    size: tuple[int, int] = Image.open(io.BytesIO(png)).size
    return size


def _draw(renderer: RenderProcess, path: Path, page: int = 1, seconds: float = 30.0) -> bytes:
    return renderer.draw(path, "pdf", page, 200, seconds=seconds, memory=1536)


def test_many_threads_get_the_pages_they_asked_for(renderer: RenderProcess, pdf: Path) -> None:
    pages = [number % 8 + 1 for number in range(48)]
    with ThreadPoolExecutor(12) as pool:
        sizes = list(pool.map(lambda page: _size(_draw(renderer, pdf, page)), pages))
    assert sizes == [(200, 200 * page) for page in pages]


def test_a_killed_process_is_replaced(renderer: RenderProcess, pdf: Path) -> None:
    _draw(renderer, pdf)
    process = renderer._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert _size(_draw(renderer, pdf)) == (200, 200)


def test_a_page_that_hangs_costs_its_time_and_is_not_tried_again(renderer: RenderProcess, pdf: Path) -> None:
    _draw(renderer, pdf)
    process = renderer._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(PagePictureError, match=r"within 0\.5 seconds"):
        _draw(renderer, pdf, 2, seconds=0.5)
    assert time.monotonic() - started < 30
    with pytest.raises(PagePictureError, match="last attempt"):
        _draw(renderer, pdf, 2)
    assert _size(_draw(renderer, pdf, 3)) == (200, 600)


def test_what_cannot_be_drawn_is_told_and_the_process_stays(renderer: RenderProcess, pdf: Path, tmp_path: Path) -> None:
    _draw(renderer, pdf)
    process = renderer._process
    for page in (0, 9, -1):
        with pytest.raises(PagePictureError, match="8 pages"):
            _draw(renderer, pdf, page)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(PagePictureError):
        _draw(renderer, broken)
    assert renderer._process is process


def test_a_process_without_memory_is_told(renderer: RenderProcess, pdf: Path) -> None:
    with pytest.raises(PagePictureError):
        renderer.draw(pdf, "pdf", 1, 2400, seconds=30, memory=48)


def test_a_very_long_page_is_drawn_narrower(renderer: RenderProcess, tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    canvas = Canvas(str(path), pagesize=(100, 14_000))
    canvas.drawString(10, 10, "end")
    canvas.save()
    width, height = _size(renderer.draw(path, "pdf", 1, 2400, seconds=60, memory=1536))
    assert width < 600
    assert width * height <= 41_000_000


def test_the_oldest_pictures_go_when_the_cache_is_full(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "cache", 10_000)
    for number in range(30):
        cache.put("a" * 64, number, 500, bytes(1000))
        path = cache._path("a" * 64, number, 500)
        os.utime(path, (number, number))
        if number > 0:
            assert cache.get("a" * 64, 0, 500) is not None  # used all the time, so it stays
    kept = sorted(path.stat().st_size for path in (tmp_path / "cache").iterdir())
    assert sum(kept) <= 10_000
    assert cache.get("a" * 64, 29, 500) is not None
    assert cache.get("a" * 64, 3, 500) is None


def test_a_cache_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "cache", 0)
    cache.put("a" * 64, 1, 500, b"png")
    assert cache.get("a" * 64, 1, 500) is None


def test_pictures_of_files_that_are_gone_are_removed(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "cache", 10_000)
    cache.put("a" * 64, 1, 500, b"png")
    cache.put("b" * 64, 1, 500, b"png")
    cache.forget_all_but({"b" * 64})
    assert cache.get("a" * 64, 1, 500) is None
    assert cache.get("b" * 64, 1, 500) == b"png"
