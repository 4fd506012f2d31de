"""Sources: the text around a quote, pictures of pages, and marks that stand where the quote is printed."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kbchat.access.principal import Role
from kbchat.app import App
from kbchat.errors import InvalidInputError, NotFoundError, PagePictureError
from kbchat.services import Services
from kbchat.services.highlights import boxes_of
from kbchat.services.sources import PagePicture, page_cache
from kbchat.services.writing_direction import Direction, direction_of
from kbchat.store import CommittedDocument, KnowledgeBase
from kbchat.testing import parsed_leaflet
from kbchat.types import Chunk, Page, ParsedDocument, Section, SectionKind, Span, TextRun

SeenBy = Callable[..., Services]
Commit = Callable[..., CommittedDocument]

_spec = importlib.util.spec_from_file_location("page_files", Path(__file__).with_name("page_files.py"))
assert _spec is not None
assert _spec.loader is not None
page_files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(page_files)
_PHRASE = page_files.RED_PHRASE


def _document(pages: tuple[Page, ...], format_name: str = "pdf") -> ParsedDocument:
    usual = parsed_leaflet("Metformin", {SectionKind.DOSAGE: "x"})
    spans = tuple(Span(page.number, 0, len(page.text)) for page in pages)
    text = "\n".join(page.text for page in pages)
    section = Section(0, SectionKind.DOSAGE, "Metformin", ("Posology",), spans, text)
    chunk = Chunk(0, 0, spans[:1], pages[0].text)
    return replace(usual, format=format_name, pages=pages, sections=(section,), chunks=(chunk,))


def _red(png: bytes) -> np.ndarray:
    """Whether each pixel is red print (also through yellow)."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    return (pixels[..., 0] > 150) & (pixels[..., 1] < 110) & (pixels[..., 2] < 110)


def _assert_marks_the_red_print(plain: PagePicture, picture: PagePicture) -> None:
    [box] = picture.boxes
    rows, columns = np.nonzero(_red(plain.png))
    assert len(rows) > 100
    x0, x1 = box.x0 * plain.width, box.x1 * plain.width
    y0, y1 = box.y0 * plain.height, box.y1 * plain.height
    near = 4
    along, across = ((columns, (x0, x1)), (rows, (y0, y1)))[:: 1 if np.ptp(columns) > np.ptp(rows) else -1]
    assert (along[0].min(), along[0].max()) == pytest.approx(along[1], abs=2 * near)
    assert across[1][0] - near <= across[0].min() <= across[0].max() <= across[1][1] + near
    assert across[1][1] - across[1][0] < 2.5 * np.ptp(across[0])
    marked = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))
    middle = marked[int(y0) + 2 : int(y1) - 1, int(x0) + 2 : int(x1) - 1].reshape(-1, 3)
    assert np.median(middle, axis=0) == pytest.approx((255, 236, 94), abs=6)
    assert (marked[:20, :20] == 255).all()


@pytest.mark.parametrize("shape", list(product((0, 90, 180, 270), (None, (60, 200, 560, 780)))))
def test_the_mark_stands_on_the_quote_of_turned_and_cropped_pages(
    services: Services, base: KnowledgeBase, commit: Commit, tmp_path: Path, shape: tuple[int, Any]
) -> None:
    content = page_files.red_phrase_pdf(turn=shape[0], crop=shape[1])
    pages = page_files.loaded_pages(tmp_path, content)
    done = commit(base, _document(pages), "red.pdf", content)
    start = pages[0].text.index(_PHRASE)
    plain = services.sources.page_picture(done.revision_id, 1, width_px=900)
    picture = services.sources.page_picture(
        done.revision_id, 1, width_px=900, highlights=[(start, start + len(_PHRASE))]
    )
    assert (plain.width, plain.boxes) == (900, ())
    assert (picture.width, picture.height) == (plain.width, plain.height)
    _assert_marks_the_red_print(plain, picture)


def test_a_quote_over_two_pages_is_marked_on_both(
    services: Services, base: KnowledgeBase, commit: Commit, tmp_path: Path
) -> None:
    content = page_files.red_phrase_pdf(pages=2)
    pages = page_files.loaded_pages(tmp_path, content)
    done = commit(base, _document(pages), "red.pdf", content)
    for page in pages:
        start = page.text.index(_PHRASE)
        plain = services.sources.page_picture(done.revision_id, page.number)
        picture = services.sources.page_picture(
            done.revision_id, page.number, highlights=[(start, start + len(_PHRASE))]
        )
        _assert_marks_the_red_print(plain, picture)
    view = services.sources.citation_view(done.revision_id, 2, 0, 10)
    assert (view.page, view.pages, view.kind, view.current) == (2, 2, "picture", True)
    with pytest.raises(NotFoundError):
        services.sources.page_picture(done.revision_id, 3)


