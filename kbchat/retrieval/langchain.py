"""The way in and out for LangChain: a BaseRetriever over kbchat's own retrieval."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from kbchat.retrieval.retriever import Restriction, Retriever
from kbchat.types import Passage


class KbRetriever(BaseRetriever):
    """Retrieves LangChain Documents with full citation metadata.

    ``page_content`` is the passage (its table header first, where it has one); the metadata are JSON values.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    k: int = 8
    restriction: Restriction | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        found = self.retriever.retrieve(query, k=self.k, restriction=self.restriction)
        return [as_document(passage, rank) for rank, passage in enumerate(found.passages, start=1)]


def as_document(passage: Passage, rank: int) -> Document:
    """A passage as a LangChain Document."""
    content = f"{passage.table_header}\n{passage.text}" if passage.table_header else passage.text
    return Document(page_content=content, metadata=metadata(passage, rank))


def metadata(passage: Passage, rank: int) -> dict[str, Any]:
    """What a citation needs, as JSON values."""
    return {
        "rank": rank,
        "document": passage.document,
        "document_id": passage.document_id,
        "title": passage.subject or passage.document_title,
        "document_title": passage.document_title,
        "revision_id": passage.revision_id,
        "revision_date": passage.revision_date,
        "section_kind": passage.section_kind.value,
        "section_path": list(passage.section_path),
        "page": passage.page,
        "spans": [[span.page, span.start, span.end] for span in passage.spans],
        "chunk_id": passage.chunk_id,
        "score": passage.score,
    }
