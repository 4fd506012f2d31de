"""A small knowledge base of leaflets, ingested for real, and generators that write a given text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.pipeline import IngestOptions
from kbchat.answering.answerer import Answerer, AnswerParts
from kbchat.app import App
from kbchat.assistants.assistant import Mode
from kbchat.cli.bases import create_base
from kbchat.cli.ingesting import ingest_into
from kbchat.errors import GeneratorError
from kbchat.generation.protocol import GenerationRequest
from kbchat.messages import Bilingual
from kbchat.settings import HospitalSettings, Settings

WARFARIN = """# 华法林钠片说明书

## 【适应症】
适用于需长期持续抗凝的患者。

## 【用法用量】
口服。成人常用量：第1-3天一次3-4mg，一日1次，三天后可给维持量一日2.5-5mg。老年人应适当减量。肾功能不全者慎用。

## 【禁忌】
严重肝肾功能损害患者禁用。妊娠期妇女禁用。

## 【药物相互作用】
阿司匹林可增强本品的抗凝作用，增加出血的危险，应避免合用。与苯巴比妥合用时抗凝作用减弱。

## 【贮藏】
遮光，密封保存。
"""
ASPIRIN = """# 阿司匹林肠溶片说明书

## 【适应症】
用于降低急性心肌梗死疑似患者的发病风险。

## 【用法用量】
口服。一次100mg，一日1次，饭前用适量水送服。

## 【禁忌】
对本品过敏者禁用。活动性消化性溃疡患者禁用。

## 【药物相互作用】
与抗凝药（如华法林）同时使用，可增加出血的风险。
"""
METRONIDAZOLE = """# 甲硝唑片说明书

## 【适应症】
用于治疗厌氧菌感染。

## 【禁忌】
有活动性中枢神经系统疾病者禁用。

## 【用法用量】
口服。成人一次0.2-0.4g，一日3次，疗程7天。

## 【注意事项】
用药期间不应饮用含酒精的饮料。

## 【药物相互作用】
本品能增强口服抗凝药的作用。
"""


class Scripted:
    """Writes ``text`` and keeps what it was asked; raises ``error`` instead when given one."""

    name = "scripted"

    def __init__(self, text: str = "", error: GeneratorError | None = None) -> None:
        self.text, self.error = text, error
        self.requests: list[GenerationRequest] = []

    def stream(self, request: GenerationRequest) -> Iterator[str]:
        """The text, in two pieces."""
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        middle = len(self.text) // 2
        yield self.text[:middle]
        yield self.text[middle:]


@pytest.fixture
def scripted() -> type[Scripted]:
    """The generator that writes a given text."""
    return Scripted


@pytest.fixture
def away() -> Scripted:
    """A generator whose server is away."""
    return Scripted(
        error=GeneratorError(Bilingual("The server is away.", "服务不可用。"), Bilingual("Wait.", "请稍候。"))
    )


@pytest.fixture(scope="session")
def leaflets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An application over three leaflets."""
    folder = tmp_path_factory.mktemp("leaflets")
    for name, text in {"华法林": WARFARIN, "阿司匹林": ASPIRIN, "甲硝唑": METRONIDAZOLE}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    settings = Settings(
        data_dir=Path(tmp_path_factory.mktemp("data")),
        hospital=HospitalSettings(
            name="仁和医院", name_en="Renhe Hospital", emergency_phone="010-5555 0120", emergency_department="1号楼一层"
        ),
    )
    app = App(settings)
    create_base(app, "default")
    ingest_into(app, [folder], "default", IngestOptions(), silent=True)
    yield app
    app.close()


@pytest.fixture
def answerer_with(leaflets):
    """``answerer_with(generator, strict=…)``: an answerer over the leaflets with another generator."""

    def make(
        generator: object, *, strict: bool = True, mode: Mode = Mode.DOCUMENTS, entailment: object = None
    ) -> Answerer:
        parts: AnswerParts = leaflets.answerer()._parts
        return Answerer(replace(parts, generator=generator, strict=strict, mode=mode, entailment=entailment))

    return make
