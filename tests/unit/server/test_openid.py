"""OpenID Connect tokens against a key file."""

from __future__ import annotations

import json
import os
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from kbchat.access.principal import Role
from kbchat.errors import ConfigurationError, UnauthenticatedError
from kbchat.server.authentication import Authenticator
from tests.running_service import SECRET, host_token

ISSUER = "https://login.hospital.example/realms/staff"


@pytest.fixture(scope="module")
def pairs():
    return {kid: rsa.generate_private_key(65537, 2048) for kid in ("k1", "k2")}


def jwk(pairs, kid, **extra):
    return {**json.loads(RSAAlgorithm.to_jwk(pairs[kid].public_key())), "kid": kid, "use": "sig", **extra}


@pytest.fixture
def jwks(tmp_path, pairs):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [jwk(pairs, "k1")]}))
    return path


@pytest.fixture
def authenticator(open_app, jwks):
    app = open_app(
        access={
            "oidc_issuer": ISSUER,
            "oidc_jwks": jwks,
            "oidc_roles_claim": "realm_access.roles",
            "oidc_user_claim": "preferred_username",
            "oidc_roles": {"kb-editors": "curator", "staff": "reader"},
        }
    )
    return Authenticator(app.settings, app.store)


def token(pairs, kid="k1", key=None, algorithm="RS256", **changed):
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "kbchat",
        "sub": "1f0c",
        "preferred_username": "li",
        "iat": now,
        "exp": now + 3600,
        "realm_access": {"roles": ["staff", "kb-editors", "other"]},
        "groups": ["ward-3"],
    }
    said = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(said, key or pairs[kid], algorithm=algorithm, headers={"kid": kid} if kid else None)


def test_a_good_token_gives_its_person_again_and_again(authenticator, request_of, pairs):
    given = token(pairs)
    for _ in range(2):
        found = authenticator.principal(request_of(given))
        assert (found.user, found.roles, found.groups) == ("li", {Role.READER, Role.CURATOR}, {"ward-3"})
        assert (found.method, found.bases) == ("oidc", None)


def test_without_a_known_role_nothing_is_allowed(authenticator, request_of, pairs):
    assert authenticator.principal(request_of(token(pairs, realm_access={"roles": ["visitor"]}))).roles == frozenset()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "other-app"}, "another audience"),
        ({"aud": None}, "aud is missing"),
        ({"exp": int(time.time()) - 100}, "expired"),
        ({"exp": None}, "exp is missing"),
        ({"iss": ISSUER + "/"}, "not accepted here"),
        ({"iss": None}, "not accepted here"),
        ({"preferred_username": None}, "preferred_username"),
    ],
)
def test_wrong_claims_are_refused(authenticator, request_of, pairs, changed, reason):
    with pytest.raises(UnauthenticatedError, match=reason):
        authenticator.principal(request_of(token(pairs, **changed)))


def test_unknown_keys_and_other_algorithms_are_refused(authenticator, request_of, pairs):
    with pytest.raises(UnauthenticatedError, match="kid"):
        authenticator.principal(request_of(token(pairs, kid="k2")))
    with pytest.raises(UnauthenticatedError, match="algorithm of its key"):
        authenticator.principal(request_of(token(pairs, algorithm="RS384")))
    with pytest.raises(UnauthenticatedError, match="algorithm of its key"):
        authenticator.principal(request_of(token(pairs, key=b"z" * 64, algorithm="HS256")))
    with pytest.raises(UnauthenticatedError, match="signature"):
        authenticator.principal(request_of(token(pairs, kid="k1", key=pairs["k2"])))


def test_the_key_file_is_read_again_when_it_changes(authenticator, request_of, pairs, jwks):
    jwks.write_text(json.dumps({"keys": [jwk(pairs, "k1"), jwk(pairs, "k2")]}))
    os.utime(jwks, (1, 1))

    assert authenticator.principal(request_of(token(pairs, kid="k2"))).user == "li"

    jwks.write_text("{ half a fi")
    assert authenticator.principal(request_of(token(pairs, kid="k2"))).user == "li", "a torn file changes nothing"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}],
        [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k1"}],
        [{"kty": "RSA", "kid": "k1"}],
        "none",
    ],
)
def test_a_key_file_without_a_usable_key_is_told_at_the_start(open_app, tmp_path, keys):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    app = open_app(access={"oidc_issuer": ISSUER, "oidc_jwks": path})

    with pytest.raises(ConfigurationError, match="oidc_jwks"):
        Authenticator(app.settings, app.store)


@pytest.mark.parametrize("extra", [{"use": "enc"}, {"alg": "RS512"}, {"d": "AQAB"}])
def test_keys_for_other_ends_are_left_out(open_app, tmp_path, pairs, extra):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [jwk(pairs, "k1", **extra)]}))
    app = open_app(access={"oidc_issuer": ISSUER, "oidc_jwks": path})

    with pytest.raises(ConfigurationError, match="no key for RS256"):
        Authenticator(app.settings, app.store)


def test_an_issuer_without_a_key_file_is_told(open_app):
    app = open_app(access={"oidc_issuer": ISSUER})
    with pytest.raises(ConfigurationError, match="oidc_jwks is not"):
        Authenticator(app.settings, app.store)


def test_host_tokens_and_openid_tokens_do_not_mix(open_app, jwks, key_files, request_of, pairs):
    """A portal's key signs a token in the name of the other issuer."""
    app = open_app(
        access={
            "oidc_issuer": ISSUER,
            "oidc_jwks": jwks,
            "host_keys": [{"id": "his", "algorithm": "HS256", "file": key_files / "his.key"}],
        }
    )
    authenticator = Authenticator(app.settings, app.store)

    assert authenticator.principal(request_of(host_token())).method == "token"
    with pytest.raises(UnauthenticatedError, match="kid"):
        authenticator.principal(request_of(host_token(iss=ISSUER)))
    with pytest.raises(UnauthenticatedError, match="algorithm of its key"):
        authenticator.principal(request_of(host_token(iss=ISSUER, kid="k1", secret=SECRET)))
