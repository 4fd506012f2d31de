"""Guidelines: numbered outline, and recommendation statements with grade and level of evidence set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.structure.assembly import Mark
from ingest.structure.lines import Line
from ingest.structure.plain import plain_marks
from kbchat.types import SectionKind

_STATEMENT = re.compile(
    r"(?P<label>(?:推荐意见|专家推荐|专家意见|共识意见|专家共识|推荐|建议|陈述|Recommendations?"
    r"|Good practice statement|Practice point|Statement)\s*"
    r"(?:[(（]?\d{1,3}(?:\.\d{1,3}){0,3}[a-z]?[)）]?"
    r"|[一二三四五六七八九十]{1,3}))\s*(?P<colon>[:：.．、。]?)\s*(?=\S)",
    re.IGNORECASE,
)
_CODE = (
    r"(?:[1-4]\s?\+{0,2}[A-D]\b|[1-2][A-D]\b|[A-D][1-4]\b|I{1,3}[ab]?|IV|Ⅰ|Ⅱ[ab]?|Ⅲ|Ⅳ|[A-D]|强|弱|高|中等?|低"
    r"|极低)"
)
_GRADE_ZH = re.compile(
    r"(?:推荐(?:强度|等级|级别|类别)|推荐分级|推荐)(?:为|[:：])?\s*(?P<grade>强推荐|弱推荐|条件推荐|强|弱"
    r"|[A-D]\d?|[ⅠⅡⅢⅣI1-4]{1,3}[ab]?)(?:级|类)?(?![\u4e00-\u9fffA-Za-z])"
)
_GRADE_WORD_ZH = re.compile(r"(?P<grade>强烈推荐|强推荐|弱推荐|条件性?推荐|良好实践声明)")
_EVIDENCE_ZH = re.compile(
    r"(?:证据(?:质量|等级|级别|水平|强度|分级)?)(?:为|[:：])?\s*(?P<evidence>极低质量|极低|高质量|中等?质量"
    r"|低质量|高|中等?|低|[A-D]\d?|[ⅠⅡⅢⅣI1-5]{1,3}[ab]?)(?:级|类)?(?![\u4e00-\u9fffA-Za-z])"
)
_EVIDENCE_WORD_ZH = re.compile(r"(?P<evidence>极低|高|中等?|低)(?:等?质量|级别|级)证据")
_EN = re.compile(
    r"(?P<grade>strong|weak|conditional|discretionary)\s+(?:recommendation|for|against)|(?:grade|class"
    r"|strength)(?: of recommendation)?\s*[:：]?\s*(?P<code>[A-D]|I{1,3}[ab]?|[12])\b",
    re.IGNORECASE,
)
_EVIDENCE_EN = re.compile(
    r"(?P<evidence>very low|high|moderate|low)[- ](?:quality|certainty)(?: of)?(?: evidence)?|(?:level|quality"
    r"|certainty)(?: of evidence)?\s*[:：]?\s*(?P<code>very low|high|moderate|low|[A-D]|[1-5][a-c]?)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"[(（\[【]\s*(?:(?P<grade_a>[12])\s?(?P<evidence_a>[A-D])|(?P<evidence_b>[A-D])\s?(?P<grade_b>[12])"
    r"|(?P<grade_c>I{1,3}[ab]?|Ⅰ|Ⅱ[ab]?|Ⅲ|[12])\s*[,，、/]\s*(?P<evidence_c>[A-D]|[1-5][ab]?|高|中|低)"
    r"|(?P<evidence_d>[A-D]|[1-5][ab]?)\s*[,，、/]\s*(?P<grade_d>I{1,3}[ab]?|Ⅰ|Ⅱ[ab]?|Ⅲ|强|弱))(?:级|类|推荐"
    r"|证据)?\s*[)）\]】]"
)
_LONGEST_STATEMENT = 600
_STATEMENT_LEVEL = 99


def guideline_marks(lines: Sequence[Line], title: str = "") -> list[Mark]:
    """The headings of a guideline and its recommendation statements; after a statement its section goes on."""
    headings = plain_marks(lines, title)
    taken = {(mark.page, mark.start) for mark in headings}
    marks = list(headings)
    for line, following in zip(lines, (*lines[1:], None), strict=False):
        if line.in_table or (line.page, line.start) in taken:
            continue
        statement = _statement(line)
        if statement is None:
            continue
        marks.append(statement)
        if following is not None and (following.page, following.start) not in taken and _statement(following) is None:
            marks.append(Mark(following.page, following.start, following.start, "", _STATEMENT_LEVEL, resume=True))
    return marks


def _statement(line: Line) -> Mark | None:
    text = line.text
    if len(text) < 12 or len(text) > _LONGEST_STATEMENT:
        return None
    label = _STATEMENT.match(text)
    grade, evidence = grade_and_evidence(text)
    labelled = bool(
        label and (label.group("colon") or grade or label.group("label").startswith(("推荐意见", "共识意见", "Rec")))
    )
    if not labelled and not (
        grade and evidence and text.rstrip("。. ").endswith((")", "）", "]", "】", "据", "级", "荐", "evidence"))
    ):
        return None
    title = label.group("label").strip() if label and labelled else ""
    return Mark(
        line.page,
        line.start,
        line.start,
        title,
        _STATEMENT_LEVEL,
        SectionKind.RECOMMENDATION,
        "",
        grade,
        evidence,
        own_kind=True,
    )


def grade_and_evidence(text: str) -> tuple[str, str]:
    """The grade and the level of evidence a statement carries, as printed; empty where it has none."""
    grade = _first(_GRADE_WORD_ZH, text) or _first(_GRADE_ZH, text)
    evidence = _first(_EVIDENCE_ZH, text) or _first(_EVIDENCE_WORD_ZH, text)
    if not grade or not evidence:
        pair = _PAIR.search(text)
        if pair:
            found = {name[:-2]: value for name, value in pair.groupdict().items() if value}
            grade = grade or found.get("grade", "")
            evidence = evidence or found.get("evidence", "")
    english = any("a" <= character <= "z" for character in text[:40])
    if english:
        grade = grade or _first(_EN, text)
        evidence = evidence or _first(_EVIDENCE_EN, text)
    return grade, evidence


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return next((value for value in match.groups() if value), "") if match else ""
