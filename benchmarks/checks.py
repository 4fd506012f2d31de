"""What the checks cost: time on a 400-character answer with 5 passages, and flags on extractive answers.

    python benchmarks/checks.py

Answers are put together from passages of the sample documents, reworded so that no sentence stands word for word, with one
wrong dose and markers of several forms. Time is all of `AnswerChecker`, from bare passages to the text shown, embedding
included; caches of earlier runs are emptied before each. Extractive answers go the same way and must come out unflagged.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from results_file import print_table, write_results

from ingest.pipeline import IngestOptions
from kbchat.answering import quantity_shapes, support
from kbchat.answering.checks import AnswerChecker
from kbchat.answering.markers import find_markers
from kbchat.answering.placed_quantities import placed_quantities
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.cli.ingesting import ingest_into
from kbchat.settings import load_settings
from kbchat.text.quantities import find_quantities
from kbchat.text.sentences import split_sentences
from kbchat.types import Outcome, Passage

SAMPLES = Path(__file__).resolve().parents[1] / "sample_kb"
BASE = "samples"
_RUNS = 15
_PASSAGES = 5
_CHARACTERS = 400
_MARKERS = ("[1]", "【2】", "[No.3]", "[1,2]", "文档[4]")
_REWORDED = (("患者", "病人"), ("应当", "要"), ("治疗", "用药治疗"), ("patients", "people"), ("should", "have to"))
_DRUGS_ZH = (
    "甲硝唑片",
    "头孢呋辛酯片",
    "华法林钠片",
    "盐酸二甲双胍片",
    "阿司匹林肠溶片",
    "左氧氟沙星片",
    "阿莫西林胶囊",
)
_ASKED_ZH = ("怎么吃，一天最多多少？", "的禁忌", "的不良反应", "孕妇能用吗？", "和华法林能一起吃吗？", "怎么保存？")
_ASKED_EN = (
    "apixaban missed dose", "metformin maximum daily dose", "warfarin interactions with antibiotics",
    "amoxicillin dose in children", "apixaban in renal impairment", "metformin contraindications",
)  # fmt: skip


def questions() -> list[str]:
    """Questions about the sample documents in both languages."""
    return [drug + asked for drug in _DRUGS_ZH for asked in _ASKED_ZH] + list(_ASKED_EN)


def reworded_answer(passages: Sequence[Passage]) -> str:
    """About 400 characters out of the passages' sentences, each with a marker, none word for word."""
    text = ""
    sentences = [p.text[start:end] for p in passages for start, end in split_sentences(p.text) if end - start > 15]
    for number, sentence in enumerate(sentences):
        if len(text) >= _CHARACTERS:
            break
        said = sentence
        for old, new in _REWORDED:
            said = said.replace(old, new)
        text += f"因此{said.rstrip('。.')}{_MARKERS[number % len(_MARKERS)]}。"
    return text[:_CHARACTERS] + "，一次75mg，每日9次[1]。"


def timed(app: App, asked: Sequence[str]) -> list[float]:
    """Milliseconds of each check."""
    retriever, embedder = app.retriever([BASE]), app.embedder(app.settings.embedding.model)
    found = []
    for question in asked:
        passages = retriever.retrieve(question, k=_PASSAGES).passages
        answer = reworded_answer(passages)
        if len(passages) < _PASSAGES or len(answer) < _CHARACTERS:
            continue
        for strict in (False, True):
            support._tokens.cache_clear()  # noqa: SLF001 - a fair start for each run
            placed_quantities.cache_clear()  # a fair start for each run
            find_quantities.cache_clear()  # a fair start for each run
            find_markers.cache_clear()  # a fair start for each run
            quantity_shapes._units_in_brackets.cache_clear()  # noqa: SLF001 - a fair start for each run
            started = time.perf_counter()
            AnswerChecker(passages, given=question, embedder=embedder).check(answer, "zh", strict=strict)
            found.append(1000 * (time.perf_counter() - started))
    return found


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(load_settings(data_dir=Path(folder)))
        create_base(app, BASE, "")
        ingest_into(app, [SAMPLES], BASE, IngestOptions(), silent=True)
        asked = questions()
        timed(app, asked[:2])  # dictionaries and models load once
        times = sorted(timed(app, asked[:_RUNS] + list(_ASKED_EN)))
        answerer = app.answerer([BASE])
        answers = [answerer.answer(question) for question in asked]
        app.close()
    answered = [answer for answer in answers if answer.outcome is Outcome.ANSWERED]
    flagged = [a for a in answered if a.checks.unsupported_quantities or a.checks.unsupported_sentences]
    figures = {
        "answers checked": len(times),
        "median ms": round(statistics.median(times), 1),
        "95th percentile ms": round(times[int(0.95 * (len(times) - 1))], 1),
        "longest ms": round(times[-1], 1),
        "extractive answers": len(answered),
        "extractive answers flagged": len(flagged),
    }
    for answer in flagged:
        print("flagged:", answer.checks.unsupported_quantities, answer.checks.unsupported_sentences)
    print_table(("figure", "value"), list(figures.items()))
    print(write_results("checks", "python benchmarks/checks.py", figures))


if __name__ == "__main__":
    main()
