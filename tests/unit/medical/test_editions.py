"""Editions of one document."""

from __future__ import annotations

from dataclasses import replace

from kbchat.medical.editions import edition_key, newest_editions
from kbchat.types import DocumentCard, DocumentKind

GUIDELINE = DocumentCard(DocumentKind.GUIDELINE, "成人高血压诊疗规范（2019年版）", "zh", revised_on="2019-01")
LEAFLET = DocumentCard(DocumentKind.LEAFLET, "盐酸二甲双胍片说明书", "zh", strength="0.5g", manufacturer="甲厂")


def test_years_and_versions_do_not_part_editions() -> None:
    assert edition_key(GUIDELINE) == edition_key(replace(GUIDELINE, title="成人高血压诊疗规范(2024年版)"))
    assert edition_key(GUIDELINE) == edition_key(replace(GUIDELINE, title="成人高血压诊疗规范 2024修订版"))
    assert edition_key(GUIDELINE) != edition_key(replace(GUIDELINE, title="儿童高血压诊疗规范（2024年版）"))


def test_two_strengths_or_makers_are_two_documents() -> None:
    assert edition_key(LEAFLET) == edition_key(replace(LEAFLET, revised_on="2023-05-18"))
    assert edition_key(LEAFLET) != edition_key(replace(LEAFLET, strength="0.25g"))
    assert edition_key(LEAFLET) != edition_key(replace(LEAFLET, manufacturer="乙厂"))


def test_undated_editions_have_no_say() -> None:
    assert newest_editions([("a", ""), ("a", "2019"), ("a", "2024-06"), ("b", "")]) == {"a": "2024-06"}
