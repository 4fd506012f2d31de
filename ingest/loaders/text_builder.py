"""Builds the text of pages together with its blocks, so that every offset is exact by construction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.loaders.clean_text import clean_inline, clean_lines, has_words
from kbchat.types import Block, BlockKind, Page

_CELL_SEPARATOR = " | "
_SPACES = re.compile(" {2,}")


class TextBuilder:
    """Takes headings, paragraphs, list items and tables in reading order and gives pages.

    Blocks are cleaned, empty ones dropped, and parted by one newline. Tables are numbered through the document.
    """

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._tables = 0
        self._number = 0
        self._table_columns = 0
        self._start()

    def heading(self, text: str, level: int = 0, code: str = "", size: float = 0.0, *, bold: bool = False) -> None:
        """A heading of depth ``level`` (1 is the highest; 0 unknown); line breaks in it become spaces."""
        self._add(BlockKind.HEADING, clean_inline(text), level=level, code=code, size=size, bold=bold)

    def paragraph(self, text: str, size: float = 0.0, *, bold: bool = False) -> None:
        """A paragraph; a line break in ``text`` begins a new one."""
        for line in clean_lines(text).split("\n"):
            self._add(BlockKind.PARAGRAPH, line, size=size, bold=bold)

    def list_item(self, text: str, marker: str = "") -> None:
        """A list item, with its number or bullet before the text; further lines of it become paragraphs."""
        first, *rest = clean_lines(text).split("\n")
        if has_words(first):
            self._add(BlockKind.LIST_ITEM, f"{marker} {first}" if marker else first)
        for line in rest:
            self._add(BlockKind.PARAGRAPH, line)

    def table(self, rows: Sequence[Sequence[str]], *, header: Sequence[str] | None = None) -> None:
        """A table; cells are joined by `` | ``.

        A table without header that directly follows a table of as many columns continues it (it was cut by a page
        break or a typist).
        """
        columns = max((len(row) for row in (*rows, header or ())), default=0)
        continues = header is None and self._table_columns == columns and self._ends_in_table()
        if not continues:
            self._tables += 1
        if header is not None:
            self._add(BlockKind.TABLE_HEADER, join_cells(header), table=self._tables)
        for row in rows:
            self._add(BlockKind.TABLE_ROW, join_cells(row), table=self._tables)
        self._table_columns = columns

    def end_page(self, width: float = 0.0, height: float = 0.0) -> None:
        """Close the page being built (it may be empty) and begin the next."""
        self._number += 1
        text = "\n".join(self._parts)
        self._pages.append(Page(self._number, text, width=width, height=height, blocks=tuple(self._blocks)))
        self._start()

    def pages(self) -> tuple[Page, ...]:
        """Every page; text added since the last :meth:`end_page` is a page too."""
        if self._parts or not self._pages:
            self.end_page()
        return tuple(self._pages)

    def _start(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._position = 0

    def _ends_in_table(self) -> bool:
        return bool(self._blocks) and self._blocks[-1].table == self._tables > 0

    def _add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        table: int = 0,
        code: str = "",
        size: float = 0.0,
        bold: bool = False,
    ) -> None:
        if not text or (kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW) and not has_words(text)):
            return
        start = self._position
        self._parts.append(text)
        self._position = start + len(text) + 1
        self._blocks.append(Block(kind, start, start + len(text), level, table, code, size, bold))


def join_cells(cells: Iterable[str]) -> str:
    """One table row as text: cells on one line, joined by `` | ``, empty ones at the end left out."""
    texts = [clean_inline(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return _SPACES.sub(" ", _CELL_SEPARATOR.join(texts)).strip()
