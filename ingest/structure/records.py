"""Files of records and of questions with answers: every record names its subject and its section."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.lines import Line
from kbchat.medical.sections import section_kind
from kbchat.types import SectionKind


def record_marks(lines: Sequence[Line]) -> list[Mark]:
    """A heading of level 1 names the subject of what follows, one of level 2 the section."""
    marks: list[Mark] = []
    for line in lines:
        if not line.is_heading:
            continue
        if line.block.level <= 1:
            marks.append(mark_at(line, 1, SectionKind.OTHER, subject=line.text, own_kind=True))
        else:
            marks.append(mark_at(line, line.block.level, section_kind(line.text) or SectionKind.OTHER, own_kind=True))
    return marks
