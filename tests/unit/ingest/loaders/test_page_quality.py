"""The judgement about a page's text."""

from __future__ import annotations

import random

import pytest

from ingest.loaders.page_quality import PageEvidence, Verdict, agreement, is_garbled, judge

ZH = (
    "本品为二氢吡啶类钙通道阻滞剂，用于治疗高血压病和慢性稳定型心绞痛。通常口服起始剂量为5mg，每日一次，最大剂量不超过10mg，"
    "每日一次。体质虚弱者、老年患者或肝功能受损者，从2.5mg每日一次开始用药。肾功能衰竭者可用正常剂量，本品不被透析。"
)
HANT = "本品為一種抗雄性素製劑，會抑制雄性素的作用。曾有報導使用本品的病人發生血栓栓塞症，雖然其間的因果關係尚未建立，治療期間應定期檢查肝功能、腎上腺皮質功能及紅血球數。"
JA = "本剤の成分又は三環系抗うつ剤に対し過敏症の既往歴のある患者には投与しないこと。通常、成人には最初1日量200～400mgを1～2回に分割経口投与する。"
EN = "Adults: the usual dose is 250 mg to 500 mg three times a day or 750 mg to 1 g every 12 hours, depending on the severity and type of infection. Severe infections need more."
DE = "Wenden Sie sich an Ihren Arzt, wenn während der Behandlung übermäßige Müdigkeit, Übelkeit oder häufige Kopfschmerzen auftreten; für ältere Menschen gelten größere Abstände."
FR = "À prendre de préférence à la même heure chaque jour. En cas d'allergie déclarée à l'un des excipients, même légère, ne prenez jamais ce médicament et prévenez immédiatement votre médecin."
NUMBERS = "0.25 mg 12 3.4 (1.2-5.6) 78 % 9.10 11.12 <0.001 4.5 6/78 90/123 45.6 7.8 9.0 12.3 45 67 89 10.1 2.3"


@pytest.mark.parametrize("text", [ZH, HANT, JA, EN, DE, FR, NUMBERS, "12", "Annex I", "附录"])
def test_real_text_is_usable(text: str) -> None:
    assert not is_garbled(text)
    assert judge(PageEvidence(text)) is Verdict.USABLE


def scrambled(text: str) -> str:
    """Every Chinese character replaced by another of GB 2312, as a wrong character map does."""
    letters = [bytes((high, low)).decode("gb2312") for high in range(0xD8, 0xF7) for low in range(0xA1, 0xFF)]
    table = dict(zip(sorted(set(text)), random.Random(7).sample(letters, len(set(text))), strict=True))
    return "".join(table[c] if c > "\u4e00" else c for c in text)


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0xE000 + ord(c) % 256) for c in ZH),
        "\ufffd" * 30 + ZH[:40],
        ZH.encode("gb18030").decode("latin-1"),
        scrambled(ZH * 3),
        "".join(chr((ord(c) - 29) % 95 + 32) if c.isalpha() else c for c in EN * 2).replace("e", "x"),
        "\x01\x02\x03\x04\x05\x06",
    ],
    ids=["private use", "replacement", "mojibake", "wrong map", "shifted letters", "control"],
)
def test_unreadable_text_is_garbled(text: str) -> None:
    assert judge(PageEvidence(text)) is Verdict.GARBLED


def test_pages_without_text() -> None:
    assert judge(PageEvidence("")) is Verdict.EMPTY
    assert judge(PageEvidence(" ", pictures=1, picture_share=0.001)) is Verdict.EMPTY  # a speck costs no OCR
    assert judge(PageEvidence("", drawings=3)) is Verdict.EMPTY
    assert judge(PageEvidence("", pictures=1, picture_share=0.9)) is Verdict.PICTURE
    assert judge(PageEvidence("", drawings=500)) is Verdict.PICTURE  # letters drawn as outlines
    assert judge(PageEvidence("", text_objects=12)) is Verdict.PICTURE  # text that maps to nothing


def test_scans() -> None:
    assert judge(PageEvidence("Scanned by X", pictures=1, picture_share=0.98)) is Verdict.PICTURE
    assert judge(PageEvidence(ZH, pictures=1, picture_share=0.98)) is Verdict.LAYER
    assert judge(PageEvidence(ZH, pictures=1, picture_share=0.3)) is Verdict.USABLE
    assert judge(PageEvidence(EN, unmapped=0.8)) is Verdict.GARBLED


def test_agreement_of_a_layer_with_the_picture() -> None:
    assert agreement(ZH, ZH.replace("，", " ,\n")) == 1.0
    assert agreement(EN.upper(), EN) == 1.0
    poor = (
        ZH.replace("5mg", "Smg")
        .replace("治疗", "冶疔")
        .replace("剂量", "刑量")
        .replace("每日", "母曰")
        .replace("一次", "丫欠")
    )
    assert agreement(poor, ZH) < 0.9
    assert agreement("something else", ZH) < 0.1
    assert agreement("anything", "") == 1.0
