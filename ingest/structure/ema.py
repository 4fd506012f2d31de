"""European product information: SmPC, annexes, labelling and package leaflets, also of several strengths in one file.

The template is that of the EMA's Quality Review of Documents group (QRD); UK leaflets follow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.contents import contents_marks
from ingest.structure.ema_template import (
    ADDRESSES,
    ANNEX,
    ENTRY,
    LEAFLET,
    PART,
    PARTICULARS,
    PIL_MAIN,
    PIL_SUB,
    SMPC,
    SMPC_GROUP,
    SMPC_SUB,
    is_product_heading,
    product_lines,
)
from ingest.structure.lines import Line, is_caption, is_contents_title
from ingest.structure.subheadings import LEAST_BODY, follows_mark, reads_as_heading, stands_alone
from kbchat.medical.sections import section_kind
from kbchat.types import SectionKind as K

_L_ANNEX, _L_PART, _L_PRODUCT, _L_MAIN, _L_POINT, _L_SUB = 10, 20, 30, 40, 50, 60
_KINETICS = (5, 2)
_SUBDIVIDED = ((4,), (5,))
_NESTING = ((4, 1), (4, 2))
_GROUPS = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC})
_LONGEST_SUB = 112


@dataclass(slots=True)
class _Reader:
    """Walks the lines once and remembers in which part of the file and under which number it is."""

    lines: Sequence[Line]
    entries: frozenset[int]
    marks: list[Mark] = field(default_factory=list)
    part: str = "smpc"
    number: tuple[int, ...] = ()
    main: int = 0
    in_addresses: bool = False
    template_level: int = 0

    def read(self) -> None:
        for line in self.lines:
            if line.index not in self.entries and not line.in_table and not is_contents_title(line.text):
                self._look_at(line)

    def _look_at(self, line: Line) -> None:
        text = line.text
        if LEAFLET.match(text):
            self._open_leaflet(line)
        elif ANNEX.match(text) and len(text) < 60:
            self._open(line, _L_ANNEX, "annex" if "III" not in text and " I" not in text else self.part)
            self.part = "annex" if re.search(r"II\b|2", text) and "III" not in text else self.part
        elif PARTICULARS.match(text):
            self._open(line, _L_PART, "labelling")
            self._name(self._product_below(line))
        elif PART.match(text) and len(text) < 90:
            self._open(line, _L_PART, _part_of(text, self.part))
        elif self.part == "leaflet":
            self._leaflet_line(line)
        else:
            self._numbered_line(line)

    def _open(self, line: Line, level: int, part: str) -> None:
        self.part, self.number, self.main, self.in_addresses = part, (), 0, False
        self.marks.append(mark_at(line, level, K.OTHER, own_kind=True))

    def _open_leaflet(self, line: Line) -> None:
        self._open(line, _L_PART + 1, "leaflet")
        names = product_lines(self.lines[line.index + 1 : line.index + 8])
        self._name(" / ".join(names))

    def _name(self, product: str) -> None:
        if product:
            self.marks[-1] = replace(self.marks[-1], subject=product)

    def _product_below(self, line: Line) -> str:
        for below in self.lines[line.index + 1 : line.index + 14]:
            if is_product_heading(below.text):
                return " / ".join(product_lines(self.lines[below.index + 1 : below.index + 8]))
        return ""

    def _numbered_line(self, line: Line) -> None:
        text = line.text
        if is_product_heading(text) and self.part != "labelling":
            names = product_lines(self.lines[line.index + 1 : line.index + 10])
            self.part = "smpc"
            self.number = (1,)
            self.marks.append(
                Mark(line.page, line.start, line.start, "", _L_PRODUCT, K.OTHER, " / ".join(names), own_kind=True)
            )
            self.marks.append(Mark(line.page, line.start, line.end, text, _L_MAIN, K.OTHER, own_kind=True))
            return
        match = SMPC.match(text)
        if match and self._continues(match):
            self.number = tuple(int(part) for part in match.group("number").split("."))
            level = _L_MAIN if len(self.number) == 1 else _L_POINT
            kind = section_kind(match.group("title"))
            self.marks.append(mark_at(line, level, kind or K.OTHER, own_kind=True))
        elif self.number[:1] in _SUBDIVIDED and len(text) < _LONGEST_SUB:
            self._subheading(line)

    def _subheading(self, line: Line) -> None:
        """A heading without a number inside a numbered section: of the template, of the loader's, or by its place."""
        text = line.text.rstrip(": ")
        clinical = self.number[0] == 4
        worded = SMPC_GROUP.fullmatch(text) or SMPC_SUB.match(text)
        if worded and (clinical or self._stands_alone(line, 0)):
            self.marks.append(mark_at(line, self._template_depth(text), section_kind(text)))
        elif (line.is_heading and self._is_subheading(line)) or self._stands_alone(line, LEAST_BODY):
            self.marks.append(mark_at(line, _L_SUB, section_kind(text)))

    def _stands_alone(self, line: Line, least_below: int) -> bool:
        after = follows_mark(line, self.lines, self.marks)
        return stands_alone(line, self.lines, after_heading=after, least_below=least_below)

    def _template_depth(self, text: str) -> int:
        """Where a subheading of the template stands: patients below their group in 4.1 and 4.2, beside the others in 5.2."""
        if SMPC_GROUP.fullmatch(text) or self.number == _KINETICS:
            return _L_SUB - 2
        return _L_SUB - 1 if self.number in _NESTING and section_kind(text) in _GROUPS else _L_SUB

    def _continues(self, match: re.Match[str]) -> bool:
        """Whether the number goes on from the last one, so that no sentence that begins with a number gets in."""
        number = tuple(int(part) for part in match.group("number").split("."))
        title = match.group("title")
        if title.endswith((".", ";", ",")) and not title.isupper():
            return False
        if len(number) == 1:
            top = self.number[0] if self.number else 0
            return (0 < number[0] - top <= 2 or (number[0] == 1 and not self.number)) and (
                title.isupper() or title[:12].isupper()
            )
        if not self.number or len(title) > 110:
            return False
        if number[0] == self.number[0]:
            step = number[1] - (self.number[1] if len(self.number) > 1 else 0)
            return 0 < step <= 3 or (step > 0 and section_kind(title) not in (None, K.OTHER))
        return number[0] == self.number[0] + 1 and number[1] <= 2

    def _leaflet_line(self, line: Line) -> None:
        text = line.text
        if len(text) > 130:
            return
        number = int(text[0]) if re.match(r"[1-9]\.?\s", text) else 0
        worded = PIL_MAIN.fullmatch(text) is not None
        if (worded and not number and line.is_heading) or (
            number == self.main + 1 and (worded or (self.main and line.is_heading))
        ):
            self.main, self.in_addresses = number or self.main, False
            self.marks.append(mark_at(line, _L_MAIN, section_kind(text), own_kind=True))
        elif (
            self.main
            and PIL_SUB.match(text.rstrip(":"))
            and not text.endswith((".", ",", ";"))
            and _starts_block(line, self.lines)
        ):
            self.marks.append(mark_at(line, _L_SUB, section_kind(text)))
            self.in_addresses = self.in_addresses or bool(ADDRESSES.match(text))
            self.template_level = line.block.level or self.template_level
        elif self.main and line.is_heading and not self.in_addresses and self._is_subheading(line):
            self.marks.append(mark_at(line, _L_SUB + self._below_template(line), section_kind(text)))

    def _below_template(self, line: Line) -> int:
        """How much deeper than the template's last subheading the loader put this one."""
        return max(line.block.level - self.template_level, 0) if self.template_level and line.block.level else 0

    def _is_subheading(self, line: Line) -> bool:
        """Whether a heading the loader saw stands over text of its own."""
        if not line.text[0].isupper() or len(line.text) >= _LONGEST_SUB or is_caption(line.text):
            return False
        if self.part == "smpc" and not reads_as_heading(replace(line, text=line.text.rstrip(":"))):
            return False
        if line.index and is_caption(self.lines[line.index - 1].text):
            return False  # the header of a table
        following = self.lines[line.index + 1 : line.index + 2]
        return bool(following) and (not following[0].is_heading or following[0].block.level > line.block.level > 0)


