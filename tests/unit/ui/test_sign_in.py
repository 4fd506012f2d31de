"""The ways by which the pages know people, and where the app may listen."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from kbchat.access.principal import Role
from kbchat.app import App
from kbchat.errors import ConfigurationError, ForbiddenError, UnauthenticatedError
from kbchat.settings import load_settings
from tests.running_service import SECRET, host_token
from ui.oidc_client import check_client
from ui.request_guard import request_of_headers
from ui.sign_in import SignIn, allowed_hosts, check_address, user_of_browser

CLIENT = {
    "redirect_uri": "https://kb.example/oauth2callback",
    "cookie_secret": "0123456789abcdef0123456789abcdef",
    "client_id": "kbchat",
    "client_secret": "s",
    "server_metadata_url": "https://login.example/.well-known/openid-configuration",
}
HERE = [("X-Kbchat-Peer", "127.0.0.1"), ("Host", "127.0.0.1:8501")]


def client_file(folder: Path, more: str = "", **changed: str | None) -> Path:
    given = {name: value for name, value in (CLIENT | changed).items() if value is not None}
    path = folder / "client.toml"
    path.write_text("[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in given.items()) + more)
    return path


@pytest.fixture
def make(tmp_path: Path) -> Iterator[object]:
    opened: list[App] = []

    def sign_in(**groups) -> SignIn:
        app = App(load_settings(data_dir=tmp_path / "data", language="en", **groups))
        opened.append(app)
        return SignIn(app.settings, app.store)

    yield sign_in
    for app in opened:
        app.close()


@pytest.fixture
def host_keys(tmp_path: Path) -> dict[str, object]:
    path = tmp_path / "his.key"
    path.write_bytes(SECRET)
    return {"host_keys": [{"id": "his", "algorithm": "HS256", "file": path, "roles": ["reader", "curator"]}]}


# Where the app may listen.


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "kb.hospital.example"])
def test_nobody_listens_to_the_network_without_a_way_to_sign_in(host, tmp_path):
    with pytest.raises(ConfigurationError, match="nobody could sign in"):
        check_address(load_settings(data_dir=tmp_path), host)
    with pytest.raises(ConfigurationError, match="loopback only"):
        check_address(load_settings(data_dir=tmp_path, access={"single_user": True}), host)


def test_a_way_for_programs_is_no_way_for_pages(tmp_path):
    settings = load_settings(data_dir=tmp_path, access={"oidc_issuer": "https://login.example"})
    with pytest.raises(ConfigurationError, match="nobody could sign in"):
        check_address(settings, "0.0.0.0")


def test_with_a_way_to_sign_in_it_may_and_on_loopback_always(host_keys, tmp_path):
    for access in (host_keys, {"proxy_addresses": ["10.0.0.1/32"]}):
        check_address(load_settings(data_dir=tmp_path, access=access), "0.0.0.0")
    check_address(load_settings(data_dir=tmp_path, ui={"oidc_client": tmp_path / "c.toml"}), "::")
    for host in ("127.0.0.1", "localhost", "::1"):
        check_address(load_settings(data_dir=tmp_path), host)


def test_single_user_mode_answers_to_the_names_of_this_machine(tmp_path):
    plain, named = (load_settings(data_dir=tmp_path, server=given) for given in ({}, {"allowed_hosts": ["KB.example"]}))
    assert allowed_hosts(plain, single_user=True) == {"localhost", "127.0.0.1", "[::1]"}
    assert allowed_hosts(plain, single_user=False) == frozenset()
    assert "kb.example" in allowed_hosts(named, single_user=False)


# Each way.


def test_this_machine_is_known_by_its_browsers(make):
    sign_in = make()
    one, two = (sign_in.by_machine(request_of_headers(HERE), key * 32) for key in "ab")
    assert one.user != two.user
    assert one.roles == {Role.ADMIN}
    assert "a" * 8 not in user_of_browser("a" * 32)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ([("Host", "127.0.0.1:8501")], UnauthenticatedError),
        ([("X-Kbchat-Peer", "10.0.0.5"), ("Host", "127.0.0.1:8501")], UnauthenticatedError),
        ([*HERE, ("X-Forwarded-For", "10.0.0.5")], UnauthenticatedError),
        ([*HERE, ("X-Kbchat-Peer", "127.0.0.1")], UnauthenticatedError),
        ([("X-Kbchat-Peer", "127.0.0.1"), ("Host", "evil.example")], ForbiddenError),
    ],
)
def test_nobody_else_is_this_machine(make, sent, error):
    with pytest.raises(error):
        make().by_machine(request_of_headers(sent), "a" * 32)


@pytest.mark.parametrize("way", [{"proxy_addresses": ["10.0.0.1/32"]}, {"single_user": False}])
def test_another_way_ends_single_user_mode(make, way):
    assert make().single_user
    assert not make(access=way).single_user


def test_openid_ends_single_user_mode(make, tmp_path):
    assert not make(ui={"oidc_client": client_file(tmp_path)}).single_user


def test_only_a_listed_proxy_names_people(make):
    sign_in = make(access={"proxy_addresses": ["10.0.0.0/24"]})
    named = [("X-Remote-User", "王".encode().decode("latin-1")), ("X-Remote-Roles", "curator")]

    found = sign_in.by_proxy(request_of_headers([("X-Kbchat-Peer", "10.0.0.7"), *named]))
    assert found is not None
    assert (found.user, found.roles, found.method) == ("王", {Role.CURATOR}, "proxy")
    for peer in ("10.0.1.7", "127.0.0.1", "nonsense"):
        assert sign_in.by_proxy(request_of_headers([("X-Kbchat-Peer", peer), *named])) is None
    assert sign_in.by_proxy(request_of_headers(named)) is None
    with pytest.raises(UnauthenticatedError, match="more than once"):
        sign_in.by_proxy(request_of_headers([("X-Kbchat-Peer", "10.0.0.7"), *named, named[0]]))


def test_a_host_token_begins_one_session_that_ends(make, host_keys):
    sign_in = make(access={**host_keys, "session_minutes": 30})
    token = host_token("li", bases=["drugs"], groups=["ward"])

    found, ends = sign_in.by_token(token)

    assert (found.user, found.method, found.bases, found.groups) == ("li", "session", {"drugs"}, {"ward"})
    assert 1790 < ends - time.time() <= 1800
    with pytest.raises(UnauthenticatedError, match="used already"):
        sign_in.by_token(token)


@pytest.mark.parametrize(
    "changed",
    [{"aud": "other"}, {"exp": int(time.time()) - 60}, {"roles": ["admin"]}, {"jti": None}, {"secret": SECRET[::-1]}],
)
def test_a_token_that_does_not_hold_begins_none(make, host_keys, changed):
    with pytest.raises(UnauthenticatedError):
        make(access=host_keys).by_token(host_token(**changed))


def test_keys_and_other_words_are_no_host_tokens(make, host_keys):
    for text in ("kbc_abcdefghijkm_" + "x" * 43, "", "a.b.c", "x" * 100_000):
        with pytest.raises(UnauthenticatedError):
            make(access=host_keys).by_token(text)
    with pytest.raises(UnauthenticatedError):
        make().by_token(host_token())


def test_openid_claims_become_a_principal_as_in_the_api(make, tmp_path):
    sign_in = make(
        ui={"oidc_client": client_file(tmp_path), "sign_in_hours": 2},
        access={
            "oidc_roles_claim": "realm_access.roles",
            "oidc_roles": {"kb-apotheke": "curator"},
            "oidc_user_claim": "preferred_username",
        },
    )
    said = {
        "iat": time.time(),
        "preferred_username": "li",
        "realm_access": {"roles": ["kb-apotheke", "x"]},
        "groups": ["g"],
    }

    found = sign_in.by_openid(said)

    assert (found.user, found.roles, found.groups, found.method) == ("li", {Role.CURATOR}, {"g"}, "oidc")
    assert sign_in.by_openid(said | {"realm_access": {"roles": ["admin"]}}).roles == frozenset()
    for wrong in ({"iat": time.time() - 7300}, {"iat": None}, {"iat": time.time() + 3600}, {"preferred_username": 7}):
        with pytest.raises(UnauthenticatedError):
            sign_in.by_openid(said | wrong)


def test_openid_of_another_issuer_is_refused(make, tmp_path):
    jwks = tmp_path / "jwks.json"
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    jwks.write_text(json.dumps({"keys": [RSAAlgorithm.to_jwk(public, as_dict=True)]}))
    sign_in = make(
        ui={"oidc_client": client_file(tmp_path)}, access={"oidc_issuer": "https://login.example", "oidc_jwks": jwks}
    )
    said = {"iat": time.time(), "sub": "li", "roles": ["reader"]}

    assert sign_in.by_openid(said | {"iss": "https://login.example"}).user == "li"
    with pytest.raises(UnauthenticatedError):
        sign_in.by_openid(said | {"iss": "https://evil.example"}, ip_address("10.9.8.7"))
    (entry,) = sign_in._authenticator._store.newest_audit_entries(1)
    assert (entry.action, entry.user, entry.method, entry.outcome, entry.object) == (
        "refused_sign_in", "li", "oidc", "wrong_issuer", "from 10.9.8.7",
    )  # fmt: skip


# The client of OpenID Connect.


def test_a_good_client_passes(tmp_path):
    check_client(client_file(tmp_path, 'client_kwargs = { prompt = "login" }\n'))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"client_id": None}, "lacks client_id"),
        ({"cookie_secret": "short"}, "32 random"),
        ({"redirect_uri": "https://kb.example/"}, "oauth2callback"),
        ({"server_metadata_url": "http://login.example/x"}, "https"),
    ],
)
def test_a_client_that_is_not_safe_is_told(tmp_path, changed, told):
    with pytest.raises(ConfigurationError, match=told):
        check_client(client_file(tmp_path, **changed))


def test_two_providers_could_give_two_people_one_name(tmp_path):
    with pytest.raises(ConfigurationError, match="more than one provider"):
        check_client(client_file(tmp_path, '[auth.other]\nclient_id = "x"\n'))
    for content in ("[other]\n", "auth = 3\n", "no toml"):
        path = tmp_path / "wrong.toml"
        path.write_text(content)
        with pytest.raises(ConfigurationError):
            check_client(path)
    with pytest.raises(ConfigurationError):
        check_client(tmp_path / "missing.toml")
