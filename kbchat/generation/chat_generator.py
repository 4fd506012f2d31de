"""Answers written by a language model: prompt within the model's budget, text as it comes, and what the model was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kbchat.assistants.assistant import Assistant
from kbchat.errors import GeneratorError
from kbchat.generation.background import BackgroundText, Sink
from kbchat.generation.budget import FittedPrompt, UsedPassage, fit_prompt
from kbchat.generation.chat_model import ChatModel, Sampling, TextStream
from kbchat.generation.prompts import Prompt, build_rewriting_prompt
from kbchat.generation.protocol import GenerationRequest, Turn
from kbchat.messages import Bilingual, Language
from kbchat.settings import GenerationSettings

_REWRITTEN_TOKENS = 96


class GeneratedText(Iterator[str]):
    """The pieces of one answer; closing it stops the model."""

    def __init__(self, fitted: FittedPrompt, pieces: TextStream, name: str) -> None:
        self.fitted = fitted
        self._pieces = pieces
        self._name = name
        self._empty = True

    @property
    def used(self) -> tuple[UsedPassage, ...]:
        """The passages, or parts of them, that the model was given."""
        return self.fitted.used

    @property
    def cut_off(self) -> bool:
        """Whether the answer ended for length: its last sentence is not whole, and must not be shown as if it were."""
        return self._pieces.cut_off

    def __iter__(self) -> GeneratedText:
        return self

    def __next__(self) -> str:
        try:
            piece = next(self._pieces)
        except StopIteration:
            if self._empty:
                raise self._nothing_written() from None
            raise
        self._empty = self._empty and not piece.strip()
        return piece

    def wait(self, seconds: float) -> bool:
        """Whether ``next`` returns or raises at once, after at most ``seconds``."""
        return self._pieces.wait(seconds)

    def close(self) -> None:
        """Stop the model."""
        self._empty = False
        self._pieces.close()

    def _nothing_written(self) -> GeneratorError:
        self._empty = False
        return GeneratorError(
            Bilingual(f"The language model {self._name} wrote nothing.", f"语言模型 {self._name} 没有输出任何内容。"),
            Bilingual("Ask again, or use another model.", "请重试，或改用其他模型。"),
        )


class ChatGenerator:
    """A :class:`~kbchat.generation.protocol.Generator` over a language model, in the manner of one assistant."""

    def __init__(self, model: ChatModel, assistant: Assistant, settings: GenerationSettings) -> None:
        self._model = model
        self._assistant = assistant
        self._settings = settings
        self._sampling = Sampling.of(settings, temperature=assistant.temperature, new_tokens=assistant.new_tokens)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    def stream(self, request: GenerationRequest) -> GeneratedText:
        """The answer. Raises GeneratorError, PromptTooLongError; GeneratorBusyError with the first piece."""
        fitted = fit_prompt(request, self._assistant, self._model.count, self._settings.input_tokens)
        return GeneratedText(fitted, self._model.stream(fitted.prompt, self._sampling), self.name)

    def rewrite(self, question: str, history: Sequence[Turn], language: Language, seconds: float) -> str:
        """``question`` with what the conversation before it tells; greedy.

        Raises GeneratorError, also when it takes longer than ``seconds`` (loading and waiting included) or is cut off.
        """
        prompt = build_rewriting_prompt(language, history, question)
        begun: list[TextStream] = []
        try:
            written = BackgroundText(self._rewriting(prompt, begun), silence=seconds, total=seconds, name=self.name)
            text = "".join(written)
        finally:
            for pieces in begun:  # one that still waits for its turn leaves the line
                pieces.close()
        if not text.strip():
            raise GeneratorError(
                Bilingual("The language model did not rewrite the question.", "语言模型没有改写问题。"),
                Bilingual("Ask the whole question.", "请输入完整的问题。"),
            )
        return text

    def _rewriting(self, prompt: Prompt, begun: list[TextStream]) -> Callable[[Sink], None]:
        """Writes all at once, and nothing where the model was cut off; its stream is put into ``begun``."""
        sampling = Sampling.of(self._settings, temperature=0.0, new_tokens=_REWRITTEN_TOKENS)

        def write(sink: Sink) -> None:
            pieces = self._model.stream(prompt, sampling)
            begun.append(pieces)
            if sink.stopped.is_set():  # loading took too long: nobody waits any more
                pieces.close()
                return
            written = list(pieces)
            if not pieces.cut_off:
                sink.put("".join(written))

        return write
