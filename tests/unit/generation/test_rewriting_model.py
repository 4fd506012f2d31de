"""How a language model is asked to reword a follow-up, and what ends that."""

from __future__ import annotations

import threading
import time

import pytest

from kbchat.assistants.shelf import built_in_assistants
from kbchat.errors import GeneratorBusyError, GeneratorError
from kbchat.generation.background import BackgroundText, Sink
from kbchat.generation.chat_generator import ChatGenerator
from kbchat.generation.factory import ModelShelf, generator_from_spec
from kbchat.generation.prompts import build_rewriting_prompt
from kbchat.generation.protocol import Rewriter
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings
from kbchat.types import Turn

HISTORY = (Turn("user", "华法林怎么吃？"), Turn("assistant", "一日1次。" * 100))
GENERAL = next(one for one in built_in_assistants() if one.id == "general")


class Model:
    """Writes ``text`` after ``delay`` seconds, or raises; keeps its prompts and whether a stream was closed."""

    name = "scripted"

    def __init__(self, text: str = "", *, delay: float = 0.0, cut_off: bool = False, busy: bool = False) -> None:
        self.text, self.delay, self.cut_off, self.busy = text, delay, cut_off, busy
        self.prompts: list[object] = []
        self.samplings: list[object] = []
        self.left = threading.Event()

    def stream(self, prompt, sampling):
        self.prompts.append(prompt)
        self.samplings.append(sampling)
        if self.busy:
            raise GeneratorBusyError(Bilingual("Busy.", "忙。"), Bilingual("Wait.", "请稍候。"))

        def write(sink: Sink) -> None:
            if sink.stopped.wait(self.delay):
                self.left.set()
                return
            sink.cut_off = self.cut_off
            sink.put(self.text)

        return BackgroundText(write, silence=30, total=30, name="scripted")


def rewrite(model: Model, seconds: float = 10.0) -> str:
    return ChatGenerator(model, GENERAL, GenerationSettings(temperature=0.7)).rewrite(
        "那孕妇呢？", HISTORY, "zh", seconds
    )


def test_the_prompt_is_short_and_holds_the_talk():
    (turn,) = build_rewriting_prompt("zh", HISTORY, "那孕妇呢？").turns

    assert "用户：华法林怎么吃？" in turn.content
    assert turn.content.endswith("最后一句：那孕妇呢？")
    assert len(turn.content) < 600
    assert "Last message: and children?" in build_rewriting_prompt("en", HISTORY, "and children?").turns[0].content


def test_the_models_text_is_greedy_and_short():
    model = Model("孕妇能用华法林吗？")

    assert rewrite(model) == "孕妇能用华法林吗？"
    assert model.samplings[0].temperature == 0.0
    assert model.samplings[0].new_tokens <= 100


def test_a_slow_model_is_left_in_time_and_stopped():
    model = Model("孕妇能用华法林吗？", delay=60)
    started = time.monotonic()
    with pytest.raises(GeneratorError):
        rewrite(model, seconds=0.2)

    assert time.monotonic() - started < 50
    assert model.left.wait(60)


@pytest.mark.parametrize("model", [Model("孕妇能用华", cut_off=True), Model(" \n"), Model(busy=True)])
def test_half_a_question_none_or_a_full_line_is_an_error(model):
    with pytest.raises(GeneratorError):
        rewrite(model)


def test_a_real_model_rewords_and_one_without_end_does_not(bloom_folder, endless_folder):
    settings = GenerationSettings(device_map="cpu")
    shelf = ModelShelf()
    known = generator_from_spec(f"pulse:{bloom_folder}", settings, shelf=shelf)
    endless = generator_from_spec(f"pulse:{endless_folder}", settings, shelf=shelf)

    assert isinstance(known, Rewriter)
    assert known.rewrite("二甲双胍每日最大剂量是多少？", (), "zh", 60).strip()
    with pytest.raises(GeneratorError):
        endless.rewrite("那孕妇呢？", HISTORY, "zh", 60)
    assert not isinstance(generator_from_spec("extractive", settings), Rewriter)
    shelf.close()
