"""Answers over the sample documents: what the built-in generator writes passes the same checks as a model's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import IngestOptions
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.cli.ingesting import ingest_into
from kbchat.settings import Settings
from kbchat.types import Outcome

SAMPLES = Path(__file__).resolve().parents[2] / "sample_kb"
DRUGS = ("甲硝唑片", "头孢呋辛酯片", "左氧氟沙星片", "盐酸二甲双胍片", "阿司匹林肠溶片", "华法林钠片")
ASKED = ("怎么吃，一天最多多少？", "的禁忌有哪些？", "有什么不良反应？", "孕妇能用吗？", "和华法林能一起吃吗？")
ENGLISH = ("apixaban missed dose", "metformin maximum daily dose", "amoxicillin dose in children")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An application over the sample documents that need no OCR."""
    app = App(Settings(data_dir=Path(tmp_path_factory.mktemp("data"))))
    create_base(app, "default")
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and "扫描件" not in path.name]
    ingest_into(app, sorted(files), "default", IngestOptions(), silent=True)
    yield app
    app.close()


def test_extractive_answers_come_out_unflagged(samples: App) -> None:
    answerer = samples.answerer()
    asked = [drug + rest for drug in DRUGS for rest in ASKED if drug[:3] not in rest] + list(ENGLISH)
    answers = {question: answerer.answer(question) for question in asked}

    flagged = {
        question: (answer.checks.unsupported_quantities, answer.checks.unsupported_sentences)
        for question, answer in answers.items()
        if answer.checks.unsupported_quantities or answer.checks.unsupported_sentences
    }
    answered = [answer for answer in answers.values() if answer.outcome is Outcome.ANSWERED]

    assert flagged == {}
    assert len(answered) > len(asked) // 2
    for answer in answered:
        assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} == {c.number for c in answer.citations}
        assert not answer.fallback


def test_two_drugs_of_the_samples_are_cited_pair_by_pair(samples: App) -> None:
    answer = samples.answerer().answer("华法林钠片和甲硝唑片能一起吃吗？")

    subjects = " ".join(f"{citation.document} {citation.quote}" for citation in answer.citations)
    assert answer.outcome is Outcome.ANSWERED
    assert "华法林" in subjects
    assert "甲硝唑" in subjects
