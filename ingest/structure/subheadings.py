"""Subheadings without a number, as English texts about drugs print them: short lines between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.assembly import Mark
from ingest.structure.lines import Line, is_caption
from kbchat.types import BlockKind

_ORGAN_CLASS = re.compile(
    r"(?:infections and infestations|neoplasms.*|blood and lymphatic system|immune system|endocrine|metabolism and nutrition"
    r"|psychiatric|nervous system|eye|ear and labyrinth|cardiac|vascular|respiratory, thoracic.*|gastrointestinal"
    r"|hepato-?biliary|skin and subcutaneous.*|musculoskeletal.*|renal and urinary|pregnancy, puerperium.*"
    r"|reproductive system.*|congenital.*|general disorders.*|investigations|injury, poisoning.*|surgical and medical.*"
    r"|social circumstances|product issues)(?: system)?(?: disorders?| procedures)?",
    re.IGNORECASE,
)
"""System organ classes of MedDRA, under which section 4.8 lists a line or two each: rows of a list, not sections."""
_LONGEST, _MOST_WORDS, LEAST_BODY = 110, 16, 30
_PATIENTS = re.compile(
    r"^(?:adults?|children|elderly|older|p(?:a)?ediatric|patients|renal|hepatic|kidney|liver|impaired|pregnan|wom[ea]n)\b",
    re.IGNORECASE,
)


def reads_as_heading(line: Line) -> bool:
    """Whether a line without a number is worded like a subheading: short, no sentence, no label before a list."""
    text = line.text.rstrip(": ")
    if line.in_table or line.block.kind is BlockKind.LIST_ITEM or is_caption(text) or _ORGAN_CLASS.fullmatch(text):
        return False
    if not text or len(text) > _LONGEST or len(text.split()) > _MOST_WORDS or text.isupper():
        return False  # capitals: the axis of a chart
    whole = text[0].isupper() and (text[-1].isalnum() or text[-1] == ")") and not re.search(r"[=|:;]|\.\s", text)
    return whole and (not line.text.endswith(":") or bool(_PATIENTS.search(text)))


def stands_alone(line: Line, lines: Sequence[Line], *, after_heading: bool, least_below: int = LEAST_BODY) -> bool:
    """Whether a line worded like a subheading stands between a finished paragraph (or heading) and one that begins anew."""
    if not reads_as_heading(line) or line.index + 1 >= len(lines):
        return False
    above = lines[line.index - 1] if line.index else None
    below = lines[line.index + 1]
    if above is not None:
        finished = after_heading or above.is_heading or above.in_table or above.text.endswith((".", ".)", ":"))
        if is_caption(above.text) or not finished:
            return False
    begins = below.text[0].isupper() or not below.text[0].isalnum() or below.in_table
    return begins and (len(below.text) >= least_below or below.in_table) and not is_caption(below.text)


def follows_mark(line: Line, lines: Sequence[Line], marks: Sequence[Mark]) -> bool:
    """Whether the line above is the last heading found."""
    above = lines[line.index - 1] if line.index else line
    return bool(marks) and (marks[-1].page, marks[-1].start) == (above.page, above.start)
