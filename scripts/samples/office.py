"""Write sample documents as docx and xlsx."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

from docx import Document
from docx.shared import Pt
from openpyxl import Workbook

from samples.source import Source

_FIXED = dt.datetime(2024, 6, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_STYLES = {"title": "Title", "heading": "Heading 1", "subheading": "Heading 2", "item": "List Bullet"}


def write_docx(source: Source, path: Path) -> None:
    """Write ``source`` with Word's own headings, lists and tables, and the mark in the page header."""
    document = Document()
    document.core_properties.title = source.title
    document.core_properties.subject = source.mark
    document.core_properties.created = document.core_properties.modified = _FIXED
    document.sections[0].header.paragraphs[0].text = source.mark
    document.styles["Normal"].font.size = Pt(10.5)
    for block in source.blocks:
        if block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(block.text, style=_STYLES.get(block.kind))
    document.save(str(path))
    _still_clock(path)


def write_xlsx(source: Source, path: Path) -> None:
    """Write one sheet for each heading of ``source``: its table, or its paragraphs in the first column."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = source.title
    book.properties.created = book.properties.modified = _FIXED
    sheet = None
    for block in source.blocks:
        if block.kind == "heading":
            sheet = book.create_sheet(block.text)
        elif sheet is not None:
            for row in block.rows or ((block.text,),):
                sheet.append(row)
    book.save(str(path))
    _still_clock(path)


def _still_clock(path: Path) -> None:
    """Rewrite the zip with one fixed date, so that the same source gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, found in parts:
            content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-06-01T00:00:00Z", found)
            entry = zipfile.ZipInfo(name, (2024, 6, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
