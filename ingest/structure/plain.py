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
_ABBREVIATED = re.compile(r"\([A-Za-z0-9/+\-]{2,10}\)$")
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
    series = False  # under a heading that is directly followed by the first of several named items
    for position, line in enumerate(lines):
        text = line.text
        if (line.page, line.start) in taken or text == title or line.in_table or line.block.kind is BlockKind.LIST_ITEM:
            continue
        if _CAPITALS.fullmatch(text):
            found.append(mark_at(line, 1, section_kind(text)))
        elif _TITLE_LIKE.fullmatch(text) and _stands_alone(lines, position):
            kind = section_kind(text)
            if series and _is_named_item(text):
                found.append(mark_at(line, 3, kind))
            elif not text.endswith(":") or (kind not in (None, SectionKind.OTHER) and text.count(" ") < 4):
                found.append(mark_at(line, 2, kind))
                series = position + 1 < len(lines) and _is_named_item(lines[position + 1].text)
        elif len(text) <= 16 and text[0] > "\u4e00" and section_kind(text) and _stands_alone(lines, position):
            found.append(mark_at(line, 2, section_kind(text)))
    return found


def _is_named_item(text: str) -> bool:
    """Whether a line is a name with its abbreviation and nothing else, such as ``Nevirapine (NVP)``."""
    return bool(_ABBREVIATED.search(text)) and text.count(" ") <= 2


def _stands_alone(lines: Sequence[Line], position: int) -> bool:
    """Whether the line follows a finished sentence and stands before text that is not of its kind."""
    line = lines[position]
    stacked = position + 2 < len(lines) and _TITLE_LIKE.fullmatch(lines[position + 1].text)
    if line.text.endswith(_TERMINAL) or position + 1 >= len(lines):
        return False
    below = lines[position + 1].text
    above = lines[position - 1].text if position else ""
    finished = not above or above.endswith((".", "。", ":", "：", "!", "?", ")", "|")) or len(above) < 50
    finished = finished or bool(_BULLET.match(above))
    rest = lines[position + 2].text if stacked else below
    return finished and (len(below) > len(line.text) or bool(_BULLET.match(below)) or bool(_BULLET.match(rest)))
