"""PDFium called the quick way says what it says through checked calls; tables and short cuts agree with what they replace."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.loaders.characters import BLANK, CHINESE, DIGITAL, POINT, cjk, cjk_punctuation, classes
from ingest.loaders.pdf_calls import Records, quick
from ingest.loaders.pdf_layout import _quantile


@pytest.fixture
def text_page(tmp_path: Path) -> Iterator[Any]:
    """PDFium's text page of two lines in two sizes."""
    path = tmp_path / "two.pdf"
    canvas = Canvas(str(path))
    canvas.setFont("Helvetica", 12)
    canvas.drawString(72, 700, "Take one tablet a day.")
    canvas.setFont("Helvetica", 20)
    canvas.drawString(90, 640, "500 mg")
    canvas.save()
    document = pypdfium2.PdfDocument(path)
    page = document[0]
    opened = pdfium.FPDFText_LoadPage(page.raw)
    yield opened
    pdfium.FPDFText_ClosePage(opened)
    page.close()
    document.close()


def test_records_hold_what_the_checked_call_writes(text_page: Any) -> None:
    count = pdfium.FPDFText_CountChars(text_page)
    handle = ctypes.byref(text_page.contents)
    boxes = Records(pdfium.FS_RECTF, 4)
    box_of = quick(pdfium.FPDFText_GetLooseCharBox, None)
    for indices in (range(3), range(count), range(count - 1, -1, -1)):  # the room grows, then is used again
        got = boxes.fill(box_of, handle, indices, len(indices))
        assert got.shape == (4, len(indices))
        for index, box in zip(indices, got.T.tolist(), strict=True):
            checked = pdfium.FS_RECTF()
            assert pdfium.FPDFText_GetLooseCharBox(text_page, index, checked)
            assert box == [checked.left, checked.top, checked.right, checked.bottom]


def test_a_failing_call_leaves_zeros(text_page: Any) -> None:
    handle = ctypes.byref(text_page.contents)
    boxes = Records(pdfium.FS_RECTF, 4)
    box_of = quick(pdfium.FPDFText_GetLooseCharBox, None)
    boxes.fill(box_of, handle, range(5), 5)
    assert not boxes.fill(box_of, handle, [-1, 1_000_000], 2).any()


def test_results_keep_their_type(text_page: Any) -> None:
    handle = ctypes.byref(text_page.contents)
    size_of = quick(pdfium.FPDFText_GetFontSize, ctypes.c_double)
    object_of = quick(pdfium.FPDFText_GetTextObject, ctypes.c_size_t)
    last = pdfium.FPDFText_CountChars(text_page) - 1
    assert (size_of(handle, 0), size_of(handle, last)) == (12.0, 20.0)
    first = ctypes.cast(pdfium.FPDFText_GetTextObject(text_page, 0), ctypes.c_void_p).value
    assert object_of(handle, 0) == first
    assert object_of(handle, 0) != object_of(handle, last)


def test_classes_of_both_planes_agree_with_the_rules() -> None:
    basic = np.arange(0x10000, dtype=np.uint32)
    beyond = np.array([0x41, 0x20, 0x1F600, 0x20000, 0x3FFFF, 0x40000, 0xFF0C], np.uint32)
    for codes in (basic, beyond):
        found = classes(codes)
        assert ((found & CHINESE != 0) == cjk(codes)).all()
        assert ((found & POINT != 0) == cjk_punctuation(codes)).all()
        assert not (found[cjk_punctuation(codes)] & CHINESE == 0).any()
    blanks = {chr(code) for code in basic[classes(basic) & BLANK != 0].tolist()}
    assert blanks >= set(" \t\n\r\xa0\u2003\u3000\ufeff")
    assert not blanks & set("aé中。0•")
    assert "".join(chr(code) for code in range(0x7F) if classes(np.array([code], np.uint32))[0] & DIGITAL) == (
        "%+,-./0123456789<=>~"
    )


def test_quantile_is_that_of_numpy() -> None:
    random = np.random.default_rng(7)
    for count in range(1, 60):
        numbers = random.uniform(0, 500, count)
        assert _quantile(numbers, 0.8) == np.quantile(numbers, 0.8)
