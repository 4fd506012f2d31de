"""Excel files (xlsx): tables under their sheet's name with values as shown, or sheets of questions and answers."""

from __future__ import annotations

import itertools
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from ingest.loaders.cell_values import shown
from ingest.loaders.failures import damaged
from ingest.loaders.options import LoadOptions
from ingest.loaders.qa_columns import find_qa_columns
from ingest.loaders.records import RecordWriter
from ingest.loaders.sheet_tables import add_questions, add_tables
from ingest.loaders.word import core_properties
from ingest.loaders.zip_safety import OfficeArchive
from kbchat.types import LoadedFile

_MOST_ROWS = 1 << 20  # Excel's own limit; a file may claim a row far beyond
_MOST_MERGES = 100_000
_PIECE = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="(\$?[A-Z]{1,3}\$?\d{1,7}:\$?[A-Z]{1,3}\$?\d{1,7})"')


def load_xlsx(path: Path, options: LoadOptions) -> LoadedFile:
    """Read an xlsx file as one page. The format is ``qa`` when every sheet pairs questions with answers.

    Raises DamagedFileError when it is no workbook, FileLimitError when it would unpack to too much.
    """
    with OfficeArchive(path, options.unpacked_limit) as archive:
        archive.check_xml_members("xl/")
        metadata = core_properties(archive)
    with warnings.catch_warnings(), path.open("rb") as file:  # by its name openpyxl would refuse a renamed workbook
        warnings.simplefilter("ignore")  # openpyxl warns of drawings and validations, which are not text
        try:
            workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except (InvalidFileException, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise damaged("The file holds no workbook.", "该文件不包含工作簿。") from error
        try:
            return _read(workbook, metadata)
        finally:
            workbook.close()


def _read(workbook: Any, metadata: dict[str, str]) -> LoadedFile:
    writer = RecordWriter()
    hidden = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state != "visible"]
    visible = [(sheet, _rows(sheet)) for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    filled = [(sheet, rows, find_qa_columns(rows)) for sheet, rows in visible if rows]
    all_questions = bool(filled) and all(columns is not None for _, _, columns in filled)
    for sheet, rows, columns in filled:
        if columns is not None:
            if not all_questions:
                writer.builder.heading(sheet.title, level=1)
            add_questions(writer, rows, columns, level=1 if all_questions else 2)
        else:
            writer.builder.heading(sheet.title, level=1)
            add_tables(writer.builder, rows, _merges(sheet))
    told = (f"Hidden sheets were left out: {', '.join(hidden)}.",) if hidden else ()
    return LoadedFile(writer.builder.pages(), "qa" if all_questions else "xlsx", metadata, warnings=told)


def _rows(sheet: Any) -> list[list[str]]:
    """Every row as texts, from the first cell; trailing blank rows and cells are dropped."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows: list[list[str]] = []
    blank: list[str] = []
    for row in itertools.islice(sheet.iter_rows(), _MOST_ROWS):
        texts = ["" if cell.data_type == "e" else shown(cell.value, cell.number_format) for cell in row]
        while texts and not texts[-1].strip():
            texts.pop()
        rows.append(texts or blank)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _merges(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """The merged cells, counted from 0 as :func:`_rows` gives them; they stand after the cells in the sheet's XML."""
    merges: dict[tuple[int, int], tuple[int, int]] = {}
    rest = b""
    with sheet._get_source() as source:  # noqa: SLF001 - openpyxl reads merged cells only with the whole sheet in memory
        while piece := source.read(_PIECE):
            text = rest + piece
            end = 0
            for match in _MERGED.finditer(text):
                end = match.end()
                left, top, right, bottom = range_boundaries(match.group(1).decode("ascii"))
                if len(merges) < _MOST_MERGES:
                    merges[top - 1, left - 1] = (bottom - top + 1, right - left + 1)
            rest = text[max(end, len(text) - 200) :]
    return merges
