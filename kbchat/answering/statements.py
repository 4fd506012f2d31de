"""The sentences of a generated answer, the markers that belong to each, and which of them claim anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kbchat.answering.markers import Marker, blank_markers, find_markers
from kbchat.answering.support import allows_or_forbids
from kbchat.text.deferred_pattern import deferred
from kbchat.text.quantities import find_quantities
from kbchat.text.sentences import split_sentences
from kbchat.text.tokens import fold, query_tokens

_LEAST_WORDS = 3
LEADING = deferred(r"^\s*(?:[-*•·]\s+|\d{1,2}[.)、]\s*|[(（]\d{1,2}[)）]\s*|#+\s+)")
_HEADING = deferred(r"^\s*(?:\*\*|#|【[^】]{1,20}】\s*$)")
_INTRODUCES = deferred(r"[:：]\s*$")
_QUESTION = deferred(r"[?？]\s*$")
# Clauses of advice and courtesy, which hold no claim of medicine of their own.
_COURTESY = deferred(
    r"咨询|遵循|遵照|听从|遵医嘱|按照?(?:医生|医师|药师|医嘱)|(?:医生|医师|药师)(?:的|或药师的)?(?:建议|指导|意见)|医生会|就医|就诊|"
    r"帮助您|有所?帮助|我会|我(?:无法|不能)|您的(?:具体|个人|实际)|个人情况|个体差异|以(?:获取|获得|便|确保|免)|"
    r"请(?:告诉|注意|问|放心)|如有|如果(?:您|你)?(?:还)?有|仅供参考|你好|您好|谢谢|祝您|以下|总之|综上|我查阅|在使用(?:这些|该|此|本)?.{0,6}[之以]?前|"
    r"根据.{0,6}(?:病情|情况|医生|需要)|适合您|寻求帮助|随时提问|欢迎|提醒您|(?:参考|按照|阅读).{0,12}说明书|"
    r"(?:资料|文档|文献|说明书)(?:中|里)?(?:并)?(?:没有|未)(?:明确)?(?:提|说|给|列)|(?:并)?没有明确(?:说明|提到|指出)|"
    r"\b(?:consult|pharmacist|let me know|hope this helps|for reference only|hello|in summary|please note|if you have)\b|"
    r"\b(?:ask|talk to|speak to|contact|see) (?:your|a|the) (?:doctor|physician)|"
    r"\bthe documents? (?:do|does) not\b|\bhere (?:is|are)\b",
    re.IGNORECASE,
)
_OPEN = deferred(r"是否|能否|无法|没有|未|不能确定|whether|cannot say|does not|do not (?:say|state|mention)")
_CLAUSES = deferred(r"[，,；;。]|\b(?:but|and|so)\b")
_CONDITION = deferred(r"\s*(?:同时|此外|另外|但是?|不过|而且)?\s*(?:如果|如|若|当|一旦|if\b|when\b)")


@dataclass(slots=True)
class PlacedSentence:
    """A sentence of the answer with its markers, before it is looked up."""

    start: int
    end: int
    markers: list[Marker] = field(default_factory=list)


def placed_sentences(text: str) -> list[PlacedSentence]:
    """The sentences of ``text`` with the markers that belong to each.

    A marker belongs to the sentence it stands in or right behind; one that opens a line, to the sentence it opens.
    """
    blanked = blank_markers(text)
    placed: list[PlacedSentence] = []
    for start, end in split_sentences(blanked):
        line = text.rfind("\n", 0, start) + 1
        if placed and placed[-1].start >= line and _HEADING.match(blanked, line):
            placed[-1].end = end  # a heading is one line, whatever full stops its numbers have
        else:
            placed.append(PlacedSentence(start, end))
    for marker in find_markers(text):
        holder = _holder(text, placed, marker)
        if holder is not None:
            holder.markers.append(marker)
    return placed


def _holder(text: str, placed: Sequence[PlacedSentence], marker: Marker) -> PlacedSentence | None:
    before = after = None
    for item in placed:
        if item.start <= marker.start < item.end:
            return item
        if item.end <= marker.start:
            before = item
        elif after is None:
            after = item
    same_line = before is not None and "\n" not in text[before.end : marker.start]
    if same_line or after is None:
        return before if same_line else None
    return after


def is_statement(sentence: str) -> bool:
    """Whether a sentence claims something that needs a source: no heading, question, courtesy or line that introduces."""
    bare = LEADING.sub("", blank_markers(sentence)).strip()
    if _HEADING.match(sentence) or _QUESTION.search(bare) or not bare:
        return False
    if find_quantities(bare):
        return True
    if _INTRODUCES.search(bare) or len(query_tokens(bare)) < _LEAST_WORDS:
        return False
    clauses = [clause for clause in _CLAUSES.split(fold(bare)) if clause]
    claims = [clause for clause in clauses if not _is_courtesy(clause)]
    if len(claims) < len(clauses):  # what is left of advice is its condition: if you feel unwell, ask your doctor
        claims = [clause for clause in claims if not _CONDITION.match(clause)]
    return len(query_tokens("，".join(claims))) >= _LEAST_WORDS


def _is_courtesy(clause: str) -> bool:
    """Whether a clause is advice or courtesy and does not allow or forbid anything besides."""
    if not _COURTESY.search(clause):
        return False
    rest = _COURTESY.sub(" ", clause)
    return not allows_or_forbids(rest) or bool(_OPEN.search(clause)) or len(query_tokens(rest)) < _LEAST_WORDS
