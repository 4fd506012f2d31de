"""Batches of questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from kbchat.cli.batch import read_questions
from kbchat.errors import InvalidInputError, NotFoundError


def test_lines_with_id_and_question(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('\ufeff{"id": 7, "question": "a"}\n\n{"id": "b", "question": "二", "more": 1}\n', encoding="utf-8")
    assert [(q.id, q.question) for q in read_questions(path)] == [("7", "a"), ("b", "二")]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '"x"'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": 1, "question": "a"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Line 2"):
        list(read_questions(path))


@pytest.mark.parametrize("question", ["", "  ", "问" * 5000])
def test_a_question_nobody_could_ask_is_named_before_the_first_is_answered(tmp_path: Path, question: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(f'{{"id": 1, "question": "a"}}\n{{"id": 2, "question": "{question}"}}\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Line 2 of"):
        read_questions(path)


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "1", "question": "a\u2028b\x85c"}\r\n', encoding="utf-8", newline="")
    assert [q.question for q in read_questions(path)] == ["a\u2028b\x85c"]


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('{"id": "1", "question": "用法"}'.encode("gb18030"))
    with pytest.raises(InvalidInputError, match="UTF-8"):
        read_questions(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_questions(tmp_path / "none.jsonl")
