"""What an answer depends on and the question does not tell: age, pregnancy, kidneys, liver, allergy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kbchat.answering.followup_cues import cue
from kbchat.messages import Bilingual, Language
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import Citation, Passage, Query, SectionKind, Turn

_LONGEST_REPLY = 40
_MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class _Condition:
    """``depends`` finds it in a document; ``told`` in what the person said."""

    name: str
    asked: Bilingual
    depends: re.Pattern[str]
    told: re.Pattern[str]


def _condition(name: str, en: str, zh: str, depends: str, told: str) -> _Condition:
    return _Condition(name, Bilingual(en, zh), deferred(depends, re.IGNORECASE), deferred(told, re.IGNORECASE))


_CONDITIONS = (
    _condition(
        "age",
        "the patient's age",
        "患者的年龄",
        r"儿童|小儿|婴|幼|新生儿|未成年|青少年|老年|岁|\bchild|\bp(?:a)?ediatric|\binfant|\badolescent|\belderly|\bgeriatric|\byears (?:of age|old|and)|\baged\b",
        r"\d\s*(?:个?月大|岁|周岁|天大)|[一二三四五六七八九十]岁|成人|成年|儿童|小儿|婴|幼儿|新生儿|孩子|小孩|宝宝|娃|儿子|女儿|老人|老年|爷爷|奶奶|外公|外婆|"
        r"青少年|\badults?\b|\bchild|\bkids?\b|\bbaby\b|\binfant|\bmy (?:son|daughter|mother|father)|\belderly|\byears? old|\byear-old|\baged?\b|\bp(?:a)?ediatric|\badolescent",
    ),
    _condition(
        "pregnancy",
        "whether she is pregnant or breast-feeding",
        "是否怀孕或哺乳",
        r"妊娠|孕妇|孕期|怀孕|哺乳|\bpregnan|\bbreast-?feed|\blactat",
        r"孕|妊娠|哺乳|喂奶|备孕|男性|男士|先生|爸|爷爷|丈夫|老公|儿子|儿童|小儿|孩子|宝宝|老年|老人|\bpregnan|\bbreast|\blactat|\bhusband|\bfather|\bson\b|\bmale\b|\bman\b|\bmen\b|\bchild|\belderly",
    ),
    _condition(
        "kidney",
        "kidney function",
        "肾功能",
        r"肾功能|肾损|肾衰|肌酐清除|透析|\brenal|\bkidney|\bcreatinine clearance|\bCrCl\b|\beGFR\b|\bdialysis",
        r"肾|肌酐|透析|\brenal|\bkidney|\bcreatinine|\bCrCl\b|\beGFR\b|\bdialysis",
    ),
    _condition(
        "liver",
        "liver function",
        "肝功能",
        r"肝功能|肝损|肝硬化|肝病|肝衰|\bhepatic|\bliver|\bcirrho|\bChild-Pugh",
        r"肝|\bhepat|\bliver|\bcirrho|\bChild-Pugh",
    ),
    _condition(
        "allergy",
        "known allergies",
        "有无药物过敏史",
        r"过敏|\ballerg|\bhypersensitiv",
        r"过敏|\ballerg|\bhypersensitiv",
    ),
)
_DEPENDS_IN = frozenset({SectionKind.DOSAGE, SectionKind.CONTRAINDICATIONS})
_MAY_TAKE = deferred(
    r"(?:能|可以|可不可以|能不能|能否)(?:吃|用|服|打|涂|喝)|\b(?:can|may|should|is it safe|ok) .{0,30}\b(?:take|use|have|give)\b"
)
# What is the same for every patient: a dose forgotten, the time of the day, meals, how to swallow.
_SAME_FOR_ALL = deferred(
    r"漏|忘(?:了|记)?(?:吃|服|打|用)?|补[吃服打]|饭前|饭后|餐前|餐后|随餐|空腹|什么时候[吃服用打]|啥时候[吃服用打]|何时[吃服用]|几点|早上|晚上|睡前|嚼|掰|碾|磨|压碎|溶解|冲服|"
    r"整片|吞|"
    r"\b(?:miss(?:ed)?|forg[eo]t\w*|skipp?\w*|crush\w*|chew\w*|split|swallow\w*|dissolv\w*|before meals?|after meals?|(?:with|without) (?:food|meals?)|"
    r"empty stomach|what time|when (?:should|do|to|must|can) .{0,12}(?:take|use|inject)|at night|in the morning|bedtime)\b",
    re.IGNORECASE,
)
_QUESTION = Bilingual("This depends on {what}: could you tell me?", "具体用法与{what}有关，请问能补充说明一下吗？")
_MARK = deferred(r"(?:具体用法与.{2,60}有关，请问能补充说明一下吗？|This depends on .{3,160}: could you tell me\?)\s*$")

_ASKS = deferred(
    r"[?？]|吗|呢|么$|不$|怎么|多少|什么|啥|如何|哪|几[个天次片粒种步]|多[久长大]|是否|(?:能|要|会|可)不|是不是|有没有|\b(?:what|how|which|when|where|why|who)\b|"
    r"^\s*(?:can|may|should|is|are|do|does)\b",
    re.IGNORECASE,
)
_SHORT_REPLY = deferred(
    r"^\s*\d{1,3}(?:\.\d)?\s*(?:kg|公斤|岁)?\s*$|^(?:都)?(?:没有?|无|不是|否|是的?|对|正常|有)(?:$|[,，。 都了过]|任何)|^(?:no|none|not|neither|normal|yes)\b",
    re.IGNORECASE,
)


def missing_context(
    query: Query, citations: Sequence[Citation], passages: Sequence[Passage], said: str
) -> tuple[str, ...]:
    """The names of the conditions that the cited sections depend on and that ``said`` leaves open.

    Empty where the question is not about using a medicine. Where the person told something of the patient, only what the
    quoted words themselves depend on is asked.
    """
    may_take = bool(_MAY_TAKE.search(said.lower()))
    about_use = may_take or SectionKind.DOSAGE in query.intents[:1]
    if not citations or not about_use or _SAME_FOR_ALL.search(query.text):
        return ()
    quoted = " ".join(citation.quote for citation in citations)
    cited = {(citation.revision_id, citation.section_path) for citation in citations}
    sections = [p for p in passages if (p.revision_id, p.section_path) in cited and p.section_kind in _DEPENDS_IN]
    around = quoted + " " + " ".join(passage.text for passage in sections)
    first = (citations[0].revision_id, citations[0].section_path)
    if not may_take and not any((p.revision_id, p.section_path) == first for p in sections):
        return ()  # what answers first does not depend on the patient
    told = [condition for condition in _CONDITIONS if condition.told.search(said)]
    source = quoted if told else around if sections else ""
    missing = [
        one.name
        for one in _CONDITIONS
        # Every leaflet forbids its drug to the allergic: that is asked only where somebody wants to take it.
        if one not in told and one.depends.search(source) and (may_take or one.name != "allergy")
    ]
    return tuple(missing[:_MOST_ASKED])


def context_question(names: Sequence[str], language: Language) -> str:
    """One question for the conditions ``names``; empty for none."""
    asked = [one.asked.in_language(language) for one in _CONDITIONS if one.name in names]
    if not asked:
        return ""
    if language == "zh":
        what = "、".join(asked)
    else:
        what = asked[0] if len(asked) == 1 else f"{', '.join(asked[:-1])} and {asked[-1]}"
    return _QUESTION.in_language(language).format(what=what)


def completed_by_reply(turns: Sequence[Turn], reply: str) -> tuple[Sequence[Turn], str] | None:
    """The earlier question with ``reply`` put behind it, and the turns before that question; None where it is no such reply.

    The last answer ended by asking for something of the patient; a reply is short, tells it or says no, and asks nothing itself
    (65岁，没有过敏; she is 30 and not pregnant).
    """
    if len(turns) < 2 or turns[-1].role != "assistant" or not _MARK.search(turns[-1].content):
        return None
    if len(reply) > _LONGEST_REPLY or _ASKS.search(reply) or cue("change").search(fold(reply).strip()):
        return None
    if not _SHORT_REPLY.search(reply) and not any(one.told.search(reply) for one in _CONDITIONS):
        return None
    asked = next((number for number in reversed(range(len(turns) - 1)) if turns[number].role == "user"), None)
    if asked is None:
        return None
    return turns[:asked], f"{turns[asked].content.rstrip('。.')} {reply}".strip()
