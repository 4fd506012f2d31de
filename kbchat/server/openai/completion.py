"""One exchange: a request becomes a question to the chat service, its events a completion or chunks of one."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from kbchat.errors import KbchatError
from kbchat.messages import Language
from kbchat.server.openai.answer_field import answer_field, below_text
from kbchat.server.openai.schema import (
    AnswerMessage,
    ChatCompletion,
    ChatCompletionRequest,
    Choice,
    Usage,
)
from kbchat.server.openai.usage import usage_of
from kbchat.server.problems import code_of, openai_error, status_of, told
from kbchat.services import Services
from kbchat.services.chat import ChatEvent, ChatRequest, Done, Draft, Piece, Progress

_END = "data: [DONE]\n\n"


def chat_request(asked: ChatCompletionRequest) -> ChatRequest:
    """The question for the chat service. Raises InvalidInputError."""
    options = asked.kbchat
    assistant, bases = asked.assistant_and_bases()
    return ChatRequest(
        question=asked.question(),
        bases=bases,
        assistant=assistant,
        conversation_id=options.conversation_id,
        language=options.language,
        save=options.save or options.conversation_id is not None,
        history=asked.history() if options.conversation_id is None else (),
        regenerate=options.regenerate,
    )


class Exchange:
    """One request and what becomes of it."""

    def __init__(self, asked: ChatCompletionRequest, language: Language, *, references: bool) -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.done: Done | None = None
        self.began = time.perf_counter()
        self._asked = asked
        self._created = int(time.time())
        self._language = asked.kbchat.language or language
        self._references = references if asked.kbchat.references is None else asked.kbchat.references
        self._pieces: list[str] = []

    def completion(self, events: Sequence[ChatEvent]) -> ChatCompletion:
        """The whole answer."""
        for event in events:
            self._note(event)
        assert self.done is not None
        text = self.done.answer.text + self._below()
        message = AnswerMessage(content=text, kbchat=answer_field(self.done))
        return ChatCompletion(
            id=self.id,
            created=self._created,
            model=self._asked.model,
            choices=[Choice(message=message)],
            usage=self._usage(text),
        )

    def encoded(self, event: ChatEvent) -> list[str]:
        """An event as server-sent chunks; what is not asked for becomes a comment, which keeps the line alive."""
        self._note(event)
        if isinstance(event, Piece):
            first: dict[str, Any] = {} if self._pieces[:-1] else {"role": "assistant"}
            return [self._chunk({**first, "content": event.text})]
        if isinstance(event, Done):
            return self._ending(event)
        if isinstance(event, Progress) and self._asked.kbchat.progress:
            told = {"step": event.step.value, "detail": event.detail.in_language(self._language)}
            return [self._chunk({}, kbchat={"progress": told})]
        if isinstance(event, Draft) and self._asked.kbchat.progress:
            return [self._chunk({}, kbchat={"draft": event.text})]
        return [": working\n\n"]

    def last(self) -> list[str]:
        """The end of the stream."""
        return [_END]

    def failed(self, error: KbchatError) -> list[str]:
        """An error after the stream began."""
        said = openai_error(status_of(error), code_of(error), " ".join(told(error, self._language)).strip())
        return [_data(said), _END]

    def _note(self, event: ChatEvent) -> None:
        if isinstance(event, Piece):
            self._pieces.append(event.text)
        elif isinstance(event, Done):
            self.done = event

    def _ending(self, done: Done) -> list[str]:
        chunks = []
        below = self._below()
        missing = done.answer.text if not self._pieces else ""
        if missing or below:
            first = {} if self._pieces else {"role": "assistant"}
            chunks.append(self._chunk({**first, "content": missing + below}))
        chunks.append(self._chunk({}, finish="stop", kbchat=answer_field(done)))
        options = self._asked.stream_options
        if options is not None and options.include_usage:
            usage = self._usage(done.answer.text + below).model_dump()
            chunks.append(_data({**self._frame(), "choices": [], "usage": usage}))
        return chunks

    def _below(self) -> str:
        return below_text(self.done.answer, self._language) if self._references and self.done else ""

    def _usage(self, text: str) -> Usage:
        return usage_of((message.text() for message in self._asked.messages), text)

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None, kbchat: dict[str, Any] | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        own = {} if kbchat is None else {"kbchat": kbchat}
        return _data({**self._frame(), "choices": [choice], **own})

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._asked.model,
            "system_fingerprint": None,
        }


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def asking(services: Services, asked: ChatCompletionRequest, *, whole: bool) -> Iterator[ChatEvent]:
    """The events of one question, for a thread, since all of it reads the database; ``whole``: without its pieces.

    Closing it stops the answer.
    """
    with closing(services.chat.ask(chat_request(asked))) as events:
        for event in events:
            if not (whole and isinstance(event, Piece)):
                yield event
