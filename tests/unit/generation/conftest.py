"""Tiny language models and passages for the tests of generation."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kbchat.types import DocumentKind, Passage, ScoreParts, SectionKind, Span


def load_tiny_models() -> ModuleType:
    """tests/tiny_models.py: the test folders are no packages."""
    name = "kbchat_tests_tiny_models"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[2] / "tiny_models.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    return load_tiny_models()


@pytest.fixture(scope="session")
def bloom_folder(tiny, tmp_path_factory) -> Path:
    return tiny.bloom_like(tmp_path_factory.mktemp("bloom") / "PULSE-tiny")


@pytest.fixture(scope="session")
def internlm_folder(tiny, tmp_path_factory) -> Path:
    return tiny.internlm_like(tmp_path_factory.mktemp("internlm") / "PULSE-20b-tiny")


@pytest.fixture(scope="session")
def endless_folder(tiny, bloom_folder, tmp_path_factory) -> Path:
    """The same tokenizer over weights that never say the end."""
    import torch
    from transformers import AutoConfig, AutoTokenizer, BloomForCausalLM

    folder = tmp_path_factory.mktemp("endless") / "endless"
    torch.manual_seed(3)
    BloomForCausalLM(AutoConfig.from_pretrained(bloom_folder)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(bloom_folder).save_pretrained(folder)
    return folder


@pytest.fixture
def make_passage():
    def make(text: str, number: int = 1, *, subject: str = "示例片", header: str = "", hit: str = "") -> Passage:
        span = (Span(1, 0, len(text)),)
        start = text.index(hit) if hit else 0
        return Passage(
            chunk_id=number,
            document_id=number,
            revision_id=number,
            document=f"{number}.txt",
            document_title=f"{subject}说明书",
            document_kind=DocumentKind.LEAFLET,
            subject=subject,
            revision_date="2020-05-01",
            section_id=number,
            section_kind=SectionKind.DOSAGE,
            section_path=("用法用量",),
            spans=span,
            hit_spans=span,
            text=text,
            table_header=header,
            score=1.0 / number,
            parts=ScoreParts(lexical=1.0),
            hit_start=start,
            hit_length=len(hit) or len(text),
        )

    return make