def test_a_photograph_is_turned_as_its_camera_says(services: Services, base: KnowledgeBase, commit: Commit) -> None:
    upright = Image.new("RGB", (400, 600), "white")
    upright.paste((255, 0, 0), (100, 60, 300, 90))
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    stream = io.BytesIO()
    stored.save(stream, "JPEG", exif=exif, quality=95)
    page = Page(1, "red words", True, 400, 600, (), (TextRun(0, 9, 100, 60, 300, 90),))
    done = commit(base, _document((page,), "image"), "photo.jpg", stream.getvalue())
    plain = services.sources.page_picture(done.revision_id, 1, width_px=800)
    assert (plain.width, plain.height) == (800, 1200)
    rows, columns = np.nonzero(_red(plain.png))
    [box] = services.sources.page_picture(done.revision_id, 1, highlights=[(0, 9)]).boxes
    found = (columns.min() / 800, rows.min() / 1200, columns.max() / 800, rows.max() / 1200)
    assert found == pytest.approx((box.x0, box.y0, box.x1, box.y1), abs=0.01)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_drawn(services: Services, base: KnowledgeBase, commit: Commit, mode: str) -> None:
    frames = [Image.new(mode, (300, 200)) for _ in range(2)]
    stream = io.BytesIO()
    frames[0].save(stream, "TIFF", save_all=True, append_images=frames[1:])
    pages = tuple(Page(number, "words", True, 300, 200) for number in (1, 2))
    done = commit(base, _document(pages, "image"), "scan.tif", stream.getvalue())
    assert services.sources.page_picture(done.revision_id, 2, width_px=150).height == 100


def test_formats_without_pages_give_the_section_with_the_quote(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument
) -> None:
    view = services.sources.citation_view(aspirin.revision_id, 2, 10, 14)
    assert (view.kind, view.document, view.base) == ("text", "阿司匹林.txt", "pharmacy")
    assert view.text_before + view.text_quote + view.text_after == "对本品过敏者禁用。\n活动性溃疡患者禁用。"
    assert (view.quote, view.text_before[-3:]) == ("活动性溃", "用。\n")
    assert (view.revision_number, view.revision_date, view.section_path[-1]) == (1, "2020-05-01", "contraindications")
    with pytest.raises(PagePictureError):
        services.sources.page_picture(aspirin.revision_id, 1)


def test_citations_resolve_after_replacement_and_retirement(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, commit: Commit
) -> None:
    newer = commit(base, parsed_leaflet("阿司匹林肠溶片", {SectionKind.DOSAGE: "新"}), "药品/阿司匹林.txt")
    old = services.sources.citation_view(aspirin.revision_id, 1, 0, 7)
    assert (old.quote, old.current, old.document_id) == ("一次0.3g，", False, newer.document_id)
    services.documents.retire(base.name, newer.document_id)
    assert services.sources.citation_view(newer.revision_id, 1, 0, 1).current is False


def test_a_source_of_a_base_that_must_not_be_seen_does_not_exist(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, seen_by: SeenBy
) -> None:
    services.bases.close_to(base.name, ["icu"])
    stranger, member = seen_by(Role.READER).sources, seen_by(Role.READER, groups=frozenset({"icu"})).sources
    assert member.citation_view(aspirin.revision_id, 1, 0, 4).quote == "一次0."
    told = []
    for revision in (aspirin.revision_id, 999_999):
        for call in (
            lambda revision=revision: stranger.citation_view(revision, 1, 0, 4),
            lambda revision=revision: stranger.page_picture(revision, 1),
            lambda revision=revision: stranger.original(revision),
        ):
            with pytest.raises(NotFoundError) as error:
                call()
            told.append(str(error.value))
    assert len(set(told)) == 1


