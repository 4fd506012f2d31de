"""Retrieval on the development questions: the whole engine, the engine without its embedding, and a LangChain pipeline.

    python benchmarks/retrieval.py [--data-dir DIR]

Figures: hit@1, hit@5 and context@3000 over gold zh+en (all of documents/ in one base, by style), and hit@1, hit@5 over
MedicineQA with distractors. The peer is PyPDFLoader (plain text for other files), RecursiveCharacterTextSplitter 500/50,
and an EnsembleRetriever's two sides: BM25 over jieba words and FAISS with the same static embedding.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from gold import (
    SHARED,
    GoldQuestion,
    Shown,
    gold_questions,
    in_context,
    medicine_questions,
    medicine_rank,
    rank_of_right,
)
from results_file import print_table, write_results

from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.medical.lexicon import Lexicon
from kbchat.retrieval.names import NameIndex
from kbchat.retrieval.retriever import Retriever
from kbchat.retrieval.understanding import Understanding
from kbchat.settings import load_settings

K = 20
Search = Callable[[str], Sequence[Shown]]


def engine(app: App, base: str, lexicon: Lexicon | None = None) -> Search:
    """The product's search over one base; ``lexicon`` replaces the built-in one."""
    retriever = app.retriever([base])
    if lexicon is not None:
        bases = [
            replace(one, vocabulary=Understanding(NameIndex(app.store.names(one.base_id), lexicon), lexicon))
            for one in retriever.bases
        ]
        retriever = Retriever(app.store, bases, app.settings.retrieval)

    def search(question: str) -> Sequence[Shown]:
        found = retriever.retrieve(question, k=K)
        return [Shown(p.document, p.subject or p.document_title, p.text) for p in found.passages]

    return search


def gold_figures(search: Search, questions: Iterable[GoldQuestion]) -> dict[str, dict[str, float]]:
    """hit@1, hit@5, context@3000 for all questions and for each style."""
    by_style: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for question in questions:
        passages = search(question.question)
        judged = (rank_of_right(question, passages), in_context(question, passages))
        by_style[question.style].append(judged)
        by_style["all"].append(judged)
        if question.style in ("english_query", "chinese_query"):
            by_style["other language"].append(judged)
    return {style: _figures(judged) for style, judged in sorted(by_style.items())}


def _figures(judged: Sequence[tuple[int, bool]]) -> dict[str, float]:
    count = len(judged)
    return {
        "questions": count,
        "hit@1": round(sum(rank == 1 for rank, _ in judged) / count, 3),
        "hit@5": round(sum(1 <= rank <= 5 for rank, _ in judged) / count, 3),
        "context@3000": round(sum(context for _, context in judged) / count, 3),
    }


def medicine_figures(search: Search) -> dict[str, float]:
    """hit@1 and hit@5 on MedicineQA."""
    ranks = [medicine_rank(question, search(question.question)) for question in medicine_questions()]
    return {
        "questions": len(ranks),
        "hit@1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "hit@5": round(sum(1 <= rank <= 5 for rank in ranks) / len(ranks), 3),
    }


def prepare(data_dir: Path, model: str) -> App:
    """Both bases, ingested where they are not there yet."""
    from ingest.pipeline import ingest

    app = App(load_settings(data_dir=data_dir, language="en", embedding={"model": model}))
    embedder = app.embedder(model)
    corpora = {
        "documents": [SHARED / "documents"],
        "medicineqa": [SHARED / "medicineqa" / name for name in ("corpus_medicineqa.jsonl", "distractors.jsonl")],
    }
    have = {base.name for base in app.store.bases()}
    for name, paths in corpora.items():
        if name in have:
            continue
        base = create_base(app, name)
        report = ingest(
            paths, store=app.store, base=base, embedder=embedder, index=app.index_for(base), settings=app.settings
        )
        for file in report.files:
            if file.status.value == "failed":
                print(f"not read: {file.path}: {file.reason}")
    return app


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--no-peer", action="store_true", help="leave the LangChain pipeline out (for tuning)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.data_dir or Path(scratch)
        whole = prepare(folder / "whole", "default")
        lexical = prepare(folder / "lexical", "none")
        measured = {
            name: {
                "gold": gold_figures(engine(app, "documents"), gold_questions()),
                "medicineqa": medicine_figures(engine(app, "medicineqa")),
            }
            for name, app in (("kbchat", whole), ("kbchat without embedding", lexical))
        }
        bare = Lexicon()
        measured["kbchat without embedding and lexicon"] = {
            "gold": gold_figures(engine(lexical, "documents", bare), gold_questions()),
            "medicineqa": medicine_figures(engine(lexical, "medicineqa", bare)),
        }
        if not arguments.no_peer:
            from langchain_peer import peer_searches

            for name, searches in peer_searches(whole.embedder("default")).items():
                measured[name] = {
                    "gold": gold_figures(searches.documents, gold_questions()),
                    "medicineqa": medicine_figures(searches.medicine),
                }
        whole.close()
        lexical.close()
    rows = [
        (
            name,
            part,
            *(
                figures[part].get(key, figures[part].get("all", {}).get(key, ""))
                for key in ("hit@1", "hit@5", "context@3000")
            ),
        )
        for name, figures in measured.items()
        for part in ("gold", "medicineqa")
    ]
    print_table(("engine", "questions", "hit@1", "hit@5", "context@3000"), rows)
    styles = measured["kbchat"]["gold"]
    print()
    print_table(
        ("style", "n", "hit@1", "hit@5", "context@3000"),
        [(s, f["questions"], f["hit@1"], f["hit@5"], f["context@3000"]) for s, f in styles.items()],
    )
    if not arguments.no_peer:
        print(write_results("retrieval", "python benchmarks/retrieval.py", measured))


if __name__ == "__main__":
    main()
