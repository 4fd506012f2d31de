"""What a provider's exception means: the message for a person, and whether trying again may help."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kbchat.errors import GeneratorBusyError, GeneratorError
from kbchat.messages import Bilingual

_LONGEST_CAUSE = 300
_LONGEST_WAIT = 30.0
_FIRST_WAIT = 0.5
_RETRYABLE_STATUS = frozenset({408, 409, 425, 429})
# Names of exception classes in the client libraries of providers (openai, httpx, httpx2, httpcore, requests, ollama …).
_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException", "Timeout", "TimeoutError"})
_CONNECTIONS = frozenset({"APIConnectionError", "TransportError", "NetworkError", "ProtocolError", "ConnectionError"})


@dataclass(frozen=True, slots=True)
class Failure:
    """An error for people; ``retryable`` whether the same request may work, ``retry_after`` seconds the server asks for."""

    error: GeneratorError
    retryable: bool
    retry_after: float | None = None

    def wait_before(self, attempt: int) -> float | None:
        """Seconds to wait before new attempt ``attempt`` (from 1): doubling, or what the server asks; None: too long."""
        if self.retry_after is not None:
            return self.retry_after if self.retry_after <= _LONGEST_WAIT else None
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (attempt - 1))


def failure_of(error: Exception, name: str, secrets: Iterable[str]) -> Failure:
    """What ``error``, raised by the client of model ``name``, means. ``secrets`` never appear in the message."""
    if isinstance(error, GeneratorError):
        return Failure(error, error.retryable)
    status = _status(error)
    cause = _cause(error, secrets)
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if status == 429:
        return Failure(_busy(name), retryable=True, retry_after=_retry_after(error))
    if status is not None:
        retryable = status in _RETRYABLE_STATUS or status >= 500
        return Failure(_refused(name, status, cause, retryable), retryable, _retry_after(error) if retryable else None)
    if kinds & _TIMEOUTS:
        return Failure(_silent(name), retryable=True)
    if kinds & _CONNECTIONS or isinstance(error, OSError):
        return Failure(_unreachable(name, cause), retryable=True)
    return Failure(_odd(name, cause), retryable=False)


def broken_off(name: str) -> GeneratorError:
    """The stream ended without the server saying that the answer is complete."""
    return GeneratorError(
        Bilingual(f"The answer of {name} broke off.", f"{name} 的回答中途中断。"),
        Bilingual("Ask again; look at the model server's log.", "请重试；可查看模型服务的日志。"),
    )


def _status(error: Exception) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        for key in ("status_code", "status", "http_status"):
            value = getattr(holder, key, None)
            if isinstance(value, int) and not isinstance(value, bool) and value >= 300:
                return value
    return None


def _retry_after(error: Exception) -> float | None:
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    try:
        seconds = float(headers["retry-after"])
    except (KeyError, TypeError, ValueError):  # absent, or an HTTP date: our own pace will do
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _cause(error: Exception, secrets: Iterable[str]) -> str:
    text = " ".join((str(error) or type(error).__name__).split())
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text[:_LONGEST_CAUSE].rstrip(".")


def _busy(name: str) -> GeneratorBusyError:
    return GeneratorBusyError(
        Bilingual(f"The model server {name} is overloaded.", f"模型服务 {name} 过载。"),
        Bilingual("Try again in a minute, or raise generation.retries.", "请稍后再试，或调大 generation.retries。"),
    )


def _refused(name: str, status: int, cause: str, retryable: bool) -> GeneratorError:
    if status in (401, 403):
        remedy = Bilingual(
            "Set generation.api_key (KBCHAT_GENERATION__API_KEY) to a key the server accepts.",
            "请将 generation.api_key（KBCHAT_GENERATION__API_KEY）设为服务接受的密钥。",
        )
    elif status == 404:
        remedy = Bilingual(
            "Check model name and address in generation.model; the address of most servers ends with /v1.",
            "请检查 generation.model 中的模型名和地址；多数服务的地址以 /v1 结尾。",
        )
    elif retryable:
        remedy = Bilingual("Try again; look at the model server's log.", "请重试；可查看模型服务的日志。")
    else:
        remedy = Bilingual(
            "Check generation.model, generation.input_tokens and generation.new_tokens against what the server takes.",
            "请对照服务的要求检查 generation.model、generation.input_tokens 与 generation.new_tokens。",
        )
    return GeneratorError(
        Bilingual(
            f"The model server {name} answered with status {status}: {cause}.",
            f"模型服务 {name} 返回状态 {status}：{cause}。",
        ),
        remedy,
    )


def _silent(name: str) -> GeneratorError:
    return GeneratorError(
        Bilingual(f"The model server {name} did not answer in time.", f"模型服务 {name} 未在规定时间内响应。"),
        Bilingual("Try again, or raise generation.timeout.", "请重试，或调大 generation.timeout。"),
    )


def _unreachable(name: str, cause: str) -> GeneratorError:
    return GeneratorError(
        Bilingual(f"The model server {name} cannot be reached: {cause}.", f"无法连接模型服务 {name}：{cause}。"),
        Bilingual(
            "Check that the server runs and that the address in generation.model is right.",
            "请确认服务正在运行，且 generation.model 中的地址正确。",
        ),
    )


def _odd(name: str, cause: str) -> GeneratorError:
    return GeneratorError(
        Bilingual(f"The answer of {name} cannot be used: {cause}.", f"{name} 的回答无法使用：{cause}。"),
        Bilingual("Look at the model server's log.", "请查看模型服务的日志。"),
    )
