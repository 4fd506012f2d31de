"""From headings to sections: cutting the text at the headings, nesting them, handing kinds and subjects down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.structure.lines import Line
from kbchat.text.spans import SpannedText
from kbchat.types import Page, Section, Span
from kbchat.types import SectionKind as K

_GROUPS = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC})
_OPEN = frozenset({K.OTHER, K.RECOMMENDATION, K.DIAGNOSIS})
_NARROWER = {
    K.WARNINGS: _GROUPS | {K.OVERDOSE, K.STORAGE, K.INTERACTIONS, K.CONTRAINDICATIONS, K.ADVERSE_REACTIONS},
    K.DOSAGE: _GROUPS | {K.OVERDOSE, K.STORAGE, K.CONTRAINDICATIONS},
    K.CONTRAINDICATIONS: _GROUPS,
    K.ADVERSE_REACTIONS: _GROUPS | {K.OVERDOSE},
    K.INTERACTIONS: _GROUPS,
    K.INDICATIONS: frozenset({K.PEDIATRIC, K.GERIATRIC, K.DOSAGE, K.CONTRAINDICATIONS}),
    K.COMPOSITION: frozenset({K.STORAGE, K.OTHER}),
    K.PEDIATRIC: _GROUPS,
    K.GERIATRIC: _GROUPS,
    K.RENAL_HEPATIC: _GROUPS,
}
"""Which kinds the heading of a subsection may take against that of its section."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading: it begins at ``start`` of the page at position ``page`` and its own text ends at ``end``.

    ``level`` orders headings (a smaller level is higher). ``kind`` is what the heading itself says. ``own_kind`` tells that
    the kind stands whatever the parent is. ``resume`` marks the point where the section above goes on after a
    statement that was set apart.
    """

    page: int
    start: int
    end: int
    title: str
    level: int
    kind: K | None = None
    subject: str = ""
    grade: str = ""
    evidence: str = ""
    own_kind: bool = False
    resume: bool = False


def mark_at(
    line: Line, level: int, kind: K | None = None, *, title: str = "", subject: str = "", own_kind: bool = False
) -> Mark:
    """A mark for a heading that fills a whole line."""
    return Mark(line.page, line.start, line.end, title or line.text, level, kind, subject, own_kind=own_kind)


def assemble(pages: Sequence[Page], marks: Iterable[Mark], subject: str) -> tuple[Section, ...]:
    """The sections between the marks, covering the text once and in order.

    A heading without text of its own is taken into the section of the subheading that follows. ``subject`` stands where
    no heading above names another.
    """
    texts = {page.number: page.text for page in pages}
    sections: list[Section] = []
    for head, begin, end in _heads(pages, sorted(marks, key=_place), subject):
        spans = _spans_between(pages, begin, end)
        if spans:
            text = SpannedText.of(texts, spans).text
            sections.append(replace(head, id=len(sections) + 1, spans=spans, text=text))
    return tuple(sections)


def _place(mark: Mark) -> tuple[int, int, bool]:
    return (mark.page, mark.start, not mark.resume)


_Place = tuple[int, int]
"""Position of a page and offset on it."""


def _heads(pages: Sequence[Page], marks: Sequence[Mark], subject: str) -> Iterator[tuple[Section, _Place, _Place]]:
    """What is known of every section before its text is cut, with where it begins and ends."""
    finish = (len(pages), 0)
    first = (marks[0].page, marks[0].start) if marks else finish
    yield Section(0, K.OTHER, subject, (), (), ""), (0, 0), first
    stack: list[Mark] = []
    carried: _Place | None = None
    for number, mark in enumerate(marks):
        following = marks[number + 1] if number + 1 < len(marks) else None
        end = (following.page, following.start) if following else finish
        if mark.resume:
            _close(stack, mark.level)
        else:
            _nest(stack, mark)
        begin = carried or (mark.page, mark.start)
        carried = None
        if following and not mark.resume and _gives_way(mark, following) and _is_bare(pages, mark, end):
            carried = begin
            continue
        head = Section(
            0,
            (stack[-1].kind if stack else None) or K.OTHER,
            next((item.subject for item in reversed(stack) if item.subject), subject),
            tuple(item.title for item in stack if item.title),
            (),
            "",
            mark.grade,
            mark.evidence,
        )
        yield head, begin, end


def _gives_way(mark: Mark, following: Mark) -> bool:
    return following.level > mark.level and not following.resume


def _nest(stack: list[Mark], mark: Mark) -> None:
    """Close what is not above ``mark`` and push it with the kind it has under its parent."""
    _close(stack, mark.level)
    inherited = stack[-1].kind if stack else None
    stack.append(mark if mark.own_kind else replace(mark, kind=_kind_under(mark.kind, inherited)))


def _close(stack: list[Mark], level: int) -> None:
    while stack and stack[-1].level >= level:
        stack.pop()


def _kind_under(own: K | None, inherited: K | None) -> K | None:
    if inherited is None or own is None:
        return own or inherited
    if inherited in _OPEN:
        return inherited if own is K.OTHER else own
    return own if own in _NARROWER.get(inherited, frozenset()) else inherited


def _is_bare(pages: Sequence[Page], mark: Mark, end: tuple[int, int]) -> bool:
    """Whether nothing stands between the heading and the next one."""
    if mark.page == end[0]:
        return not pages[mark.page].text[mark.end : end[1]].strip()
    if pages[mark.page].text[mark.end :].strip():
        return False
    if any(pages[position].text.strip() for position in range(mark.page + 1, end[0])):
        return False
    return end[0] >= len(pages) or not pages[end[0]].text[: end[1]].strip()


def _spans_between(pages: Sequence[Page], begin: tuple[int, int], end: tuple[int, int]) -> tuple[Span, ...]:
    """The text from one place to another as trimmed spans, one for each page that holds some."""
    spans: list[Span] = []
    for position in range(begin[0], min(end[0] + 1, len(pages))):
        page = pages[position]
        low = begin[1] if position == begin[0] else 0
        high = end[1] if position == end[0] else len(page.text)
        piece = page.text[low:high]
        stripped = piece.strip()
        if stripped:
            low += len(piece) - len(piece.lstrip())
            spans.append(Span(page.number, low, low + len(stripped)))
    return tuple(spans)
