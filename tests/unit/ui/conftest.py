"""Pages without a browser: as if one on this machine had opened them."""

from __future__ import annotations

import pytest

from ui import browser_request

ON_THIS_MACHINE = [("X-Kbchat-Peer", "127.0.0.1"), ("Host", "127.0.0.1:8501")]


@pytest.fixture(autouse=True)
def connection(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The headers of the web socket; a test may change them."""
    sent = list(ON_THIS_MACHINE)
    monkeypatch.setattr(browser_request, "headers", lambda: sent)
    return sent
