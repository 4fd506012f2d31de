"""Real files of every family through the whole command, good ones and bad ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "sample_kb"
ENVIRONMENT = {**os.environ, "KBCHAT_EMBEDDING__MODEL": "none", "KBCHAT_LANGUAGE": "en"}


def _ingest(folder: Path, data: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "kbchat", "ingest", str(folder), "--data-dir", str(data), "--json", *options],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def _by_path(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {file["path"]: file for file in report["files"]}


@pytest.mark.slow
def test_sample_knowledge_base_goes_in_whole_and_is_then_unchanged(tmp_path: Path) -> None:
    code, report = _ingest(SAMPLE, tmp_path / "data")
    assert code == 0
    files = _by_path(report)
    expected = [path for path in SAMPLE.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert len(files) == len(expected)
    assert {file["status"] for file in files.values()} == {"added"}
    assert all(file["chunks"] > 0 and file["pages"] > 0 for file in files.values())
    scanned = [path for path, file in files.items() if file["ocr_pages"]]
    assert scanned == ["leaflets/布洛芬缓释胶囊_扫描件.pdf"]
    code, report = _ingest(SAMPLE, tmp_path / "data")
    assert code == 0
    assert report["totals"]["unchanged"] == len(expected)


def test_bad_files_are_each_told_and_good_ones_go_in(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    pdf = next(SAMPLE.rglob("*_SmPC.pdf"))
    shutil.copy(pdf, folder / "good.pdf")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "cut.pdf").write_bytes(pdf.read_bytes()[:2000])
    (folder / "noise.pdf").write_bytes(bytes(range(256)) * 40)
    (folder / "program.exe").write_bytes(b"MZ" + bytes(500))
    (folder / "blank.txt").write_text(" \n\t\n", encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 not a zip at all")
    (folder / "broken.json").write_text('{"docs": [', encoding="utf-8")
    with zipfile.ZipFile(folder / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as member:
            for _ in range(1200):
                member.write(b" " * (1 << 20))
    code, report = _ingest(folder, tmp_path / "data")
    assert code == 3
    files = _by_path(report)
    assert files.pop("good.pdf")["status"] == "added"
    assert {path: file["status"] for path, file in files.items()} == dict.fromkeys(files, "failed")
    assert len(files) == 8
    assert all(file["reason"] and file["error"] for file in files.values())
    assert files["blank.txt"]["error"] == "NoTextError"
    assert "no text" in files["blank.txt"]["reason"].lower()
    assert files["program.exe"]["error"] == "UnsupportedFormatError"
    assert files["bomb.docx"]["error"] == "FileLimitError"


def test_pdf_under_another_ending_ends_in_one_way(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    shutil.copy(next(SAMPLE.rglob("*_SmPC.pdf")), folder / "renamed.docx")
    _, report = _ingest(folder, tmp_path / "data")
    (file,) = report["files"]
    assert file["status"] in ("added", "failed")
    assert file["chunks"] > 0 or "pdf" in f"{file['reason']} {file['remedy']}".lower()


@pytest.mark.slow
def test_odd_real_files(shared_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for pattern in ("17_*", "19_*", "2[0-8]_*", "30_*"):
        for path in (shared_data / "documents").glob(pattern):
            if path.suffix != ".pdf" or path.stat().st_size < 700_000:
                shutil.copy(path, folder / path.name)
    code, report = _ingest(folder, tmp_path / "data", "--ocr", "off")
    assert code == 3
    files = _by_path(report)
    assert files["27_r6-both-passwords.pdf"]["error"] == "EncryptedFileError"
    assert files["30_invalid.pdf"]["error"] == "DamagedFileError"
    assert files["22_apixaban_eliquis_v29.xml"]["status"] == "added"
    assert len(files) == len(list(folder.iterdir()))
