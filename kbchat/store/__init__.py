"""The system of record: knowledge bases, documents, revisions, pages, sections, chunks, vectors, changes, originals.

:class:`Store` is the only door. What was committed stays readable for ever (but for a knowledge base deleted on
purpose); what is searched are the current revisions of documents that are not retired.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from kbchat.disk_full import is_full, storage_full
from kbchat.errors import BusyError, StoreError
from kbchat.locks import LockedError, file_lock
from kbchat.messages import Bilingual
from kbchat.store.assistants import Assistants
from kbchat.store.backup import Snapshots
from kbchat.store.bases import Bases
from kbchat.store.cards import Cards
from kbchat.store.changes import Changes
from kbchat.store.committing import Committing
from kbchat.store.conversations import Conversations
from kbchat.store.database import Database
from kbchat.store.documents import Documents
from kbchat.store.feedback import Feedback
from kbchat.store.idempotency import Idempotency
from kbchat.store.jobs import Jobs
from kbchat.store.keys import Keys
from kbchat.store.layout import DataLayout
from kbchat.store.listing import BaseTotals, ChunkPlace, DocumentFilter, Listing
from kbchat.store.originals import Originals
from kbchat.store.outlines import Outlines
from kbchat.store.privacy import Privacy
from kbchat.store.questions import Questions
from kbchat.store.reading import Reading
from kbchat.store.records import (
    CommittedDocument,
    DayCount,
    DayLatency,
    IngestRun,
    KnowledgeBase,
    NameRecord,
    NameRole,
    NewFeedback,
    NewMessage,
    NewQuestion,
    SectionSummary,
    SourceState,
    StoredChunk,
    StoredConversation,
    StoredDocument,
    StoredFeedback,
    StoredMessage,
    StoredQuestion,
    StoredRevision,
    StoredSection,
)
from kbchat.store.retrieval_tests import RetrievalTests
from kbchat.store.runs import Runs
from kbchat.store.sessions import SignedInSessions
from kbchat.store.upgrading import bring_up_to_date
from kbchat.store.used_tokens import UsedTokens

__all__ = [
    "BaseTotals",
    "ChunkPlace",
    "CommittedDocument",
    "DataLayout",
    "DayCount",
    "DayLatency",
    "DocumentFilter",
    "IngestRun",
    "KnowledgeBase",
    "NameRecord",
    "NameRole",
    "NewFeedback",
    "NewMessage",
    "NewQuestion",
    "SectionSummary",
    "SourceState",
    "Store",
    "StoredChunk",
    "StoredConversation",
    "StoredDocument",
    "StoredFeedback",
    "StoredMessage",
    "StoredQuestion",
    "StoredRevision",
    "StoredSection",
]


class Store(
    Bases,
    Committing,
    Documents,
    Cards,
    Listing,
    RetrievalTests,
    Reading,
    Changes,
    Originals,
    Runs,
    Conversations,
    Assistants,
    Feedback,
    Questions,
    Outlines,
    Jobs,
    Privacy,
    Snapshots,
    Keys,
    UsedTokens,
    SignedInSessions,
    Idempotency,
):
    """The store in a data folder. Safe to share between threads; each process opens its own."""

    @classmethod
    def open(cls, data_dir: Path, url: str = "") -> Store:
        """Open the store, setting the folder and the tables up where needed.

        ``url`` is an SQLAlchemy URL (PostgreSQL); empty means SQLite in the folder. Raises StoreError, SchemaError,
        BusyError.
        """
        layout = DataLayout(data_dir.absolute(), embedded=not url)
        layout.create()
        store = cls(Database(layout, url))
        try:
            bring_up_to_date(store._database)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def data_layout(self) -> DataLayout:
        """Where things lie."""
        return self._layout

    @contextmanager
    def together(self) -> Iterator[None]:
        """Whatever this thread writes in the block is kept whole or not at all. Raises StoreError, BusyError."""
        with self._database.together():
            yield

    def close(self) -> None:
        """Give back the database's connections."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writer_lock(self, base_id: int | None = None, *, wait: float = 0.0) -> Iterator[None]:
        """Be the one process that changes a knowledge base (or, without one, the whole data folder).

        Waits up to ``wait`` seconds. A lock vanishes with its process. Raises BusyError naming the holder, StoreError.
        """
        path = self._layout.locks / ("writer.lock" if base_id is None else f"writer-{base_id}.lock")
        entered = False
        try:
            with file_lock(path, wait):
                entered = True
                yield
        except LockedError as error:
            raise BusyError(
                Bilingual(
                    f"Another kbchat (process {error.holder.pid}, since {error.holder.since}) is changing "
                    "this knowledge base.",
                    f"另一个 kbchat（进程 {error.holder.pid}，自 {error.holder.since} 起）正在修改该知识库。",
                ),
                Bilingual("Wait until it is done, or stop that process.", "请等其完成，或结束该进程。"),
            ) from error
        except OSError as error:
            if entered:
                raise
            if is_full(error):
                raise storage_full(path) from error
            raise StoreError(
                Bilingual(
                    f"The lock file {path} cannot be used: {error.strerror or error}.",
                    f"锁文件 {path} 无法使用：{error.strerror or error}。",
                ),
                Bilingual("Make the data folder writable for this user.", "请为当前用户授予数据目录的写权限。"),
            ) from error
