"""PowerPoint files (pptx): a page a slide, with its title, texts, tables, diagrams and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError
from pptx.oxml import parse_xml

from ingest.loaders.clean_text import clean_inline, has_words, superscript
from ingest.loaders.failures import damaged
from ingest.loaders.grid import Cell, add_table
from ingest.loaders.options import LoadOptions
from ingest.loaders.text_builder import TextBuilder
from ingest.loaders.word import core_properties
from ingest.loaders.word_numbering import numeral
from ingest.loaders.zip_safety import OfficeArchive
from kbchat.types import LoadedFile

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_EMU_PER_POINT = 12700
_ROW_HEIGHT = 300_000  # shapes that begin within this many EMU of each other stand side by side
_FURNITURE = frozenset({PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER})
_BULLETED = frozenset({PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY})
_AUTO_NUMBER = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman",
                "arabic": "decimal", "circleNum": "decimalEnclosedCircle", "ea1Chs": "chineseCounting",
                "ea1Cht": "chineseCounting", "ea1JpnChs": "chineseCounting"}  # fmt: skip


def load_pptx(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a pptx file; page numbers are the slides', hidden ones counted.

    Raises DamagedFileError when it is no presentation, FileLimitError when it would unpack to too much.
    """
    with OfficeArchive(path, options.unpacked_limit) as archive:
        archive.check_xml_members("ppt/")
        metadata = core_properties(archive)
    try:
        presentation = Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise damaged("The file holds no presentation.", "该文件不包含演示文稿。") from error
    builder = TextBuilder()
    width, height = (presentation.slide_width or 0), (presentation.slide_height or 0)
    for slide in presentation.slides:
        _add_slide(builder, slide)
        builder.end_page(width / _EMU_PER_POINT, height / _EMU_PER_POINT)
    return LoadedFile(builder.pages(), "pptx", metadata)


def _add_slide(builder: TextBuilder, slide: Any) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        builder.heading(title.text_frame.text, level=1)
    title_id = title.shape_id if title is not None else None
    for shape in _in_reading_order(slide.shapes):
        if shape.shape_id != title_id or title is None:
            _add_shape(builder, shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        for paragraph in slide.notes_slide.notes_text_frame.paragraphs:
            builder.paragraph(_paragraph_text(paragraph._p))  # noqa: SLF001 - python-pptx names its XML so


def _in_reading_order(shapes: Iterable[Any]) -> list[Any]:
    """From the top down; shapes of one row from left to right. Placeholders without a place of their own go first."""

    def place(shape: Any) -> tuple[int, int]:
        top, left = shape.top, shape.left
        return (-1, 0) if top is None or left is None else (int(top) // _ROW_HEIGHT, int(left))

    return sorted(shapes, key=place)


def _add_shape(builder: TextBuilder, shape: Any) -> None:
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in _FURNITURE:
        return
    if hasattr(shape, "shapes"):  # a group
        for inner in _in_reading_order(shape.shapes):
            _add_shape(builder, inner)
    elif getattr(shape, "has_table", False) and shape.has_table:
        _add_table(builder, shape.table)
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        if shape.chart.has_title and shape.chart.chart_title.has_text_frame:
            builder.paragraph(shape.chart.chart_title.text_frame.text)
    elif shape.has_text_frame:
        _add_text(builder, shape.text_frame, bulleted=kind in _BULLETED)
    else:
        for text in _diagram_texts(shape):
            builder.list_item(text, "•")


def _add_text(builder: TextBuilder, frame: Any, *, bulleted: bool) -> None:
    paragraphs = [paragraph._p for paragraph in frame.paragraphs]  # noqa: SLF001
    filled = [node for node in paragraphs if has_words(_paragraph_text(node))]
    counts: dict[int, int] = {}
    for node in filled:
        properties = node.find(f"{_A}pPr")
        level = int(properties.get("lvl", "0")) if properties is not None else 0
        marker = _marker(properties, counts, level, bulleted=bulleted and len(filled) > 1)
        text = _paragraph_text(node)
        if marker:
            builder.list_item(text, marker)
        else:
            builder.paragraph(text, bold=_all_bold(node))


def _marker(properties: Any, counts: dict[int, int], level: int, *, bulleted: bool) -> str:
    for deeper in [key for key in counts if key > level]:
        del counts[deeper]
    if properties is not None:
        if properties.find(f"{_A}buNone") is not None:
            return ""
        number = properties.find(f"{_A}buAutoNum")
        if number is not None:
            counts[level] = counts[level] + 1 if level in counts else int(number.get("startAt", "1"))
            return _auto_number(counts[level], number.get("type", "arabicPeriod"))
        if properties.find(f"{_A}buChar") is not None:
            return "•"
    return "•" if bulleted or level else ""


def _auto_number(number: int, kind: str) -> str:
    match = re.match(r"(.+?)(ParenBoth|ParenR|Period|Plain|WdBlkPlain|WdWhtPlain|DbPlain)$", kind)
    base, ending = (match.group(1), match.group(2)) if match else (kind, "Plain")
    text = numeral(number, _AUTO_NUMBER.get(base, "decimal"))
    return {"ParenBoth": f"({text})", "ParenR": f"{text})", "Period": f"{text}."}.get(ending, text)


def _paragraph_text(node: Any) -> str:
    parts: list[str] = []
    for child in node:
        if child.tag == f"{_A}br":
            parts.append("\n")
        elif child.tag in (f"{_A}r", f"{_A}fld"):
            text = child.findtext(f"{_A}t") or ""
            properties = child.find(f"{_A}rPr")
            raised = properties is not None and properties.get("baseline", "0").lstrip("+").isdigit()
            raised = raised and int(properties.get("baseline", "0")) > 0
            parts.append(superscript(text) if raised else text)
    return "".join(parts).replace("\v", "\n")


def _all_bold(node: Any) -> bool:
    runs = [run for run in node.iterfind(f"{_A}r") if (run.findtext(f"{_A}t") or "").strip()]
    return bool(runs) and all(
        (properties := run.find(f"{_A}rPr")) is not None and properties.get("b") in ("1", "true") for run in runs
    )


def _add_table(builder: TextBuilder, table: Any) -> None:
    rows: list[list[Cell]] = []
    for number, row in enumerate(table.rows):
        cells: list[Cell] = []
        for cell in row.cells:
            if cell.is_spanned:
                continue
            text = "\n".join(_paragraph_text(paragraph._p) for paragraph in cell.text_frame.paragraphs)  # noqa: SLF001
            across, down = (cell.span_width, cell.span_height) if cell.is_merge_origin else (1, 1)
            cells.append(Cell(clean_inline(text), across, down, header=bool(table.first_row) and number == 0))
        rows.append(cells)
    add_table(builder, rows)


def _diagram_texts(shape: Any) -> list[str]:
    """The texts of a SmartArt diagram, which stand in a part of their own."""
    reference = next(shape._element.iter(f"{_DIAGRAM}relIds"), None)  # noqa: SLF001
    relation = reference.get(f"{_R}dm") if reference is not None else None
    if not relation:
        return []
    try:
        part = shape.part.related_part(relation)
    except KeyError:
        return []

    points = parse_xml(part.blob).iter(f"{_DIAGRAM}pt")
    texts = ("\n".join(_paragraph_text(node) for node in point.iter(f"{_A}p")) for point in points)
    return [clean_inline(text) for text in texts if has_words(text)]
