"""A real service over a few sample documents, on loopback, for one user and for a portal with a key."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import IngestOptions, ingest
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.services import Services
from kbchat.settings import load_settings
from tests.running_service import SECRET, Running, running

SAMPLES = Path(__file__).resolve().parents[3] / "sample_kb"
FILES = ("盐酸二甲双胍片_0.5g.pdf", "阿司匹林肠溶片.pdf", "阿莫西林胶囊.docx", "Warfarin_sodium_tablets_label.html")


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose base ``drugs`` holds some leaflets; to be copied."""
    folder = tmp_path_factory.mktemp("service-data")
    app = App(load_settings(data_dir=folder, language="zh"))
    Services(app, local_principal("root")).bases.create("drugs")
    base = app.store.base("drugs")
    embedder = app.embedder_for(base)
    assert embedder is not None
    ingest(
        [SAMPLES / "leaflets" / name for name in FILES],
        store=app.store,
        base=base,
        embedder=embedder,
        index=app.index_for(base),
        settings=app.settings,
        options=IngestOptions(ocr="off"),
    )
    assert len(app.store.documents(base.id)) == len(FILES)
    app.close()
    return folder


@pytest.fixture
def serve(sample_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Run a service of its own over a copy of the sample data, with the given groups of settings."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(**groups: Any) -> Running:
            folder = tmp_path / "data"
            shutil.copytree(sample_folder, folder)
            app = App(load_settings(data_dir=folder, language="zh", **groups))
            stack.callback(app.close)
            return stack.enter_context(running(app))

        yield start


@pytest.fixture(scope="session")
def service(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service in single-user mode that tests may only read from."""
    folder = tmp_path_factory.mktemp("service") / "data"
    shutil.copytree(sample_folder, folder)
    app = App(load_settings(data_dir=folder, language="zh"))
    with running(app) as found:
        yield found
    app.close()


@pytest.fixture
def portal(tmp_path: Path) -> dict[str, Any]:
    """The settings of a service that knows a portal's key."""
    path = tmp_path / "his.key"
    path.write_bytes(SECRET)
    return {"host_keys": [{"id": "his", "algorithm": "HS256", "file": path, "roles": ["reader", "curator", "admin"]}]}
