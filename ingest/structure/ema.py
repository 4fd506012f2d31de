"""European product information: SmPC, annexes, labelling and package leaflets, also of several strengths in one file.

The template is that of the EMA's Quality Review of Documents group (QRD); UK leaflets follow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.contents import contents_marks
from ingest.structure.lines import Line, is_caption, is_contents_title
from kbchat.medical.sections import section_kind
from kbchat.types import SectionKind as K

_ANNEX = re.compile(r"ANNEX\s+(?:I{1,3}|IV|[1-4])\b\.?")
_PART = re.compile(
    r"(?:[A-D]\.\s+)?(?:SUMMARY OF PRODUCT CHARACTERISTICS|LABELLING|PACKAGE LEAFLET"
    r"|LABELLING AND PACKAGE LEAFLET)$|[A-D]\.\s+[A-Z][A-Z ,]{12,}"
)
_PARTICULARS = re.compile(r"(?:MINIMUM )?PARTICULARS TO APPEAR ON")
_LEAFLET = re.compile(
    r"(?:Package|Patient information) leaflet\s*[:：\-–]?\s*Information for (?:the )?(?:user|patient)s?", re.IGNORECASE
)
_PRODUCT = re.compile(r"1\.?\s+NAME OF THE (?:VETERINARY )?MEDICINAL PRODUCT", re.IGNORECASE)
_SECOND = re.compile(r"2\.?\s+(?:QUALITATIVE AND|STATEMENT OF ACTIVE)", re.IGNORECASE)
_SMPC = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2})?)\.?\s+(?P<title>[A-Z][^\n]{3,130})$")
_PIL_MAIN = re.compile(
    r"(?:[1-7]\.?\s+)?(?:What .{1,90}? (?:is|are) and what (?:it is|they are) used for|What .{1,60}? (?:is"
    r"|are) for|(?:What you need to know )?before (?:you|your child|.{1,40})"
    r" (?:take|takes|use|uses|is given|are given|receive|receives|have)\b.{0,70}|How (?:to (?:take|use|give"
    r"|inject|store)|.{1,60} (?:is|are|will be) given|you are given|should).{0,80}"
    r"|Possible side.effects|Contents of the pack and other information|Further information|Other information"
    r"|Instructions for use.{0,80}"
    r"|How to (?:inject|prepare).{0,80}|What you need to know .{1,90})\.?$",
    re.IGNORECASE,
)
_PIL_SUB = re.compile(
    r"(?:Do not (?:take|use|give)\b.{0,60}|(?:You|.{1,30}) (?:should|must) not (?:take|use|be given)\b.{0,40}"
    r"|Warnings and precautions|Take special care.{0,50}"
    r"|Talk to your .{0,60}before .{0,60}[:：]|Children(?: and adolescents)?(?: .{0,30})?"
    r"|Use in children.{0,40}|Elderly(?: .{0,20})?|Older people"
    r"|(?:Taking |Using )?Other medicines (?:and|with) .{1,60}|(?:Taking|Using) other medicines"
    r"|.{1,50} with (?:food|alcohol|drink|food and drink|food, drink and alcohol).{0,30}"
    r"|Pregnancy.{0,50}|Breast-?feeding.{0,30}|Fertility|Driving(?: and using machines)?"
    r"|Important information about .{0,70}|.{1,60} contains? .{3,60}"
    r"|(?:Use|Dose|Dosage) (?:in|for) .{0,50}|Adults.{0,50}|Method of administration|How much to .{1,30}"
    r"|When to .{1,30}|Kidney problems?|Liver problems?"
    r"|(?:Patients|People|Adults|Children) with .{1,60}|If you (?:have )?(?:take|taken|use|used|are given"
    r"|have been given|inject|injected|forget|stop|miss|think).{0,90}|Reporting of side.effects"
    r"|(?:Serious|Other|Common|Very common|Uncommon|Rare|Very rare|Not known|Additional) side.effects.{0,60}"
    r"|What .{1,60} (?:contains?|looks? like).{0,60}|What .{1,50} (?:is|are) used for"
    r"|Marketing Authori[sz]ation Holder.{0,40}|Manufacturer.{0,20}|This leaflet was last (?:revised|approved"
    r"|updated).{0,60}|Blood and urine tests|Tests.{0,20}|How long .{0,60}|What you should.{0,50})$"
)
_SMPC_SUB = re.compile(
    r"(?:Posology|Method of administration|Special populations?|P(?:a)?ediatric (?:population|patients|use)"
    r"|Elderly(?: patients| population)?|Older (?:people|patients|adults)"
    r"|Renal (?:impairment|insufficiency)|Hepatic (?:impairment|insufficiency)|(?:Renal"
    r"|Hepatic) and(?:/or)? (?:hepatic|renal) impairment|Impaired (?:renal|hepatic) function|Pregnancy"
    r"|Breast-?feeding|Lactation|Fertility"
    r"|Women of childbearing potential.{0,60}|Contraception.{0,50}|Patients with (?:renal|hepatic) .{3,40}"
    r"|Missed doses?|Interactions? .{0,50}|Tabulated .{0,50})$",
    re.IGNORECASE,
)
_SMPC_GROUP = re.compile(r"(?:Posology|Method of administration|Special populations?)\b", re.IGNORECASE)
_READ_ALL = re.compile(
    r"Read all of this|This medicine is subject|▼|What is in this leaflet|Keep this leaflet", re.IGNORECASE
)
_LABEL_PLACES = re.compile(
    r"OUTER CARTON|BLISTER|LABEL|VIAL|SYRINGE|PEN|BOTTLE|CARTON|TRAY|BACKING|IMMEDIATE|INNER|OUTER"
)
_ADDRESSES = re.compile(r"Marketing Authori[sz]ation Holder|Manufacturer", re.IGNORECASE)
_ENTRY = re.compile(r"[1-9](?=[.\s])")
_L_ANNEX, _L_PART, _L_PRODUCT, _L_MAIN, _L_POINT, _L_SUB = 10, 20, 30, 40, 50, 60


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
        if _LEAFLET.match(text):
            self._open_leaflet(line)
        elif _ANNEX.match(text) and len(text) < 60:
            self._open(line, _L_ANNEX, "annex" if "III" not in text and " I" not in text else self.part)
            self.part = "annex" if re.search(r"II\b|2", text) and "III" not in text else self.part
        elif _PARTICULARS.match(text):
            self._open(line, _L_PART, "labelling")
            self._name(self._product_below(line))
        elif _PART.match(text) and len(text) < 90:
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
            if _PRODUCT.match(below.text):
                return " / ".join(product_lines(self.lines[below.index + 1 : below.index + 8]))
        return ""

    def _numbered_line(self, line: Line) -> None:
        text = line.text
        if _PRODUCT.match(text) and self.part != "labelling":
            names = product_lines(self.lines[line.index + 1 : line.index + 10])
            self.part = "smpc"
            self.number = (1,)
            self.marks.append(
                Mark(line.page, line.start, line.start, "", _L_PRODUCT, K.OTHER, " / ".join(names), own_kind=True)
            )
            self.marks.append(Mark(line.page, line.start, line.end, text, _L_MAIN, K.OTHER, own_kind=True))
            return
        match = _SMPC.match(text)
        if match and self._continues(match):
            self.number = tuple(int(part) for part in match.group("number").split("."))
            level = _L_MAIN if len(self.number) == 1 else _L_POINT
            kind = section_kind(match.group("title"))
            self.marks.append(mark_at(line, level, kind or K.OTHER, own_kind=True))
        elif (
            self.number[:1] == (4,)
            and len(text) < 90
            and (_SMPC_SUB.match(text) or (line.is_heading and self._is_subheading(line)))
        ):
            level = _L_SUB - 2 if _SMPC_GROUP.match(text) else _L_SUB
            self.marks.append(mark_at(line, level, section_kind(text)))

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
        worded = _PIL_MAIN.fullmatch(text) is not None
        if (worded and not number and line.is_heading) or (
            number == self.main + 1 and (worded or (self.main and line.is_heading))
        ):
            self.main, self.in_addresses = number or self.main, False
            self.marks.append(mark_at(line, _L_MAIN, section_kind(text), own_kind=True))
        elif (
            self.main
            and _PIL_SUB.match(text.rstrip(":"))
            and not text.endswith((".", ",", ";"))
            and _starts_block(line, self.lines)
        ):
            self.marks.append(mark_at(line, _L_SUB, section_kind(text)))
            self.in_addresses = self.in_addresses or bool(_ADDRESSES.match(text))
            self.template_level = line.block.level or self.template_level
        elif self.main and line.is_heading and not self.in_addresses and self._is_subheading(line):
            self.marks.append(mark_at(line, _L_SUB + self._below_template(line), section_kind(text)))

    def _below_template(self, line: Line) -> int:
        """How much deeper than the template's last subheading the loader put this one."""
        return max(line.block.level - self.template_level, 0) if self.template_level and line.block.level else 0

    def _is_subheading(self, line: Line) -> bool:
        """Whether a heading the loader saw stands over text of its own."""
        if not line.text[0].isupper() or len(line.text) >= 100 or is_caption(line.text):
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


