"""Documents without a template: the loader's headings and numbering, else what looks like a heading in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.lines import Line
from ingest.structure.outline import outline_marks
from kbchat.medical.sections import section_kind
from kbchat.types import BlockKind, SectionKind

_CAPITALS = re.compile(r"(?=(?:[^A-Z]*[A-Z]){4})[A-Z0-9][A-Z0-9 ,/&()'’\-–:.]{3,90}")
_TITLE_LIKE = re.compile(r"[A-Z][A-Za-z0-9 ,/&()'’\-–]{2,70}:?")
_BULLET = re.compile(r"[•·・\-–*]")
_TERMINAL = (".", "。", ";", "；", ",", "，", "!", "?")
_ENOUGH = 3


def plain_marks(lines: Sequence[Line], title: str = "") -> list[Mark]:
    """The headings of a document of no known tradition."""
    marks = outline_marks(lines, title)
    if len(marks) >= _ENOUGH:
        return marks
    return marks + _from_typography({(mark.page, mark.start) for mark in marks}, lines, title)


def _from_typography(taken: set[tuple[int, int]], lines: Sequence[Line], title: str) -> list[Mark]:
    """Lines in capitals, and short lines with capital first letter between paragraphs."""
    found: list[Mark] = []
    for position, line in enumerate(lines):
        text = line.text
        if (line.page, line.start) in taken or text == title or line.in_table or line.block.kind is BlockKind.LIST_ITEM:
            continue
        if _CAPITALS.fullmatch(text):
            found.append(mark_at(line, 1, section_kind(text)))
        elif _TITLE_LIKE.fullmatch(text) and _stands_alone(lines, position):
            kind = section_kind(text)
            if not text.endswith(":") or (kind not in (None, SectionKind.OTHER) and text.count(" ") < 4):
                found.append(mark_at(line, 2, kind))
        elif len(text) <= 16 and text[0] > "\u4e00" and section_kind(text) and _stands_alone(lines, position):
            found.append(mark_at(line, 2, section_kind(text)))
    return found


def _stands_alone(lines: Sequence[Line], position: int) -> bool:
    """Whether the line follows a finished sentence and stands before text that is not of its kind."""
    line = lines[position]
    if line.text.endswith(_TERMINAL) or position + 1 >= len(lines):
        return False
    below = lines[position + 1].text
    above = lines[position - 1].text if position else ""
    finished = not above or above.endswith((".", "。", ":", "：", "!", "?", ")", "|")) or len(above) < 50
    return finished and (len(below) > len(line.text) or bool(_BULLET.match(below)))
