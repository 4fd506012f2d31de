"""Walks a tree of HTML elements and gives its blocks: headings, paragraphs, list items, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.loaders.clean_text import clean_inline, has_words, superscript
from ingest.loaders.grid import Cell, add_table
from ingest.loaders.text_builder import TextBuilder

BREAK = "\x1f"  # a line break that is meant, unlike those of the source
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SKIPPED = frozenset(
    "script style noscript template nav svg math iframe object embed audio video canvas map head button select input "
    "textarea datalist".split()
)
_BLOCKS = frozenset(
    "html body div p section article main header footer aside address blockquote center dl dt dd fieldset figure "
    "figcaption form legend details summary ul ol menu dir pre hr caption thead tbody tfoot tr td th".split()
)
_BOLD = frozenset({"b", "strong"})
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_LAYOUT_CONTENT = "h1 h2 h3 h4 h5 h6 table".split()
_LAYOUT_CELL = 1500  # a cell longer than this holds a text, not a value
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
Element = Any


class HtmlBlocks:
    """Adds the blocks of HTML elements to a builder.

    ``attribute marker`` on ``li`` (set by the SPL reader) is the bullet or number as printed.
    """

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._inline: list[tuple[str, bool]] = []
        self._marker = ""
        self._counts: dict[Element, int] = {}  # of every ordered list, the number of its next item

    def add(self, root: Element) -> None:
        """Add everything under ``root``."""
        self._walk(root, bold=False)
        self._flush()

    def _walk(self, node: Element, *, bold: bool) -> None:
        tag = _tag(node)
        if not tag or tag in _SKIPPED or _is_hidden(node):
            return
        level = _HEADINGS.get(tag) or _aria_level(node)
        if level:
            self._flush()
            self._builder.heading(inline_text(node), level=level)
        elif tag == "table":
            self._flush()
            self._table(node)
        elif tag == "br":
            self._inline.append((BREAK, bold))
        elif tag == "sup":
            self._inline.append((superscript(inline_text(node)), bold))
        elif tag == "img":
            self._inline.append((_description(node), bold))
        elif tag == "pre":
            self._flush()
            self._builder.paragraph("".join(node.itertext()))
        elif tag == "li":
            self._item(node, bold=bold)
        elif tag in _BLOCKS:
            self._flush()
            self._children(node, bold=bold or tag == "dt")
            self._flush()
        else:
            self._children(node, bold=bold or tag in _BOLD)

    def _children(self, node: Element, *, bold: bool) -> None:
        if node.text:
            self._inline.append((node.text, bold))
        for child in node:
            self._walk(child, bold=bold)
            if child.tail:
                self._inline.append((child.tail, bold))

    def _item(self, node: Element, *, bold: bool) -> None:
        self._flush()
        self._marker = node.get("marker") or self._list_marker(node)
        self._children(node, bold=bold)
        self._flush()
        self._marker = ""

    def _list_marker(self, item: Element) -> str:
        parent = item.getparent()
        if parent is None or _tag(parent) != "ol":
            return "•"
        value, start = item.get("value", ""), parent.get("start", "1")
        number = int(value) if _is_number(value) else self._counts.get(parent, int(start) if _is_number(start) else 1)
        self._counts[parent] = number + 1
        return f"{_numeral(number, parent.get('type', '1'))}."

    def _flush(self) -> None:
        if not self._inline:
            return
        pieces, self._inline = self._inline, []
        text = "".join(piece for piece, _ in pieces)
        bold = all(is_bold for piece, is_bold in pieces if piece.strip(" \t\r\n\xa0" + BREAK))
        lines = [line for line in map(clean_inline, text.split(BREAK)) if line]
        for line in lines:
            if self._marker and has_words(line):
                self._builder.list_item(line, marker=self._marker)
                self._marker = ""
            else:
                self._builder.paragraph(line, bold=bold)

    def _table(self, table: Element) -> None:
        if self._is_layout(table):
            self._children(table, bold=False)
            self._flush()
            return
        for caption in _children_tagged(table, "caption"):
            self._builder.paragraph(inline_text(caption), bold=True)
        rows: list[list[Cell]] = []
        notes: list[Element] = []
        for row, group in _table_rows(table):
            if group == "tfoot":
                notes.append(row)
                continue
            rows.append([_cell(cell, in_head=group == "thead") for cell in _children_tagged(row, "td", "th")])
        add_table(self._builder, rows)
        for row in notes:
            self._builder.paragraph(inline_text(row))

    def _is_layout(self, table: Element) -> bool:
        if any(next(table.iter(tag), None) is not None for tag in _LAYOUT_CONTENT[:-1]):
            return True
        if sum(1 for _ in table.iter("table")) > 1:
            return True
        longest = max((len("".join(cell.itertext())) for cell in table.iter("td")), default=0)
        return longest > _LAYOUT_CELL and sum(1 for _ in table.iter("tr")) <= 3


def inline_text(node: Element) -> str:
    """The text under ``node`` as one line; blocks and breaks in it are parted by a space."""
    parts: list[str] = []
    _collect(node, parts)
    return " ".join(line for line in map(clean_inline, "".join(parts).split(BREAK)) if line)


def _collect(node: Element, parts: list[str]) -> None:
    tag = _tag(node)
    if not tag or tag in _SKIPPED or _is_hidden(node):
        return
    block = tag in _BLOCKS or tag in ("br", "li", "table")
    if block:
        parts.append(BREAK)
    if tag == "li" and node.get("marker", "").strip("•"):
        parts.append(node.get("marker") + " ")
    if tag == "img":
        parts.append(_description(node))
    inner: list[str] = [node.text or ""]
    for child in node:
        _collect(child, inner)
        inner.append(child.tail or "")
    parts.append(superscript("".join(inner)) if tag == "sup" else "".join(inner))
    if block:
        parts.append(BREAK)


def _tag(node: Element) -> str:
    return node.tag.lower() if isinstance(node.tag, str) else ""


def _is_hidden(node: Element) -> bool:
    attributes = node.attrib
    if not attributes:
        return False
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))
    )


def _aria_level(node: Element) -> int:
    if node.get("role") != "heading":
        return 0
    level = node.get("aria-level", "2")
    return int(level) if level in set("123456") else 2


def _description(image: Element) -> str:
    """What a picture says of itself, when that is more than a name."""
    text = clean_inline(image.get("alt") or "")
    return f" {text} " if " " in text or re.search(r"[\u4e00-\u9fff]{3}", text) else " "


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def _numeral(number: int, kind: str) -> str:
    if kind in ("a", "A") and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    if kind in ("i", "I") and 1 <= number < 40:
        roman = ""
        for value, sign in _ROMAN:
            while number >= value:
                roman += sign
                number -= value
        return roman.upper() if kind == "I" else roman
    return str(number)


def _children_tagged(node: Element, *tags: str) -> Iterable[Element]:
    return (child for child in node if _tag(child) in tags and not _is_hidden(child))


def _table_rows(table: Element) -> Iterable[tuple[Element, str]]:
    """Every row with the name of its group (``thead``, ``tbody``, ``tfoot``)."""
    for child in table:
        tag = _tag(child)
        if _is_hidden(child):
            continue
        if tag == "tr":
            yield child, "tbody"
        elif tag in ("thead", "tbody", "tfoot"):
            for row in _children_tagged(child, "tr"):
                yield row, tag


def _cell(node: Element, *, in_head: bool) -> Cell:
    marked = in_head or _tag(node) == "th" or _is_bold(node)
    return Cell(inline_text(node), _span(node, "colspan"), _span(node, "rowspan"), marked)


def _span(node: Element, name: str) -> int:
    value = (node.get(name) or "1").strip()
    return max(1, int(value)) if _is_number(value) else 1


def _is_bold(cell: Element) -> bool:
    """Whether all text of a cell stands in bold type."""
    total = sum(len(text.strip()) for text in cell.itertext())
    bold = 0
    for tag in _BOLD:
        for node in cell.iter(tag):
            if not any(_tag(above) in _BOLD for above in node.iterancestors()):
                bold += sum(len(text.strip()) for text in node.itertext())
    return 0 < total <= bold
