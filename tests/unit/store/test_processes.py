"""Several processes on one store: killed writers, readers beside a writer, locks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kbchat.errors import BusyError
from kbchat.index import open_index
from kbchat.index.protocol import SearchFilters, WeightedToken
from kbchat.store import Store
from kbchat.text.tokens import query_tokens

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

_WRITER = """
import sys
from pathlib import Path
from kbchat.index import open_index
from kbchat.store import Store
from kbchat.testing import HashEmbedder, parsed_leaflet
from kbchat.types import SectionKind

embedder = HashEmbedder(8)
with Store.open(Path(sys.argv[1])) as store:
    base = store.base("default")
    index = open_index(store, base)
    start, count = int(sys.argv[2]), int(sys.argv[3])
    for number in range(start, start + count):
        version = number // 20
        text = "\\n".join(f"第{line}条：药物{number % 20}号第{version}版。" for line in range(12))
        parsed = parsed_leaflet(f"药物{number % 20}号", {SectionKind.DOSAGE: text, SectionKind.STORAGE: text})
        store.commit_document(
            base.id, source=f"{number % 20}.txt", name="x", sha256=f"{number:064x}", parsed=parsed,
            vectors=embedder.embed_documents([chunk.text for chunk in parsed.chunks]),
        )
        print(number, flush=True)
        if number % 3 == 0:
            index.refresh()
"""


def _writer(data: Path, start: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(data), str(start), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _found(index: object, text: str, k: int = 10_000) -> set[int]:
    tokens = [WeightedToken(token) for token in query_tokens(text)]
    return {hit.chunk_id for hit in index.search(tokens, None, SearchFilters(), k)}  # type: ignore[attr-defined]


def _check_whole(store: Store, confirmed: int) -> None:
    """Everything confirmed is there, everything there is whole, and the index agrees."""
    base = store.base("default")
    documents = store.documents(base.id)
    committed = {int(document.sha256, 16) for document in documents}
    for number in range(max(0, confirmed - 19), confirmed + 1):
        assert {number, number + 20} & committed, f"{number} was confirmed and is lost"
    live: set[int] = set()
    for document in documents:
        assert document.chunks == 24
        assert len(store.page_texts(document.revision_id)) == 2
        chunks = {
            key for section in store.document_sections(document.revision_id) for key in store.chunk_spans(section.id)
        }
        assert len(chunks) == 24
        live |= chunks
    assert store.chunk_total(base.id) == len(live)
    index = open_index(store, base)
    assert _found(index, "药物") == live
    assert index.watermark == store.watermark(base.id)
    index.close()


@pytest.mark.slow
def test_killed_at_any_instant(tmp_path: Path) -> None:
    random_delay = random.Random(5)
    with Store.open(tmp_path) as store:
        store.create_base("default", embedder="hash:8", dimension=8)
        number = confirmed = 0
        for _ in range(6):
            process = _writer(tmp_path, number, 1000)
            assert process.stdout is not None
            confirmed = int(process.stdout.readline())  # at least one commit, then at any time
            time.sleep(random_delay.uniform(0, 0.4))
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().split("\n")
            process.stdout.close()
            process.wait()
            confirmed = max([confirmed, *(int(line) for line in rest[:-1])])
            with sqlite_check(tmp_path):
                _check_whole(store, confirmed)
            number = confirmed + 1


class sqlite_check:  # noqa: N801 - reads like the function it nearly is
    """SQLite's own check of the file, before what is inside is looked at."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def __enter__(self) -> None:
        import sqlite3

        connection = sqlite3.connect(self._data / "kbchat.db")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.slow
def test_readers_beside_a_writer(tmp_path: Path) -> None:
    """Two readers refresh while a third process commits and indexes; each always sees whole documents, never old ones."""
    with Store.open(tmp_path) as store, Store.open(tmp_path) as second:
        store.create_base("default", embedder="hash:8", dimension=8)
        readers = [(one, open_index(one, one.base("default"))) for one in (store, second)]
        process = _writer(tmp_path, 0, 40)
        rounds = 0
        while process.poll() is None:
            for reader, index in readers:
                before = reader.watermark(1)
                index.refresh()
                assert index.watermark >= before
                found = reader.chunks(_found(index, "药物"))
                by_revision: dict[int, int] = {}
                for chunk in found.values():
                    by_revision[chunk.revision_id] = by_revision.get(chunk.revision_id, 0) + 1
                assert set(by_revision.values()) <= {24}
                assert len({chunk.document_id for chunk in found.values()}) == len(by_revision)
                rounds += 1
        assert process.stdout is not None
        process.stdout.close()
        assert process.returncode == 0
        assert rounds > 2
        for reader, index in readers:
            index.refresh()
            assert len(_found(index, "药物")) == 20 * 24
            assert all(int(document.sha256, 16) >= 20 for document in reader.documents(1))
            index.close()


_HOLDER = """
import sys, time
from pathlib import Path
from kbchat.store import Store
with Store.open(Path(sys.argv[1])) as store, store.writer_lock(1):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_writer_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"process {holder.pid}") as caught, store.writer_lock(1):
            pass
        assert caught.value.retryable
        with store.writer_lock(2):
            pass
        holder.kill()
        holder.wait()
        holder.stdout.close()
        with store.writer_lock(1), pytest.raises(BusyError, match=f"process {os.getpid()}"), store.writer_lock(1):
            pass
        with store.writer_lock(1):
            pass


def test_errors_inside_the_lock_pass_through(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        with pytest.raises(OSError, match="mine"), store.writer_lock(1):
            raise OSError("mine")
        with store.writer_lock(1):
            pass


def test_processes_open_a_new_folder_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from kbchat.store import Store; Store.open(Path(sys.argv[1])).bases()"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
