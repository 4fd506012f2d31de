"""The one place that wires settings to parts. Everything heavy is made when first needed and kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict
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
    from kbchat.retrieval.retriever import Restriction, Retriever
    from kbchat.retrieval.understanding import Understanding
    from kbchat.store import KnowledgeBase, Store

DEFAULT_BASE = "default"


class App:
    """The parts of one kbchat over one data folder. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._embedders: dict[str, Embedder | None] = {}
        self._indexes: dict[int, EmbeddedIndex] = {}
        self._vocabularies: dict[int, tuple[int, Understanding]] = {}

    @cached_property
    def store(self) -> Store:
        """The system of record. Raises StoreError, SchemaError."""
        from kbchat.store import Store  # noqa: PLC0415 - keeps start-up light

        return Store.open(self.settings.data_dir, self.settings.database_url)

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
        """The index of a knowledge base, caught up with the store."""
        from kbchat.index import open_index  # noqa: PLC0415

        with self._lock:
            index = self._indexes.get(base.id)
            if index is None:
                index = self._indexes[base.id] = open_index(self.store, base)
            else:
                index.refresh()
            return index

    def forget_base(self, base_id: int) -> None:
        """Let go of what is held in memory of a knowledge base that was deleted."""
        with self._lock:
            index = self._indexes.pop(base_id, None)
            self._vocabularies.pop(base_id, None)
        if index is not None:
            index.close()

    def vocabulary_for(self, base: KnowledgeBase) -> Understanding:
        """What questions to a knowledge base are read with: its names, and the lexicon joined by its cards' names.

        Kept until documents change.
        """
        version = self.store.names_version(base.id)
        with self._lock:
            known = self._vocabularies.get(base.id)
            if known is None or known[0] != version:
                known = self._vocabularies[base.id] = (version, self._vocabulary(base))
            return known[1]

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
        from kbchat.retrieval.retriever import Retriever, SearchedBase  # noqa: PLC0415

        bases = [self.store.base(name) for name in dict.fromkeys(base_names)]
        searched = [
            SearchedBase(base.id, base.name, self.index_for(base), self.vocabulary_for(base), self.embedder_for(base))
            for base in bases
        ]
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

    @cached_property
    def entailment(self) -> EntailmentModel | None:
        """The model that ``answer.support_model`` names, loaded when first asked; None when the setting is empty."""
        from kbchat.generation.entailment import CrossEncoder  # noqa: PLC0415

        place = self.settings.answer.support_model.strip()
        return CrossEncoder(place, self.settings.generation) if place else None

    @cached_property
    def assistants(self) -> AssistantShelf:
        """The assistants: built in, and kept in the store."""
        from kbchat.assistants.shelf import AssistantShelf  # noqa: PLC0415

        return AssistantShelf(self.store)

    def answerer(self, base_names: Sequence[str] = (DEFAULT_BASE,), assistant: Assistant | None = None) -> Answerer:
        """Answers over the named knowledge bases, in the manner of ``assistant``."""
        from kbchat.answering.answerer import Answerer, AnswerParts  # noqa: PLC0415
        from kbchat.answering.evidence import EvidenceModel  # noqa: PLC0415
        from kbchat.answering.safety import Safety  # noqa: PLC0415
        from kbchat.assistants.assistant import Mode  # noqa: PLC0415

        safety = self.settings.safety
        audience = assistant.audience if assistant else safety.audience
        strict = audience == "patient" if safety.strict is None else safety.strict
        return Answerer(
            AnswerParts(
                self.retriever(base_names, assistant),
                self.generator(assistant=assistant),
                self.settings.answer,
                EvidenceModel(),
                Safety(safety, self.settings.hospital),
                assistant.mode if assistant else Mode.DOCUMENTS,
                audience,
                strict if assistant is None or assistant.strict is None else assistant.strict,
                self.embedder_for(self.store.base(base_names[0])),
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
            for index in self._indexes.values():
                index.close()
            self._indexes.clear()
            if "store" in self.__dict__:
                self.store.close()
