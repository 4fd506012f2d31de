"""Pages read from their picture: image-only, garbled, turned, switched off."""

from __future__ import annotations

import io
import re
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest.loaders.ocr import pieces_from_picture
from ingest.loaders.options import LoadOptions
from ingest.loaders.page_texts import pages_of
from ingest.loaders.pdf import load_pdf
from ingest.loaders.pieces import Sheet
from kbchat.errors import NoTextError
from kbchat.types import Page

LINES = [
    "Amlodipine 5 mg tablets are used to treat",
    "high blood pressure and angina. The usual",
    "starting dose is 5 mg once daily and may be",
    "raised to 10 mg. Do not take it if you are",
    "allergic to any dihydropyridine.",
]
TEXT = " ".join(LINES)


def drawn(lines: list[str], size: tuple[int, int] = (1240, 600), left: int = 80) -> Image.Image:
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((left, 60 + 70 * number), line, fill="black", font=font)
    return image


def pdf_of(path: Path, image: Image.Image, hidden: str = "") -> Path:
    """A PDF page that is one picture (150 dpi), perhaps with an invisible text layer."""
    width, height = image.width * 72 / 150, image.height * 72 / 150
    canvas = Canvas(str(path), pagesize=(width, height))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    canvas.drawImage(ImageReader(buffer), 0, 0, width, height)
    if hidden:
        text = canvas.beginText(30, height - 40)
        text.setFont("Helvetica", 8)
        text.setTextRenderMode(3)
        text.textLines(hidden)
        canvas.drawText(text)
    canvas.showPage()
    canvas.save()
    return path


def alike(first: str, second: str) -> float:
    def bare(text: str) -> str:
        return re.sub(r"\W", "", text).lower()

    return SequenceMatcher(None, bare(first), bare(second), autojunk=False).ratio()


def test_picture_only_page_is_read_with_its_places(tmp_path: Path) -> None:
    path = pdf_of(tmp_path / "scan.pdf", drawn(LINES))
    (page,) = load_pdf(path, LoadOptions()).pages
    assert page.ocr
    assert alike(page.text, TEXT) > 0.97
    assert "\n" not in page.text  # five lines, one paragraph
    assert len(page.runs) == len(LINES)
    scale = 72 / 150
    for number, run in enumerate(page.runs):
        assert run.x0 == pytest.approx(80 * scale, abs=6)
        assert run.y0 - 6 <= (60 + 70 * number + 20) * scale <= run.y1 + 6
        assert alike(page.text[run.start : run.end], LINES[number]) > 0.9


def test_ocr_off_says_that_it_is_off(tmp_path: Path) -> None:
    path = pdf_of(tmp_path / "scan.pdf", drawn(LINES))
    with pytest.raises(NoTextError, match="switched off"):
        load_pdf(path, LoadOptions(ocr="off"))


def test_poor_text_layer_of_a_scan_is_read_anew_and_a_good_one_kept(tmp_path: Path) -> None:
    poor = "AmIodlpine S mq tabIets ore usecl to treot\nhlgh bIood pressnre ond onglna. Ihe usnal\nstartlnq bose ls S mg onee doily"
    (anew,) = load_pdf(pdf_of(tmp_path / "poor.pdf", drawn(LINES), poor), LoadOptions()).pages
    assert anew.ocr
    assert alike(anew.text, TEXT) > 0.97
    (kept,) = load_pdf(pdf_of(tmp_path / "good.pdf", drawn(LINES), "\n".join(LINES)), LoadOptions()).pages
    assert not kept.ocr
    assert alike(kept.text, TEXT) == 1.0


def test_garbled_text_is_replaced_by_what_the_page_shows(tmp_path: Path) -> None:
    """A font whose character map points into the private use area: the page looks right, its text is noise."""
    path = tmp_path / "plain.pdf"
    canvas = Canvas(str(path), pagesize=(595, 300), pageCompression=0)
    canvas.setFont("Helvetica", 16)
    for number, line in enumerate(LINES):
        canvas.drawString(50, 250 - 28 * number, line)
    canvas.showPage()
    canvas.save()
    broken = with_private_map(path)
    (off,) = load_pdf(broken, LoadOptions(ocr="off")).pages
    assert alike(off.text, TEXT) < 0.3
    (page,) = load_pdf(broken, LoadOptions()).pages
    assert page.ocr
    assert alike(page.text, TEXT) > 0.97


def with_private_map(path: Path) -> Path:
    import pypdf
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = pypdf.PdfWriter(clone_from=path)
    stream = DecodedStreamObject()
    entries = "\n".join(f"<{code:02X}> <{0xE100 + code:04X}>" for code in range(32, 127))
    stream.set_data(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
            "1 begincodespacerange <00> <FF> endcodespacerange\n"
            f"95 beginbfchar\n{entries}\nendbfchar\nendcmap end end"
        ).encode()
    )
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        font.get_object()[NameObject("/ToUnicode")] = writer._add_object(stream)
    target = path.with_name("broken.pdf")
    writer.write(target)
    return target


def test_ocr_all_reads_every_page_from_its_picture(tmp_path: Path) -> None:
    path = tmp_path / "text.pdf"
    canvas = Canvas(str(path), pagesize=(500, 200))
    canvas.setFont("Helvetica", 18)
    canvas.drawString(40, 100, "Store below 25 degrees")
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    first, blank = load_pdf(path, LoadOptions(ocr="all")).pages
    assert first.ocr
    assert alike(first.text, "Store below 25 degrees") > 0.95
    assert (blank.text, blank.ocr) == ("", False)


def read(image: Image.Image) -> Page:
    width, height = image.width * 72 / 150, image.height * 72 / 150
    sheet = Sheet(width, height, (pieces_from_picture(np.asarray(image), width, height),), ocr=True)
    (page,) = pages_of([sheet])
    return page


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
def test_sideways_scan(turn: Image.Transpose) -> None:
    image = drawn(LINES).transpose(turn)
    page = read(image)
    assert alike(page.text, TEXT) > 0.95
    for run in page.runs:  # boxes on the page as shown: tall and narrow
        assert run.y1 - run.y0 > run.x1 - run.x0
        assert 0 <= run.x0 < run.x1 <= page.width
        assert 0 <= run.y0 < run.y1 <= page.height


def test_skewed_scan_keeps_its_lines() -> None:
    page = read(drawn(LINES).rotate(2.0, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC))
    assert alike(page.text, TEXT) > 0.95


def test_scanned_columns_are_read_one_after_the_other() -> None:
    image = Image.new("RGB", (1700, 900), "white")
    for number, left in enumerate((60, 900)):
        lines = [line if number else line.replace("Amlodipine", "Nifedipine") for line in (*LINES[:4], *LINES[:4])]
        image.paste(drawn(lines, (800, 900), 0).resize((760, 855)), (left, 0))
    text = read(image).text
    assert text.index("Nifedipine") < text.rindex("Nifedipine") < text.index("Amlodipine")


def test_tall_picture_is_read_in_tiles() -> None:
    lines = [f"line {number} of a very long sheet" for number in range(50)]
    text = read(drawn(lines, (900, 3600))).text
    found = [int(n) for n in re.findall(r"line (\d+) of", text)]
    assert found == list(range(50))
