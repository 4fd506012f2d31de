"""What stands between a prompt and its answer: any model that continues a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from kbchat.generation.prompts import Prompt
from kbchat.settings import GenerationSettings


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen, and how many; temperature 0 always takes the likeliest."""

    new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 50

    @classmethod
    def of(
        cls, settings: GenerationSettings, *, temperature: float | None = None, new_tokens: int | None = None
    ) -> Sampling:
        """The settings' values, less those given."""
        return cls(
            settings.new_tokens if new_tokens is None else new_tokens,
            settings.temperature if temperature is None else temperature,
            settings.top_p,
            settings.top_k,
        )


class TextStream(Iterator[str], Protocol):
    """Pieces of a text; ``cut_off`` tells, after the last one, that the model stopped for length."""

    @property
    def cut_off(self) -> bool:
        """Whether the text is not whole."""

    def wait(self, seconds: float) -> bool:
        """Whether ``next`` returns or raises at once, after at most ``seconds``."""

    def close(self) -> None:
        """Stop writing."""


class ChatModel(Protocol):
    """A language model as the chat generator uses it."""

    @property
    def name(self) -> str:
        """As in the setting, without anything secret."""

    def count(self, prompt: Prompt) -> int:
        """Tokens of ``prompt`` as the model is given it. Raises GeneratorError."""

    def stream(self, prompt: Prompt, sampling: Sampling) -> TextStream:
        """The model's turn. Raises GeneratorError, here or while it is read."""

    def load(self) -> None:
        """Make ready. Raises GeneratorError."""

    def unload(self) -> None:
        """Give back the memory; the next use loads again."""
