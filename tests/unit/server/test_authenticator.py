"""Which way a request is recognised by; proxies, loopback, keys; and where the service may listen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kbchat.access.principal import Role
from kbchat.errors import ConfigurationError, ForbiddenError, UnauthenticatedError
from kbchat.server.authentication import Authenticator
from kbchat.services.keys import KeyService

PROXY = {"proxy_addresses": ["10.1.0.0/24", "fd00::/64"]}


@pytest.fixture
def authenticator(open_app):
    def make(**groups):
        app = open_app(**groups)
        return Authenticator(app.settings, app.store)

    return make


# Single-user mode.


def test_on_loopback_the_one_user_may_do_everything(authenticator, request_of):
    for peer in ("127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"):
        found = authenticator().principal(request_of(peer=peer))
        assert (found.method, found.roles) == ("local", {Role.ADMIN})


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "not an address"])
def test_nobody_else_gets_in_by_single_user_mode(authenticator, request_of, peer):
    with pytest.raises(UnauthenticatedError, match="own machine only"):
        authenticator().principal(request_of(peer=peer))


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_this_machine(authenticator, request_of, header):
    with pytest.raises(UnauthenticatedError, match="own machine only"):
        authenticator().principal(request_of(headers={header: "127.0.0.1"}))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "10.0.0.1:8000"])
def test_names_of_others_are_refused_lest_they_are_rebound(authenticator, request_of, host):
    with pytest.raises(ForbiddenError, match="host name"):
        authenticator().principal(request_of(headers={"host": host}))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:8000"])
def test_names_of_this_machine_are_answered(authenticator, request_of, host):
    assert authenticator().principal(request_of(headers={"host": host})).method == "local"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_foreign_pages_change_nothing(authenticator, request_of, headers):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        with pytest.raises(ForbiddenError, match="another origin"):
            authenticator().principal(request_of(method=method, headers=headers))
    assert authenticator().principal(request_of(headers=headers)), "reading gives the page nothing: there is no CORS"


@pytest.mark.parametrize("headers", [{"origin": "http://127.0.0.1:8000"}, {"sec-fetch-site": "same-origin"}, {}])
def test_own_pages_and_programs_may(authenticator, request_of, headers):
    assert authenticator().principal(request_of(method="POST", headers=headers)).method == "local"


def test_a_listed_origin_may(authenticator, request_of):
    found = authenticator(server={"cors_origins": ["http://localhost:3000"]})
    assert found.principal(request_of(method="POST", headers={"origin": "http://localhost:3000"})).method == "local"


def test_any_word_serves_as_key_on_the_one_users_machine(authenticator, request_of):
    """Programs for OpenAI's interface insist on one."""
    assert authenticator().principal(request_of("sk-whatever")).method == "local"


