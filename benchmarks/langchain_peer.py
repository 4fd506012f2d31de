"""The LangChain reference pipeline that retrieval is compared with."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
from gold import SHARED, Shown
from langchain_community.document_loaders import PyPDFLoader
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from kbchat.embedding.protocol import Embedder

K = 20


class EmbedderForLangChain(Embeddings):
    """kbchat's embedder behind LangChain's interface."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        return [list(map(float, vector)) for vector in self._embedder.embed_documents(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return list(map(float, self._embedder.embed_query(text)))


@dataclass(frozen=True, slots=True)
class PeerSearches:
    """One peer over both corpora."""

    documents: Callable[[str], Sequence[Shown]]
    medicine: Callable[[str], Sequence[Shown]]


def load_documents(folder: Path) -> list[Document]:
    """Every readable file, as the reference pipeline reads it; files it cannot read are left out."""
    found: list[Document] = []
    for path in sorted(folder.iterdir()):
        try:
            if path.suffix == ".pdf":
                pages = PyPDFLoader(str(path)).load()
            else:
                pages = [Document(page_content=path.read_text(encoding="utf-8", errors="ignore"))]
        except Exception as error:  # noqa: BLE001 - a broken file must not end the peer's run
            print(f"peer cannot read {path.name}: {type(error).__name__}")
            continue
        for page in pages:
            page.metadata["document"] = path.name
            page.metadata["title"] = path.stem
        found.extend(pages)
    return found


def _corpus(folder: Path) -> list[Document]:
    texts: list[str] = []
    for line in (folder / "corpus_medicineqa.jsonl").read_text(encoding="utf-8").splitlines():
        texts.extend(json.loads(line)["docs"])
    distractors = (folder / "distractors.jsonl").read_text(encoding="utf-8").splitlines()
    texts.extend(json.loads(line)["text"] for line in distractors)
    return [Document(page_content=text, metadata={"document": "corpus", "title": ""}) for text in texts if text.strip()]


def _reciprocal_rank(lists: Sequence[Sequence[Document]]) -> list[Document]:
    """EnsembleRetriever's weighted reciprocal rank fusion with equal weights and c = 60."""
    scores: dict[str, float] = {}
    kept: dict[str, Document] = {}
    for found in lists:
        for rank, document in enumerate(found, 1):
            key = document.page_content
            scores[key] = scores.get(key, 0.0) + 0.5 / (rank + 60)
            kept[key] = document
    return [kept[key] for key in sorted(scores, key=lambda key: -scores[key])]


def _shown(documents: Sequence[Document]) -> list[Shown]:
    return [Shown(d.metadata["document"], d.metadata["title"], d.page_content) for d in documents[:K]]


def peer_searches(embedder: Embedder | None) -> dict[str, PeerSearches]:
    """BM25 alone, and BM25 with FAISS where an embedder is given."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50)
    corpora = (splitter.split_documents(load_documents(SHARED / "documents")), _corpus(SHARED / "medicineqa"))
    bm25 = [BM25Retriever.from_documents(docs, k=K, preprocess_func=jieba.lcut) for docs in corpora]
    alone = [lambda q, r=r: _shown(r.invoke(q)) for r in bm25]
    searches = {"LangChain BM25": PeerSearches(*alone)}
    if embedder is not None:
        stores = [FAISS.from_documents(docs, EmbedderForLangChain(embedder)) for docs in corpora]
        both = [
            lambda q, r=r, s=s: _shown(_reciprocal_rank([r.invoke(q), s.similarity_search(q, k=K)]))
            for r, s in zip(bm25, stores, strict=True)
        ]
        searches["LangChain BM25 + FAISS"] = PeerSearches(*both)
    return searches
