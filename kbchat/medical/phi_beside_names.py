"""Codes, beds and dates that identify a person only because a name stands right beside them.

A code of letters and digits (H00123456), digits alone, an old identity number or a date say little by themselves: they may be
of a product or of a visit. Where such a stretch stands alone between marks and the next thing to it is a name, it is that
person's. In turn, a run that could be a name is one there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kbchat.medical.phi_tables import IdentifierSpan, overlaps, shapes
from kbchat.text.deferred_pattern import deferred

_OPENS = r"(?:(?<=^)|(?<=[,;。:、\s|/(\]】]))"
_CLOSES = r"(?=$|[,;。:、\s|/)]|的|那[位个])"
_YEAR = r"(?:19|20)\d{2}"
_DAY_MONTH = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_KINDS = {
    "ID_CARD": deferred(rf"{_OPENS}\d{{8}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}{_CLOSES}"),
    "DOB": deferred(
        rf"{_OPENS}(?:{_YEAR}\s*[-/.年]\s*{_DAY_MONTH}\s*[-/.月]\s*{_DAY_MONTH}[日号]?|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
        rf"{_DAY_MONTH}[-/.]{_DAY_MONTH}[-/.]{_YEAR}|{_DAY_MONTH} (?i:{_MONTH}) {_YEAR}|(?i:{_MONTH}) {_DAY_MONTH},? {_YEAR}|{_YEAR}年{_DAY_MONTH}月){_CLOSES}"
    ),
    "MRN": deferred(rf"{_OPENS}(?:[A-Z]{{1,4}}-?\d{{4,14}}|\d{{7,10}})(?:-\d{{1,6}}){{0,2}}{_CLOSES}"),
    "BED": deferred(r"(?:^|(?<=[\n:])\s?|(?<=[。;])|(?<=[,])(?=[A-Z\d-]{3,6}的))(?:[A-Z]\d{0,2}-\d{1,3}|\d{1,2}[A-Z]-\d{1,3}|\d{1,2}-\d{1,2})(?=[,、\s|/的\u4e00-\u9fff])"),
}  # fmt: skip
_GAP = 3
_BETWEEN = deferred(r"[\s,、;:|/()。]*(?:[男女][,、\s]*)?(?:[\u4e00-\u9fff]{1,4}[族籍][,、\s]*)?(?:\d{1,3}岁[,、\s]*)?")
_NO_BIRTH = deferred(
    r"\s*[,;]?\s*(?:就诊|入院|手术|出院|复查|复诊|检查|来诊|门诊|住院|起|至|到|前|后|以|之|开始|确诊|的(?:报告|结果|化验|检查|片|CT|复查|手术))"
)
_VISIT_BEFORE = deferred(
    r"(?:日期|时间|于|在|从|自|至|到|期|预约|复查|手术|检查|确诊|visit|seen|on|since|date)\s*:?\s*$", re.I
)
_PATIENT = deferred(r"的?(?:病人|患者|家属|老人|产妇)")
_PRODUCTS = frozenset("CA IL CD CYP HLA UN GB WS YY YBB DOI PMID NCT ISBN ICD EN IEC ISO NDC REF LOT PZN EU PL".split())
"""Letters before the digits of products, standards, markers and registers."""
_LETTERS = deferred(r"[A-Z]*")


def _may_be(kind: str, text: str, start: int, end: int) -> bool:
    """Whether what stands around a stretch leaves it open that it is a person's."""
    if shapes().not_personal.search(text, max(0, start - 24), start):
        return False
    if kind in ("MRN", "BED"):
        letters = _LETTERS.match(text, start)
        return letters is None or letters[0] not in _PRODUCTS or (kind == "MRN" and end - start >= 9)
    return kind != "DOB" or not (_NO_BIRTH.match(text, end) or _VISIT_BEFORE.search(text, max(0, start - 8), start))


def _touching(start: int, end: int, text: str, names: list[IdentifierSpan]) -> bool:
    """Whether one of ``names`` stands right beside, with marks, sex or age between."""
    for name in names:
        low, high = (name.end, start) if name.end <= start else (end, name.start)
        if 0 <= high - low <= _GAP + 6 and _BETWEEN.fullmatch(text, low, high):
            return True
    return False


def beside_names(
    text: str, found: list[IdentifierSpan], name_at: Callable[[str, int, int], tuple[int, int] | None]
) -> None:
    """Add to ``found`` the codes, beds and dates of ``text`` beside a name, and the names that they make sure of.

    Args:
        text: unified.
        found: what was found so far.
        name_at: gives the run right before or behind a stretch that could be a name, or None.
    """
    names = [span for span in found if span.type == "NAME"]
    for kind, pattern in _KINDS.items():
        for match in pattern.finditer(text):
            start, end = match.span()
            if overlaps(start, end, found) or not _may_be(kind, text, start, end):
                continue
            span = IdentifierSpan(start, end, kind)
            if _touching(start, end, text, names) or (kind == "BED" and _PATIENT.match(text, end)):
                found.append(span)
            elif (run := name_at(text, start, end)) is not None and not overlaps(*run, found):
                name = IdentifierSpan(*run, "NAME")
                names.append(name)
                found += [span, name]
