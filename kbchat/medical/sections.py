"""Which canonical section a heading names, and which sections a question asks for."""

from __future__ import annotations

import re
from functools import lru_cache

from kbchat.medical.question_words import AGE, INTENT_PATTERNS
from kbchat.medical.section_names import EXACT_NAMES, LOOSE_PATTERNS, SPL_KINDS
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind

__all__ = [
    "SPL_KINDS",
    "bare_heading",
    "intent_words",
    "named_section",
    "patient_groups",
    "question_intents",
    "section_kind",
]

_LONGEST_HEADING = 160
_BRACKETS = str.maketrans("", "", '【】[]〔〕『』「」《》<>#*"“”')
_NUMBER = deferred(
    r"^\s*(?:section\s+\d+|第[一二三四五六七八九十百\d]+[章节部分篇条]+|[(（]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[)）]"
    r"|[一二三四五六七八九十]{1,3}\s*[、..]|\d{1,2}(?:\s?[..]\s?\d{1,2}){0,5}\s*[..、)]?(?![\d%])|[ivx]{1,5}\.|[a-z]\.)\s*"
)
_TAIL = deferred(r"(?:\[[\d,\-~ ]*+\]?|[\s::。.;；,，、?？!！])++$")
_CJK_SPACE = deferred(r"(?<=[\u3040-\u9fff])\s+(?=[\u3040-\u9fff])")

_EXACT: dict[str, SectionKind] = {name: kind for kind, names in EXACT_NAMES.items() for name in fold(names).split()}
_LOOSE = tuple((kind, deferred(pattern)) for kind, pattern in LOOSE_PATTERNS)
_INTENTS = tuple((kind, deferred(pattern)) for kind, pattern in INTENT_PATTERNS)
_SHORTEST_LOOSE = 2
_GROUPS = frozenset((SectionKind.PREGNANCY, SectionKind.PEDIATRIC, SectionKind.GERIATRIC, SectionKind.RENAL_HEPATIC))


@lru_cache(maxsize=16384)
def bare_heading(heading: str) -> str:
    """The heading folded, without brackets, numbering, footnote marks and closing punctuation."""
    bare = _TAIL.sub("", fold(heading[: 2 * _LONGEST_HEADING]).strip())
    bare = _NUMBER.sub("", bare.translate(_BRACKETS).strip(), count=1)
    return _CJK_SPACE.sub("", bare).strip()


def named_section(heading: str) -> SectionKind | None:
    """The kind of a heading that is a known Chinese section name and nothing else, such as ``【用法用量】``."""
    return _EXACT.get(bare_heading(heading))


@lru_cache(maxsize=16384)
def section_kind(heading: str) -> SectionKind | None:
    """The kind a heading of any tradition names; None when it says nothing known."""
    if len(heading) > _LONGEST_HEADING:
        return None
    bare = bare_heading(heading)
    known = _EXACT.get(bare)
    if known is not None or len(bare) < _SHORTEST_LOOSE:
        return known
    return next((kind for kind, pattern in _LOOSE if pattern.search(bare)), None)


@lru_cache(maxsize=4096)
def question_intents(question: str) -> tuple[SectionKind, ...]:
    """The sections a question asks for, most specific first: the patient group before the matter asked."""
    text = fold(question)
    found = [kind for kind, pattern in _INTENTS if pattern.search(text)]
    for match in AGE.finditer(text):
        group = _age_group(match)
        if group is not None and group not in found:
            found.insert(0, group)
    return tuple(found)


def _age_group(match: re.Match[str]) -> SectionKind | None:
    years = int(match.group("number"))
    if match.group("months") or years < 18:
        return SectionKind.PEDIATRIC
    if years == 18 and match.group("under"):
        return SectionKind.PEDIATRIC
    return SectionKind.GERIATRIC if years >= 60 else None


@lru_cache(maxsize=4096)
def intent_words(question: str) -> tuple[tuple[SectionKind, str], ...]:
    """The words of a question that ask for a section (副作用, used for), folded, each with its section."""
    text = fold(question)
    return tuple(
        (kind, match.group()) for kind, pattern in _INTENTS for match in pattern.finditer(text) if match.group()
    )


@lru_cache(maxsize=16384)
def patient_groups(text: str) -> frozenset[SectionKind]:
    """The patient groups that a text speaks of: pregnancy, children, the old, kidney or liver impairment."""
    folded = fold(text)
    found = {kind for kind, pattern in _INTENTS if kind in _GROUPS and pattern.search(folded)}
    found.update(group for match in AGE.finditer(folded) if (group := _age_group(match)) is not None)
    return frozenset(found)
