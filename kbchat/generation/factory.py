"""Which generator a setting names."""

from __future__ import annotations

import threading

from kbchat.assistants.assistant import Assistant
from kbchat.errors import ConfigurationError
from kbchat.generation.chat_model import ChatModel
from kbchat.generation.protocol import Generator
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings

EXTRACTIVE = "extractive"
_LOCAL = ("pulse", "chimed")


class ModelShelf:
    """Language models by name, each made once and loaded when first used. Safe to share between threads.

    ``processes`` is how many like this one there are; beside others none loads a model.
    """

    def __init__(self) -> None:
        self.processes = 1
        self._lock = threading.Lock()
        self._models: dict[tuple[str, GenerationSettings], ChatModel] = {}

    def model(self, spec: str, settings: GenerationSettings) -> ChatModel:
        """The model that ``spec`` names (see ``generation.model``).

        Raises ConfigurationError when it names none, or one that each of several processes would load.
        """
        if self.processes > 1 and is_loaded_here(spec):
            raise several_processes(spec, self.processes)
        key = (spec.strip(), settings)
        with self._lock:
            if key not in self._models:
                self._models[key] = _made(key[0], settings)
            return self._models[key]

    def close(self) -> None:
        """Unload all models."""
        with self._lock:
            models = list(self._models.values())
            self._models.clear()
        for model in models:
            model.unload()


SHELF = ModelShelf()
"""The models of this process: memory of a graphics card is the process's, whoever asks."""


def generator_from_spec(
    spec: str,
    settings: GenerationSettings,
    *,
    assistant: Assistant | None = None,
    shelf: ModelShelf = SHELF,
) -> Generator:
    """The generator that ``spec`` names, in the manner of ``assistant`` (default: the built-in ``general``).

    ``extractive``; ``pulse:PATH_OR_NAME`` or ``chimed:PATH_OR_NAME``; ``openai:MODEL@URL``; ``PROVIDER:MODEL[@URL]``.
    Nothing is loaded yet. Raises ConfigurationError for anything else, and for an assistant that needs a language model
    when ``spec`` names none.
    """
    from kbchat.assistants.shelf import built_in_assistants  # noqa: PLC0415 - only what is asked for is imported

    chosen = assistant or next(one for one in built_in_assistants() if one.id == "general")
    if spec.strip() == EXTRACTIVE:
        if chosen.needs_language_model:
            raise _needs_model(chosen)
        from kbchat.generation.extractive import ExtractiveGenerator  # noqa: PLC0415

        return ExtractiveGenerator()
    from kbchat.generation.chat_generator import ChatGenerator  # noqa: PLC0415

    return ChatGenerator(shelf.model(spec, settings), chosen, settings)


def is_loaded_here(spec: str) -> bool:
    """Whether ``spec`` names a model that the process which answers loads itself."""
    return spec.strip().partition(":")[0] in _LOCAL


def several_processes(spec: str, processes: int) -> ConfigurationError:
    """The error for a model that several processes would load."""
    return ConfigurationError(
        Bilingual(
            f"The language model {spec.strip()} is loaded in the process that answers, and {processes} workers would load "
            f"it {processes} times.",
            f"语言模型 {spec.strip()} 由应答进程自行加载，{processes} 个工作进程会将其加载 {processes} 次。",
        ),
        Bilingual(
            "Use one worker (server.workers = 1, or --workers 1), or let a model server load it once and name that: "
            "openai:MODEL@URL.",
            "请只用一个工作进程（server.workers = 1 或 --workers 1），或由模型服务加载一次，并以 openai:模型@地址 指明。",
        ),
    )


def _made(spec: str, settings: GenerationSettings) -> ChatModel:
    kind, _, place = spec.partition(":")
    if kind in _LOCAL and place.strip():
        from kbchat.generation.dialogues import DIALOGUES  # noqa: PLC0415
        from kbchat.generation.local_model import LocalModel  # noqa: PLC0415

        return LocalModel(place.strip(), DIALOGUES[kind], settings)
    if kind not in (*_LOCAL, EXTRACTIVE) and place.strip():
        from kbchat.generation.served.model import ServedModel  # noqa: PLC0415
        from kbchat.generation.served.spec import served_spec  # noqa: PLC0415

        return ServedModel(served_spec(spec), settings)
    raise ConfigurationError(
        Bilingual(f"{spec!r} does not name a generator.", f"{spec!r} 不是有效的生成器设置。"),
        Bilingual(
            "Expected `extractive`, `pulse:PATH`, `chimed:PATH`, `openai:MODEL@URL` or `PROVIDER:MODEL` in generation.model.",
            "generation.model 应为 `extractive`、`pulse:路径`、`chimed:路径`、`openai:模型@地址` 或 `提供方:模型`。",
        ),
    )


def _needs_model(assistant: Assistant) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"The assistant “{assistant.id}” needs a language model, and none is set.",
            f"助手“{assistant.name.zh}”需要语言模型，而当前没有设置。",
        ),
        Bilingual(
            "Set generation.model to pulse:PATH or openai:MODEL@URL, or choose an assistant that answers from documents.",
            "请将 generation.model 设为 pulse:路径 或 openai:模型@地址，或选用依据资料回答的助手。",
        ),
    )
