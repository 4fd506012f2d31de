"""Chunks: pieces of one section, cut where text may be cut.

A chunk never leaves its section, so it never mixes two drugs or two strengths. Cuts fall between paragraphs, list items and
table rows where possible, else between sentences; a sentence that runs over a page break is kept whole, so that no number
is parted from its unit. A lead-in (``Tell your doctor if:``), a caption, a heading and a table's header stay with what
follows them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.structure.lines import Line, document_lines, is_caption, is_contents_title
from kbchat.text.sentences import split_sentences
from kbchat.text.spans import SpannedText
from kbchat.types import BlockKind, Chunk, Page, Section, Span

_LEAD_IN = (":", "：", "—", "如下", "following")
_TERMINAL = frozenset('。！？；.!?;:：…)）】」』”"')
_WHOLE_PARAGRAPH = 1.25
_TINY = 0.25
_HALF_FULL = 0.55


class Sizes(Protocol):
    """Sizes of chunks, in characters (``ChunkSettings``, or the same without pydantic)."""

    @property
    def target(self) -> int:
        """The aim of a chunk's length."""

    @property
    def maximum(self) -> int:
        """No chunk is longer, except a single sentence or table row."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """What no cut goes through: a sentence, a short paragraph, a list item, a table row.

    ``opens`` tells that a paragraph, item or row begins here; ``sticks`` that it must not end a chunk.
    """

    spans: tuple[Span, ...]
    length: int
    opens: bool
    sticks: bool
    table: int = 0
    header: bool = False


def chunk_sections(pages: Sequence[Page], sections: Sequence[Section], settings: Sizes) -> tuple[Chunk, ...]:
    """Cut ``sections`` of ``pages`` into chunks of about ``settings.target`` characters.

    No chunk is longer than ``settings.maximum`` except a single sentence; a table row longer than that is cut into the
    sentences of its cells. Tables of contents give no chunks:
    their words are those of the headings they list.
    """
    texts = {page.number: page.text for page in pages}
    cutter = _Cutter(pages, settings)
    headers = _table_headers(cutter.lines)
    chunks: list[Chunk] = []
    for section in sections:
        if section.heading_path and is_contents_title(section.heading_path[-1]):
            continue
        for atoms in cutter.pieces(section):
            spans = _joined(atoms)
            text = SpannedText.of(texts, spans).text
            chunks.append(Chunk(len(chunks) + 1, section.id, spans, text, _repeated_header(atoms, headers)))
    return tuple(chunks)


def _table_headers(lines: Sequence[Line]) -> dict[int, str]:
    headers: dict[int, list[str]] = {}
    for line in lines:
        if line.block.kind is BlockKind.TABLE_HEADER and line.block.table:
            headers.setdefault(line.block.table, []).append(line.text)
    return {table: "\n".join(dict.fromkeys(rows)) for table, rows in headers.items()}


def _repeated_header(atoms: Sequence[_Atom], headers: dict[int, str]) -> str:
    """The header of the first table whose rows stand in the chunk without it."""
    seen: set[int] = set()
    for atom in atoms:
        if atom.header:
            seen.add(atom.table)
        elif atom.table and atom.table not in seen and atom.table in headers:
            return headers[atom.table]
    return ""


def _joined(atoms: Sequence[_Atom]) -> tuple[Span, ...]:
    """One span a page, from the first atom on it to the last."""
    spans: list[Span] = []
    for span in (span for atom in atoms for span in atom.spans):
        if spans and spans[-1].page == span.page:
            spans[-1] = Span(span.page, spans[-1].start, span.end)
        else:
            spans.append(span)
    return tuple(spans)


class _Cutter:
    """Knows the lines of a document and the sizes wanted."""

    def __init__(self, pages: Sequence[Page], settings: Sizes) -> None:
        self.lines = document_lines(pages)
        self.maximum = settings.maximum
        self.target = min(settings.target, settings.maximum)
        self._by_page: dict[int, list[Line]] = {page.number: [] for page in pages}
        for line in self.lines:
            self._by_page[pages[line.page].number].append(line)
        self._starts = {number: [line.start for line in lines] for number, lines in self._by_page.items()}

    def pieces(self, section: Section) -> list[list[_Atom]]:
        """The atoms of a section, grouped into chunks."""
        groups = self._packed(list(self._atoms(section)))
        return self._without_tiny(groups)

    def _atoms(self, section: Section) -> Iterator[_Atom]:
        pending: _Atom | None = None
        open_sentence = False
        for number, span in enumerate(section.spans):
            for position, (line, start, end, text) in enumerate(self._clipped(span)):
                continues = bool(number) and not position and open_sentence and _may_continue(line)
                for atom in self._of_line(line, span.page, start, text):
                    if continues and pending:
                        pending = _glued(pending, atom)
                        continues = False
                        continue
                    if pending:
                        yield pending
                    pending = atom
                open_sentence = (
                    bool(text) and text[-1] not in _TERMINAL and _may_continue(line) and end == start + len(text)
                )
        if pending:
            yield pending

    def _clipped(self, span: Span) -> Iterator[tuple[Line, int, int, str]]:
        """The lines of a page inside ``span``, cut to it, trimmed."""
        lines = self._by_page[span.page]
        first = max(bisect_right(self._starts[span.page], span.start) - 1, 0)
        for line in lines[first:]:
            if line.start >= span.end:
                break
            low, high = max(line.start, span.start), min(line.end, span.end)
            if low < high:
                raw = line.text[low - line.start : high - line.start]
                text = raw.strip()
                if text:
                    start = low + len(raw) - len(raw.lstrip())
                    yield line, start, start + len(text), text

    def _of_line(self, line: Line, page: int, start: int, text: str) -> Iterator[_Atom]:
        table = line.block.table
        header = line.block.kind is BlockKind.TABLE_HEADER
        whole = len(text) <= (self.maximum if line.in_table else self.target * _WHOLE_PARAGRAPH)
        if whole:
            sticks = header or line.is_heading or is_caption(text) or text.endswith(_LEAD_IN)
            yield _Atom((Span(page, start, start + len(text)),), len(text), True, sticks, table, header)
            return
        for number, (low, high) in enumerate(split_sentences(text)):
            sticks = text[high - 1] in ":："
            yield _Atom((Span(page, start + low, start + high),), high - low, not number, sticks, table, header)

    def _packed(self, atoms: Sequence[_Atom]) -> list[list[_Atom]]:
        groups: list[list[_Atom]] = []
        current: list[_Atom] = []
        length = 0
        for atom in atoms:
            if current and self._cuts_before(atom, current, length):
                carried = _trailing_sticky(current)
                groups.append(current[: len(current) - len(carried)] if len(carried) < len(current) else current)
                current = carried if len(carried) < len(current) else []
                length = sum(item.length + 1 for item in current)
                if length + atom.length > self.maximum and current:
                    groups[-1].extend(current)
                    current, length = [], 0
            current.append(atom)
            length += atom.length + 1
        if current:
            groups.append(current)
        return groups

    def _cuts_before(self, atom: _Atom, current: Sequence[_Atom], length: int) -> bool:
        """Whether a chunk of ``length`` ends before ``atom``."""
        total = length + atom.length
        if total > self.maximum:
            return True
        if total <= self.target:
            return False
        if current[-1].sticks and length < self.target * _HALF_FULL:
            return False
        return atom.opens or length >= self.target * _HALF_FULL

    def _without_tiny(self, groups: list[list[_Atom]]) -> list[list[_Atom]]:
        """Small remainders joined to a neighbour where both fit."""
        merged: list[list[_Atom]] = []
        for group in groups:
            size = _size(group)
            if (
                merged
                and _size(merged[-1]) + size + 1 <= self.maximum
                and (size < self.target * _TINY or _size(merged[-1]) < self.target * _TINY)
            ):
                merged[-1] = merged[-1] + group
            else:
                merged.append(group)
        return merged


def _size(group: Sequence[_Atom]) -> int:
    return sum(span.end - span.start + 1 for span in _joined(group)) - 1


def _trailing_sticky(current: Sequence[_Atom]) -> list[_Atom]:
    """The atoms at the end of a chunk that must go with what follows."""
    kept: list[_Atom] = []
    for atom in reversed(current):
        if not atom.sticks:
            break
        kept.append(atom)
    return kept[::-1]


def _may_continue(line: Line) -> bool:
    return line.block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not line.block.table


def _glued(atom: _Atom, rest: _Atom) -> _Atom:
    return _Atom(
        (*atom.spans, *rest.spans), atom.length + rest.length + 1, atom.opens, rest.sticks, atom.table, atom.header
    )
