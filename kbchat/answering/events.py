"""What happens while a question is answered, told as it happens."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from kbchat.messages import Bilingual
from kbchat.types import Answer


class Step(StrEnum):
    """Where on its way a question is."""

    SEARCHING = "searching"
    READING = "reading"
    WRITING = "writing"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done now."""

    step: Step
    detail: Bilingual


@dataclass(frozen=True, slots=True)
class Draft:
    """A piece of what the language model writes, before any check. Its ``[n]`` name passages, not yet citations."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """The checked answer; always the last event."""

    answer: Answer


AnswerEvent = Progress | Draft | Final
AnswerEvents = Generator[AnswerEvent, None, None]
"""The events of one answer; closing them stops whatever is under way."""

_Result = TypeVar("_Result")
Steps = Generator[Progress | Draft, None, _Result]
"""A part of the way: tells what it does, and returns what it made."""


def result_of(steps: Steps[_Result]) -> _Result:
    """What ``steps`` make, without listening. Raises what they raise."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: _Result = done.value
            return made


SEARCHING = Bilingual("Searching the documents", "正在检索资料")
QUOTING = Bilingual("Putting the quotes together", "正在整理原文")
THINKING = Bilingual("Waiting for the language model", "正在等待语言模型")
CHECKING = Bilingual("Checking every sentence against its source", "正在逐句核对出处")
INTERACTIONS = Bilingual("Looking up interactions", "正在查找药物相互作用")


def reading(passages: int, documents: int) -> Progress:
    """The passages found are being read."""
    return Progress(
        Step.READING,
        Bilingual(
            f"Reading {passages} passages of {documents} documents", f"正在阅读 {documents} 份资料的 {passages} 段原文"
        ),
    )


def writing(characters: int) -> Progress:
    """A text is being written that is not shown before it is checked."""
    return Progress(
        Step.WRITING,
        Bilingual(f"Writing: {characters} characters, shown when checked", f"正在撰写：{characters} 字，核对后显示"),
    )
