"""sample_kb is what its sources say, is marked as a sample in every file, and is the mix it claims to be."""

from __future__ import annotations

import html
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import build_sample_kb  # noqa: E402 - the scripts are no package
from samples import pdf  # noqa: E402
from samples.source import MARK_EN, MARK_ZH, read_source  # noqa: E402

SAMPLES = sorted(path for path in (ROOT / "sample_kb").rglob("*") if path.is_file())
SOURCES = [read_source(path) for path in sorted(build_sample_kb.SOURCES.glob("*.txt"))]


def text_of(path: Path) -> str:
    """All text of a sample file; a PDF that is a scan has none."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(str(path)) as document:
            return "".join(page.get_textpage().get_text_range() for page in document)
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as archive:
            parts = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
        return html.unescape(parts)
    return path.read_text(encoding="gb18030" if path.suffix == ".txt" else "utf-8")


def test_files_are_those_of_the_sources():
    assert {str(path.relative_to(ROOT / "sample_kb")) for path in SAMPLES} == {source.out for source in SOURCES}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_file_is_marked_and_small(path):
    text = text_of(path)

    assert path.stat().st_size < 300_000
    if "扫描件" in path.name:
        assert text.strip() == "", "the scan must hold a picture only"
    else:
        assert MARK_ZH in text or MARK_EN in text


def test_the_mix():
    formats = Counter(source.format for source in SOURCES)
    leaflets = Counter(source.options.get("language", "zh") for source in SOURCES if source.out.startswith("leaflets/"))
    guidelines = Counter(
        source.options.get("language", "zh") for source in SOURCES if source.out.startswith("guidelines/")
    )

    assert formats.keys() == build_sample_kb.WRITERS.keys()
    assert formats["pdf"] >= 5
    assert leaflets["zh"] >= 12
    assert leaflets["en"] >= 4
    assert guidelines["zh"] >= 3
    assert guidelines["en"] >= 1


def test_building_again_gives_the_same_text(tmp_path):
    if not pdf.FONT_FILE.is_file():
        pytest.skip("Debian's fonts-wqy-microhei is not installed")

    built = build_sample_kb.build(tmp_path)

    wrong = [path.name for path in built if text_of(path) != text_of(ROOT / "sample_kb" / path.relative_to(tmp_path))]
    assert not wrong, "run `make sample-kb`"
