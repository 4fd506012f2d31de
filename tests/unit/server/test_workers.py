"""What each of several workers gets, and which models it may load."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace

import pytest

from kbchat.assistants.shelf import built_in_assistants
from kbchat.errors import ConfigurationError
from kbchat.generation.factory import ModelShelf
from kbchat.messages import Bilingual
from kbchat.server.running import ServiceConfig
from kbchat.server.workers.group import WorkerGroup
from kbchat.server.workers.shares import check_models, share_of
from kbchat.server.workers.worker import WorkerApplication
from kbchat.settings import GenerationSettings, load_settings


def test_limits_on_what_goes_on_at_once_are_divided(tmp_path):
    whole = load_settings(data_dir=tmp_path, server={"chats": 5, "uploads": 1, "in_flight": 9, "threads": 8})
    part = share_of(whole, 2)
    assert (part.server.chats, part.server.uploads, part.server.in_flight, part.server.threads) == (3, 1, 5, 4)
    assert part.server.upload_limit == whole.server.upload_limit
    assert share_of(whole, 1) == whole


@pytest.mark.parametrize("spec", ["pulse:/models/pulse-7b", " chimed:glm"])
def test_a_model_in_the_process_is_for_one_worker(open_app, spec):
    with pytest.raises(ConfigurationError, match="2 workers would load it 2 times") as told:
        check_models(open_app(generation={"model": spec}), 2)
    assert "server.workers = 1" in told.value.remedy.en
    assert "2 个工作进程" in told.value.user_message.zh


@pytest.mark.parametrize("spec", ["extractive", "openai:m@http://127.0.0.1:1/v1"])
def test_other_generators_are_for_any_number(open_app, spec):
    check_models(open_app(generation={"model": spec}), 8)


def test_the_model_of_an_assistant_counts_too(open_app):
    app = open_app()
    general = next(one for one in built_in_assistants() if one.id == "general")
    app.assistants.create(replace(general, id="own", name=Bilingual("Own", "自有"), generator="pulse:/models/pulse-7b"))
    with pytest.raises(ConfigurationError, match="pulse:/models/pulse-7b"):
        check_models(app, 2)


def test_an_assistant_made_later_loads_none_in_several_processes():
    shelf = ModelShelf()
    assert shelf.model("pulse:/models/pulse-7b", GenerationSettings()) is not None
    shelf.processes = 2
    with pytest.raises(ConfigurationError, match="loaded in the process"):
        shelf.model("pulse:/models/pulse-7b", GenerationSettings())


def test_a_worker_gets_everything_through_a_pipe(tmp_path):
    settings = load_settings(data_dir=tmp_path, server={"header_timeout": 7.5})
    made = WorkerApplication(settings, WorkerGroup(tmp_path, 2), (700, 10, 10))
    config = pickle.loads(pickle.dumps(ServiceConfig(made, settings.server, 2)))
    assert config.app == made
    assert config.factory
    assert config.header_timeout == 7.5


def test_who_gives_no_sign_does_not_answer(tmp_path):
    group = WorkerGroup(tmp_path, 2)
    for name in ("11", "12", "13"):
        (tmp_path / f"{name}.alive").touch()
    assert group.answering() == 3
    long_ago = time.time() - 3600
    os.utime(tmp_path / "11.alive", (long_ago, long_ago))
    group.forget(12)
    group.forget(99)
    assert group.answering() == 1
