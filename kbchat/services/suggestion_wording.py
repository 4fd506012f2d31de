"""How suggested questions are worded: one natural question a section, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from kbchat.messages import Bilingual
from kbchat.text.language import language_of
from kbchat.types import SectionKind as K

FOLLOW_UP_WORDING: Mapping[K, Bilingual] = MappingProxyType(
    {
        K.INTERACTIONS: Bilingual("Does {name} interact with other medicines?", "{name}和其他药有什么相互作用？"),
        K.PREGNANCY: Bilingual(
            "What about pregnancy and breast-feeding with {name}?", "孕妇和哺乳期妇女能用{name}吗？"
        ),
        K.CONTRAINDICATIONS: Bilingual("Who must not take {name}?", "{name}有哪些禁忌？"),
        K.DOSAGE: Bilingual("How is {name} taken, and how much?", "{name}的用法用量是什么？"),
        K.ADVERSE_REACTIONS: Bilingual("What side effects can {name} have?", "{name}有哪些不良反应？"),
        K.RENAL_HEPATIC: Bilingual(
            "What about {name} with kidney or liver impairment?", "肝肾功能不全的患者使用{name}要注意什么？"
        ),
        K.PEDIATRIC: Bilingual("What about children and {name}?", "儿童使用{name}要注意什么？"),
        K.GERIATRIC: Bilingual("What about elderly patients and {name}?", "老年人使用{name}要注意什么？"),
        K.WARNINGS: Bilingual("What warnings and precautions are there for {name}?", "使用{name}有哪些注意事项？"),
        K.INDICATIONS: Bilingual("What is {name} used for?", "{name}用于治疗什么？"),
        K.STORAGE: Bilingual("How should {name} be stored?", "{name}应该怎么保存？"),
        K.COMPOSITION: Bilingual("What does {name} contain?", "{name}的成分是什么？"),
    }
)
FOLLOW_UP_ORDER: tuple[K, ...] = tuple(FOLLOW_UP_WORDING)
"""What is asked most after something else comes first."""

EXAMPLE_WORDING: Mapping[K, Bilingual] = MappingProxyType(
    {
        kind: FOLLOW_UP_WORDING[kind]
        for kind in (
            K.DOSAGE,
            K.INTERACTIONS,
            K.CONTRAINDICATIONS,
            K.ADVERSE_REACTIONS,
            K.PREGNANCY,
            K.STORAGE,
            K.INDICATIONS,
            K.WARNINGS,
        )
    }
)

GUIDELINE_WORDING: Mapping[K, Bilingual] = MappingProxyType(
    {
        K.RECOMMENDATION: Bilingual("What is recommended for {name}?", "{name}有哪些治疗推荐？"),
        K.DIAGNOSIS: Bilingual("How is {name} diagnosed?", "{name}如何诊断？"),
        K.OTHER: Bilingual("How is {name} managed?", "{name}怎么治疗？"),
    }
)

LEAST_SECTION = 12
"""Characters below which a section is an empty heading, or says “not known”; nothing is asked about it."""

_ZH_FRAME = re.compile(
    r"[《》]|[(（][^()（）]*[)）]|(?:19|20)\d\d\s*(?:年)?(?:修订|更新)?版?|第[一二三四五六七八九十\d]+版|试行版?|修订版|更新版|简体版|基层版"
    r"|(?:中国|国家|中华医学会\w{0,8}|我国)|(?:基层)?(?:合理)?(?:抗菌|抗栓|抗凝|抗血小板|抗病毒|降压|降糖|调脂|药物|用药|诊疗|诊治|防治|诊断与治疗|诊断和治疗|治疗|管理|预防|临床|实践|营养|健康教育|用药|食养)*"
    r"(?:指南|规范|要点|专家共识|共识|指导原则|方案|手册|路径|建议)(?:解读|摘要)?"
)
_ZH_TREATMENT = re.compile(
    r"(?:的)?(?:(?:抗菌|抗栓|抗凝|抗病毒|降压|降糖|调脂|药物|综合)*(?:治疗|管理|诊治|诊疗|防治))+$"
)
_EN_FRAME = re.compile(
    r"^(?:.*?\b(?:guidelines?|guidance|recommendations?|handbook|statement|consensus)\b\s*(?:on|for|of|to)?\s*)"
    r"|\b(?:the\s+)?(?:diagnosis|management|treatment|prevention|control|care|screening|use|therapy)\b(?:\s*,\s*|\s+and\s+|\s+of\s+|\s+for\s+)?"
    r"|\b(?:clinical|practice|guidelines?|guidance|consolidated|updated?|interim|WHO|NICE|CDC|edition|version)\b|\(.*?\)|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_EDGES = " \t-–—:：,，、.。·与和及的之/\"“”'"
_LONGEST_ABBREVIATION = 8
_LONGEST_ZH = 20
_LONGEST_EN = 60


def guideline_topic(title: str) -> str:
    """What a guideline is about, from its title: 中国2型糖尿病防治指南（2020年版） -> 2型糖尿病; empty when it cannot be told."""
    chinese = language_of(title) == "zh"
    topic = _ZH_FRAME.sub("", title) if chinese else _EN_FRAME.sub(" ", title)
    topic = re.sub(r"\s+", " ", topic).strip(_EDGES)
    if chinese:
        topic = _ZH_TREATMENT.sub("", topic).strip(_EDGES)
    if not chinese:
        topic = re.sub(r"^(?:the|of|for|in|and|on)\s+", "", re.sub(r"\s+(?:the|of|for|in|and|on)$", "", topic))
        if topic.isupper() and len(topic) > _LONGEST_ABBREVIATION:
            topic = topic.lower()
        elif topic[1:2].islower():
            topic = topic[:1].lower() + topic[1:]
    return topic if 2 <= len(topic) <= (_LONGEST_ZH if chinese else _LONGEST_EN) else ""
