"""``kbchat ask``, ``chat`` and ``search``: their options; what they do stands in the modules they call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kbchat.cli.options import Bases, DataDir, Json, Lang, base_names, open_app

Question = Annotated[str | None, typer.Argument(help="The question, in Chinese or English.")]
Queries = Annotated[
    Path | None,
    typer.Option(
        "--queries", metavar="FILE", help='JSON lines {"id", "question"}; one line of JSON is printed for each.'
    ),
]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="NAME", help="Only this document: file name, path or title (repeatable)."),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Only this kind: leaflet, guideline, records or other (repeatable)."),
]


def ask(
    context: typer.Context,
    *,
    question: Question = None,
    kb: Bases = None,
    document: Documents = None,
    kind: Kinds = None,
    queries: Queries = None,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Answer a question from the documents, every sentence with its source."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.ask import run_ask  # noqa: PLC0415 - `kbchat --help` must be quick

    run_ask(
        opened,
        question,
        base_names(kb),
        queries=queries,
        documents=document or (),
        kinds=kind or (),
        as_json=as_json or queries is not None,
        language=lang.language if lang else None,
    )


def search(
    context: typer.Context,
    *,
    question: Question = None,
    kb: Bases = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages.")] = 10,
    document: Documents = None,
    kind: Kinds = None,
    queries: Queries = None,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Show the passages found for a question, and why they stand where they stand."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.search import run_search  # noqa: PLC0415

    run_search(
        opened,
        question,
        base_names(kb),
        k=k,
        queries=queries,
        documents=document or (),
        kinds=kind or (),
        as_json=as_json or queries is not None,
    )


def chat(
    context: typer.Context,
    *,
    kb: Bases = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Ask one question after the other; follow-up questions are understood from what came before."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.chat import run_chat  # noqa: PLC0415

    run_chat(opened, base_names(kb), language=lang.language if lang else None)
