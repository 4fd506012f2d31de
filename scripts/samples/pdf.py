"""Write a sample document as PDF: columns, ruled tables, running header and footer, an embedded font subset."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from samples.source import Source, SourceBlock

FONT = "SampleSans"
FONT_FILE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")  # Debian: fonts-wqy-microhei, Apache-2.0
_WIDTH, _HEIGHT = float(A4[0]), float(A4[1])
_MARGIN, _GUTTER, _LEADING = 54.0, 20.0, 1.45
_SIZES = {"title": 16.0, "heading": 11.5, "subheading": 10.5, "item": 10.0, "table": 9.0, "paragraph": 10.0}
_NO_LINE_START = "，。、；：！？）】》」’”％%,.;:!?)]}～"
_NO_LINE_END = "（【《「‘“([{"
_ATOM = re.compile(r"[A-Za-z0-9.%/+\-–≤≥<>~²°'()\[\]]+|\s+|.")


def register_font() -> None:
    """Make the font known to reportlab. Raises FileNotFoundError with the package to install."""
    if not FONT_FILE.is_file():
        raise FileNotFoundError(f"{FONT_FILE} is missing: apt-get install fonts-wqy-microhei")
    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE), subfontIndex=0))


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break ``text`` into lines of at most ``width`` points, never inside a Latin word or a number."""
    lines, line = [], ""
    for atom in _ATOM.findall(text):
        fits = pdfmetrics.stringWidth(line + atom, FONT, size) <= width
        if fits or atom[0] in _NO_LINE_START or not line:
            line += atom
            continue
        carried = ""
        while line and line[-1] in _NO_LINE_END:
            carried, line = line[-1] + carried, line[:-1]
        lines.append(line.rstrip())
        line = carried + atom.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


@dataclass(slots=True)
class _Sheet:
    """The canvas and where on it the next line goes."""

    canvas: Canvas
    source: Source
    columns: int
    column: int = 0
    page: int = 1
    y: float = 0.0

    @property
    def width(self) -> float:
        return (_WIDTH - 2 * _MARGIN - (self.columns - 1) * _GUTTER) / self.columns

    @property
    def x(self) -> float:
        return _MARGIN + self.column * (self.width + _GUTTER)

    @property
    def top(self) -> float:
        return _HEIGHT - _MARGIN - 14

    def start_page(self) -> None:
        """Print the running header and footer and go to the top of the first column."""
        self.canvas.setFont(FONT, 8)
        self.canvas.drawString(_MARGIN, _HEIGHT - 36, self.source.options.get("header", self.source.title))
        self.canvas.drawRightString(_WIDTH - _MARGIN, _HEIGHT - 36, self.source.mark)
        self.canvas.line(_MARGIN, _HEIGHT - 42, _WIDTH - _MARGIN, _HEIGHT - 42)
        english = self.source.options.get("language") == "en"
        self.canvas.drawCentredString(_WIDTH / 2, 28, f"Page {self.page}" if english else f"第 {self.page} 页")
        self.column, self.y = 0, self.top

    def room(self, height: float) -> None:
        """Go to the next column or page unless ``height`` points are left."""
        if self.y - height >= _MARGIN:
            return
        if self.column + 1 < self.columns:
            self.column, self.y = self.column + 1, self.top
            return
        self.canvas.showPage()
        self.page += 1
        self.start_page()


def write_pdf(source: Source, path: Path) -> None:
    """Write ``source`` as a PDF with text; the same source gives the same bytes."""
    canvas = Canvas(str(path), pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(source.title)
    canvas.setSubject(source.mark)
    sheet = _Sheet(canvas, source, int(source.options.get("columns", "1")))
    sheet.start_page()
    for block in source.blocks:
        if block.kind == "table":
            _table(sheet, block.rows)
        else:
            _text(sheet, block)
    canvas.save()


def _text(sheet: _Sheet, block: SourceBlock) -> None:
    size = _SIZES[block.kind] - (1.0 if sheet.columns > 1 else 0.0)
    bold = block.kind in {"title", "heading", "subheading"}
    indent = 12.0 if block.kind == "item" else 0.0
    text = f"• {block.text}" if block.kind == "item" else block.text
    lines = wrap(text, size, sheet.width - indent)
    if bold:
        sheet.y -= size * 0.5
        sheet.room(size * _LEADING * (len(lines) + 2))
    for line in lines:
        sheet.room(size * _LEADING)
        sheet.y -= size * _LEADING
        shift = (sheet.width - pdfmetrics.stringWidth(line, FONT, size)) / 2 if block.kind == "title" else indent
        _draw(sheet.canvas, sheet.x + shift, sheet.y, line, size, bold=bold)
    sheet.y -= size * 0.35


def _draw(canvas: Canvas, x: float, y: float, line: str, size: float, *, bold: bool) -> None:
    text = canvas.beginText(x, y)
    text.setFont(FONT, size)
    text.setTextRenderMode(2 if bold else 0)
    canvas.setLineWidth(size * 0.03)
    text.textOut(line)
    text.setTextRenderMode(0)  # the mode outlives the text object
    canvas.drawText(text)
    canvas.setLineWidth(0.5)


def _table(sheet: _Sheet, rows: tuple[tuple[str, ...], ...]) -> None:
    size, pad = _SIZES["table"], 4.0
    count = len(rows[0])
    longest = [max(8, *(min(30, len(row[column])) for row in rows)) for column in range(count)]
    widths = [sheet.width * share / sum(longest) for share in longest]
    sheet.y -= 4
    for number, row in enumerate(rows):
        cells = [wrap(cell, size, width - 2 * pad) for cell, width in zip(row, widths, strict=True)]
        height = max(len(cell) for cell in cells) * size * _LEADING + 2 * pad
        sheet.room(height)
        x = sheet.x
        for cell, width in zip(cells, widths, strict=True):
            sheet.canvas.rect(x, sheet.y - height, width, height)
            for index, line in enumerate(cell, start=1):
                baseline = sheet.y - pad - index * size * _LEADING + size * 0.4
                _draw(sheet.canvas, x + pad, baseline, line, size, bold=number == 0)
            x += width
        sheet.y -= height
    sheet.y -= 6


def write_scan(source: Source, path: Path) -> None:
    """Write ``source`` as a PDF of page pictures without text, a little askew and grey, like a scan."""
    plain = path.with_suffix(".text.pdf")
    write_pdf(source, plain)
    random = np.random.default_rng(20240601)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    canvas.setTitle("scan")
    with pypdfium2.PdfDocument(str(plain)) as document:
        for page in document:
            picture = page.render(scale=140 / 72, grayscale=True).to_pil()
            picture = picture.rotate(0.4, resample=Image.Resampling.BICUBIC, fillcolor=255)
            noise = random.normal(-6.0, 5.0, (picture.height, picture.width))
            grey = np.clip(np.asarray(picture, dtype=np.float64) + noise, 0, 255).astype(np.uint8)
            buffer = io.BytesIO()
            Image.fromarray(grey).save(buffer, "JPEG", quality=35)
            _place(canvas, buffer)
    canvas.save()
    plain.unlink()


def _place(canvas: Canvas, buffer: io.BytesIO) -> None:
    buffer.seek(0)
    canvas.drawImage(ImageReader(buffer), 0, 0, width=_WIDTH, height=_HEIGHT)
    canvas.showPage()
