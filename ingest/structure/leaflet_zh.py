"""Chinese leaflets: 【…】 headings, damaged brackets from OCR, headings without brackets, the numbered Taiwan format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.structure.assembly import Mark, mark_at
from ingest.structure.groups_zh import group_marks
from ingest.structure.lines import Line
from ingest.structure.outline import outline_marks
from kbchat.medical.sections import named_section, section_kind
from kbchat.types import SectionKind as K

_OPEN = "【〔［[『〖「〈《"
_CLOSE = "】〕］]』〗」〉》"
_AT_START = re.compile(
    rf"[＊*•·]?\s*(?P<open>[{re.escape(_OPEN)}{{(（|I1l]?)\s*(?P<name>[^{re.escape(_OPEN + _CLOSE)}\n]{{2,30}}?)\s*(?P<close>[{re.escape(_CLOSE)}}}])"
)
_OPEN_ONLY = re.compile(rf"[{re.escape(_OPEN)}]\s*(?P<name>[\u4e00-\u9fff、/ ]{{2,16}})(?:$|[\s:：)）|Il1])")
_INLINE = re.compile(r"(?<=[。；;.！!\s)）|])【\s*(?P<name>[^【】\n]{2,24}?)\s*】")
_COLON = re.compile(r"(?P<name>[\u4e00-\u9fff][\u4e00-\u9fff、/及与和（）() ]{1,18}?)\s*[:：]")
_REFERENCE_AFTER = re.compile(r"\s*(?:[)）、，,。；;”\"]|项|和|及|与|中|节|部分|内容|下|或)")
_REFERENCE_BEFORE = re.compile(r"(?:见|参见|参阅|参照|详见|和|及|与|或|、|“|\"|[(（]|请参考|参考|阅读)\s*$")
_SYMBOL_BULLET = re.compile(r"^(?:[A-Za-z]|[^\w\s(（【])\s?(?=[\u4e00-\u9fff])")  # a letter: a bullet of a symbol font
_GROUP_AT_END = re.compile(r"[。；](?P<bullet>[A-Za-z•·●])\s?(?P<name>[\u4e00-\u9fff]{2,8})$")
_LONGEST_GROUP, _LEAST_BODY = 12, 15
_ENOUGH_BRACKETS = 4
_ENOUGH_NUMBERED = 4
_GROUP_KINDS = frozenset({K.PREGNANCY, K.PEDIATRIC, K.GERIATRIC, K.RENAL_HEPATIC})
_TOP, _SUB = 10, 90


def leaflet_zh_marks(lines: Sequence[Line], title: str = "") -> list[Mark]:
    """The headings of a Chinese leaflet."""
    bracketed = _bracketed(lines)
    if len({mark.title for mark in bracketed}) >= _ENOUGH_BRACKETS:
        marks = bracketed + _missing_brackets(lines, bracketed)
        return marks + group_marks(lines, marks)
    numbered = outline_marks(lines, title)
    if sum(mark.kind not in (None, K.OTHER) for mark in numbered) >= _ENOUGH_NUMBERED:
        known = [replace(mark, own_kind=mark.own_kind or named_section(mark.title) is not None) for mark in numbered]
        return known + _patient_groups(lines, known)
    marks = bracketed + _unbracketed(lines, {(mark.page, mark.start) for mark in bracketed})
    return marks + group_marks(lines, marks)


def _bracketed(lines: Sequence[Line]) -> list[Mark]:
    marks: list[Mark] = []
    before = ""
    for line in lines:
        if not line.in_table or line.text[0] in _OPEN:
            mark = _at_line_start(line, before)
            if mark:
                marks.append(mark)
            if "【" in line.text[1:]:
                marks.extend(_inside(line, mark))
        before = line.text
    return marks


def _at_line_start(line: Line, before: str) -> Mark | None:
    match = _AT_START.match(line.text)
    damaged = False
    if not match:
        match = _OPEN_ONLY.match(line.text)
        damaged = True
    if not match:
        return None
    name = match.group("name")
    kind = named_section(name)
    if kind is None and (damaged or match.group("open") != "【" or match.group("close") != "】"):
        return None
    if _REFERENCE_AFTER.match(line.text[match.end() :]) or _REFERENCE_BEFORE.search(before):
        return None
    end = line.start + match.end()
    return Mark(line.page, line.start, end, _shown(name), _TOP, kind or section_kind(name) or K.OTHER, own_kind=True)


def _shown(name: str) -> str:
    return f"【{''.join(name.split()) if all(ord(c) > 0x2E80 or c == ' ' for c in name) else name.strip()}】"


def _inside(line: Line, first: Mark | None) -> list[Mark]:
    """Headings inside a line, in text that lost its line breaks."""
    marks: list[Mark] = []
    for match in _INLINE.finditer(line.text):
        start = line.start + match.start()
        kind = named_section(match.group("name"))
        if kind is None or (first and start < first.end) or _REFERENCE_AFTER.match(line.text[match.end() :]):
            continue
        if not _REFERENCE_BEFORE.search(line.text[: match.start()].rstrip()[-4:]):
            marks.append(
                Mark(line.page, start, line.start + match.end(), _shown(match.group("name")), _TOP, kind, own_kind=True)
            )
    return marks


def _missing_brackets(lines: Sequence[Line], bracketed: Sequence[Mark]) -> list[Mark]:
    """Section names alone on a line in a bracketed leaflet whose brackets got lost; only names not found otherwise."""
    known = {named_section(mark.title) for mark in bracketed}
    found: list[Mark] = []
    for line in lines:
        kind = named_section(line.text) if len(line.text) <= 14 else None
        if kind and kind not in known and kind not in (K.OTHER, K.RECOMMENDATION, K.DIAGNOSIS, *_GROUP_KINDS):
            found.append(mark_at(line, _TOP, kind, own_kind=True))
            known.add(kind)
    return found


def _unbracketed(lines: Sequence[Line], taken: set[tuple[int, int]]) -> list[Mark]:
    """Section names on a line of their own, or before a colon."""
    marks: list[Mark] = []
    for line in lines:
        if (line.page, line.start) in taken:
            continue
        if len(line.text) <= 20 and (kind := named_section(line.text)):
            marks.append(mark_at(line, _TOP, kind, title=line.text.rstrip(":： "), own_kind=True))
            continue
        match = _COLON.match(line.text)
        kind = named_section(match.group("name")) if match else None
        if (
            match
            and kind
            and (kind is not K.OTHER or match.group("name") in ("药品名称", "批准文号", "生产企业", "执行标准"))
        ):
            marks.append(
                Mark(line.page, line.start, line.start + match.end(), match.group("name"), _TOP, kind, own_kind=True)
            )
    return marks


def _patient_groups(lines: Sequence[Line], numbered: Sequence[Mark]) -> list[Mark]:
    """Patient groups as headings below numbered sections (兒童和青少年, 老年病患), not as items of a list."""
    taken = {(mark.page, mark.start) for mark in numbered}
    marks: list[Mark] = []
    for line, following in pairwise(lines):
        if (line.page, line.start) in taken or line.in_table or len(following.text) < _LEAST_BODY:
            continue
        if match := _GROUP_AT_END.search(line.text):  # the loader joined a group's bulleted name to the sentence above
            start, name = line.start + match.start("bullet"), match.group("name")
        elif len(line.text) <= _LONGEST_GROUP:
            start, name = line.start, _SYMBOL_BULLET.sub("", line.text)
        else:
            continue
        kind = named_section(name)
        if kind in _GROUP_KINDS:
            marks.append(Mark(line.page, start, line.end, name, _SUB, kind))
    return marks
