"""``kbchat ask``, ``chat`` and ``search``: their options; what they do stands in the modules they call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kbchat.cli.options import Bases, DataDir, Json, Lang, base_names, open_app

if TYPE_CHECKING:
    from kbchat.assistants.assistant import Assistant

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
AssistantName = Annotated[
    str | None,
    typer.Option("--assistant", metavar="NAME", help="Answer as this assistant (`kbchat assistant list`)."),
]


def ask(
    context: typer.Context,
    *,
    question: Question = None,
    kb: Bases = None,
    document: Documents = None,
    kind: Kinds = None,
    queries: Queries = None,
    assistant: AssistantName = None,
    as_json: Json = False,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Answer a question from the documents, every sentence with its source."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.ask import run_ask  # noqa: PLC0415 - `kbchat --help` must be quick

    chosen = opened.assistants.get(assistant) if assistant else None
    run_ask(
        opened,
        question,
        _bases(kb, chosen),
        assistant=chosen,
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
    conversation: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="With --resume: its number (`kbchat conversation list`).")
    ] = None,
    kb: Bases = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an earlier conversation: the last one, or the one named by ID.")
    ] = False,
    assistant: AssistantName = None,
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Ask one question after the other; follow-up questions are understood from what came before."""
    opened = open_app(context, data_dir, lang)
    from kbchat.cli.chat import run_chat  # noqa: PLC0415
    from kbchat.cli.kept_conversation import resumed  # noqa: PLC0415

    kept = resumed(opened, conversation) if resume or conversation is not None else None
    name = assistant or (kept.assistant if kept else "")
    chosen = opened.assistants.get(name) if name else None
    names = kept.bases if kept and kept.bases and not kb else _bases(kb, chosen)
    run_chat(opened, names, assistant=chosen, kept=kept, language=lang.language if lang else None)


def _bases(kb: list[str] | None, assistant: Assistant | None) -> tuple[str, ...]:
    """The knowledge bases chosen; else the assistant's, else the default one."""
    if not kb and assistant is not None and assistant.knowledge_bases:
        return assistant.knowledge_bases
    return base_names(kb)
