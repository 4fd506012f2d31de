"""Sign-ins that were refused, in the audit: the first of a kind one by one, a flood as its number.

Whoever is refused needs no right to be so, and can be so any number of times. In each stretch of time a reason and
address gets a few entries of its own and then one that tells how many more there were; beyond a number of addresses
the rest are counted together; while a flood goes on the stretches grow longer. So what strangers can make kbchat write
is bounded, whatever they send.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from kbchat.errors import KbchatError
from kbchat.store import Store
from kbchat.store.audit import NewAuditEntry

REFUSED = "refused_sign_in"
"""The action of these entries; their outcome is the reason."""
MANY = "many addresses"
SHORTEST, LONGEST = 60.0, 600.0
"""Seconds of a stretch: usually, and at most while a flood goes on."""
MOST_PLACES = 20
"""Reasons with addresses that are told apart in one stretch."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sign-in that was refused.

    ``reason`` is a stable word. ``address`` is that of the connection. ``way`` is how it was tried (``key``, ``token``,
    ``session``, ``oidc``, ``proxy``). ``claimed`` is whose name it gave, which nothing has proven. ``detail`` tells the
    credential apart without being of use to anybody (the prefix of a key).
    """

    reason: str
    address: str
    way: str
    claimed: str = ""
    detail: str = ""


@dataclass(slots=True)
class _Count:
    """How many of one reason, address and way were written one by one, and how many more there were."""

    way: str
    written: int = 0
    more: int = 0


class RefusedSignIns:
    """Writes refusals of one process. Safe to share between threads."""

    def __init__(self, store: Store, one_by_one: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``one_by_one``: entries a reason and address gets in a stretch before the rest are counted."""
        self._store = store
        self._one_by_one = one_by_one
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], _Count] = {}
        self._began = clock()
        self._length = SHORTEST
        self._timer: threading.Timer | None = None

    def note(self, refusal: Refusal) -> None:
        """Write or count a refusal; what is written is on disk when this returns. Never raises."""
        with self._lock:
            entries = self._ended_stretch()
            if self._is_told(refusal):
                entries.append(_entry(refusal, _where(refusal.address, refusal.detail)))
        self._write(entries)

    def close(self) -> None:
        """Write what is only counted so far."""
        with self._lock:
            entries = self._numbers()
        self._write(entries)

    def _is_told(self, refusal: Refusal) -> bool:
        """Whether the refusal gets an entry of its own."""
        if not self._counts:
            self._began = self._clock()
        place = (refusal.reason, refusal.address)
        is_known = place in self._counts or len(self._counts) < MOST_PLACES
        count = self._counts.setdefault(place if is_known else (refusal.reason, MANY), _Count(refusal.way))
        if is_known and count.written < self._one_by_one:
            count.written += 1
            return True
        count.more += 1
        if self._timer is None:  # nobody may be refused after the stretch: its numbers are written all the same
            self._timer = threading.Timer(self._length, self.close)
            self._timer.daemon = True
            self._timer.start()
        return False

    def _ended_stretch(self) -> list[NewAuditEntry]:
        if self._clock() - self._began < self._length:
            return []
        return self._numbers()

    def _numbers(self) -> list[NewAuditEntry]:
        """The entries that tell how many more there were; begins a new stretch."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        seconds = round(self._clock() - self._began)
        found = [
            _entry(Refusal(reason, address, count.way), _where(address, f"{count.more} more in {seconds} s"))
            for (reason, address), count in self._counts.items()
            if count.more
        ]
        self._length = min(self._length * 2, LONGEST) if found else SHORTEST
        self._counts.clear()
        return found

    def _write(self, entries: list[NewAuditEntry]) -> None:
        try:
            for entry in entries:
                self._store.append_audit(entry)
        except KbchatError as error:  # who is refused stays refused; a full disk must not turn that into a fault
            _log.warning("a refused sign-in could not be entered in the audit: %s", type(error).__name__)


def _entry(refusal: Refusal, what: str) -> NewAuditEntry:
    return NewAuditEntry(refusal.claimed, refusal.way, REFUSED, object=what, outcome=refusal.reason)


def _where(address: str, detail: str) -> str:
    return f"from {address or 'unknown'}" + (f", {detail}" if detail else "")
