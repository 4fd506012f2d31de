"""Sheets of pieces -> pages of text: furniture out, layout, table numbers, reflow. The same for PDF text, OCR and images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.loaders.pdf_furniture import without_furniture
from ingest.loaders.pdf_layout import lay_out
from ingest.loaders.pdf_tables import numbered_tables
from ingest.loaders.pieces import Line, PageLayout, PagePieces, Sheet, Table
from ingest.loaders.reflow import document_style, page_of
from kbchat.types import Page

_REGIONS = 1000  # region numbers kept for each direction of text on a page


def pages_of(sheets: Sequence[Sheet]) -> tuple[Page, ...]:
    """The pages of a file, numbered from 1."""
    layouts = [_layout(sheet) for sheet in _cleared(sheets)]
    style = document_style(layouts)
    tables = numbered_tables(layouts)
    return tuple(
        page_of(number, layout, style, found)
        for number, (layout, found) in enumerate(zip(layouts, tables, strict=True), 1)
    )


def _cleared(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets without furniture, which is looked for among the text of most of each page, then among the rest."""
    depth = max((len(sheet.groups) for sheet in sheets), default=0)
    cleared = list(sheets)
    for level in range(depth):
        groups = [sheet.groups[level] if level < len(sheet.groups) else PagePieces(0.0, 0.0, ()) for sheet in sheets]
        for index, group in enumerate(without_furniture(groups)):
            old = cleared[index].groups
            if level < len(old) and group is not old[level]:
                cleared[index] = replace(cleared[index], groups=(*old[:level], group, *old[level + 1 :]))
    return cleared


def _layout(sheet: Sheet) -> PageLayout:
    elements: list[Line | Table] = []
    for level, group in enumerate(sheet.groups):
        for element in lay_out(group).elements:
            if isinstance(element, Line) and level:
                elements.append(replace(element, region=element.region + level * _REGIONS))
            else:
                elements.append(element)
    return PageLayout(sheet.width, sheet.height, tuple(elements), sheet.ocr)
