"""What comes in and goes out under /v1, in OpenAI's words; what is kbchat's own is in the field ``kbchat``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from kbchat.errors import InvalidInputError
from kbchat.messages import Bilingual
from kbchat.types import Turn

_LONGEST_MESSAGE = 100_000


class ContentPart(BaseModel):
    """A part of a message; only text can be read."""

    type: str = Field(max_length=40)
    text: str | None = Field(None, max_length=_LONGEST_MESSAGE)


class ChatMessage(BaseModel):
    """A turn of the conversation so far. Turns of `system`, `developer` and `tool` are accepted and not followed."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = Field(None, max_length=_LONGEST_MESSAGE)

    def text(self) -> str:
        """What was said. Raises InvalidInputError for anything but text."""
        if self.content is None:
            return ""
        if isinstance(self.content, str):
            return self.content
        other = next((part.type for part in self.content if part.type != "text"), None)
        if other is not None:
            raise InvalidInputError(
                Bilingual(f"A part of type {other!r} cannot be read.", f"无法读取类型为 {other!r} 的内容。"),
                Bilingual("Send text.", "请发送文本。"),
            )
        return "\n".join(part.text or "" for part in self.content)


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: StrictBool = False


class KbchatOptions(BaseModel):
    """What only kbchat knows; every field may be left out."""

    model_config = ConfigDict(extra="forbid")

    bases: list[str] = Field(
        [],
        max_length=20,
        description="Knowledge bases to answer from; empty: the assistant's, else `default`, else all open to you.",
    )
    conversation_id: int | None = Field(
        None, ge=1, le=2**63 - 1, description="A kept conversation of yours to go on with."
    )
    save: StrictBool = Field(False, description="Keep question and answer as a conversation.")
    regenerate: StrictBool = Field(
        False, description="Answer the conversation's last question again, or this in its place."
    )
    language: Literal["zh", "en"] | None = Field(None, description="Language of the answer; else that of the question.")
    progress: StrictBool = Field(False, description="Stream chunks that tell what is being done.")
    references: StrictBool | None = Field(
        None, description="Add the sources and the note to the text; else as `server.references_in_text` says."
    )


class ChatCompletionRequest(BaseModel):
    """A question. Fields of OpenAI's that are not listed are accepted and change nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "medication",
                    "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}],
                    "kbchat": {"language": "zh"},
                }
            ]
        }
    )

    model: str = Field(
        min_length=1, max_length=400, description="An assistant's id, with `@base,base` for certain knowledge bases."
    )
    messages: list[ChatMessage] = Field(min_length=1, max_length=400, description="The last one is the question.")
    stream: StrictBool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, ge=1, le=1, description="Only one answer is given.")
    kbchat: KbchatOptions = KbchatOptions()

    def question(self) -> str:
        """What is asked now. Raises InvalidInputError when somebody else spoke last."""
        last = self.messages[-1]
        if last.role != "user":
            raise InvalidInputError(
                Bilingual("The last message must be the user's.", "最后一条消息必须来自用户（user）。"),
                Bilingual("End “messages” with the question.", "请将问题放在 messages 的最后。"),
            )
        return last.text()

    def history(self) -> tuple[Turn, ...]:
        """What was said before, by the two who speak."""
        spoken = (message for message in self.messages[:-1] if message.role in ("user", "assistant"))
        return tuple(Turn(message.role, text) for message in spoken if (text := message.text().strip()))

    def assistant_and_bases(self) -> tuple[str, tuple[str, ...]]:
        """The assistant, and the knowledge bases named."""
        assistant, _, listed = self.model.partition("@")
        named = [*(name.strip() for name in listed.split(",")), *self.kbchat.bases]
        return assistant.strip(), tuple(dict.fromkeys(name for name in named if name))


class Model(BaseModel):
    """An assistant, as a model."""

    id: str = Field(examples=["medication"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "kbchat"
    kbchat: dict[str, Any] = Field(description="Name and description in both languages, audience, knowledge bases.")


class ModelList(BaseModel):
    """The assistants that may be asked."""

    object: Literal["list"] = "list"
    data: list[Model]


class AnswerMessage(BaseModel):
    """The answer. `kbchat` holds outcome, citations, checks and footer (see docs/http.md)."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    kbchat: dict[str, Any]


class Choice(BaseModel):
    """The one answer."""

    index: int = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(BaseModel):
    """An estimate of tokens: what was sent, and what was answered."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str = Field(examples=["chatcmpl-2f1c"])
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    system_fingerprint: str | None = None
