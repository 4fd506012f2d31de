"""``kbchat ask``: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from kbchat.answering.answerer import Answerer
from kbchat.app import App
from kbchat.assistants.assistant import Assistant
from kbchat.cli.batch import read_questions
from kbchat.cli.json_output import answer_json
from kbchat.cli.rendering import print_answer
from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual, Language
from kbchat.retrieval.retriever import Restriction
from kbchat.types import Answer


def ask_once(
    app: App,
    question: str,
    base_names: Sequence[str],
    language: Language | None = None,
    restriction: Restriction | None = None,
) -> Answer:
    """Answer one question over the named knowledge bases."""
    return app.answerer(base_names).answer(question, restriction=restriction, language=language)


def run_ask(
    app: App,
    question: str | None,
    base_names: Sequence[str],
    *,
    queries: Path | None = None,
    documents: Sequence[str] = (),
    kinds: Sequence[str] = (),
    assistant: Assistant | None = None,
    as_json: bool = False,
    language: Language | None = None,
    console: Console | None = None,
) -> None:
    """Print the answer to ``question``, or one JSON line for each question of ``queries``.

    Raises InvalidInputError when neither or both are given, and whatever answering raises.
    """
    if (question is None) == (queries is None):
        raise InvalidInputError(
            Bilingual("Give either a question or --queries FILE.", "请给出一个问题，或用 --queries 指定文件。"),
            Bilingual('For example: kbchat ask "…"', '例如：kbchat ask "……"'),
        )
    restriction = app.restriction(base_names, documents, kinds) if documents or kinds else None
    if queries is not None:
        _run_batch(app.answerer(base_names, assistant), queries, restriction, language)
        return
    answer = app.answerer(base_names, assistant).answer(question or "", restriction=restriction, language=language)
    if as_json:
        sys.stdout.write(json.dumps(answer_json(question or "", answer), ensure_ascii=False, indent=2) + "\n")
    else:
        shown = assistant is None or assistant.show_sources
        print_answer(answer, console or Console(), language or app.settings.language, sources=shown)


def _run_batch(answerer: Answerer, queries: Path, restriction: Restriction | None, language: Language | None) -> None:
    questions = list(read_questions(queries))
    for item in questions:
        answer = answerer.answer(item.question, restriction=restriction, language=language)
        line = {"id": item.id, **answer_json(item.question, answer)}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
