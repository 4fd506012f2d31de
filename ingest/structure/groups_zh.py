"""Patient groups inside a section of a Chinese leaflet: 成人, 儿童, 老年患者, 肾功能不全 on a line of their own.

A group that only begins a sentence is left in its section: cut out, its figures would lose the words around them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.lines import Line
from kbchat.medical.sections import named_section, section_kind
from kbchat.types import SectionKind as K

GROUP_KINDS = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC})
_LEVEL = 90
_SPLIT_KINDS = frozenset({K.DOSAGE, K.WARNINGS, K.CONTRAINDICATIONS, K.ADVERSE_REACTIONS, K.INTERACTIONS})
_ITEM = re.compile(
    r"(?P<number>(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）.、．]|[①②③④⑤⑥⑦⑧⑨])\s*|[•·●○■◆▪*\-–]\s*)?"
    r"(?P<name>[\u4e00-\u9fff、/和及与或（）()\dA-Za-z～~\-≥≤<>＜＞岁 ]{2,24}?)\s*(?P<colon>[:：]?)"
)
_NUMBER = re.compile(r"[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）.、．]\D|[①-⑨•·●○■◆▪]")
_ENDS = ("。", "：", ":", "！", "；", "】")
_DOSE_WORDS = re.compile(r"(?:常?用量|剂量|用法|用药|患者|病人|病患|人群|者|受损|不全|损害|减退|障碍|调整|给药)+$")
_LONGEST = 28
_LEAST_BELOW = 8


def group_marks(lines: Sequence[Line], headings: Sequence[Mark]) -> list[Mark]:
    """Marks below ``headings`` for groups of patients on lines of their own, and for what stands beside them.

    In a section with such a group the other short lines that end in a colon are headings too, so that a group ends
    where the next matter begins.
    """
    ordered = sorted(headings, key=lambda mark: (mark.page, mark.start))
    places = [(line.page, line.start) for line in lines]
    starts = [bisect_left(places, (mark.page, mark.start)) for mark in ordered] + [len(lines)]
    marks: list[Mark] = []
    for mark, (start, end) in zip(ordered, pairwise(starts), strict=True):
        if mark.kind in _SPLIT_KINDS:
            marks.extend(_in_section(lines[start:end], mark))
    return marks


def _in_section(lines: Sequence[Line], heading: Mark) -> list[Mark]:
    found: list[Mark] = []
    groups = 0
    for position in range(len(lines) - 1):
        line, following = lines[position], lines[position + 1]
        if (line.page, line.start) == (heading.page, heading.start) or line.in_table or len(line.text) > _LONGEST:
            continue
        match = _ITEM.fullmatch(line.text)
        if match is None or not (len(following.text) >= _LEAST_BELOW or following.in_table):
            continue
        name, marked = match.group("name").strip(), bool(match.group("colon") or match.group("number"))
        kind = _group(name)
        fresh = position == 0 or lines[position - 1].text.endswith(_ENDS) or line.is_heading
        if kind and (marked or (fresh and (named_section(name) or _DOSE_WORDS.search(name)))):
            groups += 1
            found.append(mark_at(line, _LEVEL, kind))
        elif match.group("colon") or (marked and not _NUMBER.match(following.text)):
            found.append(mark_at(line, _LEVEL))
    return found if groups else []


def _group(name: str) -> K | None:
    """The group of patients that a short line names and nothing else."""
    kind = named_section(name) or named_section(_DOSE_WORDS.sub("", name)) or section_kind(name)
    return kind if kind in GROUP_KINDS else None
