"""``kbchat search``: passages and why they stand where they stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from kbchat.answering.answerer import checked_question
from kbchat.app import App
from kbchat.cli.batch import read_questions
from kbchat.cli.json_output import passage_json
from kbchat.cli.rendering import print_passages
from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.retrieval.retriever import Restriction, Retrieved, Retriever


def run_search(
    app: App,
    question: str | None,
    base_names: Sequence[str],
    *,
    k: int,
    queries: Path | None = None,
    documents: Sequence[str] = (),
    kinds: Sequence[str] = (),
    as_json: bool = False,
    console: Console | None = None,
) -> None:
    """Print the ``k`` best passages for ``question``, or one JSON line for each question of ``queries``."""
    if (question is None) == (queries is None):
        raise InvalidInputError(
            Bilingual("Give either a question or --queries FILE.", "请给出一个问题，或用 --queries 指定文件。"),
            Bilingual('For example: kbchat search "…"', '例如：kbchat search "……"'),
        )
    restriction = app.restriction(base_names, documents, kinds) if documents or kinds else None
    if queries is not None:
        _run_batch(app.retriever(base_names), queries, k, restriction)
        return
    text = checked_question(question or "")
    found = app.retriever(base_names).retrieve(text, k=k, restriction=restriction)
    if as_json:
        sys.stdout.write(json.dumps(search_json(text, found), ensure_ascii=False, indent=2) + "\n")
    else:
        print_passages(found.passages, console or Console(), app.settings.language)


def _run_batch(retriever: Retriever, queries: Path, k: int, restriction: Restriction | None) -> None:
    for item in list(read_questions(queries)):
        found = retriever.retrieve(checked_question(item.question), k=k, restriction=restriction)
        line = {"id": item.id, **search_json(item.question, found)}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def search_json(question: str, found: Retrieved) -> dict[str, Any]:
    """A search as JSON: how the question was understood, and the passages."""
    query = found.query
    return {
        "question": question,
        "query": {
            "language": query.language,
            "entities": [entity.name for entity in query.entities],
            "intents": [intent.value for intent in query.intents],
            "unknown_names": list(query.unknown_names),
            "expansions": [synonym.term for synonym in query.expansions],
        },
        "passages": [passage_json(passage, rank) for rank, passage in enumerate(found.passages, start=1)],
        "timings": {step: round(seconds, 6) for step, seconds in found.timings.items()},
    }
