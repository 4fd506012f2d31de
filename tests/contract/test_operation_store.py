"""Jobs, audit, keys, tokens, replies and privacy on every database the store runs on."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.errors import BusyError, ConfigurationError, NotFoundError
from kbchat.store import NewMessage, Store
from kbchat.store.audit import NewAuditEntry
from kbchat.store.jobs import FileProgress, LeaseLostError, NewJobFile

_SPEC = importlib.util.spec_from_file_location("contract_test_store", Path(__file__).with_name("test_store.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
_SUITE = sys.modules.setdefault("contract_test_store", importlib.util.module_from_spec(_SPEC))
_SPEC.loader.exec_module(_SUITE)
postgresql, url, store = _SUITE.postgresql, _SUITE.url, _SUITE.store

LEASE = timedelta(seconds=30)


def at_once(count: int, action: Callable[[int], None]) -> None:
    """Do something in several threads at the same time; what one raises is raised here."""
    gate, errors = threading.Barrier(count), []

    def run(number: int) -> None:
        gate.wait()
        try:
            action(number)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_the_life_of_a_job(store: Store) -> None:
    base = store.create_base("ward")
    files = [NewJobFile("a.md", "00001.md", 3), NewJobFile("b.zip", "", 5, "failed", {"status": "failed"})]
    job = store.add_job("u" * 32, base.id, owner="anna", kind="upload", options={"ocr": "off"}, files=files)
    assert (job.state, job.base, job.attempts, job.files[1].status) == ("queued", "ward", 0, "failed")
    assert store.active_job_uids() == {"u" * 32}
    claimed = store.claim_job("w", LEASE)
    assert claimed is not None
    assert (claimed.state, claimed.worker, claimed.attempts) == ("running", "w", 1)
    assert claimed.started_at is not None
    store.note_progress(job.id, "w", [FileProgress(1, "reading", 2, 9)])
    assert store.job(job.id).files[0].pages_done == 2
    result = {"status": "added", "reason": None, "warnings": ["药"]}
    store.note_progress(job.id, "w", [FileProgress(1, "done", 9, 9, "added", result, 7)])
    store.note_progress(job.id, "w", [FileProgress(1, "done", 9, 9)])
    row = store.job(job.id).files[0]
    assert (row.state, row.status, row.result, row.document_id) == ("done", "added", result, 7)
    store.renew_lease(job.id, "w", LEASE)
    assert not store.is_cancel_wanted(job.id)
    assert store.cancel_job(job.id)
    assert store.is_cancel_wanted(job.id)
    store.finish_job(job.id, "w", "cancelled", report={"totals": {}})
    assert (store.job(job.id).state, store.active_job_uids()) == ("cancelled", set())
    assert not store.cancel_job(job.id)
    with pytest.raises(LeaseLostError):
        store.renew_lease(job.id, "w", LEASE)
    assert store.remove_jobs_before(datetime.now(UTC) + timedelta(days=1)) == 1
    with pytest.raises(NotFoundError):
        store.job(job.id)


def test_every_job_is_claimed_once(store: Store) -> None:
    for number in range(8):
        base = store.create_base(f"base {number}")
        store.add_job(f"{number:032}", base.id, owner="a", kind="upload", options={}, files=[])
        store.add_job(f"{number + 50:032}", base.id, owner="a", kind="upload", options={}, files=[])
    claimed: list[int] = []

    def claim(number: int) -> None:
        for _ in range(4):
            job = store.claim_job(f"w{number}", LEASE)
            if job is not None:
                claimed.append(job.id)

    at_once(4, claim)
    assert len(claimed) == len(set(claimed)) == 8  # one a base; the second of each waits
    bases = {store.job(job_id).base_id for job_id in claimed}
    assert len(bases) == 8


def test_a_base_with_jobs_can_be_deleted(store: Store) -> None:
    base = store.create_base("ward")
    job = store.add_job("u" * 32, base.id, owner="a", kind="upload", options={}, files=[NewJobFile("a", "1", 1)])
    store.claim_job("w", LEASE)
    store.delete_base("ward")
    with pytest.raises(LeaseLostError):
        store.renew_lease(job.id, "w", LEASE)
    with pytest.raises(NotFoundError):
        store.add_job("v" * 32, base.id, owner="a", kind="upload", options={}, files=[])


def test_the_audit_of_many_writers_is_one_chain(store: Store) -> None:
    def write(number: int) -> None:
        for _ in range(10):
            store.append_audit(NewAuditEntry("anna", "key", "ask", revisions=(number,), question="布洛芬"))

    at_once(4, write)
    check = store.check_audit()
    assert (check.fault, check.entries, check.last) == (None, 40, 40)
    assert len({entry.actor for entry in store.audit_entries()}) == 1
    middle = store.audit_entries()[19].at
    assert store.remove_audit_before(middle) == 19
    check = store.check_audit()
    assert (check.fault, check.first, check.last) == (None, 20, 41)


def test_keys_tokens_and_replies(store: Store) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    key = store.add_key(
        prefix="abc",
        hash="h",
        name="n",
        user="u",
        roles=["reader"],
        bases=None,
        groups=["g"],
        created_by="",
        expires_at=soon,
    )
    assert store.key_with_prefix("abc") == key
    assert key.expires_at == soon
    store.note_key_use(key)
    assert store.keys()[0].last_used_at is not None
    assert store.revoke_key("abc").revoked_at is not None
    won: list[bool] = []
    at_once(6, lambda _: won.append(store.use_token("t", soon)))
    assert sorted(won) == [False] * 5 + [True]
    first: list[bool] = []

    def claim(_: int) -> None:
        try:
            first.append(store.claim_request("anna", "k", "POST /x", "h") is None)
        except BusyError:
            first.append(False)

    at_once(6, claim)
    assert sorted(first) == [False] * 5 + [True]
    store.keep_reply("anna", "k", 201, {"药": [1]})
    reply = store.claim_request("anna", "k", "POST /x", "h")
    assert reply is not None
    assert reply.response == {"药": [1]}
    later = datetime.now(UTC) + timedelta(days=2)
    assert (store.forget_used_tokens(later), store.forget_replies_before(later)) == (1, 1)


def test_a_person_is_forgotten(store: Store) -> None:
    talk = store.create_conversation("anna", "药")
    store.add_messages("anna", talk.id, [NewMessage("user", "药")])
    store.append_audit(NewAuditEntry("anna", "local", "ask"))
    assert len(store.person_data("anna")["conversations"][0]["messages"]) == 1
    done = store.erase_person("anna", NewAuditEntry("boss", "local", "erase_person"))
    assert (done.conversations, done.messages) == (1, 1)
    assert store.pseudonym_of("anna") == ""
    assert store.check_audit().fault is None
    assert store.remove_conversations_before(datetime.now(UTC) + timedelta(days=1)) == 0


def test_snapshots_are_of_the_built_in_database(store: Store, url: str, tmp_path: Path) -> None:
    if not url:
        store.snapshot(tmp_path / "picture.db")
        assert (tmp_path / "picture.db").is_file()
        return
    with pytest.raises(ConfigurationError, match="pg_dump"):
        store.snapshot(tmp_path / "picture.db")
