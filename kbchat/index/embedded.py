"""The embedded engine: tantivy for words and FAISS for meaning, in the data folder.

Each process holds the vectors in memory (a snapshot from disk plus the changes after it) and maps the word index from
disk. Changes come from the store, by number:

* Whoever notices that the store is ahead of the index (``refresh``) tries to become its writer: a lock file, held only
  while changes are taken over. It brings the word index on disk up to date, commit by commit, and now and then writes
  a new snapshot of the vectors. Every commit carries its watermark, so a process that dies at any instant leaves an
  index that knows exactly what it lacks.
* Who does not get the lock (another process is at it, or the folder may not be written) waits a moment for the other's
  commits. What has not arrived by then it takes into a small word index of its own in memory, which overrides the one
  on disk until that has caught up. So every process answers with everything committed to the store when it refreshed.

Scores of the two word indexes are made comparable by correcting each word's weight to the document frequencies of both
together. BM25 statistics count deleted chunks until tantivy merges them away, so scores after many replacements may
differ slightly from those of a fresh index; ``rebuild`` makes one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kbchat.disk_full import is_full, storage_full
from kbchat.embedding.protocol import Vectors
from kbchat.errors import IndexStateError
from kbchat.index.folder import IndexFolder
from kbchat.index.lexical import FieldBoosts, LexicalIndex
from kbchat.index.meaning import MeaningSide
from kbchat.index.protocol import ChangeSource, Hit, IndexChanges, SearchFilters, WeightedToken
from kbchat.index.sharing import ReadWriteLock
from kbchat.index.words import WordSide
from kbchat.locks import LockedError, file_lock
from kbchat.messages import Bilingual

_log = logging.getLogger(__name__)
_BATCH_CHUNKS = 2000
_WAIT_FOR_WRITER_SECONDS = 1.0
_LOCK_SECONDS = 60.0
_POLL_SECONDS = 0.05


class EmbeddedIndex:
    """The index of one knowledge base. Safe to share between threads; each process opens its own."""

    def __init__(
        self, source: ChangeSource, base_id: int, folder: IndexFolder, boosts: FieldBoosts | None = None
    ) -> None:
        """Take what the disk has. ``refresh`` must follow before the first search."""
        self._source = source
        self._base_id = base_id
        self._folder = folder
        self._boosts = boosts or FieldBoosts()
        self._sharing = ReadWriteLock()
        self._catching_up = threading.Lock()
        self._generation: int | None = None
        self._words = WordSide(None, self._boosts)
        self._meaning = MeaningSide.opened(folder, source.index_identity(base_id), self._stamp_of)
        self._follow_generation()

    # ------------------------------------------------------------------------------------------------ the protocol

    @property
    def watermark(self) -> int:
        """The store's change number up to which this index is complete."""
        return min(self._words.watermark, self._meaning.watermark)

    def search(
        self, query_tokens: Sequence[WeightedToken], vector: Vectors | None, filters: SearchFilters, k: int
    ) -> list[Hit]:
        """The ``k`` best by BM25 and the ``k`` best by cosine, merged by chunk.

        First those that words found, best first, then the others, best first; equal ones by chunk id. Raises
        IndexStateError when ``vector`` has another dimension than the base's.
        """
        with self._sharing.read():
            lexical = dict(self._words.search(query_tokens, filters, k))
            dense = dict(self._meaning.search(vector, filters, k))
        order = [*lexical, *(key for key in dense if key not in lexical)]
        return [Hit(key, lexical.get(key), dense.get(key)) for key in order]

    def document_frequencies(self, tokens: Sequence[str]) -> tuple[dict[str, int], int]:
        """How many live chunks hold each token in any field (0 left out), and how many live chunks there are.

        Exact for words in few chunks; for common ones the count of the field that has most.
        """
        with self._sharing.read():
            found = {token: self._words.document_frequency(token) for token in tokens}
            return {token: number for token, number in found.items() if number}, self._words.count

    def apply(self, changes: IndexChanges) -> None:
        """Take over changes, on disk and in memory; searchable on return. Raises IndexStateError."""
        with self._catching_up, self._writing_folder():
            if not self._follow_generation():
                self._make_anew()
            assert self._words.disk is not None
            with self._words.disk.writing():
                self._take(self._words, self._meaning, changes)
            self._meaning.save(self._folder)

    def close(self) -> None:
        """Release files and memory; nothing is found afterwards."""
        with self._catching_up, self._sharing.write():
            self._words = WordSide(None, self._boosts)
            self._meaning = MeaningSide(self._meaning.identity)

    # ------------------------------------------------------------------------------------------------- catching up

    def refresh(self) -> bool:
        """Catch up with the store; a cheap look when there is nothing to do. True when something was taken over.

        Raises IndexStateError, StoreError.
        """
        if self._is_current():
            return False
        with self._catching_up:
            if self._is_current():
                return False
            self._follow_identity()
            if not self._catch_up_on_disk():
                try:
                    self._catch_up_in_memory()
                except IndexStateError:  # another process may have replaced the word index under way: look again
                    self._catch_up_in_memory()
            return True

    def rebuild(self) -> None:
        """Make the whole index anew from the store; searching goes on with the old one meanwhile.

        Raises IndexStateError, also when another process keeps changing the index.
        """
        with self._catching_up, self._writing_folder():
            self._make_anew()

    def _is_current(self) -> bool:
        words_there = self._words.disk is not None or self._words.watermark > 0
        return words_there and self._source.watermark(self._base_id) == self.watermark

    def _catch_up_on_disk(self) -> bool:
        """As the writer of the folder. False when another process is that and does not finish soon, or nobody may be."""
        target = self._source.watermark(self._base_id)
        deadline = time.monotonic() + _WAIT_FOR_WRITER_SECONDS
        while True:
            try:
                self._folder.create()
                with file_lock(self._folder.lock):
                    self._write_changes()
                return True
            except LockedError:
                if self._disk_has(target) or time.monotonic() >= deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            except (OSError, IndexStateError) as error:
                _log.warning(
                    "the index folder %s cannot be written, changes are kept in memory: %s", self._folder.root, error
                )
                return False

    def _write_changes(self) -> None:
        target = self._source.watermark(self._base_id)
        if not self._follow_generation() or self._words.watermark > target:  # ahead: the store was put back in time
            self._make_anew()
            return
        disk = self._words.disk
        assert disk is not None
        start = min(disk.committed_watermark(), self._meaning.watermark)
        if start < target:
            with disk.writing():
                for changes in self._source.changes_since(self._base_id, start, _BATCH_CHUNKS):
                    self._take(self._words, self._meaning, changes)
        with self._sharing.write():
            self._words.publish()
        self._meaning.save(self._folder)

    def _catch_up_in_memory(self) -> None:
        self._follow_generation()
        with self._sharing.write():
            self._words.publish()
        start = min(self._words.watermark, self._meaning.watermark)
        for changes in self._source.changes_since(self._base_id, start, _BATCH_CHUNKS):
            overlay = self._words.overlaid(changes) if changes.watermark > self._words.watermark else None
            with self._sharing.write():
                if overlay is not None:
                    self._words.cover(overlay, changes)
                self._meaning.take(changes)
            self._rearrange(self._meaning)

    def _make_anew(self) -> None:
        """Build both sides from the store into a new generation, then change over to it."""
        identity = self._source.index_identity(self._base_id)
        meaning = MeaningSide(identity)
        generation = self._folder.next_generation()
        disk = LexicalIndex(self._folder.lexical(generation), self._boosts)
        words = WordSide(disk, self._boosts)
        with disk.writing():
            for changes in self._source.changes_since(self._base_id, 0, _BATCH_CHUNKS):
                self._take(words, meaning, changes)
        words.publish()
        self._folder.declare(identity.uid, generation)
        with self._sharing.write():
            self._words, self._meaning, self._generation = words, meaning, generation
        meaning.save(self._folder, even_if_little=True)

    def _take(self, words: WordSide, meaning: MeaningSide, changes: IndexChanges) -> None:
        """Commit changes to the word index on disk (open for writing), then show them on both sides at once."""
        meaning.check(changes)
        assert words.disk is not None
        if changes.watermark > words.disk.committed_watermark():
            words.disk.commit(changes)
        with self._sharing.write():
            words.publish()
            meaning.take(changes)
        self._rearrange(meaning)

    def _rearrange(self, meaning: MeaningSide) -> None:
        better = meaning.rearranged()
        if better is not None:
            with self._sharing.write():
                meaning.adopt(better)

    # ---------------------------------------------------------------------------------------- what others have done

    def _follow_generation(self) -> bool:
        """Open the word index that the manifest names, unless it is open. False when there is none to be trusted."""
        uid = self._meaning.identity.uid
        for _ in range(3):  # a rebuild by another process may delete the generation between the two looks
            generation = self._folder.generation(uid)
            if generation is None:
                return False
            if generation == self._generation:
                return True
            disk = LexicalIndex.open(self._folder.lexical(generation), self._boosts)
            if disk is None:
                continue
            if disk.watermark and disk.stamp != self._stamp_of(disk.watermark):
                return False
            with self._sharing.write():
                self._words, self._generation = WordSide(disk, self._boosts), generation
            return True
        return False

    def _follow_identity(self) -> None:
        """Begin with other vectors when the knowledge base was embedded anew."""
        identity = self._source.index_identity(self._base_id)
        if identity != self._meaning.identity:
            meaning = MeaningSide.opened(self._folder, identity, self._stamp_of)
            with self._sharing.write():
                self._meaning = meaning

    def _disk_has(self, watermark: int) -> bool:
        return (
            self._follow_generation()
            and self._words.disk is not None
            and self._words.disk.committed_watermark() >= watermark
        )

    def _stamp_of(self, watermark: int) -> str:
        return self._source.change_stamp(self._base_id, watermark)

    @contextmanager
    def _writing_folder(self) -> Iterator[None]:
        """Hold the folder's lock. Raises IndexStateError, StorageFullError."""
        try:
            self._folder.create()
            with file_lock(self._folder.lock, wait=_LOCK_SECONDS):
                yield
        except LockedError as error:
            raise IndexStateError(
                Bilingual(
                    f"Process {error.holder.pid} has been changing the index since {error.holder.since}.",
                    f"进程 {error.holder.pid} 自 {error.holder.since} 起正在修改索引。",
                ),
                Bilingual("Try again when it is done.", "请等其完成后重试。"),
            ) from error
        except OSError as error:
            if is_full(error):
                raise storage_full(self._folder.root) from error
            raise IndexStateError(
                Bilingual(
                    f"The index folder {self._folder.root} cannot be written: {error.strerror or error}.",
                    f"索引目录 {self._folder.root} 无法写入：{error.strerror or error}。",
                ),
                Bilingual("Check free space and permissions of the data folder.", "请检查数据目录的剩余空间和权限。"),
            ) from error
