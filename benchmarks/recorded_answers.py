"""The checks on what language models really wrote: MedicineQA's recorded answers of PULSE-20b, GPT-4 and ChatGLM3.

    python benchmarks/recorded_answers.py [--model PULSE-OS|GPT-4|ChatGLM3|all]

Writes figures (markers read, sentences flagged) to `benchmarks/results/recorded_answers.json` and a list of sentences with
their sources, flagged and unflagged, to `benchmarks/results/recorded_answers_sentences.json`, for reading by hand. The seed
is fixed, so that the list stays the same as long as the checks do. The list quotes the recorded answers and is not kept in
the repository.

Every sentence with quantities was read beside its source; `benchmarks/recorded_answers_labels.jsonl` says by a hash of the
sentence whether the source supports all of its quantities, and why not. From it come precision and recall of the quantity
flags. As models err seldom here, quantities of supported sentences are altered on purpose too (`altered_quantities.py`), one
in each sentence, and the share that is caught is measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from altered_quantities import KINDS, chosen
from gold import SHARED, json_records
from results_file import RESULTS, print_table, write_results

from kbchat.answering.checks import AnswerChecker, Inspected
from kbchat.answering.fidelity import check_quantities
from kbchat.answering.markers import find_markers
from kbchat.embedding.factory import embedder_from_spec
from kbchat.text.quantities import find_quantities
from kbchat.types import DocumentKind, Passage, ScoreParts, SectionKind, Span

_LISTED = 60
_SEED = 20
_ALTERED = 60
_OTHER_SEEDS = (101, 102, 103)
_LABELS = Path(__file__).resolve().parent / "recorded_answers_labels.jsonl"
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


Checked = tuple[dict[str, Any], Inspected]


def sentence_id(record: dict[str, Any], sentence: Inspected) -> str:
    """What a sentence is called in the file of labels."""
    whole = "\x1f".join((record["model"], record["question"], sentence.text))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def by_hand(checked: Sequence[Checked]) -> dict[str, object]:
    """Precision and recall of the quantity flags against the labels; a sentence that is there twice counts once."""
    labels = {record["id"]: record["label"] == "unsupported" for record in json_records(_LABELS)}
    flagged = {sentence_id(r, s): bool(s.wrong) for r, s in checked}
    read = {name: flag for name, flag in flagged.items() if name in labels}
    hits = sum(flag and labels[name] for name, flag in read.items())
    flags, unsupported = sum(read.values()), sum(labels[name] for name in read)
    return {
        "read by hand": len(read),
        "not read": len(flagged) - len(read),
        "unsupported by hand": unsupported,
        "flags": flags,
        "flags that are right": hits,
        "precision": round(hits / flags, 3) if flags else 0.0,
        "recall": round(hits / unsupported, 3) if unsupported else 0.0,
        "supported ones flagged": round((flags - hits) / (len(read) - unsupported), 3),
    }


def altered_on_purpose(checked: Sequence[Checked]) -> dict[str, object]:
    """The share of altered quantities that is caught, in all and by kind of error; and with other seeds."""
    labels = {record["id"]: record["label"] for record in json_records(_LABELS)}
    supported = {
        name: (r, s) for r, s in checked if labels.get(name := sentence_id(r, s)) == "supported" and not s.wrong
    }
    sentences = list(supported.values())
    tried, caught = _tried_and_caught(sentences, _SEED)
    others = [_tried_and_caught(sentences, seed) for seed in _OTHER_SEEDS]
    return {
        "altered": tried.total(),
        "caught": caught.total(),
        "share caught": round(caught.total() / max(1, tried.total()), 3),
        "share caught, other seeds": round(sum(c.total() for _, c in others) / sum(t.total() for t, _ in others), 3),
        **{f"caught, {kind}": f"{caught[kind]} of {tried[kind]}" for kind in KINDS},
    }


def _tried_and_caught(sentences: Sequence[Checked], seed: int) -> tuple[Counter[str], Counter[str]]:
    """How many quantities were altered and how many of these were flagged, by kind of error."""
    tried: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    for index, alteration in chosen([s.text for _, s in sentences], _ALTERED, seed):
        record, sentence = sentences[index]
        sources = [record["documents"][number] for number in sentence.cited] or record["documents"]
        result = check_quantities(alteration.text, "\n".join(sources), given=record["question"])
        tried[alteration.kind] += 1
        caught[alteration.kind] += not result.supported
    return tried, caught


def main() -> None:
    """Check, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="all", help="PULSE-OS, GPT-4, ChatGLM3 or all")
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
        **{f"by hand: {name}": value for name, value in by_hand(with_numbers).items()},
        **{f"on purpose: {name}": value for name, value in altered_on_purpose(with_numbers).items()},
    }
    path = RESULTS / "recorded_answers_sentences.json"
    path.write_text(json.dumps(lists, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print_table(("figure", "value"), list(figures.items()))
    print(
        path,
        write_results("recorded_answers", f"python benchmarks/recorded_answers.py --model {model}", figures),
        sep="\n",
    )


if __name__ == "__main__":
    main()
