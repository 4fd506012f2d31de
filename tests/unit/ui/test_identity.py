from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kbchat.access.principal import Role
from kbchat.errors import ForbiddenError, UnauthenticatedError
from kbchat.server.authentication.authenticator import Authenticator
from kbchat.server.authentication.request_identity import RequestIdentity, address
from kbchat.settings import load_settings
from kbchat.store import Store
from ui import identity

BROWSER = "b" * 43


def who(monkeypatch: pytest.MonkeyPatch, folder: Path, peer: str, headers: dict[str, str], **access: Any):
    """Who a session is, that comes from ``peer`` with these headers."""
    settings = load_settings(data_dir=folder, access=access)
    store = Store.open(folder)
    request = RequestIdentity("GET", address((peer,)), tuple(({"host": "127.0.0.1:8501"} | headers).items()))
    monkeypatch.setattr(identity, "connection", lambda: request)
    monkeypatch.setattr(identity, "cookie", lambda _name: BROWSER)
    try:
        return identity.current_principal(Authenticator(settings, store))
    finally:
        store.close()


def test_on_this_machine_a_browser_is_somebody_of_its_own(monkeypatch, tmp_path):
    found = who(monkeypatch, tmp_path, "127.0.0.1", {})

    assert found.user == identity.user_of_browser(BROWSER)
    assert found.has(Role.ADMIN)


@pytest.mark.parametrize(
    ("peer", "headers", "error"),
    [
        ("10.1.2.3", {}, UnauthenticatedError),
        ("127.0.0.1", {"x-forwarded-for": "10.1.2.3"}, UnauthenticatedError),
        ("127.0.0.1", {"host": "evil.example"}, ForbiddenError),
    ],
)
def test_single_user_mode_is_for_this_machine_and_its_own_names(monkeypatch, tmp_path, peer, headers, error):
    with pytest.raises(error):
        who(monkeypatch, tmp_path, peer, headers)


def test_a_trusted_proxy_says_who_asks(monkeypatch, tmp_path):
    headers = {"x-remote-user": "zhang", "x-remote-roles": "curator"}

    found = who(monkeypatch, tmp_path, "10.0.0.1", headers, proxy_addresses=["10.0.0.0/24"])

    assert (found.user, found.roles) == ("zhang", {Role.CURATOR})


@pytest.mark.parametrize("peer", ["10.9.9.9", "127.0.0.1"])
def test_the_headers_of_anybody_else_count_for_nothing(monkeypatch, tmp_path, peer):
    with pytest.raises(UnauthenticatedError) as caught:
        who(monkeypatch, tmp_path, peer, {"x-remote-user": "zhang"}, proxy_addresses=["10.0.0.0/24"])

    assert "门户" in caught.value.remedy.zh
