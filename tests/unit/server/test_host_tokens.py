"""Host tokens: what is accepted, and every way of forging one that is not."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta

import jwt
import pytest

from kbchat.access.principal import Role
from kbchat.errors import ConfigurationError, UnauthenticatedError
from kbchat.server.authentication import Authenticator
from tests.running_service import host_token


@pytest.fixture
def authenticator(open_app, key_files):
    keys = [
        {"id": "his", "algorithm": "HS256", "file": key_files / "his.key", "roles": ["reader", "curator"]},
        {"id": "portal", "algorithm": "RS256", "file": key_files / "rsa.pub"},
        {"id": "wecom", "algorithm": "ES256", "file": key_files / "ec.pub", "issuer": "wecom.example"},
    ]
    app = open_app(access={"host_keys": keys})
    return Authenticator(app.settings, app.store)


def test_a_good_token_gives_its_person(authenticator, request_of):
    token = host_token("张医生", roles=["curator"], bases=["drugs"], groups=["ward-3"], curated=["drugs"])

    found = authenticator.principal(request_of(token, peer="10.0.0.9"))

    assert (found.user, found.roles, found.method) == ("张医生", {Role.CURATOR}, "token")
    assert (found.bases, found.groups, found.curated) == ({"drugs"}, {"ward-3"}, {"drugs"})


def test_public_keys_verify(authenticator, request_of, key_files):
    rs = host_token(secret=(key_files / "rsa.pem").read_bytes(), algorithm="RS256", kid="portal")
    es = host_token(secret=(key_files / "ec.pem").read_bytes(), algorithm="ES256", kid="wecom", iss="wecom.example")

    assert authenticator.principal(request_of(rs)).user == "zhang"
    assert authenticator.principal(request_of(es)).user == "zhang"


def test_a_token_works_once(authenticator, request_of):
    token = host_token()
    authenticator.principal(request_of(token))

    with pytest.raises(UnauthenticatedError, match="used already"):
        authenticator.principal(request_of(token))


def test_a_token_used_before_a_restart_is_still_used(open_app, key_files, request_of):
    keys = [{"id": "his", "algorithm": "HS256", "file": key_files / "his.key"}]
    token = host_token()
    first = open_app(access={"host_keys": keys})
    Authenticator(first.settings, first.store).principal(request_of(token))
    first.close()
    second = open_app(access={"host_keys": keys})

    with pytest.raises(UnauthenticatedError, match="used already"):
        Authenticator(second.settings, second.store).principal(request_of(token))


now = int(time.time())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "another"}, "another audience"),
        ({"aud": None}, "claim aud is missing"),
        ({"iat": now - 900, "exp": now - 300}, "expired"),
        ({"iat": now, "exp": now + 601}, "longer than ten minutes"),
        ({"iat": now - 500, "exp": now + 300}, "longer than ten minutes"),
        ({"iat": now + 300, "exp": now + 400}, "not valid yet"),
        ({"nbf": now + 300}, "not valid yet"),
        ({"jti": None}, "claim jti is missing"),
        ({"jti": ""}, "jti cannot be used"),
        ({"exp": None}, "claim exp is missing"),
        ({"iat": None}, "claim iat is missing"),
        ({"sub": None}, "claim sub is missing"),
        ({"sub": " "}, "'sub'"),
        ({"sub": "a\nb"}, "'sub'"),
        ({"roles": ["admin"]}, "may not give that role"),
        ({"roles": ["root"]}, "'roles'"),
        ({"roles": "reader"}, "'roles'"),
        ({"bases": "drugs"}, "'bases'"),
        ({"bases": [1]}, "'bases'"),
        ({"kid": "his"}, ""),
    ],
)
def test_wrong_claims_are_refused(authenticator, request_of, changed, reason):
    since = int(time.time()) - now  # the table was made when the tests were collected
    told = {
        claim: value + since if claim in ("iat", "exp", "nbf") and value else value for claim, value in changed.items()
    }
    token = host_token(**{"kid": "his", **told})
    if not reason:
        assert authenticator.principal(request_of(token))
        return
    with pytest.raises(UnauthenticatedError, match=reason):
        authenticator.principal(request_of(token))


def test_another_secret_is_refused(authenticator, request_of):
    with pytest.raises(UnauthenticatedError, match="signature is wrong"):
        authenticator.principal(request_of(host_token(secret=b"x" * 40)))


def test_an_altered_claim_is_refused(authenticator, request_of):
    head, body, signature = host_token(roles=["reader"]).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"roles": ["curator"]}).encode()).rstrip(b"=").decode()

    with pytest.raises(UnauthenticatedError, match="signature is wrong"):
        authenticator.principal(request_of(f"{head}.{forged}.{signature}"))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_unsigned_tokens_are_refused(authenticator, request_of, name):
    _, body, _ = host_token().split(".")
    head = (
        base64.urlsafe_b64encode(json.dumps({"alg": name, "typ": "JWT", "kid": "his"}).encode()).rstrip(b"=").decode()
    )
    for signature in ("", "AAAA"):
        with pytest.raises(UnauthenticatedError):
            authenticator.principal(request_of(f"{head}.{body}.{signature}"))


@pytest.mark.parametrize("kid", ["portal", "wecom"])
def test_a_public_key_is_no_secret(authenticator, request_of, key_files, kid):
    """The classic confusion: signed with HS256, the published key as secret."""
    public = (key_files / {"portal": "rsa.pub", "wecom": "ec.pub"}[kid]).read_bytes()
    for secret in (public, public.strip()):
        token = _signed_by_hand({"kid": kid, "alg": "HS256", "typ": "JWT"}, secret)
        with pytest.raises(UnauthenticatedError, match="not signed with the algorithm of its key"):
            authenticator.principal(request_of(token))


def _signed_by_hand(header, secret):
    """PyJWT itself would refuse to sign with such a secret."""
    import hashlib
    import hmac

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    body = host_token(iss="wecom.example").split(".")[1].encode()
    signed = part(json.dumps(header).encode()) + b"." + body
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


def test_a_key_verifies_its_own_algorithm_only(authenticator, request_of, key_files):
    """A token of the RSA key that names the id of another key."""
    token = host_token(secret=(key_files / "rsa.pem").read_bytes(), algorithm="RS256", kid="his")

    with pytest.raises(UnauthenticatedError, match="algorithm of its key"):
        authenticator.principal(request_of(token))


def test_a_key_with_an_issuer_wants_that_issuer(authenticator, request_of, key_files):
    token = host_token(secret=(key_files / "ec.pem").read_bytes(), algorithm="ES256", kid="wecom", iss="evil.example")

    with pytest.raises(UnauthenticatedError, match="another issuer"):
        authenticator.principal(request_of(token))


@pytest.mark.parametrize("kid", ["unknown", "../../etc/passwd", None])
def test_unknown_keys_are_refused(authenticator, request_of, kid):
    with pytest.raises(UnauthenticatedError, match="kid"):
        authenticator.principal(request_of(host_token(kid=kid)))


def test_keys_that_a_token_brings_along_are_not_used(authenticator, request_of, key_files):
    own = jwt.encode(
        {"sub": "x"},
        b"y" * 40,
        algorithm="HS256",
        headers={"jwk": {"kty": "oct", "k": "eXk"}, "jku": "http://e.example"},
    )
    with pytest.raises(UnauthenticatedError):
        authenticator.principal(request_of(own))


@pytest.mark.parametrize("text", ["eyJ.a.b", "eyJhbGciOiJIUzI1NiJ9..", "eyJ" + "a" * 9000 + ".b.c", "eyJ\u00e9.a.b"])
def test_rubbish_is_refused(authenticator, request_of, text):
    with pytest.raises(UnauthenticatedError):
        authenticator.principal(request_of(text))


@pytest.mark.parametrize(
    ("algorithm", "content"),
    [
        ("HS256", b"too short"),
        ("HS256", b"-----BEGIN PUBLIC KEY-----\nand so on, long enough to pass for a secret"),
        ("RS256", b"no key at all"),
        ("RS256", "ec.pub"),
        ("ES256", "rsa.pub"),
        ("RS256", "rsa.pem"),
        ("ES256", None),
    ],
)
def test_unusable_key_files_are_told_at_the_start(open_app, key_files, algorithm, content):
    path = key_files / (content if isinstance(content, str) else "other.key")
    if isinstance(content, bytes):
        path.write_bytes(content)
    app = open_app(access={"host_keys": [{"id": "k", "algorithm": algorithm, "file": path}]})

    with pytest.raises(ConfigurationError, match="'k'"):
        Authenticator(app.settings, app.store)


# Sessions, which a host token begins.


def test_a_session_carries_the_same_person(authenticator, request_of):
    principal = authenticator.principal(request_of(host_token(bases=[], groups=["a"], curated=["b"])))

    token = authenticator.sessions.token(principal)
    for _ in range(3):
        found = authenticator.principal(request_of(token))
        assert (found.user, found.roles, found.bases) == (principal.user, principal.roles, frozenset())
        assert (found.groups, found.curated, found.method) == (principal.groups, principal.curated, "session")


def test_a_session_outlives_a_restart_and_is_known_to_every_process(authenticator, open_app, key_files, request_of):
    token = authenticator.sessions.token(authenticator.principal(request_of(host_token(bases=["drugs"]))))
    app = open_app(access={"host_keys": [{"id": "his", "algorithm": "HS256", "file": key_files / "his.key"}]})
    after = Authenticator(app.settings, app.store)

    found = after.principal(request_of(token))
    assert (found.user, found.roles, found.bases) == ("zhang", {Role.READER}, {"drugs"})
    assert after.sessions.end(token)
    for either in (authenticator, after):
        with pytest.raises(UnauthenticatedError, match="was ended"):
            either.principal(request_of(token))
    assert not after.sessions.end(token)


def test_of_two_processes_one_may_use_a_token(open_app, tmp_path):
    """Two processes ask at the same moment; the database lets one."""
    open_app()
    program = (
        "import sys, time\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from pathlib import Path\n"
        "from kbchat.store import Store\n"
        "with Store.open(Path(sys.argv[1])) as store:\n"
        "    ends = datetime.now(UTC) + timedelta(minutes=5)\n"
        "    sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        "    print(sum(store.use_token(f'his\\0{number}', ends) for number in range(50)))\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "data")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for one in started:
        assert one.stdout.readline() == "ready\n"
    for one in started:
        one.stdin.write("go\n")
        one.stdin.flush()
    assert sum(int(one.communicate(timeout=120)[0]) for one in started) == 50


def test_what_lies_in_the_database_opens_no_session(authenticator, open_app, request_of):
    token = authenticator.sessions.token(authenticator.principal(request_of(host_token())))
    database = open_app().store.data_layout.database
    with closing(sqlite3.connect(database)) as connection:
        (kept,) = connection.execute("SELECT hash FROM sessions").fetchone()
    assert kept not in token
    assert token not in kept
    for tried in (f"kbs_{kept}", f"kbs_{kept[:43]}", token[:-1], token + "A", "kbs_" + token[4:].swapcase(), "kbs_"):
        with pytest.raises(UnauthenticatedError, match="not known"):
            authenticator.principal(request_of(tried))


def test_the_portal_cannot_sign_sessions(authenticator, request_of):
    """Whoever holds a host key signs a token that calls itself a session, to be let in for ever."""
    token = host_token(iss="kbchat:session", aud="kbchat:session", exp=int(time.time()) + 300, roles=["admin"])

    with pytest.raises(UnauthenticatedError, match="another audience"):
        authenticator.principal(request_of(token))


def test_sessions_end(authenticator, request_of, monkeypatch):
    from kbchat.server.authentication import sessions

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(hours=2)

    principal = authenticator.principal(request_of(host_token()))
    monkeypatch.setattr(sessions, "datetime", Earlier)
    old = authenticator.sessions.token(principal)
    monkeypatch.undo()
    with pytest.raises(UnauthenticatedError, match="expired"):
        authenticator.principal(request_of(old))


@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_times_that_are_no_numbers_are_refused(authenticator, request_of, claim):
    now = int(time.time())
    token = host_token(**{"iat": now, "exp": now + 300, claim: str(now + (300 if claim == "exp" else 0))})

    with pytest.raises(UnauthenticatedError):
        authenticator.principal(request_of(token))


@pytest.mark.parametrize("claim", ["bases", "groups", "curated"])
@pytest.mark.parametrize("name", ["\ud800", "a\0b", "a\nb"])
def test_names_that_cannot_be_told_are_refused(authenticator, request_of, claim, name):
    with pytest.raises(UnauthenticatedError):
        authenticator.principal(request_of(host_token(**{claim: ["drugs", name]})))
