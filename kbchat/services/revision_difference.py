"""What became of a document's text between two revisions, paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from kbchat.store import StoredSection

_AROUND = 2
"""Unchanged paragraphs shown before and after each change."""
_FOLD_FROM = 3
"""Fewer hidden paragraphs than this are shown instead of folded."""

DiffKind = Literal["same", "added", "removed", "gap"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A paragraph that stayed, came or went, under its headings; or a gap of ``folded`` unchanged ones."""

    kind: DiffKind
    text: str
    section: str
    folded: int = 0


@dataclass(frozen=True, slots=True)
class _Paragraph:
    section: str
    text: str


def difference(old: Sequence[StoredSection], new: Sequence[StoredSection]) -> list[DiffLine]:
    """The new text with what was removed between; empty when nothing but white space or headings changed."""
    before, after = list(_paragraphs(old)), list(_paragraphs(new))
    lines = list(_lines(before, after))
    if all(line.kind == "same" for line in lines):
        return []
    return list(_folded(lines))


def _paragraphs(sections: Sequence[StoredSection]) -> Iterator[_Paragraph]:
    for section in sections:
        path = " > ".join(section.heading_path)
        for text in section.text.split("\n"):
            kept = " ".join(text.split())
            if kept:
                yield _Paragraph(path, kept)


def _lines(before: Sequence[_Paragraph], after: Sequence[_Paragraph]) -> Iterator[DiffLine]:
    matcher = SequenceMatcher(None, [p.text for p in before], [p.text for p in after], autojunk=False)
    for step, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if step == "equal":
            yield from (DiffLine("same", p.text, p.section) for p in after[new_from:new_to])
            continue
        yield from (DiffLine("removed", p.text, p.section) for p in before[old_from:old_to])
        yield from (DiffLine("added", p.text, p.section) for p in after[new_from:new_to])


def _folded(lines: Sequence[DiffLine]) -> Iterator[DiffLine]:
    """Long unchanged stretches become gaps; a few paragraphs around each change stay."""
    changed = [position for position, line in enumerate(lines) if line.kind != "same"]
    shown = {near for position in changed for near in range(position - _AROUND, position + _AROUND + 1)}
    hidden: list[DiffLine] = []
    for position, line in enumerate(lines):
        if position in shown:
            yield from _gap(hidden)
            hidden = []
            yield line
        else:
            hidden.append(line)
    yield from _gap(hidden)


def _gap(hidden: Sequence[DiffLine]) -> Iterator[DiffLine]:
    if len(hidden) < _FOLD_FROM:
        yield from hidden
    else:
        yield DiffLine("gap", "", hidden[0].section, len(hidden))
