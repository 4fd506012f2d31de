"""Knowledge bases and documents as JSON and as tables."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kbchat.messages import Bilingual, Language
from kbchat.store import KnowledgeBase, Store, StoredDocument
from kbchat.text.visible import visible

_PIPE_WIDTH = 240
_WORDS_ONLY = Bilingual("words only", "仅关键词")


def base_json(store: Store, base: KnowledgeBase) -> dict[str, Any]:
    """One knowledge base in short."""
    return {
        "name": base.name,
        "description": base.description,
        "documents": len(store.documents(base.id)),
        "chunks": store.chunk_total(base.id),
        "embedder": base.embedder,
        "created_at": base.created_at.isoformat(timespec="seconds"),
    }


def base_details_json(store: Store, base: KnowledgeBase) -> dict[str, Any]:
    """One knowledge base with counts by kind and language and its last ingest."""
    every = store.documents(base.id, include_retired=True)
    live = [document for document in every if document.retired_at is None]
    run = store.last_run(base.id)
    return {
        **base_json(store, base),
        "retired": len(every) - len(live),
        "pages": sum(document.pages for document in live),
        "ocr_pages": sum(document.ocr_pages for document in live),
        "kinds": dict(Counter(document.card.kind.value for document in live)),
        "languages": dict(Counter(document.card.language for document in live)),
        "last_ingest": None
        if run is None
        else {
            "started_at": run.started_at.isoformat(timespec="seconds"),
            "finished_at": run.finished_at.isoformat(timespec="seconds") if run.finished_at else None,
            "totals": dict(run.report["totals"]) if run.report else None,
        },
    }


def document_json(document: StoredDocument) -> dict[str, Any]:
    """One document with its card."""
    card = document.card
    return {
        "id": document.id,
        "document": document.name,
        "source": document.source,
        "title": card.title,
        "kind": card.kind.value,
        "language": card.language,
        "generic_names": list(card.generic_names),
        "brand_names": list(card.brand_names),
        "english_names": list(card.english_names),
        "manufacturer": card.manufacturer,
        "strength": card.strength,
        "issuer": card.issuer,
        "version": card.version,
        "approved_on": card.approved_on,
        "revised_on": card.revised_on,
        "format": document.format,
        "revision": document.revision_id,
        "revision_number": document.revision_number,
        "sha256": document.sha256,
        "pages": document.pages,
        "ocr_pages": document.ocr_pages,
        "chunks": document.chunks,
        "created_at": document.created_at.isoformat(timespec="seconds"),
        "updated_at": document.updated_at.isoformat(timespec="seconds"),
        "retired_at": document.retired_at.isoformat(timespec="seconds") if document.retired_at else None,
        "retired_because": document.retired_because,
    }


def print_bases(described: Sequence[dict[str, Any]], language: Language) -> None:
    """A table of knowledge bases."""
    if not described:
        _say(
            Bilingual(
                "No knowledge base yet. `kbchat ingest FOLDER` makes the first.",
                "还没有知识库。运行 `kbchat ingest 文件夹` 即可建立。",
            ),
            language,
        )
        return
    titles = (
        Bilingual("name", "名称"),
        Bilingual("documents", "文档"),
        Bilingual("chunks", "片段"),
        Bilingual("embedding", "向量模型"),
        Bilingual("description", "说明"),
    )
    table = _table(titles, language, right=(1, 2))
    for base in described:
        table.add_row(
            Text(visible(base["name"]), style="bold"),
            str(base["documents"]),
            str(base["chunks"]),
            Text(visible(base["embedder"] or _WORDS_ONLY.in_language(language))),
            Text(visible(base["description"])),
        )
    _console().print(table)


def print_base(details: dict[str, Any], language: Language) -> None:
    """One knowledge base, a line for each thing to know."""
    counted = ", ".join(f"{kind} {number}" for kind, number in sorted(details["kinds"].items()))
    last = details["last_ingest"]
    rows: list[tuple[Bilingual, str]] = [
        (Bilingual("name", "名称"), details["name"]),
        (Bilingual("description", "说明"), details["description"]),
        (Bilingual("documents", "文档"), f"{details['documents']} ({counted})" if counted else "0"),
        (Bilingual("retired", "已停用"), str(details["retired"])),
        (Bilingual("pages", "页"), f"{details['pages']} (OCR {details['ocr_pages']})"),
        (Bilingual("chunks", "片段"), str(details["chunks"])),
        (Bilingual("embedding", "向量模型"), details["embedder"] or _WORDS_ONLY.in_language(language)),
        (Bilingual("created", "创建于"), details["created_at"]),
        (Bilingual("last ingest", "最近导入"), last["started_at"] if last else ""),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows:
        if value:
            table.add_row(Text(name.in_language(language), style="dim"), Text(visible(value)))
    _console().print(table)


def print_documents(documents: Sequence[StoredDocument], language: Language) -> None:
    """A table of documents."""
    if not documents:
        _say(Bilingual("No documents.", "没有文档。"), language)
        return
    titles = (
        Bilingual("id", "编号"),
        Bilingual("file", "文件"),
        Bilingual("title", "标题"),
        Bilingual("kind", "类型"),
        Bilingual("date", "日期"),
        Bilingual("rev.", "版次"),
        Bilingual("pages", "页"),
        Bilingual("chunks", "片段"),
        Bilingual("", ""),
    )
    table = _table(titles, language, right=(0, 5, 6, 7))
    retired = Bilingual("retired", "已停用").in_language(language)
    for document in documents:
        style = "dim" if document.retired_at else ""
        table.add_row(
            str(document.id),
            Text(visible(document.name)),
            Text(visible(document.card.title)),
            document.card.kind.value,
            document.card.revised_on or document.card.approved_on,
            str(document.revision_number),
            str(document.pages),
            str(document.chunks),
            retired if document.retired_at else "",
            style=style,
        )
    _console().print(table)


def _console() -> Console:
    """Standard output; into a pipe or a file, lines as long as they need to be."""
    return Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)


def _table(titles: Sequence[Bilingual], language: Language, right: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, title in enumerate(titles):
        table.add_column(title.in_language(language), justify="right" if number in right else "left", overflow="fold")
    return table


def _say(text: Bilingual, language: Language) -> None:
    _console().print(text.in_language(language), markup=False, highlight=False)
