"""One suite for the store on every database it runs on.

PostgreSQL is started by the suite itself where its programs and psycopg are installed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from kbchat.errors import ConflictError, NotFoundError, StoreError
from kbchat.index import open_index
from kbchat.index.protocol import SearchFilters
from kbchat.store import CommittedDocument, KnowledgeBase, NewMessage, Store, schema
from kbchat.testing import HashEmbedder, parsed_leaflet
from kbchat.types import SectionKind

_EMBEDDER = HashEmbedder(8)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    if not shutil.which("initdb") or not shutil.which("pg_ctl") or not importlib.util.find_spec("psycopg"):
        pytest.skip("PostgreSQL's programs or psycopg are not installed")
    as_user: dict[str, str] = {"user": "nobody"} if os.geteuid() == 0 else {}  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="kbpg"))
    if as_user:
        shutil.chown(folder, "nobody")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)

    run("initdb", "-D", str(data), "-U", "kbchat", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://kbchat@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return ""
    server: str = request.getfixturevalue("postgresql")
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return server


@pytest.fixture
def store(tmp_path: Path, url: str) -> Iterator[Store]:
    with Store.open(tmp_path / "data", url) as opened:
        yield opened


@pytest.fixture
def base(store: Store) -> KnowledgeBase:
    return store.create_base("默认", embedder=_EMBEDDER.name, dimension=8)


def _commit(store: Store, base: KnowledgeBase, number: int, version: int = 0) -> CommittedDocument:
    lines = "\n".join(f"第{line}条，药物{number}\x00，版本{version}💊。" for line in range(3))
    parsed = parsed_leaflet(f"药物{number}", {SectionKind.DOSAGE: lines, SectionKind.STORAGE: "遮光。"})
    return store.commit_document(
        base.id,
        source=f"{number}.txt",
        name=f"{number}.txt",
        sha256=f"{number * 1000 + version:064x}",
        parsed=parsed,
        vectors=_EMBEDDER.embed_documents([chunk.text for chunk in parsed.chunks]),
    )


def _replay(store: Store, base: KnowledgeBase, watermark: int = 0) -> set[int]:
    live: set[int] = set()
    for changes in store.changes_since(base.id, watermark, 5):
        live -= set(changes.removed)
        live |= {entry.chunk_id for entry in changes.added}
    return live


def test_opened_twice(store: Store, base: KnowledgeBase, url: str) -> None:
    with Store.open(store.data_layout.root, url) as again:
        assert again.bases() == [base]


def test_the_life_of_a_document(store: Store, base: KnowledgeBase) -> None:
    first = _commit(store, base, 1)
    assert first.status == "added"
    second = _commit(store, base, 1, 1)
    assert (second.status, second.document_id) == ("updated", first.document_id)
    assert store.page(first.revision_id, 1).text.startswith("第0条，药物1\ufffd，版本0💊")
    assert store.page(second.revision_id, 1).runs[0].x1 == 300.25
    assert [revision.number for revision in store.revisions(first.document_id)] == [1, 2]
    live = _replay(store, base)
    assert {chunk.revision_id for chunk in store.chunks(live).values()} == {second.revision_id}
    with pytest.raises(ConflictError):
        store.commit_document(
            base.id,
            source="twin.txt",
            name="twin.txt",
            sha256=f"{1001:064x}",
            parsed=parsed_leaflet("x", {}),
            vectors=None,
        )
    assert list(store.sources(base.id)) == ["1.txt"]
    store.retire_document(first.document_id)
    assert _replay(store, base) == set()
    assert store.documents(base.id) == []
    assert store.documents(base.id, include_retired=True)[0].retired_at is not None
    store.restore_document(first.document_id)
    assert _replay(store, base) == live
    assert {name.role for name in store.names(base.id)} == {"title", "generic", "subject"}


def test_an_index_follows(store: Store, base: KnowledgeBase) -> None:
    for number in range(5):
        _commit(store, base, number)
    index = open_index(store, base)
    hits = index.search([], _EMBEDDER.embed_query("第1条，药物3 ，版本0💊。"), SearchFilters(), 1)
    assert store.chunks([hits[0].chunk_id])[hits[0].chunk_id].subject == "药物3"
    _commit(store, base, 3, 1)
    assert index.refresh()
    assert index.watermark == store.watermark(base.id)
    index.close()


def test_numbers_under_concurrent_commits(store: Store, base: KnowledgeBase) -> None:
    """A reader that follows beside four writers ends up complete: no number appears after a higher one was seen."""
    errors: list[Exception] = []

    def work(first: int) -> None:
        try:
            for number in range(first, first + 8):
                _commit(store, base, number)
        except Exception as error:  # noqa: BLE001 - the assertion below shows it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    seen: set[int] = set()
    watermark = 0
    while True:
        alive = any(thread.is_alive() for thread in threads)
        for changes in store.changes_since(base.id, watermark):
            seen |= {entry.chunk_id for entry in changes.added}
            watermark = changes.watermark
        if not alive:
            break
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen == _replay(store, base)
    assert len(seen) == 32 * 4
    with store._database.read() as connection:
        assert list(connection.scalars(select(schema.changes.c.seq).order_by(schema.changes.c.seq))) == list(
            range(1, 33)
        )


def test_other_vectors(store: Store, base: KnowledgeBase) -> None:
    _commit(store, base, 1)
    other = HashEmbedder(12)
    rows = [(key, other.embed_documents([c.text for c in chunks])) for key, chunks in store.live_chunks(base.id)]
    store.replace_vectors(base.id, embedder=other.name, dimension=12, vectors=rows)
    [changes] = store.changes_since(base.id, 1)
    assert [entry.vector.shape for entry in changes.added if entry.vector is not None] == [(12,)] * 4


def test_deleting_a_base(store: Store, base: KnowledgeBase) -> None:
    kept = store.create_base("kept", embedder=_EMBEDDER.name, dimension=8)
    _commit(store, base, 1)
    done = _commit(store, kept, 1)
    store.finish_run(store.start_run(base.id), {"files": []})
    store.delete_base("默认")
    with pytest.raises(NotFoundError, match="kept"):
        store.base("默认")
    assert store.document(done.document_id).chunks == 4


def test_a_failed_transaction_leaves_nothing(store: Store, base: KnowledgeBase) -> None:
    with pytest.raises(StoreError), store._database.write() as connection:
        connection.execute(schema.bases.insert().values(name="默认"))
    with store._database.read() as connection:
        assert len(connection.execute(select(schema.bases)).all()) == 1


def test_two_writers_of_one_conversation_number_their_messages_one_after_the_other(store: Store) -> None:
    made = store.create_conversation("ann", "怎么吃？", bases=("默认",))
    question, answer = NewMessage("user", "怎么吃？\x00"), NewMessage("assistant", "一日1次", "answered", {"n": [1]})
    threads = [threading.Thread(target=store.add_messages, args=("ann", made.id, [question, answer])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = store.messages("ann", made.id)
    assert [message.number for message in kept] == list(range(1, 9))
    assert [message.role for message in kept] == ["user", "assistant"] * 4
    assert (kept[0].text, kept[1].answer) == ("怎么吃？\ufffd", {"n": [1]})
    assert store.conversations("ann")[0].messages == 8
    store.delete_conversation("ann", made.id)
    assert store.conversations("ann") == []