def product_lines(below: Sequence[Line]) -> list[str]:
    """The product names under a heading: lines that carry a strength or dosage form, else the first line."""
    names: list[str] = []
    for line in below:
        text = line.text.strip(" .")
        if (
            _SECOND.match(line.text)
            or _READ_ALL.match(text)
            or (names and re.match(r"\d\.?\s", line.text) and not _STRENGTH.search(text))
        ):
            break
        if _LABEL_PLACES.fullmatch(text) or len(text) > 160 or len(text) < 3:
            continue
        names.append(text)
    strong = [name for name in names if _STRENGTH.search(name)]
    return list(dict.fromkeys(strong or names[:1]))


_STRENGTH = re.compile(
    r"\d\s*(?:mg|g|micrograms?|mcg|µg|μg|ml|%|IU|units?|mmol)\b|tablets?|capsules?|solution|suspension"
    r"|injection|cream|powder|syrup",
    re.IGNORECASE,
)


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
            match = _ENTRY.match(below.text)
            number = int(match.group()) if match else last + 1
            words = below.text.lstrip("123456789. ").lower()
            worded = match or last == 0 or _PIL_MAIN.fullmatch(below.text)
            if number <= last or words in seen or len(below.text) > 130 or not worded:
                break
            seen.add(words)
            last = number
            found.add(below.index)
    return frozenset(found)


def _begins_as_leaflet(lines: Sequence[Line]) -> bool:
    for line in lines:
        if _LEAFLET.match(line.text):
            return True
        if _PRODUCT.match(line.text) or line.text == "SUMMARY OF PRODUCT CHARACTERISTICS":
            return False
    return not any(re.match(r"4\.[1-9]\.?\s", line.text) for line in lines)
