"""Which tradition a document follows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from ingest.structure.leaflet_zh import leaflet_zh_marks
from ingest.structure.lines import Line
from ingest.structure.records import is_of_records
from kbchat.types import LoadedFile
from kbchat.types import SectionKind as K

DRUG_KINDS = frozenset(
    {
        K.INDICATIONS, K.DOSAGE, K.CONTRAINDICATIONS, K.ADVERSE_REACTIONS, K.INTERACTIONS, K.OVERDOSE, K.COMPOSITION,
        K.STORAGE, K.PHARMACOLOGY, K.WARNINGS,
    }
)  # fmt: skip
"""The kinds that make a document about a drug when several stand in it."""

_EMA_SIGNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"4\.1\.?\s+Therapeutic indications",
        r"4\.2\.?\s+Posology",
        r"4\.8\.?\s+Undesirable effects",
        r"(?i:package leaflet)\s*[:：\-–]?\s*(?i:information for)",
        r"(?:2\.?\s+)?What you need to know before",
        r"(?:1\.?\s+)?What .{1,90} (?:is|are) and what (?:it is|they are) used for",
        r"(?:4\.?\s+)?Possible side effects$",
        r"(?:5\.?\s+)?How to store ",
        r"Before you (?:take|use) ",
    )
)
_FDA_SIGNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"HIGHLIGHTS OF PRESCRIBING INFORMATION",
        r"FULL PRESCRIBING INFORMATION",
        r"(?:1\.?\s+)?INDICATIONS (?:AND|&) USAGE\b",
        r"(?:2\.?\s+)?DOSAGE (?:AND|&) ADMINISTRATION\b",
        r"(?:\d+\.?\s+)?(?:ADVERSE REACTIONS|HOW SUPPLIED.*|CLINICAL PHARMACOLOGY)$",
        r"Drug Facts\b",
        r"Active ingredients?\b",
        r"Inactive ingredients?\b",
        r"Ask a doctor before use",
        r"Purposes?\s*:?$",
        r"Directions\s*:?$",
    )
)
GUIDELINE_TITLE = re.compile(
    r"指南|共识|规范|诊疗方案|防治方案|诊疗标准|指引|专家建议|专家意见|路径|操作规程|技术要求|guidelines?\b"
    r"|consensus|recommendations?\b"
    r"|standard treatment|treatment protocol|practice statement|position statement|clinical pathway",
    re.IGNORECASE,
)
_SELF_NAMED = re.compile(
    r"\bth(?:is|e present) (?:\w+ ){0,2}(?:guideline|consensus|protocol|pathway)\b|本(?:指南|共识|规范|诊疗方案|路径|规程)",
    re.IGNORECASE,
)
_FRONT, _FRONT_CHARACTERS = 60, 3000
_ENOUGH_ZH_KINDS = 4


class Tradition(StrEnum):
    """The template a document follows."""

    RECORDS = "records"
    LEAFLET_ZH = "leaflet_zh"
    EMA = "ema"
    FDA = "fda"
    GUIDELINE = "guideline"
    PLAIN = "plain"


def detect(loaded: LoadedFile, lines: Sequence[Line], title: str) -> Tradition:
    """The tradition of a document, by the headings it carries and, for guidelines, by its title."""
    if is_of_records(loaded, lines):
        return Tradition.RECORDS
    if any(line.block.code for line in lines):
        return Tradition.FDA
    short = [line.text for line in lines if len(line.text) <= 160 and line.text[0].isascii()]
    if _signs(_EMA_SIGNS, short) >= 3:
        return Tradition.EMA
    if _signs(_FDA_SIGNS, short) >= 3:
        return Tradition.FDA
    guideline = bool(GUIDELINE_TITLE.search(title))
    if not guideline and _is_leaflet_zh(lines):
        return Tradition.LEAFLET_ZH
    return Tradition.GUIDELINE if guideline or _calls_itself_guideline(lines) else Tradition.PLAIN


def _calls_itself_guideline(lines: Sequence[Line]) -> bool:
    seen = 0
    for line in lines[:_FRONT]:
        if _SELF_NAMED.search(line.text[:_FRONT_CHARACTERS]):
            return True
        seen += len(line.text)
        if seen > _FRONT_CHARACTERS:
            break
    return False


def _signs(patterns: Sequence[re.Pattern[str]], texts: Sequence[str]) -> int:
    return sum(any(pattern.match(text) for text in texts) for pattern in patterns)


def _is_leaflet_zh(lines: Sequence[Line]) -> bool:
    if not any("\u4e00" <= line.text[0] <= "\u9fff" or not line.text[0].isascii() for line in lines):
        return False
    kinds = {mark.kind for mark in leaflet_zh_marks(lines) if len(mark.title) <= 24}
    return len(kinds & DRUG_KINDS) >= _ENOUGH_ZH_KINDS
