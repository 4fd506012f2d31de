"""PDF pages on which one phrase is printed in red, turned and cropped, as files and as an ingest reads them."""

from __future__ import annotations

import io
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ingest.loaders.options import LoadOptions
from ingest.loaders.pdf import load_pdf
from kbchat.types import Page

RED_PHRASE = "never exceed 2550 mg daily"


def red_phrase_pdf(*, turn: int = 0, crop: tuple[float, float, float, float] | None = None, pages: int = 1) -> bytes:
    """A PDF with ``RED_PHRASE`` in red inside a line of black text on each page."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    for number in range(pages):
        canvas.setFont("Helvetica", 12)
        canvas.setFillColorRGB(0, 0, 0)
        for line in range(12):
            canvas.drawString(
                100, 700 - 30 * line, f"Line {line} of page {number + 1} holds ordinary advice for adults."
            )
        canvas.drawString(100, 330, "Adults should ")
        start = 100 + canvas.stringWidth("Adults should ", "Helvetica", 12)
        canvas.setFillColorRGB(1, 0, 0)
        canvas.drawString(start, 330, RED_PHRASE)
        start += canvas.stringWidth(RED_PHRASE + " ", "Helvetica", 12)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(start, 330, "without advice.")
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(PdfReader(io.BytesIO(stream.getvalue())))
    for page in writer.pages:
        if crop is not None:
            page.cropbox = RectangleObject(crop)
        if turn:
            page.rotate(turn)
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def loaded_pages(folder: Path, content: bytes) -> tuple[Page, ...]:
    """The pages as the reader of PDFs gives them."""
    path = folder / "red.pdf"
    path.write_bytes(content)
    return load_pdf(path, LoadOptions(ocr="off")).pages
