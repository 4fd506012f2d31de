"""The dialogue formats that models were trained on, built from token ids.

PULSE: as the published demos (openmedlab/PULSE: cli_demo.py, web_demo_gradio.py) build it. The instruction is encoded
without special tokens; each turn as the tokenizer encodes it by default, so that InternLM's puts its ``<s>`` before every
turn and BLOOM's none; ``</s>`` is appended by id; generation is opened with only the first token of ``Helper: `` (for
InternLM that is ``<s>``), and what is read as the reply begins there.

ChiMed-GPT: the ``<human>:``/``<bot>:`` lines of its base model Ziya, encoded as one text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kbchat.errors import GeneratorError
from kbchat.generation.protocol import Turn
from kbchat.messages import Bilingual

PULSE_INSTRUCTION = (
    "Instructions: You are Helper, a large language model full of intelligence. Respond conversationally."
)
END = "</s>"


@dataclass(frozen=True, slots=True)
class EncodedPrompt:
    """``ids`` is what the model is given; the last of them, ``opening``, already belong to the reply."""

    ids: tuple[int, ...]
    opening: tuple[int, ...]


class Dialogue(Protocol):
    """One dialogue format. ``tokenizer`` is one of transformers."""

    @property
    def name(self) -> str:
        """As in the setting ``generation.model``: ``pulse``, ``chimed``."""

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts that begin another turn: a reply ends before them."""

    def encode(self, tokenizer: Any, system: str, turns: Sequence[Turn]) -> EncodedPrompt:
        """The ids of a conversation whose next turn is the model's."""

    def reply(self, tokenizer: Any, opening: Sequence[int], generated: Sequence[int]) -> str | None:
        """The reply's text so far, its speaker's name removed; None while that name may still be incomplete."""


class PulseDialogue:
    """``Instructions: …</s>User: …</s>Helper: …</s>``."""

    name = "pulse"
    stops = ("\nUser:", "\nHelper:")

    def encode(self, tokenizer: Any, system: str, turns: Sequence[Turn]) -> EncodedPrompt:
        """The ids of a conversation; ``system`` stands at the beginning of the first user turn, as in the demos."""
        end = end_id(tokenizer)
        ids = [*tokenizer(PULSE_INSTRUCTION, add_special_tokens=False)["input_ids"], end]
        for turn in with_system(system, turns):
            speaker = "User: " if turn.role == "user" else "Helper: "
            ids += [*tokenizer(speaker + without_special_tokens(turn.content, tokenizer))["input_ids"], end]
        opening = tokenizer("Helper: ")["input_ids"][:1]
        return EncodedPrompt((*ids, *opening), tuple(opening))

    def reply(self, tokenizer: Any, opening: Sequence[int], generated: Sequence[int]) -> str | None:
        """What follows ``Helper:``."""
        text = _decoded(tokenizer, [*opening, *generated]).lstrip()
        if re.match(r"Helper\s*[:：]", text):
            return re.sub(r"^Helper\s*[:：]\s*", "", text)
        if "Helper".startswith(text) or re.fullmatch(r"Helper\s*", text):
            return None
        given = _decoded(tokenizer, opening).strip()  # the model went another way after the name it was given
        return text.removeprefix(given).lstrip() if given else text


class ChimedDialogue:
    """Lines that begin with ``<human>:`` and ``<bot>:``."""

    name = "chimed"
    stops = ("<human>:", "<bot>:")

    def encode(self, tokenizer: Any, system: str, turns: Sequence[Turn]) -> EncodedPrompt:
        """The ids of a conversation, with the special tokens that the tokenizer adds by default."""
        lines = [
            f"<{'human' if turn.role == 'user' else 'bot'}>:{without_special_tokens(turn.content, tokenizer)}"
            for turn in with_system(system, turns)
        ]
        return EncodedPrompt(tuple(tokenizer("\n".join([*lines, "<bot>:"]))["input_ids"]), ())

    def reply(self, tokenizer: Any, opening: Sequence[int], generated: Sequence[int]) -> str | None:
        """The decoded tokens."""
        return _decoded(tokenizer, [*opening, *generated]).lstrip()


DIALOGUES: dict[str, Dialogue] = {"pulse": PulseDialogue(), "chimed": ChimedDialogue()}


def with_system(system: str, turns: Sequence[Turn]) -> list[Turn]:
    """``turns`` with ``system`` at the beginning of the first user turn: these formats have no system role."""
    merged = list(turns)
    if system:
        first = next((i for i, turn in enumerate(merged) if turn.role == "user"), None)
        if first is None:
            merged.insert(0, Turn("user", system))
        else:
            merged[first] = Turn("user", f"{system}\n{merged[first].content}")
    return merged


def without_special_tokens(text: str, tokenizer: Any) -> str:
    """``text`` in which no string is left that the tokenizer would turn into a special token and so end a turn."""
    tokens = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab(), END}
    for token in sorted((one for one in tokens if len(one) > 1), key=len, reverse=True):
        if token in text:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def end_id(tokenizer: Any) -> int:
    """The id of ``</s>``. Raises GeneratorError when the tokenizer has none: it is no model of this kind."""
    found = tokenizer.convert_tokens_to_ids(END)
    if found is None or (found == tokenizer.unk_token_id and tokenizer.unk_token != END):
        raise GeneratorError(
            Bilingual(f"The model's tokenizer has no {END} token.", f"该模型的分词器没有 {END} 标记。"),
            Bilingual(
                "Name a model that uses this dialogue format, or serve the model and use openai:MODEL@URL.",
                "请选用支持该对话格式的模型，或用推理服务加载模型并设置 openai:MODEL@URL。",
            ),
        )
    return int(found)


def _decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of ``ids`` without special tokens, nothing tidied: earlier text must not change when a token is added."""
    special = set(tokenizer.all_special_ids)
    text: str = tokenizer.decode([one for one in ids if one not in special], clean_up_tokenization_spaces=False)
    return text
