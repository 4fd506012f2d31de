"""What a browser, a stranger or a careless client can do to the service: limits, headers, origins, tokens."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from tests import patient
from tests.process_tree import eventually
from tests.running_service import host_token

ASK = {"model": "medication", "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}]}
PORTAL = "https://portal.example"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# Tokens over the wire.


def test_a_host_token_becomes_a_session_once(serve, portal):
    service = serve(access=portal)
    url = service.url
    token = host_token("zhang", roles=["reader"], bases=["drugs"])

    begun = patient.post(f"{url}/api/session", headers=bearer(token))
    assert begun.status_code == 201
    session = begun.json()["token"]
    assert begun.json()["expires_in"] == 3600
    assert patient.post(f"{url}/api/session", headers=bearer(token)).status_code == 401
    me = patient.get(f"{url}/api/me", headers=bearer(session)).json()
    assert (me["user"], me["roles"], me["bases"], me["sign_in"]) == ("zhang", ["reader"], ["drugs"], "session")
    assert patient.post(f"{url}/v1/chat/completions", json=ASK, headers=bearer(session)).status_code == 200
    assert patient.post(f"{url}/api/session", headers=bearer(session)).status_code == 403, (
        "sessions do not beget sessions"
    )


def test_of_many_uses_at_once_one_succeeds(serve, portal):
    url = serve(access=portal).url
    token = host_token()
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(patient.post(f"{url}/api/session", headers=bearer(token)).status_code)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [201] + [401] * 7


def test_a_token_limited_to_a_base_sees_no_other(serve, portal):
    url = serve(access=portal).url
    headers = bearer(patient.post(f"{url}/api/session", headers=bearer(host_token(bases=["other"]))).json()["token"])

    assert patient.get(f"{url}/api/bases", headers=headers).json()["items"] == []
    assert patient.get(f"{url}/api/bases/drugs", headers=headers).status_code == 404
    asked = ASK | {"kbchat": {"bases": ["drugs"]}}
    assert patient.post(f"{url}/v1/chat/completions", json=asked, headers=headers).status_code == 404
    assert patient.get(f"{url}/api/sources/1/pages/1", headers=headers).status_code == 404


def test_refusals_tell_how_to_sign_in_and_why_not(serve, portal):
    url = serve(access=portal).url
    said = patient.get(f"{url}/api/bases", headers=bearer(host_token(aud="other")) | {"Accept-Language": "zh"})
    assert said.status_code == 401
    assert said.headers["www-authenticate"].startswith("Bearer")
    assert "受众" in said.json()["detail"]
    assert patient.get(f"{url}/v1/models").json()["error"]["type"] == "authentication_error"


def test_cookies_alone_give_nothing(serve, portal):
    """No cookie is used, so a foreign page's request carries no rights: there is no CSRF."""
    url = serve(access=portal).url
    session = patient.post(f"{url}/api/session", headers=bearer(host_token())).json()["token"]
    with patient.Client(
        base_url=url, cookies={"token": session, "session": session, "Authorization": session}
    ) as client:
        assert client.get("/api/bases").status_code == 401
        assert client.post("/api/bases", json={"name": "x"}).status_code == 401
        said = client.get("/api/me", headers=bearer(session))
        assert said.status_code == 200
        assert "set-cookie" not in said.headers


# A foreign page in the browser of the one user.


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Content-Type": "text/plain"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_foreign_pages_change_nothing_on_loopback(service, headers):
    said = patient.post(f"{service.url}/api/bases", content=b'{"name": "x"}', headers=headers)
    assert said.status_code == 403
    assert (
        patient.post(f"{service.url}/v1/chat/completions", content=json.dumps(ASK), headers=headers).status_code == 403
    )


