"""The audit as services write it and auditors read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from kbchat.access.principal import Principal
from kbchat.access.table import Action, authorise
from kbchat.messages import Bilingual
from kbchat.services.csv_table import not_a_formula
from kbchat.store import Store
from kbchat.store.audit import AuditCheck, AuditEntry, NewAuditEntry

_BATCH = 1000
_COLUMNS = (
    "seq", "at", "user", "actor", "method", "action", "base", "object", "revisions", "question_hash", "outcome",
    "previous", "hash",
)  # fmt: skip


class AuditTrail:
    """The record of who did what. Anybody's service writes; reading needs the right to.

    Without a ``principal`` (the command line, which can read the data folder anyway) nothing is asked.
    """

    def __init__(self, store: Store, principal: Principal | None = None) -> None:
        self._store = store
        self._principal = principal

    def record(  # noqa: PLR0917 - the columns of the audit, in their order
        self,
        principal: Principal | None,
        action: str,
        base: str = "",
        object: str = "",  # noqa: A002 - the audit's own word
        revisions: Sequence[int] = (),
        question: str = "",
        outcome: str = "done",
    ) -> AuditEntry:
        """Write down what a principal (None: kbchat itself, or nobody known) has done; on disk when this returns.

        ``question`` is kept as a keyed hash only. Raises StoreError, BusyError.
        """
        user, method = ("", "system") if principal is None else (principal.user, principal.method)
        return self._store.append_audit(NewAuditEntry(user, method, action, base, object, revisions, question, outcome))

    def verify(self, noted: tuple[int, str] | None = None) -> AuditCheck:
        """Follow the whole chain; see ``Store.check_audit``. Raises ForbiddenError."""
        self._allow()
        return self._store.check_audit(noted)

    def entries(
        self, *, after: int = 0, limit: int = 100, since: datetime | None = None, until: datetime | None = None
    ) -> list[AuditEntry]:
        """Entries in order, those with a number above ``after``. Raises ForbiddenError."""
        self._allow()
        return self._store.audit_entries(after=after, limit=limit, since=since, until=until)

    def newest(self, limit: int = 100) -> list[AuditEntry]:
        """The newest entries, the newest first. Raises ForbiddenError."""
        self._allow()
        return self._store.newest_audit_entries(limit)

    def export(
        self, kind: Literal["jsonl", "csv"] = "jsonl", *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[str]:
        """The entries as text, line by line (the first line of CSV names the columns). Raises ForbiddenError."""
        self._allow()
        return self._lines(kind, since, until)

    def remove_before(self, moment: datetime) -> int:
        """Remove entries older than ``moment``; what stays can still be verified. Returns how many went."""
        return self._store.remove_audit_before(moment)

    def _lines(self, kind: Literal["jsonl", "csv"], since: datetime | None, until: datetime | None) -> Iterator[str]:
        if kind == "csv":
            yield _csv_line(_COLUMNS)
        after = -(2**62)
        while found := self._store.audit_entries(after=after, limit=_BATCH, since=since, until=until):
            for entry in found:
                values = entry_json(entry)
                if kind == "csv":
                    yield _csv_line([_cell(values[name]) for name in _COLUMNS])
                else:
                    yield json.dumps(values, ensure_ascii=False) + "\n"
            after = found[-1].seq

    def _allow(self) -> None:
        if self._principal is not None:
            authorise(self._principal, Action.READ_AUDIT)


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """An entry as it is exported."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in _COLUMNS}
    return values | {"at": entry.at.isoformat(timespec="microseconds"), "revisions": list(entry.revisions)}


def told(check: AuditCheck) -> Bilingual:
    """What verifying found, in a sentence."""
    seq = check.fault_seq
    if check.fault is None:
        if not check.entries:
            return Bilingual("The audit is empty.", "审计记录为空。")
        return Bilingual(
            f"The audit is whole: {check.entries} entries, number {check.first} to {check.last}; seal of the last: "
            f"{check.head}.",
            f"审计记录完整：共 {check.entries} 条，编号 {check.first} 至 {check.last}；最后一条的封印：{check.head}。",
        )
    return {
        "altered": Bilingual(f"Entry {seq} was altered or put in.", f"第 {seq} 条记录被篡改或系插入。"),
        "missing": Bilingual(f"Entry {seq} is missing.", f"缺少第 {seq} 条记录。"),
        "beginning": Bilingual(
            f"What stood before entry {seq} was removed in a way that kbchat did not.",
            f"第 {seq} 条之前的记录并非由 kbchat 按保存期限清除。",
        ),
        "end": Bilingual(f"Entries from {seq} on are missing.", f"自第 {seq} 条起的记录缺失。"),
        "head": Bilingual(f"Entry {seq} is not the one whose seal was noted.", f"第 {seq} 条与所记下的封印不符。"),
    }[check.fault]


def _csv_line(values: Sequence[object]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(values)
    return stream.getvalue()


def _cell(value: object) -> object:
    """A table program must not take a text for a formula."""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return not_a_formula(value) if isinstance(value, str) else value
