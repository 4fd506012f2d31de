"""What reaches Streamlit at all: by name, by origin, and with the peer it really has."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token

from ui.request_guard import PEER_HEADER, RequestGuard

OWN = {"host": "kb.example", "origin": "https://kb.example"}


def passed(
    kind: str = "http", method: str = "PUT", path: str = "/", hosts: tuple[str, ...] = (), **sent: Any
) -> dict[str, Any] | int:
    """The scope that reached the app, or the status (close code) of the refusal."""
    reached: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []

    async def app(scope, _receive, _send):
        reached.append(scope)

    async def send(message):
        answers.append(message)

    client = sent.pop("client", ("10.0.0.7", 1234))
    listed = sent.pop("more", []) + [(name.replace("_", "-"), value) for name, value in sent.items()]
    scope: dict[str, Any] = {
        "type": kind,
        "path": path,
        "client": client,
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in listed],
    }
    if kind == "http":
        scope["method"] = method
    asyncio.run(RequestGuard(app, hosts)(scope, None, send))  # type: ignore[arg-type]
    if reached:
        assert not answers
        return reached[0]
    return int(answers[0].get("status") or answers[0]["code"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost:9999", "null", "https://kb.example:8443", "https://kb.example.evil"],
)
def test_changes_and_web_sockets_come_from_own_pages_only(kind, origin):
    assert passed(kind, **{**OWN, "origin": origin}) == (403 if kind == "http" else 1008)
    assert isinstance(passed(kind, **OWN), dict)


def test_reading_is_open_and_what_a_browser_calls_cross_site_is_not_a_change():
    assert isinstance(passed(method="GET", host="kb.example", origin="https://evil.example"), dict)
    assert passed(host="kb.example", sec_fetch_site="cross-site") == 403
    assert passed(more=[("origin", "https://kb.example"), ("origin", "https://evil.example")], host="kb.example") == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8501", ""])
def test_names_of_others_are_refused(kind, host):
    code = passed(kind, hosts=("localhost", "127.0.0.1", "[::1]"), host=host, method="GET")
    assert code == (400 if kind == "http" else 1008)


def test_a_request_with_two_hosts_or_none_is_refused():
    assert passed(more=[("host", "a"), ("host", "b")], method="GET") == 400
    assert passed(hosts=("a",), method="GET") == 400
    assert isinstance(passed(hosts=("[::1]",), host="[::1]:8501", method="GET"), dict)


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json"])
def test_what_nobody_needs_is_closed(path):
    assert passed(path=path, method="GET", host="kb.example") == 404


def test_the_peer_is_that_of_the_connection_whatever_a_header_says():
    scope = passed(method="GET", host="kb.example", more=[(PEER_HEADER, "127.0.0.1"), (PEER_HEADER.lower(), "::1")])
    assert isinstance(scope, dict)
    assert [value for name, value in scope["headers"] if name.lower() == PEER_HEADER.lower().encode()] == [b"10.0.0.7"]
    unknown = passed(method="GET", host="kb.example", more=[(PEER_HEADER, "127.0.0.1")], client=None)
    assert isinstance(unknown, dict)
    assert not [name for name, _ in unknown["headers"] if name.lower() == PEER_HEADER.lower().encode()]


def test_https_at_a_proxy_of_this_machine_is_https():
    for client, scheme in ((("127.0.0.1", 1), "https"), (("10.0.0.7", 1), "http")):
        scope = passed(method="GET", host="kb.example", x_forwarded_proto="https", client=client)
        assert isinstance(scope, dict)
        assert scope["scheme"] == scheme


def test_a_browser_without_cookies_passes_streamlits_own_check_and_only_after_this_one():
    scope = passed(**OWN)
    assert isinstance(scope, dict)
    sent = dict(scope["headers"])
    assert sent[b"cookie"].removeprefix(b"_streamlit_xsrf=") == sent[b"x-xsrftoken"]
    assert validate_xsrf_token(sent[b"x-xsrftoken"].decode(), sent[b"x-xsrftoken"].decode())
    for own in ({"cookie": "a=b"}, {"x_xsrftoken": "t"}):
        scope = passed(**OWN, **own)
        assert isinstance(scope, dict)
        assert not {b"cookie", b"x-xsrftoken"} <= set(dict(scope["headers"]))
    assert passed(**{**OWN, "origin": "https://evil.example"}) == 403
