"""Refused sign-ins in the audit: who, from where and why, and no more rows than a flood deserves."""

from __future__ import annotations

import json
import threading

import pytest
from starlette.testclient import TestClient

from kbchat.errors import AccessError, StoreError
from kbchat.messages import Bilingual
from kbchat.server.application import create_application
from kbchat.server.authentication import Authenticator
from kbchat.services.audit import AuditTrail
from kbchat.services.keys import KeyService
from kbchat.services.refusals import LONGEST, MANY, MOST_PLACES, REFUSED, SHORTEST, Refusal, RefusedSignIns
from tests.running_service import host_token

BAD = Refusal("bad_signature", "10.0.0.5", "token", "zhang")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(open_app, key_files):
    keys = [{"id": "his", "algorithm": "HS256", "file": key_files / "his.key"}]
    return open_app(access={"host_keys": keys, "proxy_addresses": ["10.1.0.0/24"]})


def refused(app):
    return [one for one in app.store.audit_entries() if one.action == REFUSED]


def tried(app, request):
    """Ask as the service does, and be refused."""
    authenticator = Authenticator(app.settings, app.store)
    with pytest.raises(AccessError) as caught:
        authenticator.principal(request)
    authenticator.note_refused(request, caught.value)
    return refused(app)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": 1}, "expired"),
        ({"aud": "other"}, "wrong_audience"),
        ({"secret": b"of somebody else, and long enough"}, "bad_signature"),
        ({"kid": "other"}, "unknown_key"),
        ({"roles": ["admin"]}, "role_not_given"),
        ({"jti": None}, "missing_claim"),
    ],
)
def test_a_token_is_entered_with_whom_it_names_and_why(app, request_of, changed, reason):
    (entry,) = tried(app, request_of(host_token("张医生", **changed), peer="10.9.8.7"))
    assert (entry.user, entry.method, entry.outcome, entry.object) == ("张医生", "token", reason, "from 10.9.8.7")


def test_a_replay_is_entered(app, request_of):
    token = host_token()
    Authenticator(app.settings, app.store).principal(request_of(token))
    (entry,) = tried(app, request_of(token))
    assert entry.outcome == "replayed"


def test_keys_are_entered_by_their_prefix_never_by_their_secret(app, request_of):
    keys = KeyService(app.store)
    made = keys.create("portal", user="his")
    keys.revoke(made.key.prefix)
    wrong = keys.create("second", user="his")
    unknown = "kbc_" + "a" * 12 + "_" + "x" * 43
    for text in (made.text, wrong.text[:-5] + "AAAAA", unknown, "kbc_short"):
        tried(app, request_of(text, peer="fd00::9"))
    assert [(one.user, one.outcome, one.object) for one in refused(app)] == [
        ("his", "revoked", f"from fd00::9, key {made.key.prefix}"),
        ("his", "wrong_secret", f"from fd00::9, key {wrong.key.prefix}"),
        ("", "unknown_api_key", "from fd00::9, key aaaaaaaaaaaa"),
        ("", "unknown_api_key", "from fd00::9, not the form of a key"),
    ]
    written = "".join(AuditTrail(app.store).export())
    for secret in (made.text, wrong.text, unknown, made.text[-43:]):
        assert secret not in written


def test_a_header_from_an_unlisted_address_is_entered(app, request_of):
    (entry,) = tried(app, request_of(peer="10.2.0.1", headers={"x-remote-user": "admin"}))
    assert (entry.user, entry.method, entry.outcome) == ("admin", "proxy", "unlisted_proxy")


def test_asking_without_anything_is_no_sign_in(app, request_of):
    assert tried(app, request_of(peer="10.2.0.1")) == []


@pytest.mark.parametrize(
    "text", ["kbs_" + "x" * 43, "eyJhbGciOiJub25lIn0.e30.", "eyJ.x.y", "nonsense", "\u00e9" * 50, "eyJ" + "a" * 9000]
)
def test_rubbish_is_entered_without_being_repeated(app, request_of, text):
    (entry,) = tried(app, request_of(text))
    assert text not in json.dumps(AuditTrail(app.store).newest(1)[0].object)
    assert entry.outcome
    assert entry.user == ""


