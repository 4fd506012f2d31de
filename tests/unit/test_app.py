"""What an app holds in memory: made once, new when documents change, never waited for behind an ingest."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbchat.app import App
from kbchat.settings import EmbeddingSettings, Settings
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = App(Settings(data_dir=tmp_path, embedding=EmbeddingSettings(model="none")))
    opened.store.create_base("default")
    commit(opened, "甲药片")
    yield opened
    opened.close()


def commit(app: App, name: str) -> None:
    parsed = parsed_leaflet(name, {SectionKind.DOSAGE: f"{name}一次1片，一日2次。"})
    sha = hashlib.sha256(name.encode()).hexdigest()
    app.store.commit_document(
        app.store.base("default").id, source=f"{name}.txt", name=f"{name}.txt", sha256=sha, parsed=parsed, vectors=None
    )


def test_an_answerer_is_kept_until_documents_change(app: App) -> None:
    first = app.answerer()
    assert app.answerer() is first
    commit(app, "乙药片")
    app._held[app.store.base("default").id].cost = 0.0  # on a busy machine even a small vocabulary may seem costly

    second = app.answerer()
    assert second is not first
    assert "乙药片一次1片" in second.answer("乙药片怎么吃？").text


def test_a_base_that_is_deleted_and_made_anew_is_another(app: App) -> None:
    old = app.answerer()
    base = app.store.base("default")
    app.store.delete_base("default")
    app.forget_base(base.id)
    app.store.create_base("default")

    assert app.answerer() is not old
    assert app.answerer().answer("甲药片怎么吃？").citations == ()


def test_a_costly_vocabulary_serves_on_while_documents_keep_coming(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    base = app.store.base("default")
    made: list[float] = []
    make = app._vocabulary

    def slow(of: object) -> object:
        time.sleep(0.5)
        made.append(time.monotonic())
        return make(of)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "_vocabulary", slow)
    first = app.vocabulary_for(base)
    for name in ("乙药片", "丙药片", "丁药片"):
        commit(app, name)
        assert app.vocabulary_for(base) is first
    app._held[base.id].made_at -= 60  # a minute later

    assert "丁药片" in app.vocabulary_for(base).names.displays()
    assert len(made) == 2


def test_nobody_waits_for_a_vocabulary_that_another_thread_makes(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    base = app.store.base("default")
    known = app.vocabulary_for(base)
    commit(app, "乙药片")
    app._held[base.id].cost = 0.0
    begun, release = threading.Event(), threading.Event()
    make = app._vocabulary

    def held_up(of: object) -> object:
        begun.set()
        assert release.wait(60)
        return make(of)  # type: ignore[arg-type]

    monkeypatch.setattr(app, "_vocabulary", held_up)
    maker = threading.Thread(target=app.vocabulary_for, args=(base,))
    maker.start()
    assert begun.wait(60)
    assert app.vocabulary_for(base) is known
    release.set()
    maker.join(60)
    app._held[base.id].cost = 0.0

    assert "乙药片" in app.vocabulary_for(base).names.displays()


def test_threads_open_one_store_and_one_index(tmp_path: Path) -> None:
    app = App(Settings(data_dir=tmp_path, embedding=EmbeddingSettings(model="none")))
    start = threading.Barrier(8)
    stores: list[int] = []
    indexes: list[int] = []

    def run() -> None:
        start.wait()
        stores.append(id(app.store))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    base = app.store.create_base("default")
    threads = [threading.Thread(target=lambda: indexes.append(id(app.index_for(base)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    app.close()

    assert len(stores) == len(indexes) == 8
    assert len(set(stores)) == len(set(indexes)) == 1