def test_a_body_that_is_not_called_json_is_none(service):
    """Browsers send text/plain and forms to other sites without asking first."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        said = patient.post(f"{service.url}/api/bases", content=b'{"name": "x"}', headers={"Content-Type": kind})
        assert said.status_code == 422


def test_rebound_names_are_refused(service):
    assert patient.get(f"{service.url}/api/bases", headers={"Host": "evil.example"}).status_code == 403


def test_headers_of_a_proxy_from_an_unlisted_address_count_for_nothing(serve):
    url = serve(access={"proxy_addresses": ["10.1.0.0/24"]}).url
    spoofed = {
        "X-Remote-User": "admin",
        "X-Remote-Roles": "admin",
        "X-Forwarded-For": "10.1.0.1",
        "Forwarded": "for=10.1.0.1",
    }
    assert patient.get(f"{url}/api/bases", headers=spoofed).status_code == 401


def test_headers_of_a_listed_proxy_count(serve):
    url = serve(access={"proxy_addresses": ["127.0.0.0/8"]}).url
    me = patient.get(f"{url}/api/me", headers={"X-Remote-User": "li", "X-Remote-Roles": "curator"}).json()
    assert (me["user"], me["roles"], me["sign_in"]) == ("li", ["curator"], "proxy")


# Headers.


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/bases", "/v1/models", "/embed.js", "/embed/chat", "/nowhere", "/metrics"]
)
def test_nothing_is_framed_sniffed_or_referred(service, path):
    headers = patient.get(service.url + path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


def test_listed_origins_frame_the_chat_page_alone(serve):
    url = serve(server={"frame_ancestors": [PORTAL]}).url
    page = patient.get(f"{url}/embed/chat").headers
    assert f"frame-ancestors {PORTAL}" in page["content-security-policy"]
    assert "x-frame-options" not in page
    other = patient.get(f"{url}/api/bases").headers
    assert "frame-ancestors 'none'" in other["content-security-policy"]
    assert other["x-frame-options"] == "DENY"


def test_no_origin_may_call_unless_listed(service, serve):
    asked = {
        "Origin": PORTAL,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    refused = patient.options(f"{service.url}/v1/chat/completions", headers=asked)
    assert "access-control-allow-origin" not in refused.headers

    url = serve(server={"cors_origins": [PORTAL]}).url
    allowed = patient.options(f"{url}/v1/chat/completions", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == PORTAL
    assert "access-control-allow-credentials" not in allowed.headers
    other = patient.options(f"{url}/v1/chat/completions", headers=asked | {"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    assert patient.get(f"{url}/api/bases", headers={"Origin": PORTAL}).headers["access-control-allow-origin"] == PORTAL


def test_errors_reach_pages_of_listed_origins(serve, portal):
    """Without the header a page cannot even read why it was refused."""
    url = serve(access=portal, server={"cors_origins": [PORTAL]}).url
    refused = [
        patient.get(f"{url}/api/bases", headers={"Origin": PORTAL}),
        patient.post(f"{url}/api/bases", content=b"x" * 2_000_000, headers={"Origin": PORTAL}),
    ]
    assert [said.status_code for said in refused] == [401, 413]
    assert all(said.headers["access-control-allow-origin"] == PORTAL for said in refused)


def test_allowed_hosts_hold(serve, portal):
    url = serve(access=portal, server={"allowed_hosts": ["kb.hospital.example"]}).url
    assert patient.get(f"{url}/healthz", headers={"Host": "kb.hospital.example"}).status_code == 200
    assert patient.get(f"{url}/healthz", headers={"Host": "evil.example"}).status_code == 400


# Limits.


def test_large_bodies_are_refused_unread(service):
    for path in ("/api/bases", "/v1/chat/completions", "/api/search"):
        said = patient.post(service.url + path, content=b"x" * 2_000_000, headers={"Content-Type": "application/json"})
        assert said.status_code == 413


def test_large_bodies_without_a_length_are_refused_on_the_way(service):
    def pieces():
        for _ in range(40):
            yield b" " * 65536

    said = patient.post(f"{service.url}/api/bases", content=pieces(), headers={"Content-Type": "application/json"})
    assert said.status_code == 413


def test_an_upload_over_the_limit_leaves_nothing(serve):
    service = serve(server={"upload_limit": 2})
    url = f"{service.url}/api/bases/drugs/uploads"

    def form(pieces):
        yield b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        for _ in range(pieces):
            yield b"x" * 65536
        yield b"\r\n--X--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=X"}
    with contextlib.suppress(httpx.WriteError, httpx.ReadError):  # it may hang up while we still send
        assert patient.post(url, content=form(160), headers=headers).status_code == 413
    known = patient.post(url, content=b"".join(form(160)), headers=headers)
    assert known.status_code == 413
    assert patient.get(f"{service.url}/api/jobs").json()["items"] == []
    staging = service.app.store.data_layout.staging
    assert not staging.exists() or not list(staging.iterdir())


def test_an_upload_that_is_torn_off_leaves_nothing(serve, caplog):
    service = serve()
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        head = f"POST /api/bases/drugs/uploads HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: 1000000\r\n"
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=X\r\n\r\n".encode())
        connection.sendall(
            b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"x" * 5000
        )
        time.sleep(0.5)
    staging = service.app.store.data_layout.staging
    eventually(lambda: not staging.exists() or not list(staging.iterdir()))
    assert patient.get(f"{service.url}/api/jobs").json()["items"] == []
    assert "fault" not in [record.message for record in caplog.records], "leaving is no fault of the service"


def answered(service, status):
    """Ask until the answer has this status."""
    eventually(lambda: patient.get(f"{service.url}/api/me").status_code == status)


def test_a_client_that_reads_nothing_keeps_no_request_open(serve, caplog):
    service = serve(server={"client_timeout": 5.0, "in_flight": 1})
    document = service.app.store.documents(service.app.store.base("drugs").id)[0]
    with service.app.store.original(document.sha256).open("r+b") as original:
        original.truncate(64 << 20)
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        path = f"/api/bases/drugs/documents/{document.id}/original"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        answered(service, 503)
        answered(service, 200)
    assert "fault" not in [record.message for record in caplog.records]


def test_numbers_that_no_database_holds_are_refused(service):
    asked = ASK | {"kbchat": {"conversation_id": 2**70}}
    assert patient.post(f"{service.url}/v1/chat/completions", json=asked).status_code == 400


def test_a_body_that_does_not_come_is_not_waited_for(serve):
    service = serve(server={"client_timeout": 0.5})
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=patient.SECONDS) as connection:
        head = f"POST /api/bases HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n".encode())
        assert b" 408 " in connection.recv(200)


def test_more_open_requests_than_allowed_are_refused(serve):
    service = serve(server={"in_flight": 1, "client_timeout": patient.SECONDS})
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=patient.SECONDS) as connection:
        head = f"POST /api/bases HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n".encode())
        answered(service, 503)
        said = patient.get(f"{service.url}/api/bases")
        assert said.status_code == 503
        assert said.headers["retry-after"]
        assert patient.get(f"{service.url}/healthz").status_code == 200


# What is written down.


def test_neither_log_nor_figures_tell_who_or_what(serve, portal, caplog):
    url = serve(access=portal).url
    with caplog.at_level(logging.INFO, logger="kbchat"):
        session = patient.post(f"{url}/api/session", headers=bearer(host_token("zhang-san", roles=["admin"]))).json()[
            "token"
        ]
        headers = bearer(session)
        patient.post(f"{url}/v1/chat/completions", json=ASK, headers=headers)
        patient.get(f"{url}/api/bases/drugs/documents", params={"text": "secret-words"}, headers=headers)
        patient.get(f"{url}/api/bases/no-such-base", headers=headers)
    from kbchat.logs import JsonFormatter

    written = "\n".join(JsonFormatter().format(record) for record in caplog.records if record.name.startswith("kbchat"))
    figures = patient.get(f"{url}/metrics", headers=headers).text
    assert '"route": "/v1/chat/completions"' in written
    for word in ("zhang-san", "二甲双胍", "secret-words", "no-such-base", session):
        assert word not in written
        assert word not in figures
    assert 'kbchat_answers_total{channel="api",outcome="answered"} 1.0' in figures
    assert 'route="/api/bases/{base}"' in figures


def test_figures_are_for_listed_addresses_or_administrators(serve, portal):
    url = serve(access=portal, server={"metrics_addresses": ["127.0.0.1/32"]}).url
    assert "kbchat_http_requests_total" in patient.get(f"{url}/metrics").text


def test_figures_are_not_for_readers(serve, portal):
    url = serve(access=portal, server={"metrics_addresses": ["10.0.0.0/8"]}).url
    assert patient.get(f"{url}/metrics").status_code == 401
    assert patient.get(f"{url}/metrics", headers=bearer(host_token())).status_code == 403


def test_a_full_disk_that_nobody_foresaw_is_told_as_such(serve, monkeypatch):
    from kbchat.services.bases import BaseService

    def full(_self):
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/kbchat/data/x")

    service = serve()
    monkeypatch.setattr(BaseService, "list", full)
    said = patient.get(f"{service.url}/api/bases", headers={"Accept-Language": "en"})
    assert (said.status_code, said.json()["code"]) == (507, "storage_full")
    assert "/srv" not in said.text


def test_a_fault_tells_nothing(serve, monkeypatch):
    from kbchat.services.bases import BaseService

    service = serve()
    monkeypatch.setattr(BaseService, "list", lambda _: 1 / 0)
    said = patient.get(f"{service.url}/api/bases")
    assert said.status_code == 500
    assert said.headers["content-type"] == "application/problem+json"
    assert "division" not in said.text
    assert "Traceback" not in said.text
