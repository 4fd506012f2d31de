"""PULSE as a chat model of LangChain: the model runs in this process, in the dialogue format it was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from kbchat.errors import InvalidInputError, PromptTooLongError
from kbchat.generation.chat_model import Sampling
from kbchat.generation.dialogues import DIALOGUES
from kbchat.generation.local_model import LocalModel
from kbchat.generation.prompts import Prompt
from kbchat.generation.protocol import Turn
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings

_ROLES = {"human": "user", "user": "user", "ai": "assistant", "AIMessageChunk": "assistant", "assistant": "assistant"}


class PulseChatModel(BaseChatModel):
    """PULSE (or another model of ``generation/dialogues.py``) for everything that takes a LangChain chat model.

    System messages stand at the beginning of the first user turn: the format has no system role. When a conversation is
    longer than ``settings.input_tokens``, its oldest turns are left out.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    local: LocalModel
    settings: GenerationSettings

    @classmethod
    def from_folder(
        cls, path_or_name: str, settings: GenerationSettings | None = None, *, dialogue: str = "pulse"
    ) -> PulseChatModel:
        """The model in a folder (or with a name of a hub); loaded when it is first used."""
        chosen = settings or GenerationSettings()
        return cls(local=LocalModel(path_or_name, DIALOGUES[dialogue], chosen), settings=chosen)

    @property
    def _llm_type(self) -> str:
        return "kbchat-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.local.name}

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Any = None, **_: Any) -> int:
        """Tokens of the whole prompt, in the model's own."""
        del tools
        return self.local.count(_prompt(messages))

    def unload(self) -> None:
        """Free the memory; the next call loads again."""
        self.local.unload()

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        del run_manager  # LangChain tells it about each chunk itself
        text = self.local.stream(self._fitting(_prompt(messages)), self._sampling(kwargs), stop or ())
        try:
            for piece in text:
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        finally:
            text.close()
        reason = {"finish_reason": "length" if text.cut_off else "stop"}
        yield ChatGenerationChunk(message=AIMessageChunk(content=""), generation_info=reason)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages, stop, run_manager, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _sampling(self, given: dict[str, Any]) -> Sampling:
        sampling = Sampling.of(self.settings, temperature=given.get("temperature"), new_tokens=given.get("max_tokens"))
        chosen = {key: given[key] for key in ("top_p", "top_k") if given.get(key) is not None}
        return replace(sampling, **chosen)

    def _fitting(self, prompt: Prompt) -> Prompt:
        limit = self.settings.input_tokens
        while (tokens := self.local.count(prompt)) > limit:
            if len(prompt.turns) == 1:
                raise PromptTooLongError(
                    Bilingual(
                        f"The message makes {tokens} tokens; at most {limit} are read.",
                        f"消息共 {tokens} 个词元，最多 {limit} 个。",
                    ),
                    Bilingual(
                        "Shorten it, or raise generation.input_tokens.", "请缩短，或调大 generation.input_tokens。"
                    ),
                )
            prompt = Prompt(prompt.system, prompt.turns[1:])
        return prompt


def _prompt(messages: list[BaseMessage]) -> Prompt:
    """LangChain's messages as a prompt. Raises InvalidInputError for kinds that the format cannot say (tools)."""
    system: list[str] = []
    turns: list[Turn] = []
    for message in messages:
        if message.type == "system":
            system.append(message.text)
        elif message.type in _ROLES:
            turns.append(Turn(_ROLES[message.type], message.text))
        else:
            raise InvalidInputError(
                Bilingual(f"PULSE has no messages of kind “{message.type}”.", f"PULSE 不支持“{message.type}”类消息。"),
                Bilingual("Give system, human and ai messages only.", "只可使用 system、human 与 ai 消息。"),
            )
    return Prompt("\n".join(system), tuple(turns))
