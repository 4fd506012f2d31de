"""The part of a question that names the document and not the matter: "in the 2018 Chinese HIV guideline", 按高血压指南.

Its words should choose the document; looked for in the text they only find title pages and abstracts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ZH_NAME = r"(?P<name>[^，。？?！!,；;：:\s按据在从看]{0,24}?(?:指南|共识|说明书|诊疗规范|诊疗方案|防治方案|规范|手册))"
_ZH = (
    re.compile(rf"(?:按照?|根据|依据|依照|参照|查阅?|看){_ZH_NAME}"),
    re.compile(rf"{_ZH_NAME}(?=(?:上|中|里|内|说|写|规定|要求|推荐|建议|认为|指出|的|[，,：:]|$))"),
)
_EN = re.compile(
    r"\b(?:(?:in|per|by|under|from|according to|within|of)\s+)?(?:the\s+)?(?P<name>(?:[\w()/.'-]+\s+){0,8}?"
    r"(?:guidelines?|leaflet|label|labelling|labeling|consensus|package insert|prescribing information|smpc|product information|"
    r"treatment plan|protocol|diagnosis and treatment plan|coronavirus plan))\b(?=\s*(?:[,:;?.)]|$|\b(?:say|set|state|recommend|give|define|list|advise|how|what|when)))",
    re.IGNORECASE,
)
_EN_BREAK = re.compile(
    r"^.*(?:[(（]\s*|\b(?:in|per|by|under|from|according to|within|of|does|do|did|is|are|the|say|says)\s+)(?=\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Selector:
    """``name`` names the document; ``rest`` is the question without it."""

    name: str
    rest: str


def document_selector(question: str) -> Selector:
    """The document-naming part of ``question``; ``name`` is empty when there is none or nothing else would remain."""
    match = _ZH[0].search(question) or _ZH[1].search(question) or _EN.search(question)
    if match is None:
        return Selector("", question)
    name = match.group("name")
    start = match.start("name")
    cut = _EN_BREAK.match(name)
    if cut is not None:
        start += cut.end()
        name = name[cut.end() :]
    rest = question[:start] + " " + question[match.end() :]
    if sum(character.isalnum() for character in rest) < 4:
        return Selector("", question)
    return Selector(name, rest)
