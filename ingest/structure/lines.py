"""The lines of a document: what every tradition looks at to find headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.types import Block, BlockKind, Page

_LINE = re.compile(r"[^\n]+")
_PLAIN = Block(BlockKind.PARAGRAPH, 0, 0)
_CAPTION = re.compile(
    r"(?:(?:附|续)?[表图圖]\s*[\d一二三四五六七八九十０-９]|(?:table|figure|fig\.)\s*[\dIVX]|(?:表"
    r"|图)[A-Z]?\d)",
    re.IGNORECASE,
)
_LONGEST_CAPTION = 120
_LEADER_END = 60
_LEADER_LINE = re.compile(r"(?:[.．…·‥_]\s?){3,}\s*(?:[0-9]{1,4}|[ivxlc]{1,6})?\s*$")
_CONTENTS_TITLE = re.compile(
    r"(?:目\s*[录錄次]|(?:table of )?contents|what is in this leaflet|in this leaflet|"
    r"full prescribing information:? contents\*?)\s*[:：]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, trimmed: ``pages[page].text[start:end]``, with what the loader says about its block.

    ``index`` counts through the document, ``page`` is the position of the page in the document (not its number).
    """

    index: int
    page: int
    start: int
    end: int
    text: str
    block: Block

    @property
    def is_heading(self) -> bool:
        """Whether the loader takes it for a heading."""
        return self.block.kind is BlockKind.HEADING

    @property
    def in_table(self) -> bool:
        """Whether it is a row of a table."""
        return (
            self.block.table > 0
            or self.text[0] == "|"
            or self.block.kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW)
        )

    @property
    def has_leader(self) -> bool:
        """Whether it ends in dots and a page number, as entries of a table of contents do."""
        return bool(_LEADER_LINE.search(self.text[-_LEADER_END:]))


def document_lines(pages: Sequence[Page]) -> list[Line]:
    """All lines that hold text, in reading order."""
    lines: list[Line] = []
    for position, page in enumerate(pages):
        blocks = page.blocks
        current = 0
        for match in _LINE.finditer(page.text):
            raw = match.group()
            text = raw.strip()
            if not text:
                continue
            start = match.start() + len(raw) - len(raw.lstrip())
            while current < len(blocks) and blocks[current].end <= start:
                current += 1
            block = blocks[current] if current < len(blocks) and blocks[current].start <= start else _PLAIN
            lines.append(Line(len(lines), position, start, start + len(text), text, block))
    return lines


def is_caption(text: str) -> bool:
    """Whether a line is the caption of a table or a figure."""
    return len(text) <= _LONGEST_CAPTION and bool(_CAPTION.match(text))


def is_contents_title(heading: str) -> bool:
    """Whether a heading stands over a table of contents."""
    return bool(_CONTENTS_TITLE.fullmatch(heading.strip().strip("#*【】 ")))
