"""The real PDFs beside the checkout: what the gold questions quote stands on the pages they name."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from ingest.loaders.options import LoadOptions
from ingest.loaders.pdf import load_pdf
from kbchat.types import LoadedFile

TEXT_PDFS = (
    "01_bicalutamide_zh.pdf",
    "02_androcur-zh.pdf",
    "08_中国高血压防治指南.pdf",
    "15_humira_epar_en.pdf",
    "17_karvea_epar_en.pdf",
    "19_pil.10637.pdf",
)
SCANS = ("04_spironolactone-zh.pdf", "06_huadian-zh.pdf")


def norm(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def missing(shared_data: Path, name: str) -> list[str]:
    """The questions about one file whose excerpt stands on none of their pages (a page's end may run over)."""
    loaded = load_pdf(shared_data / "documents" / name, LoadOptions())
    texts = [norm(page.text) for page in loaded.pages]
    lost = []
    for language in ("zh", "en"):
        for line in (shared_data / "gold" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if item["doc"] != name:
                continue
            excerpt = norm(item["excerpt"])
            around = [(texts[page - 1], "".join(texts[page - 1 : page + 1])) for page in item["pages"]]
            if not any(excerpt in alone or excerpt in joined for alone, joined in around):
                lost.append(item["id"])
    assert_whole(loaded)
    return lost


def assert_whole(loaded: LoadedFile) -> None:
    for number, page in enumerate(loaded.pages, 1):
        assert page.number == number
        end = 0
        for block in page.blocks:
            assert page.text[end : block.start] in ("", "\n")
            end = block.end
        assert end == len(page.text)
        for run in page.runs:
            assert run.x0 < run.x1
            assert run.y0 < run.y1
            assert page.text[run.start : run.end].strip()


@pytest.mark.parametrize("name", TEXT_PDFS)
def test_excerpts_stand_on_their_pages(shared_data: Path, name: str) -> None:
    assert missing(shared_data, name) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SCANS)
def test_excerpts_of_scans_stand_on_their_pages(shared_data: Path, name: str) -> None:
    assert missing(shared_data, name) == []
