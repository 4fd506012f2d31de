"""The state of kbchat as an administrator sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kbchat import __version__
from kbchat.access.principal import Role, local_principal
from kbchat.app import App
from kbchat.errors import ForbiddenError
from kbchat.logs import log_path
from kbchat.services import Services
from kbchat.services.shown_settings import shown_settings
from kbchat.settings import load_settings
from kbchat.store import CommittedDocument, KnowledgeBase

SeenBy = Callable[..., Services]


def test_the_overview_tells_versions_disk_bases_models_and_work(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument
) -> None:
    found = services.status.overview()
    assert found.versions["kbchat"] == __version__
    assert 0 < found.disk_free <= found.disk_total
    assert found.used["database"] > 10_000
    assert found.used["index"] == 0 or found.used["index"] > 100
    assert [summary.name for summary in found.bases] == [base.name]
    assert (found.generator.state, found.generator.name) == ("ready", "extractive")
    assert (found.embedder.state, found.embedder.why) == ("ready", None)
    assert found.jobs_running == 0
    assert found.settings["retrieval"]["passages"] == 8


def test_a_broken_model_is_told_with_its_reason(tmp_path: Path) -> None:
    settings = load_settings(
        data_dir=tmp_path, embedding={"model": f"static:{tmp_path}/none"}, generation={"model": "?"}
    )
    app = App(settings)
    services = Services(app, local_principal("anna"))
    found = services.status.overview()
    assert found.embedder.state == "failed"
    assert found.embedder.why is not None
    assert found.generator.state == "failed"
    tried = services.status.test_generator()
    assert (tried.works, tried.why is not None) == (False, True)
    app.close()


def test_a_server_is_unknown_until_it_was_tried_and_then_failed(tmp_path: Path) -> None:
    address = "openai:model@http://anna:secret@127.0.0.1:9/v1"
    app = App(load_settings(data_dir=tmp_path, generation={"model": address, "retries": 0, "timeout": 1}))
    services = Services(app, local_principal("anna"))
    assert services.status.overview().generator.state == "unknown"
    assert services.status.test_generator().works is False
    failed = services.status.overview().generator
    assert failed.state == "failed"
    assert failed.checked_at is not None
    assert "secret" not in repr(services.status.overview())
    app.close()


def test_the_extractive_generator_passes_its_test(services: Services) -> None:
    tried = services.status.test_generator()
    assert (tried.works, tried.cites, tried.why) == (True, True, None)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    settings = load_settings(
        data_dir=tmp_path, database_url="postgresql://kb:hunter2@db/kb", generation={"api_key": "sk-12345"}
    )
    shown = shown_settings(settings)
    assert "hunter2" not in repr(shown)
    assert "sk-12345" not in repr(shown)
    assert shown["general"]["database_url"] == "postgresql://***@db/kb"
    assert shown["generation"]["api_key"] == "***"
    assert shown_settings(load_settings(data_dir=tmp_path))["generation"]["api_key"] == ""


def test_the_log_is_read_from_its_end(services: Services, app: App) -> None:
    assert services.status.log_tail() == []
    path = log_path(app.settings.data_dir)
    path.parent.mkdir(parents=True)
    path.write_text("".join(f'{{"n": {number}}}\n' for number in range(50)), encoding="utf-8")
    assert services.status.log_tail(2) == ['{"n": 48}', '{"n": 49}']


@pytest.mark.parametrize("role", [Role.READER, Role.CURATOR])
def test_only_administrators_see_the_status(seen_by: SeenBy, role: Role) -> None:
    status = seen_by(role).status
    for call in (status.overview, status.log_tail, status.test_generator):
        with pytest.raises(ForbiddenError):
            call()
