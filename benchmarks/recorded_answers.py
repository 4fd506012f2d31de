"""The checks on what language models really wrote: MedicineQA's recorded answers of PULSE-20b, GPT-4 and ChatGLM3.

    python benchmarks/recorded_answers.py [--model PULSE-OS|GPT-4|ChatGLM3|all]

Writes figures (markers read, sentences flagged) to `benchmarks/results/recorded_answers.json` and a list of sentences with
their sources, flagged and unflagged, to `benchmarks/results/recorded_answers_sentences.json`, for reading by hand. The seed
is fixed, so that the list stays the same as long as the checks do. The list quotes the recorded answers and is not kept in
the repository.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from gold import SHARED, json_records
from results_file import RESULTS, print_table, write_results

from kbchat.answering.checks import AnswerChecker, Inspected
from kbchat.answering.markers import find_markers
from kbchat.embedding.factory import embedder_from_spec
from kbchat.text.quantities import find_quantities
from kbchat.types import DocumentKind, Passage, ScoreParts, SectionKind, Span

_LISTED = 60
_SEED = 20
# Whatever looks like a marker, for counting those that were not read.
_LOOKS_LIKE_MARKER = re.compile(
    r"[\[【［〔]\s*(?:no\.?|文档|doc\w*|ref\w*)?\s*\d{1,2}[^\]】］〕\n]{0,12}[\]】］〕]", re.IGNORECASE
)


def passage(number: int, text: str) -> Passage:
    """A recorded document as a passage; its first line names drug and section."""
    title = text.partition("\n")[0]
    spans = (Span(1, 0, len(text)),)
    return Passage(
        chunk_id=number, document_id=number, revision_id=number, document=title, document_title=title,
        document_kind=DocumentKind.LEAFLET, subject=title, revision_date="", section_id=number,
        section_kind=SectionKind.OTHER, section_path=(title,), spans=spans, hit_spans=spans, text=text, table_header="",
        score=1.0, parts=ScoreParts(), hit_start=0, hit_length=len(text),
    )  # fmt: skip


def inspected(model: str) -> Iterator[tuple[dict[str, Any], Inspected, AnswerChecker]]:
    """Every sentence of the recorded answers of one model."""
    embedder = embedder_from_spec("default", allow_download=False)
    for record in json_records(SHARED / "medicineqa" / "recorded_answers.jsonl"):
        if model in (record["model"], "all"):
            passages = [passage(number, text) for number, text in enumerate(record["documents"], 1)]
            checker = AnswerChecker(passages, given=record["question"], embedder=embedder)
            sentences, removed = checker.inspect(record["answer"])
            for sentence in sentences:
                yield {**record, "removed": removed}, sentence, checker


def marker_figures(model: str) -> dict[str, int]:
    """Markers read, and strings that look like one and were not read."""
    read = missed = 0
    for record in json_records(SHARED / "medicineqa" / "recorded_answers.jsonl"):
        if model in (record["model"], "all"):
            spans = [(marker.start, marker.end) for marker in find_markers(record["answer"])]
            read += len(spans)
            missed += sum(
                not any(low < found.end() and found.start() < high for low, high in spans)
                for found in _LOOKS_LIKE_MARKER.finditer(record["answer"])
            )
    return {"markers read": read, "markers missed": missed}


def listed(record: dict[str, Any], sentence: Inspected) -> dict[str, Any]:
    """One sentence as a person reads it: with what it was checked against."""
    cited = [record["documents"][number] for number in sentence.cited] or record["documents"]
    best = sentence.support
    return {
        "model": record["model"],
        "question": record["question"],
        "sentence": sentence.text,
        "cited": [number + 1 for number in sentence.cited],
        "wrong_quantities": list(sentence.wrong),
        "supported": sentence.supported,
        "support": round(best.score, 3) if best else 0.0,
        "nearest": record["documents"][best.passage][best.start : best.end] if best else "",
        "sources": cited,
    }


def main() -> None:
    """Check, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="PULSE-OS", help="PULSE-OS, GPT-4, ChatGLM3 or all")
    model = parser.parse_args().model
    stated = [(record, sentence) for record, sentence, _ in inspected(model) if sentence.factual]
    with_numbers = [(r, s) for r, s in stated if find_quantities(s.text)]
    wrong = [(r, s) for r, s in with_numbers if s.wrong]
    right = [(r, s) for r, s in with_numbers if not s.wrong]
    unsupported = [(r, s) for r, s in stated if not s.supported]
    chosen = random.Random(_SEED)
    groups = {
        "quantities_flagged": wrong,
        "quantities_unflagged": right,
        "support_flagged": unsupported,
        "support_unflagged": [(r, s) for r, s in stated if s.supported and not s.wrong],
    }
    lists = {
        name: [listed(r, s) for r, s in chosen.sample(items, min(_LISTED, len(items)))]
        for name, items in groups.items()
    }
    figures = {
        "model": model,
        **marker_figures(model),
        "statements": len(stated),
        "statements with quantities": len(with_numbers),
        "quantity flags": len(wrong),
        "support flags": len(unsupported),
    }
    path = RESULTS / "recorded_answers_sentences.json"
    path.write_text(json.dumps(lists, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print_table(("figure", "value"), list(figures.items()))
    print(path, write_results("recorded_answers", "python benchmarks/recorded_answers.py", figures), sep="\n")


if __name__ == "__main__":
    main()
