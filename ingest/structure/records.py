"""Files of records and of questions with answers: every record names its subject and its section."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.lines import Line
from kbchat.medical.sections import question_intents, section_kind
from kbchat.types import LoadedFile, SectionKind

TABLE_FORMATS = frozenset({"xlsx", "xls", "ods", "csv", "tsv"})
"""Formats of tables: a sheet's name or a first row is no title."""

_RECORD_FORMATS = frozenset({"records", "qa"})
_LEAST_QUESTIONS = 2
_QUESTION_ENDS = ("?", "？", "吗", "呢", "么")


def asks(heading: str) -> bool:
    """Whether a heading is a question."""
    return heading.rstrip().endswith(_QUESTION_ENDS)


def is_of_records(loaded: LoadedFile, lines: Sequence[Line]) -> bool:
    """Whether the headings of a file name its records, not the file."""
    return loaded.format in _RECORD_FORMATS or (loaded.format in TABLE_FORMATS and _holds_questions(lines))


def _holds_questions(lines: Sequence[Line]) -> bool:
    """Whether half of the headings of a table are questions, so that it is a list of questions and answers."""
    headings = [line.text for line in lines if line.is_heading]
    questions = sum(map(asks, headings))
    return questions >= _LEAST_QUESTIONS and questions * 2 >= len(headings)


def record_marks(lines: Sequence[Line]) -> list[Mark]:
    """A heading of level 1 names the subject of what follows, one of level 2 the section.

    A question is the subject of its answer, whatever its level, and of the kind it asks for; what stands over questions
    (the name of a sheet) is no subject.
    """
    headings = [line for line in lines if line.is_heading]
    marks: list[Mark] = []
    for line, following in zip(headings, (*headings[1:], None), strict=False):
        level = max(line.block.level, 1)
        above_questions = following is not None and following.block.level > level and asks(following.text)
        if asks(line.text):
            marks.append(mark_at(line, level, _asked_kind(line.text), subject=line.text, own_kind=True))
        elif level == 1:
            subject = "" if above_questions else line.text
            marks.append(mark_at(line, 1, SectionKind.OTHER, subject=subject, own_kind=True))
        else:
            marks.append(mark_at(line, level, section_kind(line.text) or SectionKind.OTHER, own_kind=True))
    return marks


def _asked_kind(question: str) -> SectionKind:
    intents = question_intents(question)
    return intents[0] if intents else section_kind(question) or SectionKind.OTHER
