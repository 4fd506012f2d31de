"""Tables of contents: their entries look like headings and are none."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.structure.assembly import Mark
from ingest.structure.lines import Line, is_contents_title
from kbchat.medical.sections import bare_heading
from kbchat.types import SectionKind

_SHORTEST_RUN = 3
_WIDEST_GAP = 1
_SAME_TABLE = 8


def contents_lines(lines: Sequence[Line], candidates: Sequence[Line]) -> frozenset[int]:
    """The indices of those ``candidates`` for headings that are entries of a table of contents.

    An entry ends in dots and a page number, or stands in a run of candidates without text between them most of which
    come again later.
    """
    found = {line.index for line in lines if line.has_leader}
    last_seen = {_words_of(line): line.index for line in candidates}
    run: list[Line] = []
    for line in candidates:
        if run and line.index - run[-1].index > _WIDEST_GAP:
            _keep(run, last_seen, found)
            run = []
        run.append(line)
    _keep(run, last_seen, found)
    return frozenset(found) if len(found) * 2 <= len(lines) else frozenset()


def _keep(run: list[Line], last_seen: dict[str, int], found: set[int]) -> None:
    """Take a run of entries up to the first that stands for the last time and is followed by no repeated one."""
    repeated = [position for position, line in enumerate(run) if last_seen[_words_of(line)] > run[-1].index]
    if len(repeated) >= _SHORTEST_RUN and len(repeated) * 2 > repeated[-1] + 1:
        found.update(line.index for line in run[: repeated[-1] + 1])


def _words_of(line: Line) -> str:
    return bare_heading(line.text.rstrip("0123456789 .…·"))


def contents_marks(lines: Sequence[Line], entries: frozenset[int], level: int) -> list[Mark]:
    """A mark for each table of contents, so that its entries make one section, and one where it is over."""
    marks: list[Mark] = []
    previous = -_SAME_TABLE
    for index in sorted(entries):
        line = lines[index]
        if index - previous > _SAME_TABLE:
            title = next(
                (above for above in reversed(lines[max(0, index - 3) : index]) if is_contents_title(above.text)), None
            )
            first = title or line
            name = (
                title.text if title else ("目录" if any("\u4e00" <= c <= "\u9fff" for c in line.text) else "Contents")
            )
            marks.append(
                Mark(
                    first.page,
                    first.start,
                    first.end if title else first.start,
                    name,
                    level,
                    SectionKind.OTHER,
                    own_kind=True,
                )
            )
        previous = index
        if index + 1 not in entries and index + 1 < len(lines):
            after = lines[index + 1]
            marks.append(Mark(after.page, after.start, after.start, "", level, resume=True))
    return marks
