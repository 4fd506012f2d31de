"""Word files (docx), read from their XML: text in document order, headings, numbers of lists, tables, text boxes.

Headers, footers, tables of contents, hidden text and tracked deletions are left out, tracked insertions kept. A
footnote stands after the paragraph that calls it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.loaders.clean_text import clean_inline, clean_lines, has_words
from ingest.loaders.failures import damaged
from ingest.loaders.grid import Cell, add_table
from ingest.loaders.line_shapes import CAPTION
from ingest.loaders.options import LoadOptions
from ingest.loaders.text_builder import TextBuilder
from ingest.loaders.word_numbering import Numbering
from ingest.loaders.word_runs import first_choice, local_name, plain_text, read_runs
from ingest.loaders.word_styles import Styles, is_on, numbering_of, outline_level
from ingest.loaders.zip_safety import OfficeArchive
from kbchat.types import LoadedFile

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MAIN = "word/document.xml"
_LONGEST_HEADING = 200


def load_docx(path: Path, options: LoadOptions) -> LoadedFile:
    """Read a docx file as one page.

    Raises DamagedFileError when it is no Word document, FileLimitError when it would unpack to too much.
    """
    with OfficeArchive(path, options.unpacked_limit) as archive:
        root = _part(archive, _MAIN)
        body = root.find(f"{_W}body") if root is not None else None
        if body is None:
            raise damaged("The file holds no Word document.", "该文件不包含 Word 文档正文。")
        reader = _Reader(
            TextBuilder(),
            Styles(_part(archive, "word/styles.xml")),
            Numbering(_part(archive, "word/numbering.xml")),
            {
                "footnote": _notes(_part(archive, "word/footnotes.xml"), "footnote"),
                "endnote": _notes(_part(archive, "word/endnotes.xml"), "endnote"),
            },
        )
        reader.blocks(body)
        metadata = core_properties(archive)
    if reader.title and not metadata.get("title"):
        metadata["title"] = reader.title
    return LoadedFile(reader.builder.pages(), "docx", metadata)


def core_properties(archive: OfficeArchive) -> dict[str, str]:
    """Title, author, subject and dates from ``docProps/core.xml``, as far as they are there."""
    root = archive.xml("docProps/core.xml")
    if root is None:
        return {}
    names = {
        "title": "title",
        "creator": "author",
        "subject": "subject",
        "created": "creationdate",
        "modified": "moddate",
    }
    found = {names.get(local_name(node), ""): clean_inline(node.text or "") for node in root}
    return {key: value for key, value in found.items() if key and value}


class _Reader:
    """Walks the body and adds its blocks."""

    def __init__(
        self, builder: TextBuilder, styles: Styles, numbering: Numbering, notes: dict[str, dict[str, Any]]
    ) -> None:
        self.builder = builder
        self.title = ""
        self._styles = styles
        self._numbering = numbering
        self._notes = notes

    def blocks(self, parent: Any) -> None:
        """Add the paragraphs and tables under ``parent``."""
        for node in _flow(parent):
            if node.tag == f"{_W}p":
                self._paragraph(node)
            else:
                self._table(node)

    def _paragraph(self, node: Any) -> None:
        properties = node.find(f"{_W}pPr")
        style_node = properties.find(f"{_W}pStyle") if properties is not None else None
        style = self._styles.of(style_node.get(f"{_W}val") if style_node is not None else None)
        read = read_runs(node, bold=style.bold or False, size=style.size)
        text = clean_lines("".join(read.parts))
        if style.is_contents:
            return
        marker = self._marker(properties, style.number_id, style.number_level)  # Word counts empty paragraphs too
        if has_words(text):
            outline = outline_level(properties)
            level = style.level if outline is None else outline
            bold = read.length > 0 and read.bold_length >= 0.95 * read.length
            if level and len(text) <= _LONGEST_HEADING and not CAPTION.match(text):
                if style.is_title and not self.title:
                    self.title = clean_inline(text)
                self.builder.heading(f"{marker} {text}".strip(), min(level, 9), size=read.size, bold=bold)
            elif marker or style.is_list:
                self.builder.list_item(text, marker or "•")
            else:
                self.builder.paragraph(text, size=read.size, bold=bold)
        for box in read.boxes:
            self.blocks(box)
        for kind, identifier in read.notes:
            note = self._notes[kind].get(identifier)
            if note is not None:
                self.builder.paragraph(plain_text(note))

    def _marker(self, properties: Any, style_id: str | None, style_level: int | None) -> str:
        own_id, own_level = numbering_of(properties)
        number_id = own_id if own_id is not None else style_id
        if number_id in (None, "0"):
            return ""
        level = own_level if own_level is not None else style_level
        return self._numbering.next_marker(number_id or "", level or 0)

    def _table(self, table: Any) -> None:
        nested: list[Any] = []
        rows = [self._row(row, nested) for row in _rows(table)]
        _merge_down(rows)
        if max((len(row) for row in rows), default=0) == 1 and sum(len(cell.text) for row in rows for cell in row) > 0:
            for cell in (cell for row in _rows(table) for cell in _cells(row)):  # a frame around text
                self.blocks(cell)
            return
        add_table(self.builder, [[cell for cell in row if cell.rowspan] for row in rows])
        for inner in nested:
            self._table(inner)

    def _row(self, row: Any, nested: list[Any]) -> list[Cell]:
        properties = row.find(f"{_W}trPr")
        repeated = properties.find(f"{_W}tblHeader") if properties is not None else None
        is_header = repeated is not None and is_on(repeated.get(f"{_W}val"))
        cells = [Cell("")] * _grid_offset(properties)
        for node in _cells(row):
            cell_properties = node.find(f"{_W}tcPr")
            merge = cell_properties.find(f"{_W}vMerge") if cell_properties is not None else None
            text, bold = self._cell_text(node, nested)
            rowspan = 0 if merge is not None and merge.get(f"{_W}val", "continue") == "continue" else 1
            cells.append(Cell(text, _grid_span(cell_properties), rowspan, is_header or bold))
        return cells

    def _cell_text(self, cell: Any, nested: list[Any]) -> tuple[str, bool]:
        texts: list[str] = []
        bold = length = 0
        for node in _flow(cell):
            if node.tag == f"{_W}tbl":
                nested.append(node)
                continue
            properties = node.find(f"{_W}pPr")
            style_node = properties.find(f"{_W}pStyle") if properties is not None else None
            style = self._styles.of(style_node.get(f"{_W}val") if style_node is not None else None)
            read = read_runs(node, bold=style.bold or False)
            text = clean_inline("".join(read.parts))
            marker = self._marker(properties, style.number_id, style.number_level)
            texts.append(f"{marker} {text}".strip() if text else "")
            texts.extend(plain_text(box) for box in read.boxes)
            texts.extend(plain_text(self._notes[kind][key]) for kind, key in read.notes if key in self._notes[kind])
            bold, length = bold + read.bold_length, length + read.length
        return "\n".join(filter(None, texts)), 0 < length <= bold


def _part(archive: OfficeArchive, name: str) -> Any:
    """The root of an XML part, in the transitional namespaces."""
    root = archive.xml(name)
    if root is not None and root.tag.startswith(_W_STRICT):
        for node in root.iter():
            if isinstance(node.tag, str) and node.tag.startswith(_W_STRICT):
                node.tag = _W + node.tag[len(_W_STRICT) :]
                for key in [key for key in node.attrib if key.startswith(_W_STRICT)]:
                    node.set(_W + key[len(_W_STRICT) :], node.attrib.pop(key))
    return root


def _notes(root: Any, kind: str) -> dict[str, Any]:
    if root is None:
        return {}
    return {
        node.get(f"{_W}id"): node
        for node in root.iterfind(f"{_W}{kind}")
        if node.get(f"{_W}type") not in ("separator", "continuationSeparator", "continuationNotice")
    }


def _flow(parent: Any) -> Iterable[Any]:
    """The paragraphs and tables directly under ``parent``, through content controls and insertions."""
    for node in parent:
        if node.tag in (f"{_W}p", f"{_W}tbl"):
            yield node
        elif node.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"):
            yield from _flow(node)
        elif node.tag == f"{_MC}AlternateContent":
            choice = first_choice(node)
            if choice is not None:
                yield from _flow(choice)


def _rows(table: Any) -> Iterable[Any]:
    for node in table:
        if node.tag == f"{_W}tr":
            properties = node.find(f"{_W}trPr")
            if properties is None or properties.find(f"{_W}del") is None:
                yield node
        elif node.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml"):
            yield from _rows(node)


def _cells(row: Any) -> Iterable[Any]:
    for node in row:
        if node.tag == f"{_W}tc":
            yield node
        elif node.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml"):
            yield from _cells(node)


def _merge_down(rows: list[list[Cell]]) -> None:
    """Give vertically merged cells their row span, in place; the cells they cover get a span of 0."""
    positions = [_columns(row) for row in rows]
    for number, row in enumerate(rows):
        for column, index in positions[number].items():
            cell = row[index]
            if cell.rowspan == 0:
                continue
            span = 1
            while number + span < len(rows):
                below = positions[number + span].get(column)
                if below is None or rows[number + span][below].rowspan:
                    break
                span += 1
            if span > 1:
                row[index] = Cell(cell.text, cell.colspan, span, cell.header)


def _columns(row: list[Cell]) -> dict[int, int]:
    columns: dict[int, int] = {}
    at = 0
    for index, cell in enumerate(row):
        columns[at] = index
        at += cell.colspan
    return columns


def _grid_span(properties: Any) -> int:
    node = properties.find(f"{_W}gridSpan") if properties is not None else None
    value = node.get(f"{_W}val", "1") if node is not None else "1"
    return max(1, int(value)) if value.isdigit() and len(value) < 5 else 1


def _grid_offset(properties: Any) -> int:
    node = properties.find(f"{_W}gridBefore") if properties is not None else None
    value = node.get(f"{_W}val", "0") if node is not None else "0"
    return int(value) if value.isdigit() and len(value) < 3 else 0
