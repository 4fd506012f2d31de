"""A chat model behind an address, by LangChain's ``init_chat_model``: LMDeploy, vLLM, Ollama, llama.cpp, or any provider."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from kbchat.errors import ConfigurationError
from kbchat.generation.background import BackgroundText, Sink
from kbchat.generation.chat_model import Sampling
from kbchat.generation.prompts import Prompt
from kbchat.generation.served.failures import broken_off, failure_of
from kbchat.generation.served.spec import OPENAI, ServedSpec
from kbchat.generation.served.thinking import WithoutThinking
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings

_OLLAMA = "ollama"
_TOKENS_PER_MESSAGE = 6
_LONGEST_TOKEN = 12
"""Characters a token has at most, on average: a server that ignores the limit of tokens is stopped by this."""
_NO_KEY = "none"
"""Sent when no key is set; otherwise the client would send the key of another service from the environment."""


class ServedModel:
    """A served model as the chat generator uses it. May be shared by threads."""

    def __init__(self, spec: ServedSpec, settings: GenerationSettings) -> None:
        self._spec = spec
        self._settings = settings
        self._lock = threading.Lock()
        self._clients: dict[Sampling, BaseChatModel] = {}

    @property
    def name(self) -> str:
        """Provider, model and address, without anything secret."""
        return self._spec.name

    def load(self) -> None:
        """Make the client. Raises ConfigurationError when its package is missing or the provider is unknown."""
        self._client(Sampling.of(self._settings))

    def unload(self) -> None:
        """Forget the clients; their connections close with them."""
        with self._lock:
            self._clients.clear()

    def count(self, prompt: Prompt) -> int:
        """Tokens of ``prompt``, guessed on the high side: the server's tokenizer is not here."""
        texts = [prompt.system, *(turn.content for turn in prompt.turns)]
        return sum(_TOKENS_PER_MESSAGE + guessed_tokens(text) for text in texts)

    def stream(self, prompt: Prompt, sampling: Sampling) -> BackgroundText:
        """The reply. Errors are raised while it is read: GeneratorError, GeneratorBusyError."""
        client = self._client(sampling)
        messages = _messages(prompt)
        return BackgroundText(
            lambda sink: self._write(client, messages, sampling, sink),
            silence=self._settings.timeout,
            total=self._settings.total_timeout,
            name=self.name,
        )

    def _write(self, client: BaseChatModel, messages: list[BaseMessage], sampling: Sampling, sink: Sink) -> None:
        """Attempt after attempt until the first piece; after that the answer is shown, and an error ends it."""
        attempt = 0
        while not sink.stopped.is_set():
            begun = _Progress()
            try:
                self._attempt(client, messages, sampling, sink, begun)
            except Exception as error:  # noqa: BLE001 - every provider has its own exceptions; all become one of ours here
                failure = failure_of(error, self.name, self._secrets())
                attempt += 1
                pause = failure.wait_before(attempt)
                if begun.happened or not failure.retryable or attempt > self._settings.retries or pause is None:
                    raise failure.error from _unless_secret(error, self._secrets())
                sink.stopped.wait(pause)
            else:
                return

    def _attempt(
        self, client: BaseChatModel, messages: list[BaseMessage], sampling: Sampling, sink: Sink, begun: _Progress
    ) -> None:
        shown = WithoutThinking()
        left = sampling.new_tokens * _LONGEST_TOKEN
        reason = ""
        for text, finish in _untraced(client, messages):
            if sink.stopped.is_set():
                return
            reason = finish or reason
            if text:
                begun.happened = begun.happened or bool(text.strip())
                left -= len(text)
                sink.put(shown.add(text))
            if left < 0:
                sink.cut_off = True
                return
        if self._spec.provider == OPENAI and not reason:
            raise broken_off(self.name)
        sink.cut_off = reason in ("length", "max_tokens")
        sink.put(shown.finish())

    def _client(self, sampling: Sampling) -> BaseChatModel:
        with self._lock:
            if sampling not in self._clients:
                self._clients[sampling] = self._made(sampling)
            return self._clients[sampling]

    def _made(self, sampling: Sampling) -> BaseChatModel:
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - a second to import

        try:
            made: BaseChatModel = init_chat_model(
                self._spec.model, model_provider=self._spec.provider, **self._options(sampling)
            )
        except ImportError as error:
            raise _package_missing(self._spec, error) from error
        except ValueError as error:
            raise _unknown(self._spec) from _unless_secret(error, self._secrets())
        return made

    def _options(self, sampling: Sampling) -> dict[str, Any]:
        """Arguments of ``init_chat_model``: LangChain's standard ones, less where a provider names them otherwise."""
        options: dict[str, Any] = {"temperature": sampling.temperature}
        if sampling.temperature > 0:
            options["top_p"] = sampling.top_p
        if self._spec.url:
            options["base_url"] = self._spec.url
        if self._spec.provider == _OLLAMA:
            # Ollama cuts prompts to its own context without a word unless it is told how much is coming.
            context = self._settings.input_tokens + sampling.new_tokens
            limits = {"num_predict": sampling.new_tokens, "num_ctx": context}
            return options | limits | {"client_kwargs": {"timeout": self._settings.timeout}}
        # Attempts are counted here, the same for every provider.
        options |= {"max_tokens": sampling.new_tokens, "timeout": self._settings.timeout, "max_retries": 0}
        key = self._settings.api_key.get_secret_value()
        if self._spec.provider == OPENAI:
            options |= {"api_key": key or _NO_KEY, "use_responses_api": False, "stream_usage": False}
            if urlsplit(self._spec.url).hostname != "api.openai.com":
                # The client writes max_completion_tokens, which older servers do not know.
                options["extra_body"] = {"max_tokens": sampling.new_tokens}
        elif key:
            options["api_key"] = key
        return options

    def _secrets(self) -> list[str]:
        parts = urlsplit(self._spec.url)
        return [self._settings.api_key.get_secret_value(), parts.password or "", parts.query]


