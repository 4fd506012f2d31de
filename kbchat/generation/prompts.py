"""The prompt: MedicineQA's frame of goal, rules, numbered documents and conversation, in Chinese and English.

The frame is that of PULSE-EVAL's MedicineQA, on which PULSE was trained and measured; other than there, the model has to
refuse when the documents do not answer. The rules are the code's, the goal is the assistant's.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kbchat.assistants.assistant import Assistant, Mode
from kbchat.generation.protocol import Turn
from kbchat.generation.refusal import NO_EVIDENCE
from kbchat.generation.untrusted_text import FENCE_CLOSE, FENCE_OPEN, neutral_document, neutral_message
from kbchat.messages import Language
from kbchat.types import Passage

_LONGEST_NAME = 80
_TURNS_TO_REWRITE = 6
_LONGEST_TURN = 200


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is given: a system text (may be empty) and turns, the last of which is the user's."""

    system: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One numbered document of a prompt; ``number`` is its marker, ``text`` the part of the passage that is shown."""

    number: int
    passage: Passage
    text: str


def build_prompt(
    assistant: Assistant, language: Language, documents: Sequence[Document], history: Sequence[Turn], question: str
) -> Prompt:
    """The prompt of one answer.

    In documents mode, documents and conversation stand in a single user turn, as in MedicineQA; otherwise the turns are
    the conversation's own, and documents stand above the last question.
    """
    words = _words(language)
    system = _system(assistant, language, words)
    asked = neutral_message(question)
    said = [Turn(turn.role, neutral_message(turn.content)) for turn in history]
    material = _material(documents, words)
    if assistant.mode is Mode.DOCUMENTS:
        lines = [f"{words['user' if turn.role == 'user' else 'assistant']}{turn.content}" for turn in said]
        talk = "\n".join([words["conversation"], *lines, f"{words['user']}{asked}"])
        text = f"{words['documents']}\n{material or words['none']}\n\n{talk}"
        return Prompt(system, (Turn("user", text),))
    if said and said[0].role != "user":
        said.insert(0, Turn("user", "…"))  # chat templates of servers want the person to begin
    if material:
        asked = f"{words['documents']}\n{material}\n\n{words['user']}{asked}"
    return Prompt(system, (*said, Turn("user", asked)))


def build_rewriting_prompt(language: Language, history: Sequence[Turn], question: str) -> Prompt:
    """A prompt for the last question of a conversation as one that stands alone; of earlier turns, the beginnings."""
    words = _words(language)
    rewriting = words["rewriting"]
    lines = [
        f"{words['user' if turn.role == 'user' else 'assistant']}{_beginning(turn.content)}"
        for turn in history[-_TURNS_TO_REWRITE:]
    ]
    last = f"{rewriting['last']}{neutral_message(question)}"
    text = "\n".join([rewriting["task"], rewriting["rules"], "", words["conversation"], *lines, "", last])
    return Prompt("", (Turn("user", text),))


def _beginning(message: str) -> str:
    line = " ".join(neutral_message(message).split())
    return line if len(line) <= _LONGEST_TURN else line[: _LONGEST_TURN - 1] + "…"


def document_text(passage: Passage, text: str, language: Language) -> str:
    """A stretch of a passage made harmless; a table's rows keep their header row above them."""
    header = passage.table_header
    whole = f"{header}\n{text}" if header and not text.startswith(header) else text
    return neutral_document(whole, _words(language)["left_out"])


def _system(assistant: Assistant, language: Language, words: dict[str, Any]) -> str:
    rules = [*words["modes"][assistant.mode.value], words["audiences"][assistant.audience]]
    refusal = NO_EVIDENCE.in_language(language)
    numbered = [
        f"{number}. {rule.format(refusal=refusal, open=FENCE_OPEN, close=FENCE_CLOSE)}"
        for number, rule in enumerate(rules, 1)
    ]
    goal = assistant.prompt.in_language(language) or assistant.prompt.zh or assistant.prompt.en
    lines = [words["goal"], goal, "", words["rules"], *numbered] if goal else [words["rules"], *numbered]
    return "\n".join(lines) + "\n"


def _material(documents: Sequence[Document], words: dict[str, Any]) -> str:
    return "\n\n".join(
        f"[{one.number}]{_heading(one.passage, words)}\n{FENCE_OPEN}\n{one.text}\n{FENCE_CLOSE}" for one in documents
    )


def _heading(passage: Passage, words: dict[str, Any]) -> str:
    """The drug's or guideline's name, the section and the date, on one line."""
    name = passage.subject or passage.document_title or passage.document
    section = next((part for part in reversed(passage.section_path) if part and part != name), "")
    title = str(words["separator"]).join(_short(part, words) for part in (name, section) if part)
    return title + (words["dated"].format(date=passage.revision_date) if passage.revision_date else "")


def _short(text: str, words: dict[str, Any]) -> str:
    line = " ".join(neutral_document(text, words["left_out"]).split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files("kbchat.generation").joinpath("data/prompts.toml").read_text("utf-8"))


def _words(language: Language) -> dict[str, Any]:
    words: dict[str, Any] = _texts()[language]
    return words
