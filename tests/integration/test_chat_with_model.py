"""Chats with a real, tiny language model in this process: loaded once, one answer at a time, let go when its reader leaves."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.generation import local_model
from kbchat.generation.factory import SHELF
from kbchat.services import Services
from kbchat.services.chat import ChatRequest, Done, Draft
from kbchat.settings import GenerationSettings, SafetySettings, Settings
from kbchat.store import Store
from kbchat.testing import parsed_leaflet
from kbchat.types import Outcome, SectionKind

DOSE = "二甲双胍每日最大剂量是多少？"


@pytest.fixture(scope="module")
def tiny() -> ModuleType:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    path = Path(__file__).parents[1] / "tiny_models.py"
    spec = importlib.util.spec_from_file_location("kbchat_tests_tiny_models_of_chats", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def endless(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose weights never say the end."""
    import torch
    from transformers import AutoConfig, AutoTokenizer, BloomForCausalLM

    known: Path = tiny.bloom_like(tmp_path_factory.mktemp("known") / "PULSE-known")
    folder = tmp_path_factory.mktemp("endless") / "PULSE-endless"
    torch.manual_seed(3)
    BloomForCausalLM(AutoConfig.from_pretrained(known)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(known).save_pretrained(folder)
    return Path(folder)


@pytest.fixture
def app(endless: Path, tmp_path: Path) -> Iterator[App]:
    generation = GenerationSettings(model=f"pulse:{endless}", new_tokens=3000, input_tokens=1536, waiting=1)
    settings = Settings(data_dir=tmp_path, generation=generation, safety=SafetySettings(strict=False))
    opened = App(settings)
    base = create_base(opened, "default")
    leaflet = parsed_leaflet("二甲双胍", {SectionKind.DOSAGE: "成人每日最大剂量为2550mg，分次随餐服用。"})
    _commit(opened.store, opened, base.id, leaflet)
    yield opened
    opened.close()
    SHELF.close()


def _commit(store: Store, app: App, base_id: int, parsed: object) -> None:
    embedder = app.embedder("default")
    assert embedder is not None
    vectors = embedder.embed_documents([chunk.text for chunk in parsed.chunks])  # type: ignore[attr-defined]
    store.commit_document(base_id, source="a.txt", name="a.txt", sha256="0" * 64, parsed=parsed, vectors=vectors)  # type: ignore[arg-type]


def test_a_reader_who_leaves_frees_the_model(app: App) -> None:
    services = Services(app, local_principal("ann"))
    events = services.chat.ask(ChatRequest(DOSE))
    first = next(event for event in events if isinstance(event, Draft))
    assert first.text
    begun = time.monotonic()
    events.close()
    again = services.chat.ask(ChatRequest(DOSE))
    assert next(event for event in again if isinstance(event, Draft)).text
    assert time.monotonic() - begun < 60  # 3,000 tokens would take far longer
    again.close()

    assert [one.outcome for one in services.conversations.get(1).messages] == ["", "stopped"]


def test_many_at_once_load_it_once_and_those_who_find_it_busy_get_the_documents(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[str] = []
    load = local_model.load_model

    def counted(place: str, settings: GenerationSettings) -> object:
        loads.append(place)
        return load(place, settings)

    monkeypatch.setattr(local_model, "load_model", counted)
    writing = Services(app, local_principal("first")).chat.ask(ChatRequest(DOSE))
    next(event for event in writing if isinstance(event, Draft))
    answers: list[Done] = []

    enough = threading.Event()

    def run(number: int) -> None:
        with closing(Services(app, local_principal(f"user{number}")).chat.ask(ChatRequest(DOSE))) as events:
            for event in events:
                if isinstance(event, Done):
                    answers.append(event)
                if enough.is_set():
                    return

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 120
    while len(answers) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    enough.set()
    for thread in threads:
        thread.join(60)

    assert len(answers) == 5  # one waits in the line, five find it full
    assert len(loads) == 1
    for done in answers:
        assert done.answer.outcome is Outcome.ANSWERED
        assert "正在生成其他回答" in done.answer.fallback
        assert "2550mg" in done.answer.text
    writing.close()
