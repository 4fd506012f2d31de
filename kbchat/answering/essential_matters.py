"""Matters that an answer must speak of when the question does: a missed dose, alcohol, driving, crushing a tablet.

The passages of the right drug look like an answer to such a question even where not one of them says a word of the matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.messages import Bilingual
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import Passage, Query


@dataclass(frozen=True, slots=True)
class _Matter:
    """``asked`` finds it in a question, ``told`` in a document; both over folded text."""

    name: Bilingual
    asked: re.Pattern[str]
    told: re.Pattern[str]


def _matter(en: str, zh: str, asked: str, told: str) -> _Matter:
    return _Matter(Bilingual(en, zh), deferred(asked), deferred(told))


_MATTERS = (
    _matter(
        "a missed dose",
        "漏用",
        r"漏[服打吃用]|漏了|忘(?:了|记)?[吃服打用]|\bmiss(?:ed|ing)? (?:a |my |one |the )?(?:dose|tablet|pill|injection)|\bforg[eo]t\w* (?:to (?:take|inject)|my|a dose)",
        r"漏|忘|补[服用打]|错过|\bmiss|\bforg[eo]t|\bskipp",
    ),
    _matter("driving", "驾驶", r"开车|驾驶|驾车|\bdriv(?:e|ing)\b", r"开车|驾驶|驾车|机械|机器|仪器|\bdriv|\bmachine"),
    _matter(
        "alcohol",
        "饮酒",
        r"(?:喝|饮)(?:点|了)?[白啤红黄]?酒|酒精(?!肝|棉|消毒)|\balcohol\b|\bwine\b|\bbeer\b",
        r"酒|乙醇|\balcohol|\bethanol|\bdrink",
    ),
    _matter(
        "splitting, chewing or crushing",
        "掰开、咀嚼或碾碎",
        r"掰|嚼(?!服片|片)|碾|磨碎|压碎|研碎|\b(?:crush\w*|split|chew(?!able)\w*|halve|cut in half)\b",
        r"掰|嚼|碾|磨|碎|整[片粒个]|吞|刻痕|压痕|分开|\b(?:crush\w*|split\w*|chew\w*|halv\w*|whole|break\w*|broken|score\w*|swallow\w*)\b",
    ),
    _matter("grapefruit", "葡萄柚", r"葡萄柚|西柚|\bgrapefruit", r"葡萄柚|西柚|柚|\bgrapefruit"),
    _matter("a skin test", "皮试", r"皮试|皮肤试验|过敏试验|\bskin test", r"皮试|皮肤试验|皮内|过敏试验|\bskin (?:prick |sensitivity )?test"),
    _matter("dialysis", "透析", r"透析|血透|\bdialysis\b", r"透析|\bdialy|\bh(?:a)?emodial"),
    _matter("freezing", "冷冻", r"冷冻|结冰|冻(?:了|住|过)|\bfr[eo]ez\w*\b|\bfrozen\b", r"冻|冰|\bfr[eo]ez|\bfrozen"),
)  # fmt: skip


def missing_matter(query: Query, passages: Sequence[Passage]) -> Bilingual | None:
    """The matter that the question is about and no passage speaks of; of the drugs asked about, where there are any."""
    question = fold(query.standalone_text)
    asked = [matter for matter in _MATTERS if matter.asked.search(question)]
    if not asked or not passages:
        return None
    about = [passage for passage in passages if passage.parts.entity > 0] or list(passages)
    texts = [fold(f"{' '.join(passage.section_path)} {passage.table_header} {passage.text}") for passage in about]
    return next((m.name for m in asked if not any(m.told.search(text) for text in texts)), None)
