"""Headings of documents that have no fixed template: by the loader's styles, by numbering, by size."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from ingest.structure.assembly import Mark
from ingest.structure.contents import contents_lines, contents_marks
from ingest.structure.lines import Line, is_caption, is_contents_title
from ingest.structure.numbering import Numbered, is_appendix, parse_number, reads_like_heading
from kbchat.medical.sections import named_section, section_kind
from kbchat.types import SectionKind

_RUN_IN = re.compile(r"(?P<title>[^:：。;；,，!！?？]{2,24}?)[:：。]\s*\S")
_RUN_IN_SHORT = re.compile(r"(?P<title>[^:：。;；,，]{2,15})。")
_LONGEST_STYLED = 90
_BACK_MATTER = re.compile(
    r"(?:主要)?参考文献|references|致谢|acknowledge?ments?|利益冲突.*|撰写.*|编写.*|执笔.*"
    r"|.*专家组.{0,6}名单.*|.*专家组成员.*|.*学术秘书.*|.*委员会成员.*|作者.*|声明|附录.*|appendix.*|缩略.*",
    re.IGNORECASE,
)
_FRONT_MATTER = re.compile(
    r"(?:中文|英文)?摘\s*要|序\s*言?|前\s*言|引\s*言|概\s*述|背\s*景|要\s*点.{0,20}|说\s*明|.{0,20}(?:推荐意见"
    r"|要点)(?:汇总|总结|概要)?|abstract|foreword|preface|introduction"
    r"|background|(?:executive )?summary.{0,40}|key (?:points|messages|recommendations)",
    re.IGNORECASE,
)
_LEAST_BODY = 20
_PARALLEL = 4
_RUN_IN_REST = 10


def outline_marks(lines: Sequence[Line], title: str = "") -> list[Mark]:
    """The headings of a document, nested. A heading that only repeats ``title`` is left out."""
    styled = _with_text(lines, [line for line in lines if line.is_heading and _may_be_styled(line)])
    if _levels_are_sound(styled):
        chosen = [(line, line.block.level, line.text, line.end) for line in styled]
        entries = contents_lines(lines, styled)
    else:
        numbered = _numbered(lines)
        entries = contents_lines(lines, [item.line for item in numbered])
        accepted = _in_sequence([item for item in numbered if item.line.index not in entries], lines)
        chosen = _with_unnumbered(accepted, [line for line in styled if line.index not in entries])
    front = next((line.index for line, _, _, _ in chosen if parse_number(line)), 0)
    marks = [
        Mark(line.page, line.start, end, text, level, SectionKind.OTHER if line.index < front else _kind(line, text))
        for line, level, text, end in chosen
        if line.index not in entries
        and not is_contents_title(line.text)
        and not _same(text, title)
        and (line.index >= front or _FRONT_MATTER.fullmatch(line.text))
    ]
    top = min((mark.level for mark in marks), default=1)
    return marks + contents_marks(lines, entries, top)


def _kind(line: Line, text: str) -> SectionKind | None:
    return section_kind(text) or (SectionKind.OTHER if _BACK_MATTER.fullmatch(line.text.strip()) else None)


def _same(text: str, title: str) -> bool:
    return bool(title) and "".join(text.split()) == "".join(title.split())


def _may_be_styled(line: Line) -> bool:
    if len(line.text) > _LONGEST_STYLED or line.has_leader or is_caption(line.text):
        return False
    return any(character.isalpha() for character in line.text)


def _with_text(lines: Sequence[Line], styled: Sequence[Line]) -> list[Line]:
    """Leaves out headings the loader saw in boxes of a flow chart: of no depth, unnumbered, with next to no text below."""
    kept: list[Line] = []
    for line, following in zip(styled, (*styled[1:], None), strict=False):
        end = following.index if following else len(lines)
        body = sum(len(below.text) for below in lines[line.index + 1 : end])
        if line.block.level or body >= _LEAST_BODY or parse_number(line) or named_section(line.text):
            kept.append(line)
    return kept


def _levels_are_sound(styled: Sequence[Line]) -> bool:
    """Whether the loader's levels nest the document: several depths, and no depth of numbering spread over them."""
    levels = Counter(line.block.level for line in styled)
    if levels.get(0) or len(levels) < 2 or len(styled) < 3:
        return False
    by_level: dict[int, Counter[int]] = defaultdict(Counter)
    for line in styled:
        item = parse_number(line)
        if item:
            by_level[line.block.level][item.rank] += 1
    stray = sum(sum(ranks.values()) - ranks.most_common(1)[0][1] for ranks in by_level.values())
    total = sum(sum(ranks.values()) for ranks in by_level.values())
    return stray * 5 <= total


