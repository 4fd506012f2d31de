"""Batches of questions: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.messages import Bilingual


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """One line ``{"id": …, "question": …}``."""

    id: str
    question: str


def read_questions(path: Path) -> Iterator[BatchQuestion]:
    """The questions of a JSON-lines file; blank lines are skipped.

    Raises NotFoundError, or InvalidInputError naming the first line that cannot be used; the whole file is checked first.
    """
    if not path.is_file():
        raise NotFoundError(
            Bilingual(f"There is no file {path}.", f"找不到文件 {path}。"),
            Bilingual("Give a file of JSON lines.", "请给出一个 JSON Lines 文件。"),
        )
    questions: list[BatchQuestion] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if line.strip():
            questions.append(_question(line, number, path))
    return iter(questions)


def _question(line: str, number: int, path: Path) -> BatchQuestion:
    try:
        record = json.loads(line)
        return BatchQuestion(str(record["id"]), str(record["question"]))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInputError(
            Bilingual(
                f"Line {number} of {path.name} cannot be used: {error!r}.",
                f"{path.name} 第 {number} 行无法使用：{error!r}。",
            ),
            Bilingual(
                'Every line is expected to be {"id": "…", "question": "…"}.', '每行应为 {"id": "…", "question": "…"}。'
            ),
        ) from error
