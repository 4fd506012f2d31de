"""A language model in this process: loaded once, one answer at a time, token by token, stopped at any token."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from typing import Any

from kbchat.errors import GeneratorError
from kbchat.generation.background import BackgroundText, Sink
from kbchat.generation.chat_model import Sampling
from kbchat.generation.dialogues import Dialogue, EncodedPrompt, end_id
from kbchat.generation.loading import LoadedModel, load_model
from kbchat.generation.prompts import Prompt
from kbchat.generation.reply_text import ReplyText
from kbchat.generation.waiting_line import WaitingLine
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings


class LocalModel:
    """A causal language model of transformers with its dialogue format. May be shared by threads."""

    def __init__(self, path_or_name: str, dialogue: Dialogue, settings: GenerationSettings) -> None:
        self._place = path_or_name
        self._dialogue = dialogue
        self._settings = settings
        self._line = WaitingLine(settings.waiting, settings.wait_timeout)
        self._lock = threading.Lock()
        self._loaded: LoadedModel | None = None

    @property
    def name(self) -> str:
        """Format and folder, for example ``pulse:PULSE-7bv5``."""
        return f"{self._dialogue.name}:{self._place.rstrip('/').rpartition('/')[2] or self._place}"

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._loaded is not None

    def load(self) -> None:
        """Load the model unless it is loaded. Raises GeneratorError, ConfigurationError."""
        self._ready()

    def unload(self) -> None:
        """Free the model's memory, once a running answer has ended. Raises GeneratorBusyError when it does not end."""
        self._line.enter()
        try:
            with self._lock:
                self._loaded = None
            _collect()
        finally:
            self._line.leave()

    def encode(self, prompt: Prompt) -> EncodedPrompt:
        """The ids of ``prompt`` in the model's dialogue format."""
        loaded = self._ready()
        with self._lock:  # fast tokenizers refuse to be used by two threads at once
            return self._dialogue.encode(loaded.tokenizer, prompt.system, prompt.turns)

    def count(self, prompt: Prompt) -> int:
        """Tokens of ``prompt``."""
        return len(self.encode(prompt).ids)

    def stream(self, prompt: Prompt, sampling: Sampling, stops: Sequence[str] = ()) -> BackgroundText:
        """The reply; it ends before any of ``stops``.

        The prompt is not cut. Raises GeneratorBusyError with the first piece when too many wait.
        """
        encoded = self.encode(prompt)

        def write(sink: Sink) -> None:
            if not self._line.enter(sink.stopped):
                return
            try:
                self._generate(encoded, sampling, (*self._dialogue.stops, *stops), sink)
            finally:
                self._line.leave()

        total = self._settings.total_timeout
        return BackgroundText(
            write, silence=self._settings.timeout, total=total + self._settings.wait_timeout, name=self.name
        )

    def _ready(self) -> LoadedModel:
        with self._lock:
            if self._loaded is None:
                self._loaded = load_model(self._place, self._settings)
            return self._loaded

    def _generate(self, encoded: EncodedPrompt, sampling: Sampling, stops: Sequence[str], sink: Sink) -> None:
        import torch  # noqa: PLC0415 - seconds to import

        loaded = self._ready()
        reply = ReplyText(lambda ids: self._text(loaded, encoded, ids), stops)
        watcher = _Watcher(reply, sink, end_id(loaded.tokenizer))
        ids = torch.tensor([encoded.ids], device=loaded.model.device)
        try:
            with torch.inference_mode():
                loaded.model.generate(
                    input_ids=ids,
                    attention_mask=torch.ones_like(ids),
                    generation_config=_configuration(loaded, sampling),
                    **_hooks(watcher),
                )
        except Exception as error:  # out of memory, and whatever the code inside a model folder raises
            _collect()
            raise self._failed(error) from error
        sink.cut_off = watcher.tokens >= sampling.new_tokens and not watcher.ended and not reply.stopped
        sink.put(reply.finish())

    def _text(self, loaded: LoadedModel, encoded: EncodedPrompt, ids: Sequence[int]) -> str | None:
        with self._lock:
            return self._dialogue.reply(loaded.tokenizer, encoded.opening, ids)

    def _failed(self, error: Exception) -> GeneratorError:
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
        return GeneratorError(
            Bilingual(f"The language model {self.name} failed: {cause}.", f"语言模型 {self.name} 运行失败：{cause}。"),
            Bilingual(
                "When memory ran out: lower generation.input_tokens, or set generation.quantization to 8bit or 4bit.",
                "若为内存不足：请调小 generation.input_tokens，或将 generation.quantization 设为 8bit 或 4bit。",
            ),
        )


class _Watcher:
    """Takes each token from transformers' generation loop, hands on text, and says when to stop."""

    def __init__(self, reply: ReplyText, sink: Sink, end: int) -> None:
        self._reply = reply
        self._sink = sink
        self._end = end
        self._prompt_seen = False
        self.tokens = 0
        self.ended = False

    def put(self, value: Any) -> None:
        """The streamer's side: first the prompt, then a token at a time."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        for token in value.flatten().tolist():
            self.tokens += 1
            self.ended = self.ended or token == self._end
            if not self.ended and not self._sink.stopped.is_set():
                self._sink.put(self._reply.add(token))

    def done(self) -> bool:
        """Whether no further token is wanted: the reader left, or a stop text was written."""
        return self._sink.stopped.is_set() or self._reply.stopped


def _hooks(watcher: _Watcher) -> dict[str, Any]:
    """The two places where transformers' generation loop asks us: a streamer and a stopping criterion."""
    import torch  # noqa: PLC0415
    from transformers import StoppingCriteria, StoppingCriteriaList  # noqa: PLC0415
    from transformers.generation.streamers import BaseStreamer  # noqa: PLC0415

    class Streamer(BaseStreamer):
        def put(self, value: Any) -> None:
            watcher.put(value)

        def end(self) -> None:
            """The text is finished by the caller."""

    class Done(StoppingCriteria):
        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            del scores
            return torch.full((input_ids.shape[0],), watcher.done(), dtype=torch.bool, device=input_ids.device)

    return {"streamer": Streamer(), "stopping_criteria": StoppingCriteriaList([Done()])}


def _configuration(loaded: LoadedModel, sampling: Sampling) -> Any:
    """Greedy at temperature 0. At least one token is written, as in the demos (their ``min_length``)."""
    from transformers import GenerationConfig  # noqa: PLC0415

    configuration: Any = GenerationConfig
    end = end_id(loaded.tokenizer)
    padding = loaded.tokenizer.pad_token_id
    drawn = sampling.temperature > 0
    return configuration(
        max_new_tokens=sampling.new_tokens,
        min_new_tokens=1,
        do_sample=drawn,
        num_beams=1,
        eos_token_id=end,
        pad_token_id=end if padding is None else padding,
        **({"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k} if drawn else {}),
    )


def _collect() -> None:
    """Give freed memory back to the device."""
    gc.collect()
    import torch  # noqa: PLC0415

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
