"""A kbchat with one knowledge base, and jobs in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.jobs import JobRunner, JobService
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.settings import EmbeddingSettings, IngestSettings, Settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Words only, one worker process, small limits."""
    settings = Settings(
        data_dir=tmp_path / "data",
        language="en",
        embedding=EmbeddingSettings(model="none"),
        ingest=IngestSettings(workers=1, upload_limit=8, upload_files=20),
    )
    opened = App(settings)
    opened.store.create_base("ward")
    yield opened
    opened.close()


@pytest.fixture
def service(app: App) -> JobService:
    return JobService(app, local_principal("anna"))


@pytest.fixture
def runner(app: App) -> Iterator[JobRunner]:
    """Not started: tests take jobs one by one with ``run_one``."""
    made = JobRunner(app, lease=timedelta(seconds=30))
    yield made
    made.stop()
