"""The one refusal, shared by code, prompts and tests."""

from __future__ import annotations

from collections.abc import Sequence

from kbchat.generation.refusal import NO_EVIDENCE
from kbchat.messages import Bilingual, Language

__all__ = ["ASK_THE_PHARMACIST", "NEAREST", "NO_EVIDENCE", "refusal_text"]

NEAREST = Bilingual("The nearest documents are: ", "最接近的资料是：")
ASK_THE_PHARMACIST = Bilingual("Please ask the pharmacist or the physician in charge.", "请咨询药师或主管医生。")


def refusal_text(language: Language, reason: Bilingual | None, nearest: Sequence[str]) -> str:
    """The refusal with its reason, the nearest documents and whom to ask."""
    space = "" if language == "zh" else " "
    text = NO_EVIDENCE.in_language(language)
    if reason is not None:
        text += space + reason.in_language(language)
    if nearest:
        separator, stop = ("、", "。") if language == "zh" else ("; ", ".")
        text += space + NEAREST.in_language(language) + separator.join(nearest) + stop
    return text + space + ASK_THE_PHARMACIST.in_language(language)
