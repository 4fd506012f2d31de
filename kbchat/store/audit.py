"""The audit: rows that are only added, each sealed over the one before it.

A seal is an HMAC-SHA256 over the row and the seal of its predecessor, with a key from the data folder that the database
does not hold: who can write the database alone can neither change, add nor take out a row unnoticed. Actors are
pseudonyms; who stands behind one is told in a table of its own, so that forgetting a person leaves the chain whole
(see docs/adr/0006). Old rows are removed from the beginning only; an anchor then tells where the chain begins, and an
entry in the chain itself vouches for the anchor.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from kbchat.store import schema
from kbchat.store import schema_operation as operation
from kbchat.store.committing import reserve
from kbchat.store.encoding import storable
from kbchat.store.secrets import Secrets

_audit, _people, _anchors = operation.audit, operation.audit_people, operation.audit_anchors
# Every question writes an entry: its statements are put together once.
_NEWEST_SEAL = select(_audit.c.hash).order_by(_audit.c.seq.desc()).limit(1)
_INSERT = insert(_audit)
_PSEUDONYM = select(_people.c.pseudonym).where(_people.c.user == bindparam("person"))
_BATCH = 1000
_LONGEST_OBJECT = 1000
REMOVED = "remove_audit"
"""The action of the entry that tells of a removal."""

FaultKind = Literal["altered", "missing", "beginning", "end", "head"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row. ``user`` is who stands behind the pseudonym ``actor``; empty when nobody does or it was forgotten."""

    seq: int
    at: datetime
    actor: str
    method: str
    action: str
    base: str
    object: str
    revisions: tuple[int, ...]
    question_hash: str
    outcome: str
    previous: str
    hash: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class NewAuditEntry:
    """What is to be written down. ``question`` is hashed with a key and not kept."""

    user: str
    method: str
    action: str
    base: str = ""
    object: str = ""
    revisions: Sequence[int] = ()
    question: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What verifying found. ``fault`` is None when the chain is whole, else what is wrong with the row ``fault_seq``.

    ``first`` and ``last`` are the numbers of the first and last row (0: none), ``head`` the last row's seal.
    """

    entries: int
    first: int
    last: int
    head: str
    fault: FaultKind | None = None
    fault_seq: int = 0


class Audit(Secrets):
    """The audit of the store."""

    def append_audit(self, new: NewAuditEntry) -> AuditEntry:
        """Add a row; it is on disk when this returns. Safe from any number of threads and processes."""
        key = self._audit_key()
        with self._database.write() as connection:
            seq = reserve(connection, "audit", 1)
            return append_entry(connection, key, seq, new)

    def audit_entries(
        self, *, after: int = 0, limit: int = _BATCH, since: datetime | None = None, until: datetime | None = None
    ) -> list[AuditEntry]:
        """Rows in order, those with a number above ``after``."""
        query = (
            select(_audit, _people.c.user)
            .outerjoin(_people, _people.c.pseudonym == _audit.c.actor)
            .where(_audit.c.seq > after)
            .order_by(_audit.c.seq)
            .limit(limit)
        )
        if since is not None:
            query = query.where(_audit.c.at >= since)
        if until is not None:
            query = query.where(_audit.c.at < until)
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def newest_audit_entries(self, limit: int = 100) -> list[AuditEntry]:
        """The newest rows, the newest first."""
        query = select(_audit, _people.c.user).outerjoin(_people, _people.c.pseudonym == _audit.c.actor)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_audit.c.seq.desc()).limit(limit))
            return [_entry(row) for row in rows]

    def check_audit(self, noted: tuple[int, str] | None = None) -> AuditCheck:
        """Follow the chain from its beginning to its end and tell the first fault.

        ``noted`` is a row's number and seal that somebody has written down elsewhere: it must still be so (unless it
        was removed since), which tells when the end of the chain was cut off together with its counter.
        """
        key = self._audit_key()
        with self._database.read() as connection:
            anchor = connection.execute(select(_anchors).order_by(_anchors.c.seq.desc()).limit(1)).first()
            counter = connection.scalar(select(schema.counters.c.value).where(schema.counters.c.name == "audit"))
            begin, seal = (0, "") if anchor is None else (int(anchor.seq), str(anchor.hash))
            walk = _Walk(key, begin, seal, noted)
            for row in _rows(connection):
                if not walk.takes(row):
                    return walk.result("missing" if row.seq > walk.seq + 1 else "altered", walk.seq + 1)
        if anchor is not None and f"{anchor.seq}:{anchor.hash}" not in walk.removals:
            return walk.result("beginning", anchor.seq + 1)
        if walk.seq != int(counter or 0):
            return walk.result("end", walk.seq + 1)
        if noted is not None and noted[0] > walk.begin and not walk.met_noted:
            return walk.result("head", noted[0])
        return walk.result()

    def remove_audit_before(self, moment: datetime) -> int:
        """Take the rows before ``moment`` from the beginning of the chain; returns how many."""
        key = self._audit_key()
        with self._database.write() as connection:
            following = reserve(connection, "audit", 0)  # takes the lock, and no number
            kept = connection.scalar(select(func.min(_audit.c.seq)).where(_audit.c.at >= moment))
            gone = _audit.c.seq < (following if kept is None else kept)
            newest = select(_audit.c.seq, _audit.c.hash).where(gone).order_by(_audit.c.seq.desc()).limit(1)
            last = connection.execute(newest).first()
            if last is None:
                return 0
            removed = connection.execute(delete(_audit).where(gone)).rowcount
            values = {"seq": last.seq, "hash": last.hash, "removed": removed, "at": datetime.now(UTC)}
            connection.execute(insert(_anchors).values(**values))
            entry = NewAuditEntry("", "system", REMOVED, object=f"{last.seq}:{last.hash}", outcome=str(removed))
            append_entry(connection, key, reserve(connection, "audit", 1), entry)
            connection.execute(delete(_people).where(_people.c.pseudonym.not_in(select(_audit.c.actor))))
        return removed

    def pseudonym_of(self, user: str) -> str:
        """The pseudonym of a person in the audit; empty when there is none."""
        with self._database.read() as connection:
            return str(connection.scalar(select(_people.c.pseudonym).where(_people.c.user == _fitted(user))) or "")

    def audit_of_person(self, user: str) -> list[AuditEntry]:
        """All rows of what a person did."""
        query = select(_audit, _people.c.user).join(_people, _people.c.pseudonym == _audit.c.actor)
        with self._database.read() as connection:
            rows = connection.execute(query.where(_people.c.user == _fitted(user)).order_by(_audit.c.seq))
            return [_entry(row) for row in rows]

    def question_hash(self, question: str) -> str:
        """The keyed hash that the audit keeps of a question; empty for none. The key keeps short ones from being guessed."""
        if not question:
            return ""
        return hmac.new(self._audit_key(), b"question\0" + storable(question).encode(), hashlib.sha256).hexdigest()

    def _audit_key(self) -> bytes:
        return self.secret_key("audit")


def append_entry(connection: Connection, key: bytes, seq: int, new: NewAuditEntry) -> AuditEntry:
    """Write the row ``seq``. The counter of the audit must be held by this transaction."""
    previous = connection.scalar(_NEWEST_SEAL)
    if previous is None:
        previous = connection.scalar(select(_anchors.c.hash).order_by(_anchors.c.seq.desc()).limit(1))
    question = storable(new.question).encode()
    entry = AuditEntry(
        seq=seq,
        at=datetime.now(UTC),
        actor=_pseudonym(connection, _fitted(new.user)) if new.user else "",
        method=storable(new.method)[:16],
        action=storable(new.action)[:64],
        base=_fitted(new.base),
        object=storable(new.object)[:_LONGEST_OBJECT],
        revisions=tuple(int(revision) for revision in new.revisions),
        question_hash=hmac.new(key, b"question\0" + question, hashlib.sha256).hexdigest() if new.question else "",
        outcome=storable(new.outcome)[:32],
        previous=previous or "",
        hash="",
    )
    sealed = replace(entry, hash=_seal(key, entry))
    columns = {column.name for column in _audit.c}
    values = {name: getattr(sealed, name) for name in columns} | {"revisions": list(sealed.revisions)}
    connection.execute(_INSERT, values)
    return replace(sealed, user=new.user)


def _seal(key: bytes, entry: AuditEntry) -> str:
    """HMAC-SHA256 over the fields in a fixed order."""
    fields = [
        entry.seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.method,
        entry.action,
        entry.base,
        entry.object,
        list(entry.revisions),
        entry.question_hash,
        entry.outcome,
        entry.previous,
    ]
    content = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.new(key, b"entry\0" + content, hashlib.sha256).hexdigest()


def _pseudonym(connection: Connection, user: str) -> str:
    """The pseudonym of a person, made when there is none."""
    known = connection.scalar(_PSEUDONYM, {"person": user})
    if known is not None:
        return str(known)
    made = f"p-{uuid4().hex[:24]}"
    connection.execute(insert(_people).values(pseudonym=made, user=user, created_at=datetime.now(UTC)))
    return made


def _fitted(name: str) -> str:
    return storable(name)[:200]


class _Walk:
    """Follows the chain row by row. ``seq`` and ``seal`` are those of the last row that was right."""

    def __init__(self, key: bytes, begin: int, seal: str, noted: tuple[int, str] | None) -> None:
        self.begin = self.seq = begin
        self.seal = seal
        self.removals: set[str] = set()
        self.met_noted = False
        self._key = key
        self._entries = 0
        self._first = 0
        self._noted = noted

    def takes(self, row: Row[Any]) -> bool:
        """Whether the row follows and is as it was written."""
        if row.seq != self.seq + 1 or row.previous != self.seal:
            return False
        entry = _entry(row)
        if not hmac.compare_digest(_seal(self._key, entry), entry.hash):
            return False
        self.seq, self.seal = entry.seq, entry.hash
        self._first = self._first or entry.seq
        self._entries += 1
        self.met_noted = self.met_noted or (entry.seq, entry.hash) == self._noted
        if entry.action == REMOVED and entry.method == "system":
            self.removals.add(entry.object)
        return True

    def result(self, fault: FaultKind | None = None, seq: int = 0) -> AuditCheck:
        return AuditCheck(self._entries, self._first, self.seq if self._first else 0, self.seal, fault, seq)


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    after = -(2**62)  # rows that somebody put before the first are met too
    while True:
        query = select(_audit).where(_audit.c.seq > after).order_by(_audit.c.seq).limit(_BATCH)
        rows = connection.execute(query).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        after = rows[-1].seq


def _entry(row: Row[Any]) -> AuditEntry:
    values = row._asdict()
    return AuditEntry(**{**values, "revisions": tuple(values["revisions"]), "user": values.get("user") or ""})
