"""What comes before any model: emergencies, messages that are no medical question, identifiers of persons.

Deterministic. Emergencies are looked for first, because a message about poison or suicide may look like an attack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbchat.assistants.assistant import Audience
from kbchat.medical.phi import find_identifiers, mask
from kbchat.medical.red_flags import RedFlag, assess
from kbchat.medical.scope import ScopeLabel, classify
from kbchat.messages import Bilingual, Language
from kbchat.settings import HospitalSettings, SafetySettings
from kbchat.types import Outcome, Query, Turn

_EMERGENCY = Bilingual("This may be an emergency: {name}.", "这可能是紧急情况：{name}。")
_CALL = Bilingual("Ambulance: {number}.", "急救电话：{number}。")
_PHONE = Bilingual("Emergency line of {hospital}: {number}.", "{hospital}急诊电话：{number}。")
_DEPARTMENT = Bilingual("Emergency department: {place}.", "急诊科：{place}。")
_THIS_HOSPITAL = Bilingual("this hospital", "本院")
FROM_THE_DOCUMENTS = Bilingual("From the documents:", "以下是资料中的相关内容：")

_REPLIES = {
    ScopeLabel.NON_MEDICAL: Bilingual(
        "I answer questions about medicines, diseases and treatment from this hospital's documents, and cannot help with "
        "this one. What would you like to know about a medicine or an illness?",
        "我只依据本院资料回答用药、疾病和诊疗方面的问题，这个问题帮不上您。有用药或健康方面的问题，欢迎告诉我。",
    ),
    ScopeLabel.CHITCHAT: Bilingual(
        "Hello! Ask me about a medicine or an illness; I look it up in this hospital's documents and show the source.",
        "您好！有用药或疾病方面的问题请告诉我，我会在本院资料中查找，并注明出处。",
    ),
    ScopeLabel.IDENTITY: Bilingual(
        "I am the knowledge base assistant of {hospital}: a program, not a physician. I answer from leaflets and "
        "guidelines and name file, page and section for every sentence; I make no diagnosis and write no prescription.",
        "我是{hospital}的知识库助手，是程序，不是医生。我依据药品说明书和诊疗指南回答问题，每句话都注明文件、页码和章节；"
        "我不作诊断，也不开处方。",
    ),
    ScopeLabel.ATTACK: Bilingual(
        "I cannot follow this request. I answer questions about medicines and illnesses from this hospital's documents.",
        "这个要求我不能照办。我只依据本院资料回答用药和疾病方面的问题。",
    ),
}
_FOOTERS: dict[Audience, Bilingual] = {
    "patient": Bilingual(
        "For reference only; it does not replace a physician or pharmacist.",
        "仅供参考，不能代替医师诊断或药师指导。",
    ),
    "clinician": Bilingual(
        "For reference only; check the page cited before you act.", "仅供参考，用药前请核对所引原文。"
    ),
}


@dataclass(frozen=True, slots=True)
class Screening:
    """What a message is before anything is looked up; ``scope`` MEDICAL goes on to the base."""

    emergency: RedFlag | None
    scope: ScopeLabel

    @property
    def is_answered_from_base(self) -> bool:
        """Whether the documents are asked at all."""
        return self.scope is ScopeLabel.MEDICAL

    @property
    def outcome(self) -> Outcome:
        """The outcome that the message has by itself."""
        if self.emergency is not None:
            return Outcome.EMERGENCY
        return Outcome.ANSWERED if self.is_answered_from_base else Outcome.OUT_OF_SCOPE


def screen(message: str) -> Screening:
    """Look at a message as the person wrote it."""
    return Screening(assess(message), classify(message).label)


class Safety:
    """The fixed words and the masking of one hospital."""

    def __init__(self, settings: SafetySettings, hospital: HospitalSettings) -> None:
        self._settings = settings
        self._hospital = hospital

    def emergency_text(self, flag: RedFlag, language: Language) -> str:
        """What to do now, whom to call and where to go."""
        hospital, say = self._hospital, _Saying(language)
        lines = [f"**{say(_EMERGENCY, name=flag.name.in_language(language))}**", flag.advice.in_language(language)]
        where = []
        if hospital.ambulance:
            where.append(say(_CALL, number=hospital.ambulance))
        if hospital.emergency_phone:
            where.append(say(_PHONE, hospital=self._name(language), number=hospital.emergency_phone))
        department = _chosen(hospital.emergency_department, hospital.emergency_department_en, language)
        if department:
            where.append(say(_DEPARTMENT, place=department))
        if where:
            lines.append(("" if language == "zh" else " ").join(where))
        return "\n".join(lines)

    def scope_reply(self, label: ScopeLabel, language: Language) -> str:
        """The short answer to a message that is no medical question. Raises KeyError for one that is."""
        return _Saying(language)(_REPLIES[label], hospital=self._name(language))

    def footer(self, audience: Audience, language: Language) -> str:
        """The note below an answer for this audience; empty where the settings want none."""
        wanted = self._settings.footer
        if wanted == "none" or (wanted == "patient" and audience != "patient"):
            return ""
        return _FOOTERS[audience].in_language(language)

    def masked(self, text: str) -> str:
        """``text`` with persons' identifiers masked, where the settings want it."""
        return mask(text) if self._settings.mask_identifiers else text

    def searched(self, text: str) -> str:
        """``text`` as it is looked up: what identifies a person is no part of a question."""
        if not self._settings.mask_identifiers:
            return text
        for span in reversed(find_identifiers(text)):
            text = f"{text[: span.start]}{text[span.end :]}"
        return text

    def masked_turns(self, turns: Sequence[Turn]) -> tuple[Turn, ...]:
        """The same for the turns of a conversation."""
        return tuple(replace(turn, content=self.masked(turn.content)) for turn in turns)

    def masked_query(self, query: Query) -> Query:
        """The same for a question as understood; what was understood stays."""
        return replace(query, text=self.masked(query.text), standalone_text=self.masked(query.standalone_text))

    def _name(self, language: Language) -> str:
        name = _chosen(self._hospital.name, self._hospital.name_en, language)
        return name or _THIS_HOSPITAL.in_language(language)


@dataclass(frozen=True, slots=True)
class _Saying:
    """Fills a message in one language."""

    language: Language

    def __call__(self, message: Bilingual, **values: str) -> str:
        return message.in_language(self.language).format(**values)


def _chosen(zh: str, en: str, language: Language) -> str:
    return (en or zh) if language == "en" else (zh or en)
