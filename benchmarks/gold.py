"""The development questions and how a retrieved passage is judged (see the data folder's README)."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CONTEXT_CHARACTERS = 3000


def norm(text: str) -> str:
    """NFKC, lower case, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the documents and excerpts that answer it."""

    id: str
    question: str
    style: str
    kind: str
    documents: frozenset[str]
    excerpts: tuple[str, ...]
    numbers: tuple[str, ...]


def gold_questions(folder: Path = SHARED / "gold") -> list[GoldQuestion]:
    """The questions over ``documents/``, Chinese and English."""
    found: list[GoldQuestion] = []
    for name in ("zh.jsonl", "en.jsonl"):
        for record in json_records(folder / name):
            documents = {record["doc"], *(also["doc"] for also in record.get("also_docs", []))}
            excerpts = (record["excerpt"], *(alt["excerpt"] for alt in record.get("alt", [])))
            found.append(
                GoldQuestion(
                    record["id"],
                    record["question"],
                    record["style"],
                    record["kind"],
                    frozenset(documents),
                    tuple(norm(excerpt) for excerpt in excerpts),
                    tuple(record.get("numbers", [])),
                )
            )
    return found


def json_records(path: Path) -> list[dict]:  # type: ignore[type-arg]
    """Records with values of any JSON type."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as it is judged."""

    document: str
    title: str
    text: str


def is_right(question: GoldQuestion, passage: Shown) -> bool:
    """Whether the passage is of a right document and holds an excerpt."""
    text = norm(passage.text)
    return passage.document in question.documents and any(excerpt in text for excerpt in question.excerpts)


def rank_of_right(question: GoldQuestion, passages: Sequence[Shown]) -> int:
    """The rank of the first right passage, from 1; 0 when there is none."""
    return next((rank for rank, passage in enumerate(passages, 1) if is_right(question, passage)), 0)


def in_context(question: GoldQuestion, passages: Iterable[Shown], characters: int = CONTEXT_CHARACTERS) -> bool:
    """Whether a passage is right within the first ``characters`` of all passages laid end to end."""
    left = characters
    for passage in passages:
        if left <= 0:
            return False
        if is_right(question, Shown(passage.document, passage.title, passage.text[:left])):
            return True
        left -= len(passage.text)
    return False


@dataclass(frozen=True, slots=True)
class MedicineQuestion:
    """A MedicineQA question with its relevant (title, excerpt) pairs, normalised."""

    id: str
    question: str
    relevant: tuple[tuple[str, str], ...]


def medicine_questions(folder: Path = SHARED / "medicineqa") -> list[MedicineQuestion]:
    """MedicineQA's development questions."""
    return [
        MedicineQuestion(
            record["id"],
            record["question"],
            tuple((norm(item["title"]), norm(item["excerpt"])) for item in record["relevant"]),
        )
        for record in json_records(folder / "queries.jsonl")
    ]


def medicine_rank(question: MedicineQuestion, passages: Sequence[Shown]) -> int:
    """The rank of the first relevant passage, from 1; 0 when there is none."""
    for rank, passage in enumerate(passages, 1):
        text, title = norm(passage.text), norm(passage.title)
        for wanted, excerpt in question.relevant:
            if (wanted in title or wanted in text) and excerpt in text:
                return rank
    return 0
