"""Addresses under which a browser opens the original of a source in a tab of its own.

A session of the app lives in its web socket; a new tab has none. So the session hands out an address that cannot be guessed,
serves for a while, and only to the browser it was made for (its cookie goes with the request). Whether the person may read
the source is asked again when the address is used.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from kbchat.access.principal import Principal
from kbchat.services.originals import OriginalFile

LIFETIME = 1800.0
"""Seconds that an address serves."""
_MOST = 20_000
_SHOWN_BY_BROWSERS = frozenset({"application/pdf", "image/png", "image/jpeg"})


def opens_in_browser(file: OriginalFile) -> bool:
    """Whether a browser shows the file by itself without running anything of it in a page of this app."""
    return file.inline and file.media_type in _SHOWN_BY_BROWSERS


@dataclass(frozen=True, slots=True)
class Link:
    """What an address opens: a revision, as ``principal`` may read it, in the browser with this id, until ``ends``."""

    principal: Principal
    revision: int
    browser: str
    ends: float


class OriginalLinks:
    """The addresses that were handed out, in memory. Safe to share between threads."""

    def __init__(self, lifetime: float = LIFETIME) -> None:
        """``lifetime`` in seconds."""
        self._lifetime = lifetime
        self._links: OrderedDict[str, Link] = OrderedDict()
        self._tokens: dict[tuple[str, str, int, str], str] = {}
        self._lock = threading.Lock()

    def token(self, principal: Principal, revision: int, browser: str) -> str:
        """The token of an address; the one there is while half its time is left, so that a page stays as it is drawn."""
        key = _key(principal, revision, browser)
        now = time.monotonic()
        with self._lock:
            known = self._tokens.get(key)
            if known is not None and self._links[known].ends - now > self._lifetime / 2:
                return known
            self._forget(now)
            token = secrets.token_urlsafe(32)
            self._links[token] = Link(principal, revision, browser, now + self._lifetime)
            self._tokens[key] = token
            return token

    def find(self, token: str, browser: str) -> Link | None:
        """What ``token`` opens in this browser now; None where it opens nothing."""
        with self._lock:
            link = self._links.get(token)
        if link is None or link.ends <= time.monotonic() or not browser:
            return None
        return link if secrets.compare_digest(link.browser, browser) else None

    def _forget(self, now: float) -> None:
        """Let go of what has ended; they end in the order in which they were made."""
        while self._links:
            token, link = next(iter(self._links.items()))
            if link.ends > now and len(self._links) < _MOST:
                return
            del self._links[token]
            key = _key(link.principal, link.revision, link.browser)
            if self._tokens.get(key) == token:
                del self._tokens[key]


def _key(principal: Principal, revision: int, browser: str) -> tuple[str, str, int, str]:
    return (str(principal.method), principal.user, revision, browser)
