"""Provider, model and address of a served model, as a setting names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual

OPENAI = "openai"
_SPEC = re.compile(r"(?P<provider>[a-z][a-z0-9_-]*):(?P<model>.+?)(?:@(?P<url>[a-z][a-z0-9+.-]*://.+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ServedSpec:
    """``provider`` is one of LangChain's ``init_chat_model``; ``url`` empty: the provider's own address."""

    provider: str
    model: str
    url: str = ""

    @property
    def name(self) -> str:
        """The setting without user name, password and query of the address."""
        if not self.url:
            return f"{self.provider}:{self.model}"
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{self.provider}:{self.model}@{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def served_spec(text: str) -> ServedSpec:
    """Read ``openai:MODEL@URL`` or ``PROVIDER:MODEL[@URL]``.

    Raises ConfigurationError when it cannot be read, when the address is none of http or https, or when an
    OpenAI-compatible model comes without its address: kbchat calls only what the settings name.
    """
    found = _SPEC.fullmatch(text.strip())
    if found is None:
        raise _wrong(f"{text!r} does not name a served model", f"{text!r} 不是有效的服务模型设置")
    provider, model, url = found["provider"].replace("-", "_"), found["model"].strip(), (found["url"] or "").strip()
    if url and not _usable(url):
        raise _wrong("the model server's address is not usable", "模型服务地址无效")
    if provider == OPENAI and not url:
        raise _wrong(f"{text!r} does not name the server's address", f"{text!r} 没有指明服务地址")
    return ServedSpec(provider, model, url)


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and not re.search(r"\s", url)


def _wrong(en: str, zh: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{en[0].upper()}{en[1:]}.", f"{zh}。"),
        Bilingual(
            "Expected `openai:MODEL@http://HOST:PORT/v1` (LMDeploy, vLLM, Ollama, llama.cpp …) or `PROVIDER:MODEL` of "
            "LangChain in generation.model.",
            "generation.model 应为 `openai:模型@http://主机:端口/v1`（LMDeploy、vLLM、Ollama、llama.cpp 等）或 LangChain 的"
            "`提供方:模型`。",
        ),
    )
