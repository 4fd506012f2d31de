"""The audit: whole after honest use by many, and every tampering told."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.errors import ForbiddenError, StoreError
from kbchat.services.audit import AuditTrail, told
from kbchat.store import Store
from kbchat.store.audit import REMOVED, NewAuditEntry

ANNA = local_principal("anna")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def trail(store: Store) -> AuditTrail:
    return AuditTrail(store)


def filled(trail: AuditTrail, count: int = 6) -> AuditTrail:
    for number in range(count):
        trail.record(ANNA, "ask", "ward", f"conversation {number}", (number, 7), f"问题{number}", "answered")
    return trail


def tampered(store: Store, *statements: str) -> None:
    with closing(sqlite3.connect(store.data_layout.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_an_honest_chain_is_whole(trail: AuditTrail) -> None:
    assert told(trail.verify()).en == "The audit is empty."
    check = filled(trail).verify()
    assert (check.fault, check.entries, check.first, check.last) == (None, 6, 1, 6)
    entry = trail.entries()[3]
    assert (entry.user, entry.method, entry.action, entry.base) == ("anna", "local", "ask", "ward")
    assert (entry.revisions, entry.outcome, entry.object) == ((3, 7), "answered", "conversation 3")
    assert entry.actor.startswith("p-")
    assert [one.seq for one in trail.newest(2)] == [6, 5]


@pytest.mark.parametrize(
    ("statements", "fault", "seq"),
    [
        (["UPDATE audit SET outcome = 'refused' WHERE seq = 3"], "altered", 3),
        (["UPDATE audit SET actor = 'p-other' WHERE seq = 1"], "altered", 1),
        (["UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 6"], "altered", 6),
        (["UPDATE audit SET revisions = '[9]' WHERE seq = 2"], "altered", 2),
        (["UPDATE audit SET question_hash = '' WHERE seq = 2"], "altered", 2),
        (["DELETE FROM audit WHERE seq = 4"], "missing", 4),
        (["DELETE FROM audit WHERE seq = 1"], "missing", 1),
        (["DELETE FROM audit WHERE seq = 6"], "end", 6),
        (["DELETE FROM audit"], "end", 1),
        (
            ["INSERT INTO audit SELECT 7, at, actor, method, action, base, object, revisions, question_hash, outcome, hash, "
             "hash FROM audit WHERE seq = 6"],
            "altered",
            7,
        ),
        (
            ["INSERT INTO audit SELECT 0, at, actor, method, action, base, object, revisions, question_hash, outcome, "
             "previous, hash FROM audit WHERE seq = 1"],
            "altered",
            1,
        ),
        (
            ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3",
             "UPDATE counters SET value = 5 WHERE name = 'audit'"],
            "altered",
            3,
        ),
        (
            ["UPDATE audit SET object = 'x' WHERE seq = 2; ", "UPDATE audit SET object = 'y' WHERE seq = 5"],
            "altered",
            2,
        ),
        (
            ["INSERT INTO audit_anchors SELECT seq, hash, 3, at FROM audit WHERE seq = 3", "DELETE FROM audit WHERE seq < 4"],
            "beginning",
            4,
        ),
    ],
)  # fmt: skip
def test_the_first_tampered_row_is_told(
    store: Store, trail: AuditTrail, statements: list[str], fault: str, seq: int
) -> None:
    filled(trail)
    tampered(store, *statements)
    check = trail.verify()
    assert (check.fault, check.fault_seq) == (fault, seq)
    assert told(check).zh


def test_a_cut_end_is_found_by_a_noted_seal(store: Store, trail: AuditTrail) -> None:
    filled(trail)
    noted = (6, trail.verify().head)
    assert trail.verify(noted).fault is None
    tampered(store, "DELETE FROM audit WHERE seq > 4", "UPDATE counters SET value = 4 WHERE name = 'audit'")
    assert trail.verify().fault is None  # within the database nothing tells
    assert trail.verify(noted).fault == "head"
    filled(trail, 2)
    assert trail.verify(noted).fault == "head"


def test_nothing_can_be_forged_without_the_key(store: Store, trail: AuditTrail) -> None:
    filled(trail)
    (store.data_layout.secrets / "audit.key").write_bytes(b"x" * 32)
    assert trail.verify().fault == "altered"
    (store.data_layout.secrets / "audit.key").write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        trail.verify()


def test_the_key_is_for_its_user_only(store: Store, trail: AuditTrail) -> None:
    filled(trail, 1)
    assert (store.data_layout.secrets / "audit.key").stat().st_mode & 0o077 == 0
    assert store.data_layout.secrets.stat().st_mode & 0o077 == 0


def test_old_entries_go_and_the_rest_can_be_verified(store: Store, trail: AuditTrail) -> None:
    filled(trail)
    third = trail.entries()[2].at
    assert trail.remove_before(third) == 2
    check = trail.verify()
    assert (check.fault, check.first, check.last, check.entries) == (None, 3, 7, 5)
    assert trail.newest(1)[0].action == REMOVED
    assert trail.remove_before(third) == 0
    assert trail.verify((2, "whatever it was")).fault is None

    assert trail.remove_before(datetime.now(UTC) + timedelta(days=1)) == 5
    check = trail.verify()
    assert (check.fault, check.first, check.last) == (None, 8, 8)
    filled(trail, 2)
    assert trail.verify().fault is None
    tampered(store, "DELETE FROM audit WHERE seq = 8")
    assert trail.verify().fault == "missing"


def test_a_question_cannot_be_guessed_from_its_hash(tmp_path: Path) -> None:
    hashes = []
    for name in ("a", "b"):
        with Store.open(tmp_path / name) as store:
            AuditTrail(store).record(ANNA, "ask", question="布洛芬")
            entry = AuditTrail(store).entries()[0]
            hashes.append(entry.question_hash)
            assert entry.question_hash == store.question_hash("布洛芬") != store.question_hash("布洛芬片")
            assert "布洛芬".encode() not in store.data_layout.database.read_bytes()
    assert hashes[0] != hashes[1]


def test_texts_that_databases_refuse_and_long_ones(trail: AuditTrail) -> None:
    trail.record(
        Principal("x\x00\ud800" * 200, frozenset({Role.READER})), "a" * 200, "b" * 500, "c" * 5000, outcome="d" * 99
    )
    assert trail.verify().fault is None


def test_export(store: Store, trail: AuditTrail) -> None:
    filled(trail, 3)
    trail.record(None, "sign_in", object="=1+1", outcome="refused")
    lines = [json.loads(line) for line in trail.export("jsonl")]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]
    assert (lines[0]["user"], lines[3]["user"], lines[3]["object"]) == ("anna", "", "=1+1")
    rows = list(csv.DictReader(io.StringIO("".join(trail.export("csv")))))
    assert (rows[3]["object"], rows[1]["revisions"]) == ("'=1+1", "1 7")
    since = store.audit_entries()[2].at
    assert [json.loads(line)["seq"] for line in trail.export(since=since)] == [3, 4]
    assert [json.loads(line)["seq"] for line in trail.export(until=since)] == [1, 2]


def test_only_admins_read(store: Store) -> None:
    curator = AuditTrail(store, Principal("bo", frozenset({Role.CURATOR})))
    for read in (curator.verify, curator.entries, curator.newest, curator.export):
        with pytest.raises(ForbiddenError):
            read()
    assert AuditTrail(store, ANNA).entries() == []


WRITER = """
import sys
from pathlib import Path
from kbchat.store import Store
from kbchat.store.audit import NewAuditEntry
with Store.open(Path(sys.argv[1])) as store:
    for number in range(25):
        store.append_audit(NewAuditEntry(f"user{number % 3}", "key", "ask", object=sys.argv[2]))
"""


def test_several_processes_number_one_after_the_other(tmp_path: Path) -> None:
    """Also the key and the pseudonyms are made once, by whoever comes first."""
    Store.open(tmp_path).close()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number)], stderr=subprocess.PIPE)
        for number in range(4)
    ]
    for writer in writers:
        _, told_wrong = writer.communicate(timeout=120)
        assert writer.returncode == 0, told_wrong
    with Store.open(tmp_path) as store:
        check = store.check_audit()
        assert (check.fault, check.entries) == (None, 100)
        assert len({entry.actor for entry in store.audit_entries()}) == 3


def test_an_entry_cut_off_leaves_no_gap(store: Store, trail: AuditTrail, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(trail, 2)

    def broken(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("kbchat.store.audit._seal", broken)
        with pytest.raises(KeyboardInterrupt):
            store.append_audit(NewAuditEntry("anna", "local", "ask"))
    filled(trail, 1)
    assert (trail.verify().fault, trail.verify().last) == (None, 3)
