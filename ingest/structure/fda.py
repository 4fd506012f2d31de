"""FDA labels: SPL documents (sections carry LOINC codes), prescribing information as text, and Drug Facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.contents import contents_lines, contents_marks
from ingest.structure.lines import Line, is_contents_title
from ingest.structure.subheadings import follows_mark, stands_alone
from kbchat.medical.sections import SPL_KINDS, section_kind
from kbchat.types import SectionKind as K

_GROUPS = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC})
_MAIN = re.compile(r"(?P<number>\d{1,2})\.?\s+(?P<title>[A-Z][A-Z ,/&()\-:]{5,90})$")
_POINT = re.compile(r"(?P<number>\d{1,2}\.\d{1,2})\.?\s+(?P<title>[A-Z][^\n]{2,110})$")
_CAPITALS = re.compile(r"[A-Z][A-Z ,/&()\-:]{4,70}$")
_DRUG_FACTS = re.compile(
    r"(?:Active ingredients?\b.{0,60}|Purposes?|Uses?|Warnings?|Do not use\b.{0,40}|Ask a doctor\b.{0,60}"
    r"|When using this product|Stop use\b.{0,40}|If pregnant or breast-?feeding.{0,30}"
    r"|Keep out of reach of children|Directions|Other information|Inactive ingredients"
    r"|Questions(?: or comments)?\??)\s*:?$"
)
_PATIENT_CODES = frozenset({"42231-1", "42230-3", "68498-5", "34076-0", "59845-8"})
_QUESTION = re.compile(
    r"(?P<title>(?:What|Who|How|When)\b[^.?]{4,110}\?"
    r"|(?:Do not (?:take|use)|Before (?:taking|using|you take|you use))\b[^.?,:]{2,60}?(?=,| if\b|:))"
)
_WHAT_IS = re.compile(r"What is (?!the\b)[^?]{2,40}\?")
_PATIENTS = re.compile(r"(?:Adults?|P(?:a)?ediatric|Geriatric|Elderly|Children)\b[^.]{0,30}", re.IGNORECASE)
_QUESTION_LEVEL, _PATIENTS_LEVEL, _PLAIN_LEVEL = 8, 8, 9
_LAST_MAIN = 17  # the sections that 21 CFR 201.57 numbers; a label leaves out those that do not apply
_BOXED = re.compile(r"BOXED WARNING|WARNING: .{3,120}")
_PARTS = re.compile(
    r"HIGHLIGHTS OF PRESCRIBING INFORMATION|FULL PRESCRIBING INFORMATION(?!: CONTENTS)"
    r"|Medication Guide|MEDICATION GUIDE|PATIENT INFORMATION|Drug Facts"
)


def fda_marks(lines: Sequence[Line]) -> list[Mark]:
    """The headings of an FDA label."""
    if any(line.block.code for line in lines):
        return _coded_marks(lines)
    return _from_text(lines)


def _coded_marks(lines: Sequence[Line]) -> list[Mark]:
    """The headings of an SPL document, and the questions a text for patients is made of."""
    marks: list[Mark] = []
    for_patients = False
    for line in lines:
        if line.is_heading:
            marks.append(_coded(line))
            if line.block.code or line.block.level == 1:
                for_patients = line.block.code in _PATIENT_CODES
        elif for_patients and (match := _QUESTION.match(line.text)):
            title = match.group("title")
            end = line.start + match.end()
            kind = K.INDICATIONS if _WHAT_IS.fullmatch(title) else section_kind(title)
            marks.append(Mark(line.page, line.start, end, title, _QUESTION_LEVEL, kind))
        elif not for_patients and marks and stands_alone(line, lines, after_heading=follows_mark(line, lines, marks)):
            patients = _PATIENTS.fullmatch(line.text)
            marks.append(mark_at(line, _PATIENTS_LEVEL if patients else _PLAIN_LEVEL, section_kind(line.text)))
    return marks


def _coded(line: Line) -> Mark:
    """A heading of an SPL document: a patient group in its words, else its code, else its words decide."""
    said = section_kind(line.text)
    coded = SPL_KINDS.get(line.block.code)
    level = line.block.level or 9
    if said in _GROUPS and level > 1 and coded not in (K.PHARMACOLOGY, K.PREGNANCY):
        return mark_at(line, level, said)
    if coded is not None:
        return mark_at(
            line, level, coded if coded is not K.OTHER or level > 1 else K.OTHER, own_kind=coded is not K.OTHER
        )
    return mark_at(line, level, said)


def _from_text(lines: Sequence[Line]) -> list[Mark]:
    candidates = [line for line in lines if _MAIN.match(line.text) or _POINT.match(line.text)]
    entries = contents_lines(lines, candidates)
    marks: list[Mark] = []
    main, point = 0, 0
    facts = sum(bool(_DRUG_FACTS.match(line.text)) for line in lines) >= 4
    for line in lines:
        if line.index in entries or line.in_table or is_contents_title(line.text):
            continue
        text = line.text
        if match := _MAIN.match(text):
            step, kind = int(match.group("number")) - main, section_kind(match.group("title"))
            if 0 < step <= 3 or (0 < step <= _LAST_MAIN - main and kind not in (None, K.OTHER)):
                main, point = int(match.group("number")), 0
                marks.append(mark_at(line, 2, kind or K.OTHER, own_kind=True))
        elif match := _POINT.match(text):
            top, _, sub = match.group("number").partition(".")
            if int(top) == main and 0 < int(sub) - point <= 3 and not text.endswith((".", ",", ";")):
                point = int(sub)
                marks.append(mark_at(line, 3, section_kind(match.group("title"))))
        elif _BOXED.fullmatch(text):
            marks.append(mark_at(line, 2, section_kind(text) or K.WARNINGS, own_kind=True))  # beside the sections
        elif _PARTS.fullmatch(text):
            marks.append(mark_at(line, 1, section_kind(text) or K.OTHER, own_kind=True))
        elif facts and _DRUG_FACTS.match(text):
            marks.append(mark_at(line, 4, section_kind(text), own_kind=True))
        elif not main and _CAPITALS.match(text) and section_kind(text) not in (None, K.OTHER):
            marks.append(mark_at(line, 2, section_kind(text), own_kind=True))
    return marks + contents_marks(lines, entries, 1)
