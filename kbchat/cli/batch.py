"""Batches of questions: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kbchat.answering.answerer import checked_question
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.messages import Bilingual

_NO_JSON = Bilingual("no JSON", "不是 JSON")
_NO_QUESTION = Bilingual("no object with an id and a question", "缺少 id 或 question")


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
    for number, line in enumerate(_text(path).split("\n"), start=1):  # splitlines() would cut inside a string at U+2028
        if line.strip():
            questions.append(_question(line, number, path))
    return iter(questions)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            Bilingual(f"{path.name} is not encoded in UTF-8.", f"{path.name} 不是 UTF-8 编码。"),
            Bilingual("Save it as UTF-8.", "请另存为 UTF-8 编码。"),
        ) from error


def _question(line: str, number: int, path: Path) -> BatchQuestion:
    try:
        record = json.loads(line)
        question = BatchQuestion(str(record["id"]), str(record["question"]))
    except (ValueError, TypeError, KeyError) as error:
        found = _NO_JSON if isinstance(error, ValueError) else _NO_QUESTION
        raise InvalidInputError(
            Bilingual(
                f"Line {number} of {path.name} cannot be used: it is {found.en}.",
                f"{path.name} 第 {number} 行无法使用：{found.zh}。",
            ),
            Bilingual(
                'Every line is expected to be {"id": "…", "question": "…"}.', '每行应为 {"id": "…", "question": "…"}。'
            ),
        ) from error
    try:
        checked_question(question.question)
    except InvalidInputError as error:
        said = error.user_message
        raise InvalidInputError(
            Bilingual(
                f"Line {number} of {path.name} cannot be used: {said.en}",
                f"{path.name} 第 {number} 行无法使用：{said.zh}",
            ),
            error.remedy,
        ) from error
    return question
