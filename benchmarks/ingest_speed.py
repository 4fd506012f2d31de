"""Ingest of text PDFs, end to end, against the LangChain reference pipeline with the same embedder, interleaved.

    python benchmarks/ingest_speed.py [--folder DIR] [--rounds 3] [--embedder SPEC]

Ours is the whole command ``kbchat ingest`` (process start, hashing, reading in worker processes, structure, chunks,
vectors, commits, copies of the originals, word and vector index). The peer is PyPDFLoader, RecursiveCharacterTextSplitter
500/50 and FAISS.from_documents. Both are whole processes, from start to exit; what each took inside, start-up not counted,
is told beside it. Text PDFs are those of the folder that need no OCR and that the peer can read.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from results_file import print_table, write_results

from kbchat.embedding.factory import embedder_from_spec

DOCUMENTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "documents"
TARGETS = {"pages_per_second": 150.0, "ratio": 5.0}


def ours(folder: Path, data: Path, embedder: str, *options: str) -> tuple[dict[str, Any], float]:
    """One ingest into a new data folder: its report, and seconds from start to exit."""
    command = [sys.executable, "-m", "kbchat", "ingest", str(folder), "--data-dir", str(data), "--json", *options]
    started = time.perf_counter()
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=False, env={**os.environ, "KBCHAT_EMBEDDING__MODEL": embedder}
    )
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 3):
        raise SystemExit(f"kbchat ingest ended with {done.returncode}")
    return json.loads(done.stdout), seconds


def text_pdfs(folder: Path, workplace: Path) -> list[Path]:
    """The PDFs of the folder whose every page has text of its own, and which the peer can read."""
    pdfs = workplace / "pdfs"
    pdfs.mkdir()
    for path in folder.glob("*.pdf"):
        shutil.copy(path, pdfs / path.name)
    report, _ = ours(pdfs, workplace / "probe", "none")
    return [
        folder / file["path"]
        for file in report["files"]
        if file["status"] == "added" and file["ocr_pages"] == 0 and _peer_can_read(folder / file["path"])
    ]


def _peer_can_read(path: Path) -> bool:
    """Whether pypdf finds the pages; a file that would end the peer is no fair comparison."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(path).pages) > 0
    except PyPdfError:
        return False


def peer(folder: Path, spec: str) -> dict[str, float]:
    """The reference pipeline over every PDF of the folder; prints what it measured as JSON."""
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_community.vectorstores import FAISS
    from langchain_peer import EmbedderForLangChain
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    embedder = embedder_from_spec(spec)
    if embedder is None:
        raise SystemExit("the peer needs an embedder: name one with --embedder")
    started = time.perf_counter()
    pages = [page for path in sorted(folder.iterdir()) for page in PyPDFLoader(str(path)).load()]
    chunks = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50).split_documents(pages)
    FAISS.from_documents(chunks, EmbedderForLangChain(embedder))
    return {"pages": len(pages), "chunks": len(chunks), "seconds": time.perf_counter() - started}


def run_peer(folder: Path, spec: str) -> dict[str, float]:
    """The peer in a process of its own."""
    command = [sys.executable, "-W", "ignore", __file__, "--peer", str(folder), "--embedder", spec]
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parent)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**measured, "whole_seconds": time.perf_counter() - started}


def _set_up(data: Path, embedder: str) -> None:
    """An empty knowledge base, so that neither making the database nor its tables is counted."""
    command = [sys.executable, "-m", "kbchat", "kb", "create", "default", "--data-dir", str(data), "--json"]
    environment = {**os.environ, "KBCHAT_EMBEDDING__MODEL": embedder}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)


def measure(folder: Path, rounds: int, spec: str, workplace: Path) -> dict[str, Any]:
    """Interleaved rounds of both; pages a second of each, and the ratio round by round."""
    chosen = text_pdfs(folder, workplace)
    if not chosen:
        raise SystemExit(f"no text PDF in {folder}")
    corpus = workplace / "corpus"
    corpus.mkdir()
    for path in chosen:
        shutil.copy(path, corpus / path.name)
    mine, inside, theirs, theirs_inside = [], [], [], []
    pages = chunks = 0
    for number in range(rounds):
        _set_up(workplace / f"data{number}", spec)
        report, seconds = ours(corpus, workplace / f"data{number}", spec)
        pages, chunks = report["totals"]["pages"], report["totals"]["chunks"]
        mine.append(pages / seconds)
        inside.append(pages / report["seconds"])
        measured = run_peer(corpus, spec)
        theirs.append(measured["pages"] / measured["whole_seconds"])
        theirs_inside.append(measured["pages"] / measured["seconds"])
    return {
        "files": [path.name for path in chosen],
        "pages": pages,
        "chunks": chunks,
        "embedder": spec,
        "kbchat_pages_per_second": round(statistics.median(mine), 1),
        "langchain_pages_per_second": round(statistics.median(theirs), 1),
        "ratio": _ratio(mine, theirs),
        "without_process_start": {
            "kbchat_pages_per_second": round(statistics.median(inside), 1),
            "langchain_pages_per_second": round(statistics.median(theirs_inside), 1),
            "ratio": _ratio(inside, theirs_inside),
        },
        "rounds": [[round(a, 1), round(b, 1)] for a, b in zip(mine, theirs, strict=True)],
        "targets": TARGETS,
    }


def _ratio(mine: list[float], theirs: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(mine, theirs, strict=True)), 2)


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=DOCUMENTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--embedder", default="default")
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peer is not None:
        print(json.dumps(peer(chosen.peer, chosen.embedder)))
        return
    if not chosen.folder.is_dir():
        print(f"skipped: there is no {chosen.folder}")
        return
    with tempfile.TemporaryDirectory(prefix="kbchat-ingest-") as place:
        figures = measure(chosen.folder, chosen.rounds, chosen.embedder, Path(place))
    rows = [
        ("pages", figures["pages"]),
        ("kbchat, pages/s", figures["kbchat_pages_per_second"]),
        ("LangChain, pages/s", figures["langchain_pages_per_second"]),
        ("ratio", figures["ratio"]),
        ("without process start: kbchat, pages/s", figures["without_process_start"]["kbchat_pages_per_second"]),
        ("without process start: LangChain, pages/s", figures["without_process_start"]["langchain_pages_per_second"]),
        ("without process start: ratio", figures["without_process_start"]["ratio"]),
    ]
    print_table(["what", "figure"], rows)
    write_results("ingest_speed", f"python benchmarks/ingest_speed.py --rounds {chosen.rounds}", figures)


if __name__ == "__main__":
    main()
