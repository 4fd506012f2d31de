"""Deciding what to do with every file, before anything is done: a pure function of hashes and what the store holds.

Documents follow content. A file whose bytes the store knows under a path that no longer holds them was moved: the
document takes the new path and keeps its history. A file whose bytes another path still holds is a duplicate. A document
that a person retired stays retired wherever its bytes turn up; one that was retired because its file was gone comes back
with the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.discovery import FoundFile
from kbchat.store import SourceState


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file and the SHA-256 of its bytes, in hexadecimal."""

    file: FoundFile
    sha256: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The store holds the file as it is; ``retired`` when a person has retired the document."""

    file: FoundFile
    document_id: int
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same bytes are stored under the source ``of``.

    ``stale`` is the live document of this path's earlier content, if there is one; it is to be retired.
    ``retired`` tells that the other document was retired by a person.
    """

    file: FoundFile
    of: str
    stale: int | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The document of ``source`` is now at this path."""

    file: FoundFile
    document_id: int
    source: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """The file of a document that was retired because it was gone is back."""

    file: FoundFile
    document_id: int


@dataclass(frozen=True, slots=True)
class Read:
    """The file is new or changed. ``replaces``: the live document of the same bytes, whose own path has other content."""

    file: FoundFile
    sha256: str
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """The same bytes as a file that is read in this run."""

    file: FoundFile
    sha256: str
    first: FoundFile
    stale: int | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A live document whose file has left the folder."""

    document_id: int
    source: str


Step = Unchanged | Duplicate | Moved | Restored | Read | Twin


@dataclass(frozen=True, slots=True)
class Plan:
    """One step a file, in the order of the files, and the documents whose files are gone."""

    steps: tuple[Step, ...]
    gone: tuple[Gone, ...]


def make_plan(
    files: Sequence[HashedFile],
    states: Mapping[str, SourceState],
    *,
    is_gone: Callable[[str], bool],
    is_in_scope: Callable[[str], bool],
) -> Plan:
    """Plan an ingest of ``files`` over the ``states`` of the knowledge base by source.

    ``is_gone`` tells whether nothing stands at a source any more, ``is_in_scope`` whether a source lies in the folders
    being ingested (only there a missing file means anything).
    """
    planner = _Planner(states, {item.file.source: item.sha256 for item in files}, is_gone)
    moves = {item.file: move for item in files if (move := planner.move(item)) is not None}
    steps = tuple(moves.get(item.file) or planner.step(item) for item in files)
    gone = tuple(
        Gone(state.document_id, source)
        for source, state in sorted(states.items())
        if not state.retired and source not in planner.moved and is_in_scope(source)
        if source not in planner.current and is_gone(source)
    )
    return Plan(steps, gone)


@dataclass(slots=True)
class _Planner:
    """``moved`` maps the old source of a moved document to its new one; ``read`` the hashes read in this run."""

    states: Mapping[str, SourceState]
    current: Mapping[str, str]
    is_gone: Callable[[str], bool]
    moved: dict[str, str] = field(default_factory=dict)
    read: dict[str, FoundFile] = field(default_factory=dict)
    live: dict[str, str] = field(init=False)
    withdrawn: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.live = {state.sha256: source for source, state in self.states.items() if not state.retired}
        self.withdrawn = {
            state.sha256: source for source, state in self.states.items() if state.retired_because == "person"
        }

    def move(self, item: HashedFile) -> Moved | None:
        """The move to this path, if its bytes belong to a document that has lost its file."""
        if item.file.source in self.states:
            return None
        for holders in (self.live, self.withdrawn):
            source = holders.get(item.sha256)
            if source is not None and source not in self.moved and not self._holds(source):
                self.moved[source] = item.file.source
                state = self.states[source]
                return Moved(item.file, state.document_id, source, state.retired)
        return None

    def step(self, item: HashedFile) -> Step:
        """What to do with a file that is not the target of a move."""
        file, sha256 = item.file, item.sha256
        own = None if file.source in self.moved else self.states.get(file.source)
        is_same = own is not None and own.sha256 == sha256
        if own is not None and is_same and (not own.retired or own.retired_because == "person"):
            return Unchanged(file, own.document_id, own.retired)
        stale = own.document_id if own is not None and not own.retired else None
        duplicate = self._duplicate(item, stale)
        if duplicate is not None:
            return duplicate
        if own is not None and is_same and sha256 not in self.live:
            self.live[sha256] = file.source
            return Restored(file, own.document_id)
        self.read[sha256] = file
        holder = self.live.get(sha256)
        return Read(file, sha256, None if holder is None else self.states[holder].document_id)

    def _duplicate(self, item: HashedFile, stale: int | None) -> Duplicate | Twin | None:
        """What has the same bytes and keeps them: a live document, a file of this run, or a withdrawn document."""
        file, sha256 = item.file, item.sha256
        holder = self.live.get(sha256)
        if holder is not None and (holder in self.moved or self._holds(holder)):
            return Duplicate(file, self.moved.get(holder, holder), stale)
        if sha256 in self.read:
            return Twin(file, sha256, self.read[sha256], stale)
        withdrawn = self.withdrawn.get(sha256)
        if holder is None and withdrawn is not None:
            return Duplicate(file, self.moved.get(withdrawn, withdrawn), stale, retired=True)
        return None

    def _holds(self, source: str) -> bool:
        """Whether the path still holds the bytes that the store has from it."""
        if source in self.current:
            return self.current[source] == self.states[source].sha256
        return not self.is_gone(source)