def test_what_looks_like_a_key_or_token_must_be_good_even_there(authenticator, request_of):
    for text in ("kbc_abc", "kbc_" + "a" * 12 + "_" + "A" * 43, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."):
        with pytest.raises(UnauthenticatedError):
            authenticator().principal(request_of(text))


def test_another_way_to_sign_in_ends_single_user_mode(authenticator, request_of):
    with pytest.raises(UnauthenticatedError, match="Nobody is signed in"):
        authenticator(access=PROXY).principal(request_of())


def test_single_user_mode_can_be_refused(authenticator, request_of):
    with pytest.raises(UnauthenticatedError, match="Nobody is signed in"):
        authenticator(access={"single_user": False}).principal(request_of())


# A trusted proxy.


def test_a_listed_proxy_says_who_asks(authenticator, request_of):
    sent = {"x-remote-user": "王护士", "x-remote-roles": "reader, curator", "x-remote-groups": "ward-3,ward-4"}
    for peer in ("10.1.0.7", "::ffff:10.1.0.7", "fd00::7"):
        found = authenticator(access=PROXY).principal(request_of(peer=peer, headers=sent))
        assert (found.user, found.method) == ("王护士", "proxy")
        assert found.roles == {Role.READER, Role.CURATOR}
        assert found.groups == {"ward-3", "ward-4"}


def test_without_roles_a_proxy_gives_a_reader(authenticator, request_of):
    found = authenticator(access=PROXY).principal(request_of(peer="10.1.0.7", headers={"x-remote-user": "li"}))
    assert found.roles == {Role.READER}


@pytest.mark.parametrize("peer", ["10.1.1.7", "127.0.0.1", "192.168.0.1", "fd01::1"])
def test_the_header_from_elsewhere_counts_for_nothing(authenticator, request_of, peer):
    spoofed = {"x-remote-user": "admin", "x-remote-roles": "admin", "x-forwarded-for": "10.1.0.7"}
    with pytest.raises(UnauthenticatedError, match="Nobody is signed in"):
        authenticator(access=PROXY).principal(request_of(peer=peer, headers=spoofed))


def test_two_such_headers_are_refused(authenticator, request_of):
    request = request_of(peer="10.1.0.7", headers={"x-remote-user": "li"})
    twice = type(request)(request.method, request.peer, (*request.headers, ("x-remote-user", "admin")))
    with pytest.raises(UnauthenticatedError, match="more than once"):
        authenticator(access=PROXY).principal(twice)


def test_wrong_names_and_roles_of_a_proxy_are_refused(authenticator, request_of):
    for sent in ({"x-remote-user": "a\x00b"}, {"x-remote-user": "li", "x-remote-roles": "root"}):
        with pytest.raises(UnauthenticatedError):
            authenticator(access=PROXY).principal(request_of(peer="10.1.0.7", headers=sent))


def test_foreign_pages_change_nothing_through_a_proxy(authenticator, request_of):
    sent = {"x-remote-user": "li", "origin": "https://evil.example", "host": "kb.hospital.example"}
    with pytest.raises(ForbiddenError, match="another origin"):
        authenticator(access=PROXY).principal(request_of(peer="10.1.0.7", method="POST", headers=sent))
    own = sent | {"origin": "https://kb.hospital.example"}
    assert authenticator(access=PROXY).principal(request_of(peer="10.1.0.7", method="POST", headers=own))


# API keys.


def test_a_key_gives_whom_it_was_made_for(open_app, request_of):
    app = open_app()
    made = KeyService(app.store).create("his", user="his-server", roles=[Role.CURATOR], groups=["ward-3"])
    found = Authenticator(app.settings, app.store).principal(request_of(made.text, peer="10.9.9.9"))
    assert (found.user, found.roles, found.method) == ("his-server", {Role.CURATOR}, "key")

    KeyService(app.store).revoke(made.key.prefix)
    with pytest.raises(UnauthenticatedError, match="not valid"):
        Authenticator(app.settings, app.store).principal(request_of(made.text))


@pytest.mark.parametrize("value", ["Basic bGk6c2VjcmV0", "Bearer", "Bearer ", "kbc_abc"])
def test_other_kinds_of_authorisation_are_refused(authenticator, request_of, value):
    with pytest.raises(UnauthenticatedError, match="Bearer"):
        authenticator().principal(request_of(headers={"authorization": value}))


def test_cookies_give_nothing(authenticator, request_of):
    """No cookie is read: what a browser sends by itself signs nobody in."""
    found = authenticator(access={"single_user": False})
    with pytest.raises(UnauthenticatedError, match="Nobody is signed in"):
        found.principal(request_of(headers={"cookie": "session=abc; token=abc; kbchat=abc"}))


# Where the service may listen.


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "kb.hospital.example", "", "fe80::1"])
def test_without_a_way_to_sign_in_only_loopback(authenticator, host):
    with pytest.raises(ConfigurationError, match="nobody could sign in") as raised:
        authenticator().check_address(host)
    assert "尚未配置任何登录方式" in raised.value.user_message.zh
    assert "access.host_keys" in raised.value.remedy.zh


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_loopback_needs_nothing(authenticator, host):
    authenticator().check_address(host)


def test_each_way_to_sign_in_opens_other_addresses(open_app, key_files):
    host_keys = [{"id": "his", "algorithm": "HS256", "file": key_files / "his.key"}]
    for access in (PROXY, {"host_keys": host_keys}):
        app = open_app(access=access)
        Authenticator(app.settings, app.store).check_address("0.0.0.0")


def test_a_valid_key_opens_other_addresses_an_old_one_does_not(open_app):
    app = open_app()
    keys = KeyService(app.store)
    made = keys.create("his")
    Authenticator(app.settings, app.store).check_address("0.0.0.0")
    keys.revoke(made.key.prefix)
    app.store.add_key(
        prefix="old", hash="", name="old", user="u", roles=["reader"], bases=None, groups=[], created_by="",
        expires_at=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(ConfigurationError):
        Authenticator(app.settings, app.store).check_address("0.0.0.0")


def test_single_user_mode_never_leaves_loopback(open_app):
    app = open_app(access={"single_user": True} | PROXY)
    with pytest.raises(ConfigurationError, match="loopback only"):
        Authenticator(app.settings, app.store).check_address("0.0.0.0")
