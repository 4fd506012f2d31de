"""The one place that wires settings to parts. Everything heavy is made when first needed and kept."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kbchat.errors import NotFoundError
from kbchat.messages import Bilingual
from kbchat.settings import Settings

if TYPE_CHECKING:
    from kbchat.answering.answerer import Answerer
    from kbchat.assistants.assistant import Assistant
    from kbchat.assistants.shelf import AssistantShelf
    from kbchat.embedding.protocol import Embedder
    from kbchat.generation.entailment import EntailmentModel
    from kbchat.generation.protocol import Generator
    from kbchat.index import EmbeddedIndex
    from kbchat.medical.lexicon import Lexicon
    from kbchat.retrieval.names import NameIndex
    from kbchat.retrieval.retriever import Restriction, Retriever, SearchedBase
    from kbchat.retrieval.understanding import Understanding
    from kbchat.store import KnowledgeBase, Store

DEFAULT_BASE = "default"
_ANSWERERS_KEPT = 64
_ALWAYS_NEW = 0.05
"""A vocabulary made in fewer seconds is made anew at every change of documents."""
_SHARE_OF_TIME = 0.1
"""A costlier one takes at most this share of the time while documents keep changing (a long ingest)."""


@dataclass(slots=True)
class _Held:
    """What is held in memory of one knowledge base. ``opening`` and ``reading`` are held by whoever makes a part of it."""

    opening: threading.Lock = field(default_factory=threading.Lock)
    reading: threading.Lock = field(default_factory=threading.Lock)
    index: EmbeddedIndex | None = None
    vocabulary: tuple[int, Understanding] | None = None
    cost: float = 0.0
    made_at: float = 0.0

    @property
    def may_wait(self) -> bool:
        """Whether the vocabulary was made so lately, and at such cost, that it serves a little longer."""
        return self.cost > _ALWAYS_NEW and time.monotonic() - self.made_at < self.cost / _SHARE_OF_TIME


class App:
    """The parts of one kbchat over one data folder. Safe to share between threads."""

    def __init__(self, settings: Settings, *, configured: Settings | None = None) -> None:
        """``configured`` are the settings of the whole service, where this process has only a share of its limits."""
        self.settings = settings
        self.configured = configured or settings
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._entailment: EntailmentModel | None = None
        self._embedders: dict[str, Embedder | None] = {}
        self._held: dict[int, _Held] = {}
        self._answerers: OrderedDict[
            tuple[tuple[str, ...], Assistant | None], tuple[tuple[SearchedBase, ...], Answerer]
        ] = OrderedDict()

    @property
    def store(self) -> Store:
        """The system of record, opened when first needed. Raises StoreError, SchemaError."""
        from kbchat.store import Store  # noqa: PLC0415 - keeps start-up light

        with self._lock:
            if self._store is None:
                self._store = Store.open(self.settings.data_dir, self.settings.database_url)
            return self._store

    @cached_property
    def lexicon(self) -> Lexicon:
        """The built-in lexicon plus the hospital's own ``lexicon.tsv`` in the data folder."""
        from kbchat.medical.lexicon import Lexicon  # noqa: PLC0415

        own = Path(self.settings.data_dir) / "lexicon.tsv"
        builtin = Lexicon.builtin()
        return builtin.with_file(own) if own.is_file() else builtin

    def embedder(self, spec: str) -> Embedder | None:
        """The embedder that ``spec`` (see ``EmbeddingSettings.model``) names, loaded once. Raises EmbedderError."""
        from kbchat.embedding.factory import embedder_from_spec  # noqa: PLC0415

        with self._lock:
            if spec not in self._embedders:
                self._embedders[spec] = embedder_from_spec(spec, allow_download=self.settings.embedding.allow_download)
            return self._embedders[spec]

    def embedder_for(self, base: KnowledgeBase) -> Embedder | None:
        """The embedder of a knowledge base.

        Raises EmbedderMismatchError when the base was embedded with another model than the settings name.
        """
        from kbchat.embedding.factory import check_embedder  # noqa: PLC0415

        embedder = self.embedder(self.settings.embedding.model)
        check_embedder(base.name, base.embedder, embedder)
        return embedder

    def index_for(self, base: KnowledgeBase) -> EmbeddedIndex:
        """The index of a knowledge base, caught up with the store.

        Where another thread is catching it up just now, this one goes on with what is there.
        """
        from kbchat.index import open_index  # noqa: PLC0415

        held = self._held_of(base.id)
        if held.index is None:
            with held.opening:
                if held.index is None:
                    held.index = open_index(self.store, base)
            return held.index
        if held.opening.acquire(blocking=False):
            try:
                held.index.refresh()
            finally:
                held.opening.release()
        return held.index

    def _held_of(self, base_id: int) -> _Held:
        with self._lock:
            return self._held.setdefault(base_id, _Held())

    def forget_base(self, base_id: int) -> None:
        """Let go of what is held in memory of a knowledge base that was deleted."""
        with self._lock:
            held = self._held.pop(base_id, None)
            self._answerers.clear()
        if held is not None and held.index is not None:
            held.index.close()

    def follow(self, base: KnowledgeBase) -> None:
        """Take over at once what a person has just changed; names are read anew for the next question."""
        self._held_of(base.id).cost = 0.0
        self.index_for(base)

    def vocabulary_for(self, base: KnowledgeBase) -> Understanding:
        """What questions to a knowledge base are read with: its names, and the lexicon joined by its cards' names.

        Kept until documents change. While they keep changing, a large one serves a little longer, and so it does while
        another thread makes the new one: nobody waits behind an ingest.
        """
        held = self._held_of(base.id)
        version = self.store.names_version(base.id)
        known = held.vocabulary
        if known is not None and (known[0] == version or held.may_wait):
            return known[1]
        if not held.reading.acquire(blocking=known is None):
            assert known is not None
            return known[1]
        try:
            known = held.vocabulary
            if known is None or known[0] != version:
                _ = self.lexicon  # read once; not part of what each vocabulary costs
                begun = time.monotonic()
                known = (version, self._vocabulary(base))
                held.made_at = time.monotonic()
                held.cost = held.made_at - begun
                held.vocabulary = known
            return known[1]
        finally:
            held.reading.release()

    def _vocabulary(self, base: KnowledgeBase) -> Understanding:
        from kbchat.retrieval.names import NameIndex, names_of_one_drug  # noqa: PLC0415
        from kbchat.retrieval.understanding import Understanding  # noqa: PLC0415

        records = self.store.names(base.id)
        lexicon = self.lexicon.with_pairs(names_of_one_drug(records))
        return Understanding(NameIndex(records, lexicon), lexicon)

    def names_for(self, base: KnowledgeBase) -> NameIndex:
        """The names of the live documents of a knowledge base."""
        return self.vocabulary_for(base).names

    def retriever(self, base_names: Sequence[str] = (DEFAULT_BASE,), assistant: Assistant | None = None) -> Retriever:
        """Retrieval over the named knowledge bases. Raises NotFoundError, IndexStateError, EmbedderError."""
        return self._retriever(self._searched(base_names), assistant)

    def _searched(self, base_names: Sequence[str]) -> tuple[SearchedBase, ...]:
        from kbchat.retrieval.retriever import SearchedBase  # noqa: PLC0415

        bases = [self.store.base(name) for name in dict.fromkeys(base_names)]
        return tuple(
            SearchedBase(base.id, base.name, self.index_for(base), self.vocabulary_for(base), self.embedder_for(base))
            for base in bases
        )

    def _retriever(self, searched: Sequence[SearchedBase], assistant: Assistant | None) -> Retriever:
        from kbchat.retrieval.retriever import Retriever  # noqa: PLC0415

        chosen = asdict(assistant.retrieval) if assistant else {}
        given = {name: value for name, value in chosen.items() if value is not None}
        settings = self.settings.retrieval.model_copy(update=given)
        return Retriever(self.store, searched, settings)

    def generator(self, spec: str = "", assistant: Assistant | None = None) -> Generator:
        """The generator that ``spec`` names (default: the assistant's, else that of the settings). Nothing is loaded yet.

        Raises ConfigurationError when it names none, or when the assistant needs a language model.
        """
        from kbchat.generation.factory import generator_from_spec  # noqa: PLC0415

        settings = self.settings.generation
        named = spec or (assistant.generator if assistant else "") or settings.model
        return generator_from_spec(named, settings, assistant=assistant)

    @property
    def entailment(self) -> EntailmentModel | None:
        """The model that ``answer.support_model`` names, loaded when first asked; None when the setting is empty."""
        from kbchat.generation.entailment import CrossEncoder  # noqa: PLC0415

        place = self.settings.answer.support_model.strip()
        with self._lock:
            if place and self._entailment is None:
                self._entailment = CrossEncoder(place, self.settings.generation)
            return self._entailment

    @cached_property
    def assistants(self) -> AssistantShelf:
        """The assistants: built in, and kept in the store."""
        from kbchat.assistants.shelf import AssistantShelf  # noqa: PLC0415

        return AssistantShelf(self.store)

    def answerer(self, base_names: Sequence[str] = (DEFAULT_BASE,), assistant: Assistant | None = None) -> Answerer:
        """Answers over the named knowledge bases, in the manner of ``assistant``.

        The one made before, as long as nothing it is made of has changed. Raises NotFoundError, IndexStateError,
        EmbedderError, ConfigurationError.
        """
        names = tuple(dict.fromkeys(base_names))
        searched = self._searched(names)
        with self._lock:
            known = self._answerers.get((names, assistant))
            if known is not None and known[0] == searched:
                self._answerers.move_to_end((names, assistant))
                return known[1]
        made = self._answerer(searched, assistant)
        with self._lock:
            self._answerers[names, assistant] = (searched, made)
            if len(self._answerers) > _ANSWERERS_KEPT:
                self._answerers.popitem(last=False)
        return made

    def _answerer(self, searched: tuple[SearchedBase, ...], assistant: Assistant | None) -> Answerer:
        from kbchat.answering.answerer import Answerer, AnswerParts  # noqa: PLC0415
        from kbchat.answering.evidence import EvidenceModel  # noqa: PLC0415
        from kbchat.answering.safety import Safety  # noqa: PLC0415
        from kbchat.assistants.assistant import Mode  # noqa: PLC0415

        safety = self.settings.safety
        audience = assistant.audience if assistant else safety.audience
        strict = audience == "patient" if safety.strict is None else safety.strict
        return Answerer(
            AnswerParts(
                self._retriever(searched, assistant),
                self.generator(assistant=assistant),
                self.settings.answer,
                EvidenceModel(),
                Safety(safety, self.settings.hospital),
                assistant.mode if assistant else Mode.DOCUMENTS,
                audience,
                strict if assistant is None or assistant.strict is None else assistant.strict,
                searched[0].embedder,
                self.entailment,
            )
        )

    def restriction(self, base_names: Sequence[str], documents: Sequence[str], kinds: Sequence[str]) -> Restriction:
        """A restriction from document names (file name, source or title) and kinds as people write them.

        Raises NotFoundError naming what there is.
        """
        from kbchat.retrieval.retriever import Restriction  # noqa: PLC0415
        from kbchat.types import DocumentKind  # noqa: PLC0415

        chosen: set[int] = set()
        if documents:
            stored = [d for name in base_names for d in self.store.documents(self.store.base(name).id)]
            for wanted in documents:
                found = {d.id for d in stored if wanted in (d.name, d.source, d.card.title)}
                if not found:
                    near = ", ".join(sorted(d.name for d in stored)[:12])
                    raise NotFoundError(
                        Bilingual(f"There is no document “{wanted}”.", f"没有名为“{wanted}”的文档。"),
                        Bilingual(f"Documents here: {near}.", f"现有文档：{near}。"),
                    )
                chosen |= found
        unknown = [kind for kind in kinds if kind not in {known.value for known in DocumentKind}]
        if unknown:
            allowed = ", ".join(known.value for known in DocumentKind)
            raise NotFoundError(
                Bilingual(f"There is no kind of document “{unknown[0]}”.", f"没有“{unknown[0]}”这种文档类型。"),
                Bilingual(f"Kinds are: {allowed}.", f"类型有：{allowed}。"),
            )
        return Restriction(frozenset(chosen), frozenset(DocumentKind(kind) for kind in kinds))

    def close(self) -> None:
        """Release indexes and the database."""
        with self._lock:
            self._answerers.clear()
            for held in self._held.values():
                if held.index is not None:
                    held.index.close()
            self._held.clear()
            if self._store is not None:
                self._store.close()
