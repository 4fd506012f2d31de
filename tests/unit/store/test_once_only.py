"""What may happen once: tokens, and requests that are sent twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.errors import BusyError, ConflictError
from kbchat.store import Store
from kbchat.store.idempotency import KeptReply


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


def test_a_token_works_once(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    assert store.use_token("a", soon)
    assert not store.use_token("a", soon)
    assert store.use_token("b" * 5000, soon)
    assert store.forget_used_tokens() == 0
    assert store.forget_used_tokens(soon + timedelta(seconds=1)) == 2
    assert store.use_token("a", soon)


def test_of_many_at_once_one_wins(store: Store) -> None:
    won: list[bool] = []
    soon = datetime.now(UTC) + timedelta(minutes=5)
    threads = [threading.Thread(target=lambda: won.append(store.use_token("t", soon))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_request_sent_twice_acts_once(store: Store) -> None:
    assert store.claim_request("anna", "k", "POST /x", "h1") is None
    with pytest.raises(BusyError):
        store.claim_request("anna", "k", "POST /x", "h1")
    assert store.claim_request("bo", "k", "POST /x", "h1") is None
    store.keep_reply("anna", "k", 202, {"job": 7})
    assert store.claim_request("anna", "k", "POST /x", "h1") == KeptReply(202, {"job": 7})
    for route, digest in (("POST /x", "h2"), ("POST /y", "h1")):
        with pytest.raises(ConflictError):
            store.claim_request("anna", "k", route, digest)
    store.give_up_request("bo", "k")
    assert store.claim_request("bo", "k", "POST /z", "h9") is None
    store.give_up_request("anna", "k")  # has a reply: nothing to give up
    assert store.claim_request("anna", "k", "POST /x", "h1") == KeptReply(202, {"job": 7})


def test_a_claim_of_a_killed_process_ends(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.claim_request("anna", "k", "POST /x", "h1")
    monkeypatch.setattr("kbchat.store.idempotency._ABANDONED", timedelta(0))
    assert store.claim_request("anna", "k", "POST /x", "h1") is None


def test_old_replies_are_forgotten(store: Store) -> None:
    store.claim_request("anna", "k", "POST /x", "h1")
    assert store.forget_replies_before(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.forget_replies_before(datetime.now(UTC) + timedelta(hours=1)) == 1
