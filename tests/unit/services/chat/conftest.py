"""A small knowledge base of leaflets, ingested for real, and services over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import IngestOptions
from kbchat.access.principal import Principal, Role
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.cli.ingesting import ingest_into
from kbchat.errors import GeneratorError
from kbchat.messages import Bilingual
from kbchat.services import Services
from kbchat.services.chat import ChatEvent, ChatRequest, Done
from kbchat.settings import SafetySettings, Settings

METFORMIN = """# 盐酸二甲双胍片说明书

## 【适应症】
用于单纯饮食控制不满意的2型糖尿病患者。

## 【用法用量】
口服。成人开始一次0.25g，一日2～3次，一般一日1～1.5g，最多一日不超过2g。

## 【不良反应】
常见恶心、呕吐、腹泻、口中有金属味。

## 【禁忌】
严重肾功能不全患者禁用。对本品过敏者禁用。

## 【孕妇及哺乳期妇女用药】
孕妇不宜使用，哺乳期妇女慎用。

## 【药物相互作用】
与格列本脲合用时，降糖作用增强，可能发生低血糖。西咪替丁可增加本品的血药浓度。

## 【贮藏】
密封，在干燥处保存。
"""
WARFARIN = """# 华法林钠片说明书

## 【适应症】
适用于需长期持续抗凝的患者。

## 【用法用量】
口服。成人常用量：第1-3天一次3-4mg，一日1次，三天后可给维持量一日2.5-5mg。老年人应适当减量。

## 【禁忌】
严重肝肾功能损害患者禁用。妊娠期妇女禁用。

## 【药物相互作用】
阿司匹林可增强本品的抗凝作用，增加出血的危险，应避免合用。
"""


@pytest.fixture(scope="session")
def leaflet_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two leaflets in the base ``default``."""
    folder, data = tmp_path_factory.mktemp("leaflets"), tmp_path_factory.mktemp("data")
    for name, text in {"二甲双胍": METFORMIN, "华法林": WARFARIN}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    app = App(Settings(data_dir=data))
    create_base(app, "default")
    ingest_into(app, [folder], "default", IngestOptions(), silent=True)
    app.close()
    return Path(data)


@pytest.fixture
def open_app(leaflet_data: Path) -> Iterator[Callable[..., App]]:
    """``open_app(generator, strict=…)``: kbchat over the leaflets, with another generator where one is given."""
    opened: list[App] = []

    def make(generator: object | None = None, **safety: Any) -> App:
        app = App(Settings(data_dir=leaflet_data, language="en", safety=SafetySettings(**safety)))
        if generator is not None:
            app.generator = lambda *_args, **_options: generator  # type: ignore[method-assign,assignment,return-value]
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.close()


@pytest.fixture
def app(open_app: Callable[..., App]) -> App:
    made: App = open_app()
    return made


_users = iter(range(1_000_000))


@pytest.fixture
def services_of() -> Callable[..., Services]:
    """``services_of(app)``: the services of somebody new, a reader unless told otherwise."""

    def make(app: App, *roles: Role, user: str = "", channel: str = "ui", **limits: Any) -> Services:
        name = user or f"user{next(_users)}"
        return Services(app, Principal(name, frozenset(roles or (Role.READER,)), **limits), channel=channel)

    return make


@pytest.fixture
def ask() -> Callable[..., tuple[Done, list[ChatEvent]]]:
    """``ask(services, question, …)``: the answer, and all events before it."""

    def run(services: Services, question: str, **options: Any) -> tuple[Done, list[ChatEvent]]:
        *events, done = services.chat.ask(ChatRequest(question, **options))
        assert isinstance(done, Done)
        return done, events

    return run


@pytest.fixture
def busy() -> GeneratorError:
    from kbchat.errors import GeneratorBusyError

    return GeneratorBusyError(Bilingual("The model is busy.", "模型正忙。"), Bilingual("Wait.", "请稍候。"))
