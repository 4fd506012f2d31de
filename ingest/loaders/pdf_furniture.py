"""Running headers, footers and page numbers: what stands at the same height on page after page is not the document's text.

A row is furniture when the same words (digits masked) come back at the same height, near the edge of the page, on pages
close to one another, when nothing but furniture stands between it and the edge, and white space or a line between it and
the text. Files of one or two pages keep
everything except a line that says it is a page number and, of two pages, the outermost lines that stand on both in the same words
at the same place: the header stays on the first page and the footer on the last, where they part no sentence. A page that holds
nothing else keeps its line ("Chapter 3").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ingest.loaders.pdf_rows import Row, fields_of, piece_text, rows_of
from ingest.loaders.pieces import PagePieces, Piece, Rule

_MARGIN = 0.14  # share of the page's height at top and bottom where furniture may stand
_HEIGHT_STEP = 6.0  # points; a header may sit a little higher or lower from page to page
_MIN_PAGES = 3
_MAX_APART = 2  # pages from one appearance to the next (headers of left and right pages take turns)
_LEAST_AGAIN = 8  # characters of a header seen on two pages only; less may be a column's name or a word
_BEYOND = 60.0  # points past the margin in which the next row is looked for
_LARGE = 1.25  # times the page's usual font size; larger text is a heading
_MAX_ROWS = 5  # furniture rows at one edge
_PAGE_NUMBER = re.compile(
    r"^(?:第\s*\d+\s*页\s*[,，/／]?\s*(?:共\s*\d+\s*页)?|共\s*\d+\s*页\s*[,，]?\s*第\s*\d+\s*页|page\s+\d+(?:\s*(?:of|/)\s*\d+)?|\d+\s*/\s*\d+|[-–—－]\s*\d+\s*[-–—－])$",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"^[-–—－·•\s]*(\d{1,4}|[ivxlc]{1,6})[-–—－·•\s]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Candidate:
    page: int
    pieces: tuple[Piece, ...]
    text: str
    top: bool
    depth: int  # 0 is the outermost row of its edge
    clear: bool  # white space or a line parts it from the next row inwards
    key: tuple[bool, str, int]


def without_furniture(pages: Sequence[PagePieces]) -> list[PagePieces]:
    """The pages without running headers, footers and page numbers."""
    candidates = [candidate for number, page in enumerate(pages) for candidate in _candidates(number, page)]
    numbers = {id(c) for c in candidates if _PAGE_NUMBER.match(c.text) and (c.depth == 0 or len(pages) >= _MIN_PAGES)}
    chosen = numbers
    if len(pages) >= _MIN_PAGES:
        numbers |= _numbers(candidates)
        chosen = numbers | _repeated(candidates)
    elif len(pages) == _MIN_PAGES - 1 and not _words(pages[1]) <= _words(pages[0]):  # the same page twice is text
        chosen = numbers | _again(candidates)
    by_row: dict[tuple[int, bool, int], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_row[candidate.page, candidate.top, candidate.depth].append(candidate)
    dropped: dict[int, set[int]] = defaultdict(set)
    for (number, _), rows in _by_edge(candidates).items():
        for candidate in _outermost(rows, chosen, numbers):
            dropped[number].update(id(piece) for piece in candidate.pieces)
    for number in [n for n, ids in dropped.items() if len(ids) == len(pages[n].pieces)]:
        dropped[number] = {id(p) for c in candidates if c.page == number and id(c) in numbers for p in c.pieces}
    return [_less(page, dropped.get(number, set())) for number, page in enumerate(pages)]


def _words(page: PagePieces) -> set[str]:
    return {piece.text for piece in page.pieces}


def _by_edge(candidates: Iterable[_Candidate]) -> dict[tuple[int, bool], list[list[_Candidate]]]:
    """The rows of fields at each edge of each page, from the edge inwards."""
    edges: dict[tuple[int, bool], list[list[_Candidate]]] = defaultdict(list)
    for candidate in candidates:
        rows = edges[candidate.page, candidate.top]
        if candidate.depth == len(rows):
            rows.append([])
        rows[-1].append(candidate)
    return edges


def _outermost(rows: Sequence[Sequence[_Candidate]], chosen: set[int], numbers: set[int]) -> list[_Candidate]:
    """The chosen fields from the edge inwards, up to the first row that is not all furniture or is not clear of the text."""
    taken: list[list[_Candidate]] = []
    for row in rows:
        furniture = [candidate for candidate in row if id(candidate) in chosen]
        taken.append(furniture)
        if len(furniture) < len(row):
            break
    while taken and not (taken[-1] and taken[-1][0].clear):
        taken[-1] = [candidate for candidate in taken[-1] if id(candidate) in numbers]
        if taken[-1]:
            break
        taken.pop()
    return [candidate for row in taken for candidate in row]


def _less(page: PagePieces, dropped: set[int]) -> PagePieces:
    return replace(page, pieces=tuple(p for p in page.pieces if id(p) not in dropped)) if dropped else page


def _candidates(number: int, page: PagePieces) -> Iterable[_Candidate]:
    """The fields of the outermost rows at the top and the bottom of a page."""
    margin = _MARGIN * page.height
    usual = median(piece.size for piece in page.pieces) if page.pieces else 0.0
    for top in (True, False):
        reach = margin + _BEYOND
        rows = rows_of(p for p in page.pieces if (p.y1 <= reach if top else p.y0 >= page.height - reach))
        inwards = rows if top else rows[::-1]
        for depth, row in enumerate(inwards[:_MAX_ROWS]):
            outside = row.y1 > margin if top else row.y0 < page.height - margin
            if outside or row.size > _LARGE * usual or _in_table(row, page.rules):
                break
            clear = depth + 1 == len(inwards) or _is_clear(row, inwards[depth + 1], page.rules)
            for field in fields_of(row.pieces):
                text = piece_text(field)
                masked = re.sub(r"\d+", "#", re.sub(r"\s+", "", text))
                height = (row.y0 + row.y1) / 2
                place = round((height if top else page.height - height) / _HEIGHT_STEP)
                yield _Candidate(number, field, text, top, depth, clear, (top, masked, place))


def _is_clear(row: Row, inner: Row, rules: Sequence[Rule]) -> bool:
    upper, lower = (row, inner) if row.y0 < inner.y0 else (inner, row)
    if lower.y0 - upper.y1 >= 0.7 * row.size:
        return True
    return any(rule.horizontal and (upper.y0 + upper.y1) / 2 < rule.y0 < (lower.y0 + lower.y1) / 2 for rule in rules)


def _in_table(row: Row, rules: Sequence[Rule]) -> bool:
    """Whether a row is framed like a row of a table: lines above and below, or an upright line within."""
    above = below = False
    for rule in rules:
        if not rule.horizontal:
            if rule.y0 <= (row.y0 + row.y1) / 2 <= rule.y1 and row.x0 - 20 <= rule.x0 <= row.x1 + 20:
                return True
        elif min(rule.x1, row.x1) - max(rule.x0, row.x0) >= 0.5 * (row.x1 - row.x0):
            above = above or row.y0 - 1.2 * row.size <= rule.y0 <= row.y0 + 2
            below = below or row.y1 - 2 <= rule.y0 <= row.y1 + 1.2 * row.size
    return above and below


def _repeated(candidates: Iterable[_Candidate]) -> set[int]:
    """Rows whose words come back on at least three pages near one another."""
    groups: dict[tuple[bool, str, int], list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.key].append(candidate)
    chosen: set[int] = set()
    for (top, masked, place), found in groups.items():
        near = sorted(
            (c for at in (place - 1, place, place + 1) for c in groups.get((top, masked, at), ())), key=lambda c: c.page
        )
        if masked.strip("#-–—.") and _has_run([c.page for c in near]):
            chosen.update(id(c) for c in found)
    return chosen


def _again(candidates: Sequence[_Candidate]) -> set[int]:
    """Rows that stand on both of two pages in the same words at the same place: headers of the second, footers of the first."""
    words = [c for c in candidates if len(c.text) >= _LEAST_AGAIN and not _BARE_NUMBER.match(c.text)]
    at_top = {(c.text, *c.key, c.depth) for c in words if c.page == 0 and c.top}
    at_bottom = {(c.text, *c.key, c.depth) for c in words if c.page == 1 and not c.top}
    return {id(c) for c in words if _at(c, at_top if c.page == 1 else at_bottom)}


def _at(candidate: _Candidate, others: set[tuple[str, bool, str, int, int]]) -> bool:
    top, masked, place = candidate.key
    return any((candidate.text, top, masked, at, candidate.depth) in others for at in (place - 1, place, place + 1))


def _has_run(pages: Sequence[int]) -> bool:
    run = 1
    for before, after in pairwise(pages):
        if after != before:
            run = run + 1 if after - before <= _MAX_APART else 1
        if run >= _MIN_PAGES:
            return True
    return False


def _numbers(candidates: Iterable[_Candidate]) -> set[int]:
    """Lone numbers that count up with the pages."""
    by_offset: dict[tuple[bool, int], list[_Candidate]] = defaultdict(list)
    roman: dict[bool, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        match = _BARE_NUMBER.match(candidate.text)
        if not match:
            continue
        if match.group(1).isdigit():
            by_offset[candidate.top, int(match.group(1)) - candidate.page].append(candidate)
        else:
            roman[candidate.top].append(candidate)
    chosen = {id(c) for found in by_offset.values() if len({c.page for c in found}) >= _MIN_PAGES for c in found}
    for found in roman.values():
        if len({c.page for c in found}) >= _MIN_PAGES and len({c.text.lower() for c in found}) >= _MIN_PAGES:
            chosen.update(id(c) for c in found)
    return chosen
