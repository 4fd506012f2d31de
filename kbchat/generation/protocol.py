"""The seam between passages and prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from kbchat.generation.sentence_scoring import ScoredSentence
from kbchat.types import Passage, Query


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; ``role`` is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a generator answers from.

    A marker ``[n]`` in the generated text names ``passages[n - 1]``. ``information`` is the IDF weight of the question's
    tokens (see :class:`kbchat.retrieval.retriever.Retrieved`), ``sentences`` are the passages' sentences with their
    scores (empty: not scored yet).
    """

    query: Query
    passages: tuple[Passage, ...]
    max_characters: int
    history: tuple[Turn, ...] = ()
    information: Mapping[str, float] = field(default_factory=dict)
    sentences: tuple[ScoredSentence, ...] = ()


@runtime_checkable
class Generator(Protocol):
    """Writes an answer from passages."""

    @property
    def name(self) -> str:
        """Kind and model, for example ``extractive``."""

    def stream(self, request: GenerationRequest) -> Iterator[str]:
        """The answer in pieces, with ``[n]`` markers. Raises GeneratorError."""
