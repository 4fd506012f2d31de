"""Served models against real server processes on loopback: one that works, and one that fails in every way."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import re
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
from pathlib import Path

import pytest

from kbchat.errors import ConfigurationError, GeneratorBusyError, GeneratorError
from kbchat.generation.chat_generator import ChatGenerator
from kbchat.generation.chat_model import Sampling
from kbchat.generation.factory import ModelShelf, generator_from_spec
from kbchat.generation.prompts import Prompt
from kbchat.generation.protocol import GenerationRequest, Turn
from kbchat.generation.served.model import ServedModel
from kbchat.generation.served.spec import served_spec
from kbchat.settings import GenerationSettings
from kbchat.types import Query
from tests.ports import free_port

HERE = Path(__file__).parent
ANSWER = "每日最大剂量为2550mg[1]。"
QUESTION = Prompt("限制：\n引用。\n", (Turn("user", "你好"), Turn("assistant", "您好"), Turn("user", "最大剂量？")))
SECRET = "sk-very-secret-7f3a"


@pytest.fixture(scope="module")
def stub():
    process = subprocess.Popen([sys.executable, str(HERE / "openai_stub.py")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def requests(stub: str, model: str) -> list[dict]:
    with urllib.request.urlopen(f"{stub}/requests", timeout=60) as answer:
        return [one for one in json.load(answer) if one["body"]["model"] == model]


def served(stub: str, model: str, **settings) -> ServedModel:
    return ServedModel(served_spec(f"openai:{model}@{stub}/v1"), GenerationSettings(**({"timeout": 5} | settings)))


def text_of(model: ServedModel, new_tokens: int = 64) -> str:
    return "".join(model.stream(QUESTION, Sampling(new_tokens)))


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_roles_limits_and_greedy_choice_are_sent(stub):
    model = served(stub, "good")

    stream = model.stream(QUESTION, Sampling(64))

    assert list(stream) == ["每日最大", "剂量为", "2", "550", "mg", "[1]。"]
    assert not stream.cut_off
    sent = requests(stub, "good")[-1]
    assert sent["path"] == "/v1/chat/completions"
    assert [(one["role"], one["content"]) for one in sent["body"]["messages"]] == [
        ("system", "限制：\n引用。\n"),
        ("user", "你好"),
        ("assistant", "您好"),
        ("user", "最大剂量？"),
    ]
    assert sent["body"]["max_tokens"] == 64
    assert sent["body"]["temperature"] == 0
    assert sent["body"]["stream"] is True


def test_only_the_key_of_the_settings_is_sent(stub, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    assert text_of(served(stub, "keyless")) == ANSWER
    assert "another" not in requests(stub, "keyless")[-1]["key"]
    assert text_of(served(stub, "keyed", api_key=SECRET)) == ANSWER
    assert requests(stub, "keyed")[-1]["key"] == f"Bearer {SECRET}"


def test_nothing_is_reported_to_a_tracing_service(stub, monkeypatch):
    """LangChain would send every prompt to LangSmith when the environment asks for it."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", stub)
    monkeypatch.setenv("LANGSMITH_API_KEY", "x")
    from langsmith.utils import get_env_var

    get_env_var.cache_clear()
    try:
        assert text_of(served(stub, "traced")) == ANSWER
        time.sleep(1.5)
    finally:
        get_env_var.cache_clear()
    with urllib.request.urlopen(f"{stub}/requests", timeout=60) as answer:
        paths = {one["path"] for one in json.load(answer)}
    assert paths == {"/v1/chat/completions"}


# --- trouble --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "attempts"), [("busy-twice", 3), ("failing-once", 2), ("hangs-up-once", 2)])
def test_passing_trouble_is_waited_out(stub, model, attempts):
    assert text_of(served(stub, model)) == ANSWER
    assert len(requests(stub, model)) == attempts


def test_attempts_wait_longer_and_longer(stub):
    with pytest.raises(GeneratorError):
        text_of(served(stub, "silent", timeout=1, retries=2))

    times = [one["time"] for one in requests(stub, "silent")]
    assert len(times) == 3
    assert times[1] - times[0] > 1.2  # 1 silence, 0.5 pause
    assert times[2] - times[1] > 1.7


@pytest.mark.parametrize(
    ("model", "kind", "message", "remedy"),
    [
        ("busy", GeneratorBusyError, "is overloaded", "generation.retries"),
        ("busy-long", GeneratorBusyError, "is overloaded", "generation.retries"),
        ("wrong-key", GeneratorError, "status 401", "generation.api_key"),
        ("unknown", GeneratorError, "status 404", "generation.model"),
        ("too-long", GeneratorError, "maximum context length is 2048", "generation.input_tokens"),
        ("breaks", GeneratorError, "broke off|cannot be reached|incomplete", "server"),
        ("unfinished", GeneratorError, "broke off", "server"),
        ("error-event", GeneratorError, "CUDA out of memory", "server"),
        ("no-json", GeneratorError, "cannot be used", "log"),
        ("web-page", GeneratorError, "cannot be used|broke off", "log"),
    ],
)
def test_lasting_trouble_is_told_with_a_remedy(stub, model, kind, message, remedy):
    with pytest.raises(kind, match=message) as caught:
        text_of(served(stub, model, retries=1))

    assert remedy in caught.value.remedy.en
    assert caught.value.remedy.zh


