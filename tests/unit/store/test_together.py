"""Several writes as one transaction of one thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kbchat.store import NewMessage, Store


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path) as opened:
        yield opened


def test_all_or_nothing(store: Store) -> None:
    def broken_off() -> None:
        with store.together():
            made = store.create_conversation("ann", "one")
            store.add_messages("ann", made.id, [NewMessage("user", "one")])
            assert len(store.messages("ann", made.id)) == 1  # its own reading sees it
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()

    assert store.conversations("ann") == []
    with store.together(), store.together():
        store.create_conversation("ann", "two")
    assert [one.title for one in store.conversations("ann")] == ["two"]


def test_another_thread_sees_it_when_it_is_whole(store: Store) -> None:
    begun, seen = threading.Event(), threading.Event()
    found: list[int] = []

    def look() -> None:
        begun.wait(60)
        found.append(len(store.conversations("ann")))
        seen.set()
        store.create_conversation("ann", "from the other thread")

    other = threading.Thread(target=look)
    other.start()
    with store.together():
        store.create_conversation("ann", "one")
        begun.set()
        assert seen.wait(60)
        store.create_conversation("ann", "two")
    other.join(60)

    assert found == [0]
    assert {one.title for one in store.conversations("ann")} == {"from the other thread", "two", "one"}


def test_many_threads_write_and_none_is_lost(store: Store) -> None:
    made = store.create_conversation("ann", "one")

    def write(number: int) -> None:
        for turn in range(5):
            store.add_messages("ann", made.id, [NewMessage("user", f"{number}.{turn}")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    messages = store.messages("ann", made.id)
    assert [one.number for one in messages] == list(range(1, 61))
    assert len({one.text for one in messages}) == 60