class _Progress:
    """Whether anything of an answer has come."""

    happened = False


def guessed_tokens(text: str) -> int:
    """Tokens of ``text`` for a tokenizer unknown: one for a character of Chinese, one for three of anything else."""
    wide = sum(1 for c in text if ord(c) > 0x2E7F)
    return wide + -(-(len(text) - wide) // 3)


def _messages(prompt: Prompt) -> list[BaseMessage]:
    system: list[BaseMessage] = [SystemMessage(prompt.system)] if prompt.system else []
    turns = [HumanMessage(turn.content) if turn.role == "user" else AIMessage(turn.content) for turn in prompt.turns]
    return [*system, *turns]


def _untraced(client: BaseChatModel, messages: list[BaseMessage]) -> Iterator[tuple[str, str]]:
    """(text, why it ended) of each chunk; run where LangSmith's tracing is off, whatever the environment says."""
    from langsmith import tracing_context  # noqa: PLC0415 - comes with langchain

    context = contextvars.copy_context()
    context.run(tracing_context(enabled=False).__enter__)
    chunks = context.run(client.stream, messages)
    while True:
        chunk = context.run(next, chunks, None)
        if chunk is None:
            return
        told = chunk.response_metadata
        yield chunk.text, str(told.get("finish_reason") or told.get("stop_reason") or told.get("done_reason") or "")


def _unless_secret(error: Exception, secrets: list[str]) -> Exception | None:
    """``error`` as the cause of ours, unless its own text would carry a secret into a log."""
    return None if any(secret and secret in str(error) for secret in secrets) else error


def _package_missing(spec: ServedSpec, error: ImportError) -> ConfigurationError:
    cause = str(error).splitlines()[0][:200].rstrip(".")
    return ConfigurationError(
        Bilingual(
            f"The package for {spec.provider} is not installed: {cause}.", f"未安装 {spec.provider} 的软件包：{cause}。"
        ),
        Bilingual(
            f"Install LangChain's package, mostly `pip install langchain-{spec.provider.replace('_', '-')}`.",
            f"请安装对应的 LangChain 软件包，通常为 `pip install langchain-{spec.provider.replace('_', '-')}`。",
        ),
    )


def _unknown(spec: ServedSpec) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"LangChain knows no provider “{spec.provider}”, or refuses the options for {spec.name}.",
            f"LangChain 不支持提供方“{spec.provider}”，或不接受 {spec.name} 的参数。",
        ),
        Bilingual(
            "Use `openai:MODEL@URL` for OpenAI-compatible servers, or a provider of LangChain's init_chat_model.",
            "OpenAI 兼容服务请用 `openai:模型@地址`，其他请用 LangChain init_chat_model 支持的提供方。",
        ),
    )