def test_what_cannot_be_asked_for_is_refused(
    services: Services, base: KnowledgeBase, commit: Commit, tmp_path: Path
) -> None:
    content = page_files.red_phrase_pdf()
    done = commit(base, _document(page_files.loaded_pages(tmp_path, content)), "red.pdf", content)
    for width in (0, 99, 1_000_000):
        with pytest.raises(InvalidInputError):
            services.sources.page_picture(done.revision_id, 1, width_px=width)
    with pytest.raises(InvalidInputError):
        services.sources.page_picture(done.revision_id, 1, highlights=[(10, 5)])
    with pytest.raises(InvalidInputError):
        services.sources.page_picture(done.revision_id, 1, highlights=[(0, 1)] * 500)
    assert services.sources.page_picture(done.revision_id, 1, highlights=[(-5, 10**9)]).boxes


def test_a_broken_original_is_told_and_its_text_stays(services: Services, base: KnowledgeBase, commit: Commit) -> None:
    page = Page(1, "words", False, 100, 100, (), (TextRun(0, 5, 1, 1, 9, 9),))
    done = commit(base, _document((page,)), "broken.pdf", b"%PDF-1.4 and nothing more")
    with pytest.raises(PagePictureError):
        services.sources.page_picture(done.revision_id, 1)
    assert services.sources.citation_view(done.revision_id, 1, 0, 5).text_quote == "words"


def test_a_drawn_page_is_kept_until_its_base_is_deleted(
    services: Services, base: KnowledgeBase, commit: Commit, app: App, tmp_path: Path
) -> None:
    content = page_files.red_phrase_pdf()
    done = commit(base, _document(page_files.loaded_pages(tmp_path, content)), "red.pdf", content)
    first = services.sources.page_picture(done.revision_id, 1)
    folder = app.settings.data_dir / "cache" / "pages"
    [kept] = folder.iterdir()
    assert kept.read_bytes() == first.png
    kept.write_bytes(first.png[:24] + b"changed")
    assert services.sources.page_picture(done.revision_id, 1).png.endswith(b"changed")
    assert page_cache(app.store.data_layout.root, 512) is page_cache(app.store.data_layout.root, 512)
    services.bases.delete(base.name, confirmation=base.name)
    assert list(folder.iterdir()) == []


def test_part_of_a_run_is_cut_by_the_width_of_its_characters() -> None:
    page = Page(1, "剂量abcd", False, 100, 100, (), (TextRun(0, 6, 10, 10, 90, 20),))
    [box] = boxes_of(page, [(0, 2)])
    assert (box.x0, box.x1) == pytest.approx((0.1, 0.48), abs=0.02)
    [box] = boxes_of(page, [(3, 6)])
    assert (box.x0, box.x1) == pytest.approx((0.59, 0.9), abs=0.02)


def test_words_of_a_line_are_one_box_and_columns_are_not() -> None:
    runs = (TextRun(0, 4, 10, 10, 30, 20), TextRun(5, 9, 33, 10, 60, 20), TextRun(10, 14, 90, 10, 99, 20))
    page = Page(1, "some text here", False, 100, 100, (), runs)
    assert len(boxes_of(page, [(0, 14)])) == 2
    assert boxes_of(page, [(0, 0)]) == []
    assert boxes_of(replace(page, width=0.0), [(0, 14)]) == []


@pytest.mark.parametrize(
    ("turn", "expected"),
    [(0, Direction.RIGHT), (90, Direction.DOWN), (180, Direction.LEFT), (270, Direction.UP)],
)
def test_the_direction_of_the_text_is_told_by_its_runs(tmp_path: Path, turn: int, expected: Direction) -> None:
    [page] = page_files.loaded_pages(tmp_path, page_files.red_phrase_pdf(turn=turn))
    assert direction_of(page.runs) is expected


def test_two_columns_are_not_upside_down_and_a_single_run_tells_nothing() -> None:
    columns = [TextRun(0, 9, x, y, x + 80, y + 10) for x in (10, 110, 210) for y in range(10, 200, 20)]
    assert direction_of(columns) is Direction.RIGHT
    assert direction_of(()) is Direction.RIGHT
    assert direction_of([TextRun(0, 9, 10, 10, 20, 90)]) is Direction.UNKNOWN
    page = Page(1, "upright words", False, 100, 100, (), (TextRun(0, 13, 10, 10, 20, 90),))
    [whole] = boxes_of(page, [(0, 7)])
    assert (whole.y0, whole.y1) == pytest.approx((0.1, 0.9), abs=0.02)
