"""Telling question and answer columns: by their headings, or a pair of columns whose first one asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

QUESTION_NAMES = frozenset({
    "问题", "问", "提问", "标准问题", "标准问", "问句", "疑问", "常见问题", "question", "questions", "q", "query", "faq", "prompt",
})  # fmt: skip
ANSWER_NAMES = frozenset({
    "回答", "答案", "答", "答复", "回复", "标准答案", "标准回答", "解答", "answer", "answers", "a", "response", "reply",
})  # fmt: skip
_ASKS = re.compile(r"[?？]\s*$")


@dataclass(frozen=True, slots=True)
class QaColumns:
    """Where questions and answers stand; ``others`` are further columns worth keeping, with their headings.

    ``first_row`` is the index of the first row that holds data.
    """

    question: int
    answer: int
    others: tuple[tuple[int, str], ...]
    first_row: int


def find_qa_columns(rows: Sequence[Sequence[str]]) -> QaColumns | None:
    """The question and answer columns of ``rows`` (cells as text), or None when it is another kind of table."""
    for number, row in enumerate(rows[:5]):
        names = [cell.strip().strip(":：").lower() for cell in row]
        question = next((column for column, name in enumerate(names) if name in QUESTION_NAMES), None)
        answer = next((column for column, name in enumerate(names) if name in ANSWER_NAMES), None)
        if question is not None and answer is not None:
            others = tuple(
                (column, row[column].strip())
                for column, name in enumerate(names)
                if name and column not in (question, answer) and not _is_counter(name)
            )
            return QaColumns(question, answer, others, number + 1)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if len(filled) >= 2 and all(len(row) >= 2 and not any(cell.strip() for cell in row[2:]) for row in filled):
        asking = sum(bool(_ASKS.search(row[0])) for row in filled)
        if asking >= 0.6 * len(filled) and all(row[1].strip() for row in filled if _ASKS.search(row[0])):
            return QaColumns(0, 1, (), 0)
    return None


def _is_counter(name: str) -> bool:
    return name in {"序号", "编号", "no", "no.", "id", "#", "index"}
