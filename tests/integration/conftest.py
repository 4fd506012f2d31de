"""A knowledge base of the sample documents, ingested once for the integration tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pipeline import IngestOptions, ingest
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.settings import load_settings

SAMPLES = Path(__file__).resolve().parents[2] / "sample_kb"


@pytest.fixture(scope="session")
def sample_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An application whose base ``default`` holds ``sample_kb``, scans left out (OCR has its own tests)."""
    app = App(load_settings(data_dir=tmp_path_factory.mktemp("sample"), language="zh"))
    embedder = app.embedder("default")
    assert embedder is not None
    base = create_base(app, "default")
    report = ingest(
        [SAMPLES],
        store=app.store,
        base=base,
        embedder=embedder,
        index=app.index_for(base),
        settings=app.settings,
        options=IngestOptions(ocr="off"),
    )
    failed = {Path(file.path).name for file in report.files if file.status.value == "failed"}
    assert failed == {"布洛芬缓释胶囊_扫描件.pdf"}
    yield app
    app.close()