def _numbered(lines: Sequence[Line]) -> list[Numbered]:
    """Every line that could be a numbered heading by its form."""
    found: list[Numbered] = []
    for line in lines:
        first = line.text[0]
        if not (first.isdigit() or first in "第一二三四五六七八九十(（IVX") or line.in_table:
            continue
        item = parse_number(line)
        if item and (line.is_heading or reads_like_heading(line, item.title) or run_in_end(item)):
            found.append(item)
    return found


def run_in_end(item: Numbered) -> int:
    """Where the heading ends that a paragraph begins with (``3.5.4 眼底：…``); 0 when there is none."""
    offset = len(item.line.text) - len(item.line.text.lstrip("0123456789.．、 (（)）一二三四五六七八九十"))
    body = item.line.text[offset:]
    match = None
    if item.rank > 6:
        match = _RUN_IN.match(body)
    if not match and item.rank <= 5:
        match = _RUN_IN_SHORT.match(body)
    return item.line.start + offset + match.end("title") if match else 0


def _in_sequence(candidates: Sequence[Numbered], lines: Sequence[Line]) -> list[Numbered]:
    """Those whose numbers follow one another as headings do; list items and stray numbers fall out."""
    tops = _top_numbers(candidates, lines)
    accepted: list[Numbered] = []
    last: dict[int, int] = {}
    decimal: tuple[int, ...] = ()
    for item in candidates:
        if item.rank <= 5:
            value = item.number[0]
            if value == 1 or 0 < value - last.get(item.rank, 0) <= 2 or item.line.is_heading:
                last = {rank: seen for rank, seen in last.items() if rank < item.rank}
                last[item.rank] = value
                decimal = decimal[:1] if item.rank == 4 and decimal else ()
                accepted.append(item)
            continue
        if len(item.number) == 1 and item.line.index not in tops:
            continue
        named = item.number > decimal and named_section(item.line.text) is not None
        if _follows(decimal, item.number) or ((item.line.is_heading or named) and len(item.number) > 1):
            decimal = item.number
            accepted.append(item)
    return accepted


def _follows(before: tuple[int, ...], number: tuple[int, ...]) -> bool:
    """Whether ``number`` may come after ``before``: a first child, the next sibling, or a near one when some were lost."""
    if not before:
        return all(part <= 2 for part in number[1:]) or len(number) == 1
    shared = 0
    while shared < min(len(before), len(number)) and before[shared] == number[shared]:
        shared += 1
    rest = number[shared:]
    if not rest:
        return False
    if shared < len(before):
        step = rest[0] - before[shared]
        if not 0 < step <= 3:
            return False
        rest = rest[1:]
        return all(part <= 2 for part in rest)
    return all(part <= 2 for part in rest)


def _top_numbers(candidates: Sequence[Numbered], lines: Sequence[Line]) -> frozenset[int]:
    """Lines ``1. Title`` that are headings and no list items.

    They are when the loader says so, when they have numbered children (3.1 after 3), or when they follow such ones in
    order; without any children in the document, when they run from 1 with real text between them.
    """
    singles = [item for item in candidates if item.rank == 6]
    single_lines = {item.line.index for item in singles}
    children: set[int] = set()
    for item, following in _pairs(candidates):
        if item.rank == 6 and following is not None and following.rank > 6 and following.number[0] == item.number[0]:
            children.add(item.line.index)
    found = {item.line.index for item in singles if item.line.is_heading or named_section(item.line.text)} | children
    if not found and not any(item.rank > 6 for item in candidates):
        return _spaced_run(singles, lines)
    expected = 0
    for item in singles:
        if item.line.index in found:
            expected = item.number[0] + 1
        elif children and item.number[0] == expected and item.line.index + 1 not in single_lines:
            found.add(item.line.index)
            expected += 1
    return frozenset(found)


