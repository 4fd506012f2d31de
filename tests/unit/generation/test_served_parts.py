"""Served models without a server: how a setting is read, what errors mean, what is left out of an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbchat.errors import ConfigurationError, GeneratorBusyError, GeneratorError
from kbchat.generation.chat_model import Sampling
from kbchat.generation.extractive import ExtractiveGenerator
from kbchat.generation.probe import probe_generator
from kbchat.generation.served.failures import failure_of
from kbchat.generation.served.model import ServedModel, guessed_tokens
from kbchat.generation.served.spec import ServedSpec, served_spec
from kbchat.generation.served.thinking import WithoutThinking
from kbchat.settings import GenerationSettings


@pytest.mark.parametrize(
    ("text", "spec", "name"),
    [
        ("openai:qwen2.5@http://10.0.0.5:8000/v1", ServedSpec("openai", "qwen2.5", "http://10.0.0.5:8000/v1"), None),
        (
            " openai:org/PULSE@v5@https://u:secret@llm.example/v1/ ",
            ServedSpec("openai", "org/PULSE@v5", "https://u:secret@llm.example/v1/"),
            "openai:org/PULSE@v5@https://llm.example/v1",
        ),
        (
            "openai:m@http://[::1]:8000/v1?key=secret",
            ServedSpec("openai", "m", "http://[::1]:8000/v1?key=secret"),
            "openai:m@http://[::1]:8000/v1",
        ),
        ("ollama:qwen2.5:7b", ServedSpec("ollama", "qwen2.5:7b"), None),
        ("google-genai:gemini", ServedSpec("google_genai", "gemini"), "google_genai:gemini"),
    ],
)
def test_settings_are_read(text, spec, name):
    assert served_spec(text) == spec
    assert served_spec(text).name == (name or text)
    assert "secret" not in served_spec(text).name


@pytest.mark.parametrize(
    "text",
    [
        "openai:gpt-4o",
        "openai:m@ftp://host/v1",
        "openai:m@http://",
        "openai:m@http://a:99999/",
        "openai:@http://a",
        "x",
    ],
)
def test_settings_that_name_no_server_are_refused(text):
    with pytest.raises(ConfigurationError, match=r"generation\.model") as caught:
        served_spec(text)
    assert "openai:模型@http" in caught.value.remedy.zh


class Response:
    def __init__(self, status_code: int, **headers: str) -> None:
        self.status_code = status_code
        self.headers = headers


class StatusError(Exception):
    def __init__(self, text: str, response: Response) -> None:
        super().__init__(text)
        self.response = response


@pytest.mark.parametrize(
    ("error", "kind", "retryable", "words"),
    [
        (StatusError("slow down", Response(429)), GeneratorBusyError, True, "overloaded"),
        (StatusError("oops sk-123", Response(500)), GeneratorError, True, r"status 500: oops \*\*\*"),
        (StatusError("bad", Response(422)), GeneratorError, False, "status 422"),
        (ConnectionResetError("reset"), GeneratorError, True, "cannot be reached"),
        (TimeoutError(), GeneratorError, True, "in time"),
        (ValueError("strange"), GeneratorError, False, "cannot be used: strange"),
    ],
)
def test_what_errors_mean(error, kind, retryable, words):
    failure = failure_of(error, "openai:m", ["", "sk-123"])

    assert type(failure.error) is kind
    assert failure.retryable is retryable
    with pytest.raises(kind, match=words):
        raise failure.error


def test_pauses_double_and_the_server_is_listened_to():
    plain = failure_of(ConnectionResetError(), "m", [])
    assert [plain.wait_before(n) for n in (1, 2, 3, 12)] == [0.5, 1.0, 2.0, 30.0]
    assert failure_of(StatusError("", Response(429, **{"retry-after": "3"})), "m", []).wait_before(1) == 3.0
    assert failure_of(StatusError("", Response(503, **{"retry-after": "900"})), "m", []).wait_before(1) is None
    assert failure_of(StatusError("", Response(429, **{"retry-after": "Fri, 1 Jan"})), "m", []).wait_before(1) == 0.5


@given(st.text(max_size=30), st.integers(1, 7))
def test_answers_without_thoughts_stay_as_they_are(text, size):
    def shown(whole: str) -> str:
        reader = WithoutThinking()
        return "".join(reader.add(whole[i : i + size]) for i in range(0, len(whole), size)) + reader.finish()

    plain = text.lstrip()
    if not plain.startswith("<"):
        assert shown(text) == plain or not plain
        assert shown(f"<think>{text.replace('<', '')}</think>\n\n答：{text}") == f"答：{text}"
    assert shown(f"<think>{text.replace('<', '')}") == ""


def test_guesses_are_on_the_high_side():
    assert guessed_tokens("每日最大剂量为2550mg。") >= 9
    assert guessed_tokens("a maximum of 2550 mg daily") >= 7
    assert guessed_tokens("") == 0


def test_ollama_is_told_the_size_of_what_is_coming():
    model = ServedModel(served_spec("ollama:qwen2.5:7b"), GenerationSettings(input_tokens=3000, timeout=7))

    options = model._options(Sampling(400))

    assert options["num_ctx"] == 3400
    assert options["num_predict"] == 400
    assert options["client_kwargs"] == {"timeout": 7}
    assert "max_tokens" not in options


def test_a_probe_of_the_built_in_generator():
    probe = probe_generator(ExtractiveGenerator())

    assert probe.cites
    assert "2g" in probe.text
    assert 0 < probe.first_piece <= probe.total