def _starts_block(line: Line, lines: Sequence[Line]) -> bool:
    """Whether the line above ended its sentence, so that this one is no rest of it."""
    above = lines[line.index - 1].text if line.index else ""
    return not above or not above[-1].islower() or len(above) < 70 or line.is_heading


def _part_of(text: str, part: str) -> str:
    if text.endswith("SUMMARY OF PRODUCT CHARACTERISTICS"):
        return "smpc"
    if re.fullmatch(r"(?:A\.\s+)?LABELLING", text):
        return "labelling"
    if re.fullmatch(r"(?:B\.\s+)?PACKAGE LEAFLET", text):
        return "before leaflet"
    return "annex" if part in ("smpc", "annex") and text[:2] in ("A.", "B.", "C.", "D.") else part


def ema_marks(lines: Sequence[Line]) -> list[Mark]:
    """The headings of European product information."""
    entries = _leaflet_contents(lines)
    start = "leaflet" if _begins_as_leaflet(lines) else "smpc"
    reader = _Reader(lines, entries, part=start)
    reader.read()
    return reader.marks + contents_marks(lines, entries, _L_MAIN)


def _leaflet_contents(lines: Sequence[Line]) -> frozenset[int]:
    """The entries of the tables of contents: dotted ones, and the numbered list below ``What is in this leaflet``."""
    found = {line.index for line in lines if line.has_leader}
    for line in lines:
        if not is_contents_title(line.text):
            continue
        last = 0
        seen: set[str] = set()
        for below in lines[line.index + 1 : line.index + 12]:
            match = ENTRY.match(below.text)
            number = int(match.group()) if match else last + 1
            words = below.text.lstrip("123456789. ").lower()
            worded = match or last == 0 or PIL_MAIN.fullmatch(below.text)
            if number <= last or words in seen or len(below.text) > 130 or not worded:
                break
            seen.add(words)
            last = number
            found.add(below.index)
    return frozenset(found)


def _begins_as_leaflet(lines: Sequence[Line]) -> bool:
    for line in lines:
        if LEAFLET.match(line.text):
            return True
        if is_product_heading(line.text) or line.text == "SUMMARY OF PRODUCT CHARACTERISTICS":
            return False
    return not any(re.match(r"4\.[1-9]\.?\s", line.text) for line in lines)