def test_a_page_of_the_app_enters_it_too(app):
    authenticator = Authenticator(app.settings, app.store)
    with pytest.raises(AccessError):
        authenticator.host_token(host_token(aud="other"))
    assert [(one.outcome, one.object) for one in refused(app)] == [("wrong_audience", "from unknown")]


def test_over_the_wire_it_is_on_disk_when_401_is_answered(app):
    application = create_application(app, Authenticator(app.settings, app.store))
    with TestClient(application, base_url="http://kb.example") as client:
        said = client.get("/api/me", headers={"Authorization": f"Bearer {host_token('li', aud='x')}"})
        assert said.status_code == 401
        assert [one.user for one in refused(app)] == ["li"]
        for _ in range(40):
            client.get("/api/me", headers={"X-Remote-User": "admin"})
        assert len(refused(app)) == 6
    assert refused(app)[-1].object.startswith("from unknown, 35 more in "), "the end of the service writes the number"
    assert AuditTrail(app.store).verify().fault is None


# A flood.


def test_of_a_flood_the_first_are_entered_and_the_rest_are_counted(app):
    clock = Clock()
    trail = RefusedSignIns(app.store, 3, clock)
    for _ in range(1000):
        trail.note(BAD)
    assert len(refused(app)) == 3
    clock.now += SHORTEST
    trail.note(BAD)
    entries = refused(app)
    assert len(entries) == 5, "the number of the last minute, and the first of this one"
    assert (entries[3].object, entries[3].outcome, entries[3].user) == (
        "from 10.0.0.5, 997 more in 60 s", "bad_signature", "",
    )  # fmt: skip
    assert AuditTrail(app.store).verify().fault is None
    trail.close()


def test_addresses_and_names_without_end_write_no_rows_without_end(app):
    clock = Clock()
    trail = RefusedSignIns(app.store, 5, clock)
    for number in range(3000):
        trail.note(Refusal("expired", f"2001:db8::{number:x}", "token", f"user {number}"))
    assert len(refused(app)) == MOST_PLACES
    clock.now += SHORTEST
    trail.close()
    assert refused(app)[-1].object == f"from {MANY}, {3000 - MOST_PLACES} more in 60 s"


def test_while_a_flood_goes_on_stretches_grow_and_shrink_again_after_it(app):
    clock = Clock()
    trail = RefusedSignIns(app.store, 1, clock)
    for _ in range(24 * 60):  # a day, a hundred a minute
        for _ in range(4):
            trail.note(BAD)
        clock.now += 60
    assert len(refused(app)) < 2 * 24 * 3600 / LONGEST + 20
    for _ in range(2):  # the flood is over: one stretch without a number, then they are short again
        clock.now += LONGEST
        trail.note(BAD)
    clock.now += SHORTEST
    before = len(refused(app))
    trail.note(BAD)
    assert len(refused(app)) == before + 1, "two single ones, a minute apart, are two entries"
    trail.close()


def test_the_number_is_written_though_nobody_is_refused_any_more(app, monkeypatch):
    monkeypatch.setattr("kbchat.services.refusals.SHORTEST", 0.2)
    trail = RefusedSignIns(app.store, 1)
    trail.note(BAD)
    trail.note(BAD)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(30)
    assert [", 1 more" in one.object for one in refused(app)] == [False, True]


def test_many_threads_lose_none(app):
    trail = RefusedSignIns(app.store, 2)
    threads = [threading.Thread(target=lambda: [trail.note(BAD) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail.close()
    told = refused(app)
    assert len(told) == 3
    assert ", 398 more in " in told[-1].object


def test_an_audit_that_cannot_be_written_refuses_all_the_same(app, monkeypatch, caplog):
    def full(_entry):
        raise StoreError(Bilingual("The disk is full.", "磁盘已满。"), Bilingual("Free some.", "请清理。"))

    monkeypatch.setattr(app.store, "append_audit", full)
    RefusedSignIns(app.store, 5).note(BAD)
    assert "could not be entered" in caplog.text
