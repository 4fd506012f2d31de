"""A small kbchat with two leaflets, and services for anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.settings import load_settings
from kbchat.store import CommittedDocument, KnowledgeBase
from kbchat.testing import parsed_leaflet
from kbchat.types import ParsedDocument, SectionKind

Commit = Callable[..., CommittedDocument]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = App(load_settings(data_dir=tmp_path / "data"))
    yield opened
    opened.close()


@pytest.fixture
def services(app: App) -> Services:
    """The services of an administrator."""
    return Services(app, local_principal("anna"))


@pytest.fixture
def base(services: Services, app: App) -> KnowledgeBase:
    services.bases.create("pharmacy", "leaflets")
    return app.store.base("pharmacy")


@pytest.fixture
def commit(app: App) -> Commit:
    """Put a parsed document into a base, as an ingest does."""

    def put(base: KnowledgeBase, parsed: ParsedDocument, source: str, content: bytes = b"") -> CommittedDocument:
        sha = hashlib.sha256(content or repr(parsed).encode()).hexdigest()
        if content:
            path = app.store.data_layout.root / "incoming"
            path.write_bytes(content)
            app.store.save_original(path, sha)
        embedder = app.embedder_for(base)
        vectors = embedder.embed_documents([chunk.text for chunk in parsed.chunks]) if embedder else None
        return app.store.commit_document(
            base.id, source=source, name=Path(source).name, sha256=sha, parsed=parsed, vectors=vectors
        )

    return put


@pytest.fixture
def aspirin(base: KnowledgeBase, commit: Commit) -> CommittedDocument:
    texts = {
        SectionKind.DOSAGE: "一次0.3g，一日3次。\n饭后服用。",
        SectionKind.CONTRAINDICATIONS: "对本品过敏者禁用。\n活动性溃疡患者禁用。",
    }
    return commit(base, parsed_leaflet("阿司匹林肠溶片", texts, revised_on="2020-05-01"), "药品/阿司匹林.txt")


@pytest.fixture
def seen_by(app: App) -> Callable[..., Services]:
    """The services of somebody with the given roles and limits."""

    def make(*roles: Role, **limits: Any) -> Services:
        return Services(app, Principal("ben", frozenset(roles or (Role.READER,)), **limits))

    return make
