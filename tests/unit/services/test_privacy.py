"""Keeping times, and one person's data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.errors import ForbiddenError, NotFoundError
from kbchat.services.audit import AuditTrail
from kbchat.services.keys import KeyService
from kbchat.services.privacy import PersonService, sweep
from kbchat.settings import PrivacySettings
from kbchat.store import NewMessage, Store
from kbchat.store.jobs import NewJobFile
from kbchat.store.sessions import StoredSession

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=11)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        base = opened.create_base("ward")
        for user in ("anna", "bo"):
            talk = opened.create_conversation(user, f"SECRETWORD of {user}", bases=["ward"])
            opened.add_messages(
                user, talk.id, [NewMessage("user", f"SECRETWORD of {user}"), NewMessage("assistant", "A")]
            )
            AuditTrail(opened).record(local_principal(user), "ask", "ward", question=f"SECRETWORD of {user}")
            KeyService(opened).create(f"key of {user}", user=user)
        job = opened.add_job("u" * 32, base.id, owner="anna", kind="upload", options={}, files=[NewJobFile("a", "", 1)])
        opened.cancel_job(job.id)
        yield opened


def test_nothing_is_swept_unless_the_settings_say_so(store: Store) -> None:
    swept = sweep(store, PrivacySettings(job_days=0), LATER)
    assert (swept.conversations, swept.questions, swept.audit, swept.jobs) == (0, 0, 0, 0)
    assert len(store.conversations("anna")) == 1


def test_what_is_older_goes(store: Store) -> None:
    settings = PrivacySettings(conversation_days=10, question_days=10, audit_days=10, job_days=10)
    assert sweep(store, settings, NOW + timedelta(days=9)).conversations == 0
    swept = sweep(store, settings, LATER)
    assert (swept.conversations, swept.jobs) == (2, 1)
    assert swept.audit >= 4
    assert store.conversations("anna") == []
    assert AuditTrail(store).verify().fault is None
    again = sweep(store, settings, LATER)
    assert (again.conversations, again.jobs) == (0, 0)


def test_sessions_are_told_swept_ended_and_erased(store: Store) -> None:
    for number, ends in enumerate((NOW - timedelta(minutes=1), NOW + timedelta(hours=1), NOW + timedelta(hours=1))):
        user = "bo" if number == 2 else "anna"
        store.add_session(f"hash{number}", StoredSession(user, ("reader",), None, (), ("ward",), NOW, ends))
    told = PersonService(store).export("anna")["sessions"]
    assert [one["roles"] for one in told] == [["reader"], ["reader"]]
    assert "hash" not in json.dumps(told)

    assert sweep(store, PrivacySettings(), NOW).sessions == 1
    assert PersonService(store).end_sessions("bo") == 1
    assert AuditTrail(store).newest(1)[0].action == "end_sessions"
    PersonService(store).erase("anna")
    assert [store.session(f"hash{number}") for number in range(3)] == [None] * 3


def test_a_person_gets_everything_and_only_the_own(store: Store) -> None:
    anna = PersonService(store, Principal("anna", frozenset({Role.READER})))
    data = anna.export("anna")
    assert data["conversations"][0]["messages"][0]["text"] == "SECRETWORD of anna"
    assert len(data["keys"]) == len(data["jobs"]) == len(data["audit"]) == 1
    assert "hash" not in data["keys"][0]
    assert "of bo" not in json.dumps(data)
    with pytest.raises(ForbiddenError):
        anna.export("bo")
    with pytest.raises(ForbiddenError):
        anna.erase("anna")
    with pytest.raises(NotFoundError):
        PersonService(store).export("nobody")


def test_erasing_leaves_a_pseudonym_and_a_whole_chain(store: Store) -> None:
    pseudonym = store.pseudonym_of("anna")
    done = PersonService(store, local_principal("boss")).erase("anna")
    assert (done.pseudonym, done.conversations, done.messages, done.keys) == (pseudonym, 1, 2, 1)
    assert AuditTrail(store).verify().fault is None
    entries = AuditTrail(store).entries()
    assert [entry.user for entry in entries if entry.actor == pseudonym] == [""]
    assert (entries[-1].user, entries[-1].action, entries[-1].object) == ("boss", "erase_person", pseudonym)
    with pytest.raises(NotFoundError):
        PersonService(store).export("anna")
    assert len(PersonService(store).export("bo")["conversations"]) == 1
    AuditTrail(store).record(local_principal("anna"), "ask")
    assert store.pseudonym_of("anna") not in ("", pseudonym)


def test_what_was_erased_is_not_in_the_file_any_more(store: Store) -> None:
    PersonService(store).erase("anna")
    for path in store.data_layout.root.glob("kbchat.db*"):
        content = path.read_bytes()
        assert b"SECRETWORD of anna" not in content, path.name
    assert b"SECRETWORD of bo" in store.data_layout.database.read_bytes()


def test_one_may_erase_oneself_when_allowed_and_is_forgotten_too(store: Store) -> None:
    PersonService(store, local_principal("anna")).erase("anna")
    assert store.pseudonym_of("anna") == ""
    assert AuditTrail(store).verify().fault is None