def test_a_long_wait_the_server_asks_for_is_not_waited(stub):
    begun = time.monotonic()
    with pytest.raises(GeneratorBusyError):
        text_of(served(stub, "busy-long"))

    assert time.monotonic() - begun < 120


def test_after_the_first_piece_nothing_is_asked_again(stub):
    before = len(requests(stub, "breaks"))
    stream = served(stub, "breaks", retries=3).stream(QUESTION, Sampling(64))

    assert next(stream) == "每日最大"
    with pytest.raises(GeneratorError):
        next(stream)
    assert len(requests(stub, "breaks")) == before + 1


def test_silence_pings_and_slowness_are_limited(stub):
    for model, settings in (
        ("falls-silent", {"timeout": 0.4, "total_timeout": 20}),
        ("pings", {"timeout": 2, "total_timeout": 0.6}),
        ("slow", {"timeout": 2, "total_timeout": 0.6}),
    ):
        with pytest.raises(GeneratorError, match=r"in time"):
            text_of(served(stub, model, retries=0, **settings))


def test_a_server_that_is_not_there(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    with pytest.raises(GeneratorError, match=rf"openai:qwen@http://127\.0\.0\.1:{port}/v1 cannot be reached"):
        text_of(served(f"http://127.0.0.1:{port}", "qwen", retries=1))


def test_the_key_is_in_no_message_and_no_log(stub, caplog):
    caplog.set_level(logging.DEBUG)
    model = served(stub, "wrong-key", api_key=SECRET)

    with pytest.raises(GeneratorError) as caught:
        text_of(model)

    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in caplog.text
    assert SECRET not in repr(model._settings)
    assert SECRET not in repr(model._client(Sampling(64)))


# --- the text -------------------------------------------------------------------------------------------------------


def test_thoughts_are_left_out(stub):
    assert text_of(served(stub, "thinks")) == ANSWER


def test_a_server_that_ignores_the_limit_is_stopped(stub):
    stream = served(stub, "endless").stream(QUESTION, Sampling(16))

    text = "".join(stream)

    assert 16 <= len(text) < 16 * 20
    assert stream.cut_off


def test_cut_off_answers_say_so(stub):
    stream = served(stub, "cut").stream(QUESTION, Sampling(16))

    assert "".join(stream) == "每日最大剂量为2"
    assert stream.cut_off


def test_an_empty_answer_is_an_error_of_the_generator(stub):
    settings = GenerationSettings(model=f"openai:empty@{stub}/v1")
    generator = generator_from_spec(settings.model, settings, shelf=ModelShelf())
    assert isinstance(generator, ChatGenerator)

    with pytest.raises(GeneratorError, match="wrote nothing"):
        list(generator.stream(GenerationRequest(Query("剂量？", "剂量？", (), (), "zh"), (), 400)))


def test_a_reader_who_leaves_ends_the_request(stub):
    stream = served(stub, "slow").stream(QUESTION, Sampling(64))
    next(stream)

    stream.close()

    assert list(stream) == []


# --- other providers ------------------------------------------------------------------------------------------------


def test_other_providers_need_their_package_and_unknown_ones_are_refused():
    with pytest.raises(ConfigurationError, match=r"langchain-mistralai|langchain_mistralai") as caught:
        ServedModel(served_spec("mistralai:small"), GenerationSettings()).load()
    assert "pip install langchain-mistralai" in caught.value.remedy.en
    with pytest.raises(ConfigurationError, match="no provider “pulze”"):
        ServedModel(served_spec("pulze:/models/x"), GenerationSettings()).load()


# --- a server that works --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def transformers_server(tmp_path_factory):
    for package in ("torch", "transformers", "fastapi", "uvicorn"):
        pytest.importorskip(package)
    spec = importlib.util.spec_from_file_location("kbchat_tests_served_tiny", HERE.parent / "tiny_models.py")
    assert spec is not None
    assert spec.loader is not None
    tiny = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny)
    folder = tiny.bloom_like(tmp_path_factory.mktemp("served") / "PULSE-tiny")
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = (HERE.parents[1] / "deploy" / "pulse.jinja").read_text("utf-8")
    tokenizer.save_pretrained(folder)
    port = free_port()
    log = (folder.parent / "server.log").open("w+")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("transformers"), "serve", str(folder), "--port", str(port), "--device", "cpu"],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "HF_HOME": str(folder.parent)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_until_ready(process, f"http://127.0.0.1:{port}/health", folder.parent / "server.log")
        yield tiny, f"openai:{folder}@http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(90)
        log.close()


def _wait_until_ready(process: subprocess.Popen, url: str, log: Path) -> None:
    ends = time.monotonic() + 200
    while time.monotonic() < ends:
        if process.poll() is not None:
            pytest.skip(f"transformers serve does not run here: {log.read_text()[-300:]}")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"transformers serve did not start: {log.read_text()[-300:]}")


@pytest.mark.slow
def test_pulse_behind_transformers_serve(transformers_server):
    tiny, spec = transformers_server
    model = ServedModel(served_spec(spec), GenerationSettings(timeout=60))

    for question, answer in tiny.DIALOGUES:
        pieces = list(model.stream(Prompt("", (Turn("user", question),)), Sampling(64)))
        assert "".join(pieces).strip() == answer
        assert len(pieces) > 3
    cut = model.stream(Prompt("", (Turn("user", tiny.DIALOGUES[0][0]),)), Sampling(4))
    assert tiny.DIALOGUES[0][1].startswith("".join(cut).strip())
    assert not re.search("\ufffd", "".join(pieces))
