"""The seam between passages and prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from kbchat.generation.sentence_scoring import ScoredSentence
from kbchat.messages import Language
from kbchat.retrieval.information import Information
from kbchat.types import Passage, Query, Turn

__all__ = ["GenerationRequest", "Generator", "Rewriter", "Turn"]


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a generator answers from.

    A marker ``[n]`` in the generated text names ``passages[n - 1]``. ``information`` is what the question asks, ``sentences`` are the passages' sentences with their
    scores (empty: not scored yet).
    """

    query: Query
    passages: tuple[Passage, ...]
    max_characters: int
    history: tuple[Turn, ...] = ()
    information: Information = field(default_factory=Information)
    sentences: tuple[ScoredSentence, ...] = ()


@runtime_checkable
class Generator(Protocol):
    """Writes an answer from passages."""

    @property
    def name(self) -> str:
        """Kind and model, for example ``extractive``."""

    def stream(self, request: GenerationRequest) -> Iterator[str]:
        """The answer in pieces, with ``[n]`` markers. Raises GeneratorError."""


@runtime_checkable
class Rewriter(Protocol):
    """A generator that can also put a conversation's context into its last question."""

    def rewrite(self, question: str, history: Sequence[Turn], language: Language, seconds: float) -> str:
        """``question`` as one that stands alone, in at most ``seconds``. Raises GeneratorError."""
