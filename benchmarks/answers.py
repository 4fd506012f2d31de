"""Answers on the development questions: refusals, citations, numbers.

    python benchmarks/answers.py [--data-dir DIR]

Figures: unanswerable questions refused, answerable gold questions wrongly refused, citations that stand verbatim at their
page and offsets (the share of all), [n] that resolve, and the share of gold answers that carry every number and an excerpt of
the right passage. There is no peer: the LangChain pipeline cannot refuse without a model.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gold import SHARED, GoldQuestion, gold_questions, json_records, norm
from results_file import print_table, write_results
from retrieval import prepare

from kbchat.app import App
from kbchat.types import Answer, Outcome

_MARKER = re.compile(r"\[(\d+)\]")


def citation_faults(app: App, answer: Answer) -> tuple[int, int]:
    """(citations, faults): a fault is a quote not found at its page and offsets, or an [n] without a citation."""
    faults = 0
    for citation in answer.citations:
        page = app.store.page(citation.revision_id, citation.page)
        faults += page.text[citation.start : citation.end] != citation.quote or not citation.quote.strip()
    numbers = {citation.number for citation in answer.citations}
    shown = {int(number) for number in _MARKER.findall(answer.text)}
    if answer.outcome is Outcome.ANSWERED:
        faults += len(shown ^ numbers)
    return len(answer.citations), faults


def carries_numbers(question: GoldQuestion, answer: Answer) -> bool:
    """Whether every quantity a right answer carries stands in the answer."""
    text = norm(answer.text)
    return all(norm(number) in text for number in question.numbers)


def from_right_document(question: GoldQuestion, answer: Answer) -> bool:
    """Whether the first citation is of a right document."""
    return bool(answer.citations) and answer.citations[0].document in question.documents


def measure(
    app: App, base: str, questions: Sequence[GoldQuestion]
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Figures, and one row for each question to look at."""
    answerer = app.answerer([base])
    rows: list[dict[str, object]] = []
    for question in questions:
        answer = answerer.answer(question.question)
        citations, faults = citation_faults(app, answer)
        rows.append(
            {
                "id": question.id,
                "question": question.question,
                "refused": answer.outcome is not Outcome.ANSWERED,
                "score": answer.checks.evidence_score,
                "citations": citations,
                "faults": faults,
                "numbers": carries_numbers(question, answer),
                "document": from_right_document(question, answer),
                "characters": len(answer.text),
                "text": answer.text,
            }
        )
    unanswerable: list[dict[str, object]] = []
    for record in json_records(SHARED / "gold" / "unanswerable.jsonl"):
        answer = answerer.answer(record["question"])
        unanswerable.append(
            {
                "id": record["id"],
                "question": record["question"],
                "refused": answer.outcome is not Outcome.ANSWERED,
                "score": answer.checks.evidence_score,
                "text": answer.text,
            }
        )
    answered = [row for row in rows if not row["refused"]]
    figures: dict[str, object] = {
        "unanswerable refused": _share(unanswerable, "refused"),
        "answerable refused": _share(rows, "refused"),
        "citations": sum(int(str(row["citations"])) for row in rows),
        "citation faults": sum(int(str(row["faults"])) for row in rows),
        "first citation of a right document (of answered)": _share(answered, "document"),
        "all numbers of the right answer present (of answered)": _share(answered, "numbers"),
        "median characters": sorted(int(str(row["characters"])) for row in answered)[len(answered) // 2],
    }
    return figures, rows + unanswerable


def _share(rows: Sequence[dict[str, object]], key: str) -> float:
    return round(sum(bool(row[key]) for row in rows) / max(1, len(rows)), 3)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        app = prepare((arguments.data_dir or Path(scratch)) / "whole", "default")
        figures, rows = measure(app, "documents", gold_questions())
        app.close()
    if arguments.verbose:
        for row in rows:
            print(row["id"], row["question"], f"score {row['score']}", "REFUSED" if row["refused"] else "", sep=" | ")
            print(row["text"], "\n")
    print_table(("figure", "value"), list(figures.items()))
    print(write_results("answers", "python benchmarks/answers.py", figures))


if __name__ == "__main__":
    main()