def _pairs(items: Sequence[Numbered]) -> list[tuple[Numbered, Numbered | None]]:
    return [(item, items[position + 1] if position + 1 < len(items) else None) for position, item in enumerate(items)]


def _spaced_run(singles: Sequence[Numbered], lines: Sequence[Line]) -> frozenset[int]:
    """A single run 1, 2, 3 … with at least forty characters of text under every heading."""
    run: list[Numbered] = []
    for item in singles:
        if item.number[0] == len(run) + 1:
            run.append(item)
    if len(run) < 3:
        return frozenset()
    borders = [item.line.index for item in run] + [len(lines)]
    bodies = [sum(len(line.text) for line in lines[low + 1 : high]) for low, high in pairwise(borders)]
    return frozenset(item.line.index for item in run) if min(bodies) >= 40 else frozenset()


def _with_unnumbered(accepted: Sequence[Numbered], styled: Sequence[Line]) -> list[tuple[Line, int, str, int]]:
    """Numbered headings with their ranks, and the loader's other headings placed among them."""
    taken = {item.line.index for item in accepted}
    others = [line for line in styled if line.index not in taken]
    if not accepted:
        return _by_size(others)
    chosen = [(item.line, item.rank, _title(item), _end(item)) for item in accepted]
    top = min(item.rank for item in accepted)
    places = [item.line.index for item in accepted]
    for line in others:
        place = bisect_left(places, line.index)
        before = accepted[place - 1] if place else None
        after = accepted[place] if place < len(accepted) else None
        chosen.append((line, _rank_between(line, before, after, top), line.text, line.end))
    return sorted(chosen, key=lambda entry: entry[0].index)


def _title(item: Numbered) -> str:
    end = _end(item)
    return item.line.text[: end - item.line.start].strip()


def _end(item: Numbered) -> int:
    run_in = run_in_end(item)
    if run_in and item.line.end - run_in > _RUN_IN_REST and (not item.line.is_heading or item.line.text[-1] in "。；"):
        return run_in
    if reads_like_heading(item.line, item.title) or item.line.is_heading:
        return item.line.end
    return run_in_end(item) or item.line.end


def _rank_between(line: Line, before: Numbered | None, after: Numbered | None, top: int) -> int:
    """The depth of a heading whose number is missing or was never there."""
    if before is None or is_appendix(line) or _BACK_MATTER.fullmatch(line.text.strip()):
        return top
    if len(line.text) > _PARALLEL and before.title[-_PARALLEL:] == line.text[-_PARALLEL:]:
        return before.rank  # worded like the numbered heading above: its sibling
    if after and after.rank > 5 and before.rank > 5:
        shared = 0
        while shared < min(len(before.number), len(after.number)) and before.number[shared] == after.number[shared]:
            shared += 1
        missing = (
            after.number[shared] - (before.number[shared] if shared < len(before.number) else 0)
            if shared < len(after.number)
            else 0
        )
        if missing > 1 or (missing == 1 and shared + 1 < len(after.number)):
            return 6 + shared
    return before.rank + 1


def _by_size(styled: Sequence[Line]) -> list[tuple[Line, int, str, int]]:
    """Headings without numbers: by the loader's level, else by font size, the largest on top."""
    sizes = sorted({round(line.block.size) for line in styled if line.block.level == 0}, reverse=True)
    deepest = max((line.block.level for line in styled), default=0)
    return [
        (line, line.block.level or deepest + 1 + sizes.index(round(line.block.size)), line.text, line.end)
        for line in styled
    ]
