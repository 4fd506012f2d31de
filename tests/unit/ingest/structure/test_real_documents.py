"""Real documents read as a pharmacist would: names, titles, sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.chunking import chunk_sections
from ingest.loaders import LoadOptions, load_file
from ingest.structure import structure
from kbchat.settings import ChunkSettings
from kbchat.text.spans import SpannedText
from kbchat.types import DocumentKind
from kbchat.types import SectionKind as K

CASES = [
    (
        "01_bicalutamide_zh.pdf",
        DocumentKind.LEAFLET,
        "比卡鲁胺片说明书",
        {"比卡鲁胺片", "康士得", "CASODEX"},
        "2016-02-02",
    ),
    ("02_androcur-zh.pdf", DocumentKind.LEAFLET, "安得卡錠", {"安得卡錠", "cyproterone acetate"}, ""),
    ("11_中国艾滋病诊疗指南2018.md", DocumentKind.GUIDELINE, "中国艾滋病诊疗指南（2018版）", set(), "2018"),
    (
        "19_pil.10637.pdf",
        DocumentKind.LEAFLET,
        "Amoxicillin 250mg & 500 mg Capsules",
        {"amoxicillin"},
        "2023-02",
    ),
    (
        "20_atorvastatin.html",
        DocumentKind.LEAFLET,
        "Atorvastatin Momaja",
        {"atorvastatin", "Atorvastatin Momaja"},
        "2024-10",
    ),
    ("23_apixaban_eliquis_v30.xml", DocumentKind.LEAFLET, "ELIQUIS (apixaban)", {"apixaban", "ELIQUIS"}, "2025-04-17"),
]


@pytest.mark.parametrize(("name", "kind", "title", "names", "revised"), CASES, ids=[case[0] for case in CASES])
def test_card_sections_and_chunks(  # noqa: PLR0917 - one parameter a field of the card
    shared_data: Path, name: str, kind: DocumentKind, title: str, names: set[str], revised: str
) -> None:
    loaded = load_file(shared_data / "documents" / name, LoadOptions())
    card, sections = structure(loaded, name)
    assert (card.kind, card.title, card.revised_on) == (kind, title, revised)
    assert names <= set(card.names)
    found = {section.kind for section in sections}
    wanted = {K.DIAGNOSIS, K.RECOMMENDATION} if kind is DocumentKind.GUIDELINE else {
        K.INDICATIONS, K.DOSAGE, K.CONTRAINDICATIONS, K.WARNINGS, K.ADVERSE_REACTIONS, K.INTERACTIONS, K.PREGNANCY,
    }  # fmt: skip
    assert wanted <= found
    texts = {page.number: page.text for page in loaded.pages}
    for chunk in chunk_sections(loaded.pages, sections, ChunkSettings()):
        assert chunk.text == SpannedText.of(texts, chunk.spans).text
