"""A minimal question service like the predecessor's: the LangChain FAISS index is loaded from disk for every question.

    python benchmarks/naive_service.py FOLDER PORT [PROCESSES]     (FOLDER as written by ``save_index``)

It answers with the text of the first passages, as OpenAI's API would, and checks, cites and remembers nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_peer import EmbedderForLangChain
from langchain_text_splitters import RecursiveCharacterTextSplitter

from kbchat.embedding.factory import embedder_from_spec

_PASSAGES = 4
_FOLDER = "NAIVE_SERVICE_FOLDER"


def embeddings() -> EmbedderForLangChain:
    """The static model of kbchat behind LangChain's interface: both sides embed alike."""
    embedder = embedder_from_spec("default", allow_download=False)
    assert embedder is not None
    return EmbedderForLangChain(embedder)


def save_index(documents: Path, folder: Path, chunks: int) -> int:
    """Split the Markdown files below ``documents``, embed at most ``chunks`` pieces and save the index; their number."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=60, chunk_overlap=0)
    texts = [
        Document(page_content=path.read_text(encoding="utf-8"), metadata={"source": path.name})
        for path in sorted(documents.glob("*.md"))
    ]
    pieces = splitter.split_documents(texts)[:chunks]
    FAISS.from_documents(pieces, embeddings()).save_local(str(folder))
    return len(pieces)


def service(folder: Path) -> FastAPI:
    """The application."""
    app, model = FastAPI(), embeddings()

    @app.post("/v1/chat/completions")
    def answer(body: dict[str, Any]) -> dict[str, Any]:
        index = FAISS.load_local(str(folder), model, allow_dangerous_deserialization=True)
        found = index.similarity_search(body["messages"][-1]["content"], k=_PASSAGES)
        text = "\n".join(one.page_content for one in found)
        return {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}

    return app


def service_of_environment() -> FastAPI:
    """The application in one of several processes."""
    return service(Path(os.environ[_FOLDER]))


if __name__ == "__main__":
    folder, port, processes = sys.argv[1], int(sys.argv[2]), int([*sys.argv, "1"][3])
    print(f"http://127.0.0.1:{port}", flush=True)
    if processes == 1:
        uvicorn.run(service(Path(folder)), host="127.0.0.1", port=port, log_level="warning")
    else:
        os.environ[_FOLDER] = folder
        made_by, here = "naive_service:service_of_environment", str(Path(__file__).parent)
        uvicorn.run(
            made_by, factory=True, app_dir=here, workers=processes, host="127.0.0.1", port=port, log_level="warning"
        )
