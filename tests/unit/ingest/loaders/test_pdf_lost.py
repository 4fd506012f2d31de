"""Signs that PDFium's text page leaves out (≥, ℃, Ⅹ) stand in the text, or a warning names their pages."""

from __future__ import annotations

from pathlib import Path

import pypdf
import pypdfium2
import pytest

from ingest.loaders.options import LoadOptions
from ingest.loaders.pdf import load_pdf
from ingest.loaders.pdf_glyphs import read_glyphs
from ingest.loaders.pdf_lost import LostCharacters, _shown_texts
from ingest.loaders.pdf_objects import read_objects

LEAFLETS = Path(__file__).parents[4] / "sample_kb" / "leaflets"
METFORMIN = LEAFLETS / "盐酸二甲双胍片_0.5g.pdf"
WARFARIN = LEAFLETS / "华法林钠片.pdf"


@pytest.mark.parametrize(
    ("path", "page", "expected"), [(METFORMIN, 2, "密封，30℃以下保存"), (WARFARIN, 2, "因子Ⅱ、Ⅶ、Ⅸ、Ⅹ的合成")]
)
def test_signs_of_no_width_stand_in_the_text(path: Path, page: int, expected: str) -> None:
    loaded = load_pdf(path, LoadOptions(ocr="off"))
    assert expected in loaded.pages[page - 1].text
    assert not any("missing" in warning for warning in loaded.warnings)


def test_every_at_least_sign_of_a_guideline_is_read(shared_data: Path) -> None:
    path = shared_data / "documents" / "08_中国高血压防治指南.pdf"
    loaded = load_pdf(path, LoadOptions(ocr="off"))
    ours = [page.text.count("≥") for page in loaded.pages]
    theirs = [page.extract_text().count("≥") for page in pypdf.PdfReader(path).pages]
    assert ours == theirs
    assert sum(ours) == 97
    assert "BMI≥24 kg/m" in loaded.pages[9].text


@pytest.mark.parametrize("source", [WARFARIN, LEAFLETS / "no such file.pdf"])
def test_what_cannot_be_recovered_is_told(source: Path) -> None:
    """The content of another file, or none at all, does not match the page's text objects."""
    document = pypdfium2.PdfDocument(METFORMIN)
    try:
        page = document[1]
        content, objects = read_glyphs(page), read_objects(page)
        glyphs, whole = LostCharacters(source, None).restored(page, 1, content, objects)
        page.close()
    finally:
        document.close()
    assert not whole
    assert len(glyphs) == len(content.glyphs)


def test_a_warning_names_the_pages(shared_data: Path) -> None:
    """Japanese fonts without a Unicode map: pypdf cannot read their codes either."""
    loaded = load_pdf(shared_data / "documents" / "26_テグレトール_ja.pdf", LoadOptions(ocr="off"))
    assert any("may be missing" in warning and "pages 1, 2" in warning for warning in loaded.warnings)


def test_text_operators_are_told_from_what_looks_like_them() -> None:
    content = rb"""/P <</Lang (en) /MCID 0>> BDC q BT /F1 12 Tf (a \) Tj (b)) Tj ET Q
        BI /W 1 /H 1 ID (Tj) Tj EI BT /F2 9.5 Tf [<01> -20 (c)]TJ () Tj T* (d)' /F1 1 Tf<02>Tj ET EMC"""
    assert _shown_texts(content) == [
        (b"/F1", (rb"(a \) Tj (b))",)),
        (b"/F2", (b"<01>", b"(c)")),
        (b"/F2", (b"(d)",)),
        (b"/F1", (b"<02>",)),
    ]
