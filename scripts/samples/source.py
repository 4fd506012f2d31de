"""The small markup in which the sample documents are written: ``key: value`` lines, an empty line, then blocks.

``# title``, ``## heading``, ``### lower heading``, ``- list item``, ``| table | row |`` and paragraphs, one to a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BlockKind = Literal["title", "heading", "subheading", "item", "table", "paragraph"]

MARK_ZH = "示例数据，仅用于演示，不可用于临床"
MARK_EN = "Sample data for demonstration only; not for clinical use"


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """One block of a sample document; ``rows`` is filled for tables only, the header row first."""

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One sample document: where it goes, how it is written, and what stands in it.

    ``mark`` is the line that every sample carries, in the document's language; it follows the title as a paragraph.
    """

    out: str
    format: str
    mark: str
    options: dict[str, str]
    blocks: tuple[SourceBlock, ...]

    @property
    def title(self) -> str:
        """The text of the title block."""
        return next(block.text for block in self.blocks if block.kind == "title")


_PREFIXES: tuple[tuple[str, BlockKind], ...] = (
    ("### ", "subheading"),
    ("## ", "heading"),
    ("# ", "title"),
    ("- ", "item"),
)


def read_source(path: Path) -> Source:
    """Parse one source file. Raises ValueError when the head lacks ``out`` or ``format``."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    options = dict(re.findall(r"^(\w+):\s*(.*)$", head, flags=re.MULTILINE))
    missing = {"out", "format"} - options.keys()
    if missing:
        raise ValueError(f"{path.name}: the head lacks {', '.join(sorted(missing))}")
    mark = MARK_EN if options.get("language") == "en" else MARK_ZH
    return Source(options.pop("out"), options.pop("format"), mark, options, tuple(_blocks(body, mark)))


def _blocks(body: str, mark: str) -> list[SourceBlock]:
    blocks: list[SourceBlock] = []
    rows: list[tuple[str, ...]] = []
    for line in [*body.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            continue
        if rows:
            blocks.append(SourceBlock("table", rows=tuple(rows)))
            rows = []
        if line.strip():
            blocks.append(_block(line.strip()))
            if blocks[-1].kind == "title":
                blocks.append(SourceBlock("paragraph", mark))
    return blocks


def _block(line: str) -> SourceBlock:
    for prefix, kind in _PREFIXES:
        if line.startswith(prefix):
            return SourceBlock(kind, line.removeprefix(prefix))
    return SourceBlock("paragraph", line)
