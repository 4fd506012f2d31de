"""The table of who may what: every route with every role. A new route without a row fails here.

``allowed`` roles get past the authorisation (to success, or to an error about what was sent); the others get 401, 403 or
404 (a knowledge base that must not be seen does not exist). Nothing is skipped: each row is really requested.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from ingest.jobs import JobService
from kbchat.access.principal import Principal, Role, local_principal
from kbchat.app import App
from kbchat.server.application import create_application
from kbchat.server.authentication import Authenticator
from kbchat.services import Services
from kbchat.services.chat import ChatRequest
from kbchat.services.expected_passage import ExpectedPassage
from kbchat.services.keys import KeyService
from kbchat.settings import load_settings
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind

ROLES = ("none", "reader", "curator", "admin", "foreign")
ALL = ("none", "reader", "curator", "admin", "foreign")
KNOWN = ("reader", "curator", "admin", "foreign")
SEEING = ("reader", "curator", "admin")
CURATING = ("curator", "admin")
ADMIN = ("admin",)


@dataclass(frozen=True)
class Row:
    """One route: who may, and a request that would go through. ``status`` of the first who may, when not 200."""

    allowed: tuple[str, ...]
    status: int = 200
    json: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    files: Any = None
    denied: int = 403
    """For the roles of the same knowledge base that may not."""
    foreign: int = 404
    """For whom the knowledge base does not exist."""


QUESTION = {
    "model": "medication",
    "messages": [{"role": "user", "content": "阿司匹林的禁忌"}],
    "kbchat": {"bases": ["drugs"]},
}
SEARCH = {"question": "阿司匹林的禁忌", "bases": ["drugs"]}
NEW_CASE = {"question": "阿司匹林的禁忌", "document_id": 1}
ASSISTANT = {"id": "mine", "name": {"zh": "甲", "en": "A"}, "description": {"zh": "乙", "en": "B"}}
UPLOAD = {"files": ("a.txt", b"Dosage: 1 tablet.", "text/plain")}
TOML = {"toml": 'id = "mine"\n[name]\nzh = "甲"\nen = "A"\n[description]\nzh = "乙"\nen = "B"\n'}

BASE = "/api/bases/{base}"
DOCUMENT = BASE + "/documents/{document_id}"
TALK = "/api/conversations/{conversation_id}"

TABLE: dict[str, Row] = {
    # open to everybody
    "GET /healthz": Row(ALL),
    "GET /readyz": Row(ALL),
    "GET /embed.js": Row(ALL),
    "GET /embed/chat": Row(ALL),
    # everybody who is known
    "GET /v1/models": Row(KNOWN),
    "GET /v1/models/{model}": Row(KNOWN),
    "GET /api/me": Row(KNOWN),
    "GET /api/bases": Row(KNOWN),
    "GET /api/assistants": Row(KNOWN),
    "GET /api/assistants/{assistant}": Row(KNOWN),
    "GET /api/search/weights": Row(KNOWN),
    "GET /api/jobs": Row(KNOWN),
    "POST /api/session": Row((), foreign=403),  # no role: only a host token, see test_host_tokens
    "DELETE /api/session": Row((), foreign=403),  # no role: only a session ends itself
    # their own, which for a stranger to the conversation does not exist
    "GET /api/conversations": Row(KNOWN),
    f"GET {TALK}": Row(("reader",), denied=404),
    f"PATCH {TALK}": Row(("reader",), json={"pinned": True}, denied=404),
    f"DELETE {TALK}": Row(("reader",), 204, denied=404),
    f"POST {TALK}/restore": Row(("reader",), 404, denied=404),
    f"GET {TALK}/export": Row(("reader",), denied=404),
    f"PUT {TALK}/messages/{{number}}/feedback": Row(("reader",), json={"verdict": "up"}, denied=404),
    f"DELETE {TALK}/messages/{{number}}/feedback": Row(KNOWN, 204),
    "GET /api/me/data": Row(KNOWN),
    # who sees the knowledge base
    "POST /v1/chat/completions": Row(SEEING, json=QUESTION),
    "POST /api/search": Row(SEEING, json=SEARCH),
    f"GET {BASE}": Row(SEEING),
    f"GET {BASE}/examples": Row(SEEING),
    f"GET {BASE}/documents": Row(SEEING),
    f"GET {DOCUMENT}": Row(SEEING),
    f"GET {DOCUMENT}/revisions": Row(SEEING),
    f"GET {DOCUMENT}/difference": Row(SEEING, params={"old": 1, "new": 1}),
    f"GET {DOCUMENT}/sections": Row(SEEING),
    f"GET {DOCUMENT}/original": Row(SEEING),
    "GET /api/sources/{revision_id}/pages/{page}": Row(SEEING),
    "GET /api/sources/{revision_id}/pages/{page}/picture": Row(SEEING, 404),
    "GET /api/sources/{revision_id}/original": Row(SEEING),
    # who curates it
    f"PATCH {BASE}": Row(CURATING, json={"description": "x"}),
    f"PATCH {DOCUMENT}/card": Row(CURATING, json={"manufacturer": "M"}),
    f"POST {DOCUMENT}/retire": Row(CURATING),
    f"POST {DOCUMENT}/restore": Row(CURATING),
    f"POST {BASE}/uploads": Row(CURATING, 202, files=UPLOAD),
    f"POST {BASE}/reread": Row(CURATING, 202, json={"documents": [1]}),
    "GET /api/jobs/{job_id}": Row(CURATING),
    "POST /api/jobs/{job_id}/cancel": Row(CURATING),
    "GET /api/jobs/{job_id}/events": Row(CURATING),
    f"GET {BASE}/cases": Row(CURATING),
    f"POST {BASE}/cases": Row(CURATING, 201, json=NEW_CASE),
    f"DELETE {BASE}/cases/{{case_id}}": Row(CURATING, 404),
    f"GET {BASE}/runs": Row(CURATING),
    f"POST {BASE}/runs": Row(CURATING, 201, json={}),
    # who runs kbchat
    "POST /api/bases": Row(ADMIN, 201, json={"name": "another"}, foreign=403),
    f"DELETE {BASE}": Row(ADMIN, 204, params={"confirmation": "drugs"}),
    "GET /metrics": Row(ADMIN, foreign=403),
    "GET /api/status": Row(ADMIN, foreign=403),
    "GET /api/status/log": Row(ADMIN, foreign=403),
    "POST /api/status/generator": Row(ADMIN, foreign=403),
    "GET /api/feedback": Row(ADMIN, foreign=403),
    "PUT /api/feedback/{feedback_id}/handled": Row(ADMIN, 404, json={}, foreign=403),
    "POST /api/assistants": Row(ADMIN, 201, json=ASSISTANT, foreign=403),
    "POST /api/assistants/import": Row(ADMIN, 201, json=TOML, foreign=403),
    "POST /api/assistants/{assistant}/copy": Row(ADMIN, 201, foreign=403),
    "GET /api/assistants/{assistant}/toml": Row(ADMIN, foreign=403),
    "DELETE /api/assistants/{assistant}": Row(ADMIN, 409, foreign=403),
    "GET /api/figures": Row(ADMIN, foreign=403),
    "GET /api/figures/unanswered": Row(ADMIN, foreign=403),
    "GET /api/figures/documents": Row(ADMIN, foreign=403),
    "GET /api/figures/flagged": Row(ADMIN, foreign=403),
    "GET /api/figures/{table}.csv": Row(ADMIN, foreign=403),
    "GET /api/keys": Row(ADMIN, foreign=403),
    "POST /api/keys": Row(ADMIN, 201, json={"name": "k"}, foreign=403),
    "DELETE /api/keys/{prefix}": Row(ADMIN, 404, foreign=403),
    "GET /api/audit": Row(ADMIN, foreign=403),
    "GET /api/audit/verification": Row(ADMIN, foreign=403),
    "GET /api/audit/export": Row(ADMIN, foreign=403),
    "GET /api/persons/{user}/data": Row(ADMIN, foreign=403),
    "DELETE /api/persons/{user}": Row(ADMIN, foreign=403),
    "DELETE /api/persons/{user}/sessions": Row(ADMIN, foreign=403),
}

VALUES = {
    "base": "drugs",
    "document_id": "1",
    "revision_id": "1",
    "page": "1",
    "conversation_id": "1",
    "number": "2",
    "case_id": "99",
    "feedback_id": "99",
    "job_id": "1",
    "assistant": "medication",
    "model": "medication",
    "table": "outcomes",
    "prefix": "nokey",
    "user": "somebody",
}
READING = {"POST /v1/chat/completions", "POST /api/search", "POST /api/status/generator", "POST /api/session"}
"""Routes that change nothing, beside those of GET: they share one service."""


@dataclass(frozen=True)
class House:
    """A service with one closed knowledge base, and a key for each role."""

    client: TestClient
    keys: dict[str, str]


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A data folder with all of it, and the keys."""
    folder = tmp_path_factory.mktemp("house")
    app = _opened(folder)
    admin = Services(app, local_principal("root"))
    admin.bases.create("drugs")
    admin.bases.close_to("drugs", ["pharmacy"])
    _one_document(app)
    _one_conversation(app, "reader")
    _one_conversation(app, "somebody")
    jobs = JobService(app, local_principal("root"))
    jobs.cancel(jobs.submit_reread("drugs", [1]).id)
    admin.retrieval.save_case("drugs", "阿司匹林的禁忌", ExpectedPassage(1))
    keys = {role: _key(app, role) for role in KNOWN}
    app.close()
    return folder, keys


@pytest.fixture(scope="module")
def shared_house(template, tmp_path_factory) -> Iterator[House]:
    with _house(template, tmp_path_factory.mktemp("shared")) as house:
        yield house


@pytest.fixture
def house(template, tmp_path) -> Iterator[House]:
    """One of its own, for what changes something."""
    with _house(template, tmp_path) as house:
        yield house


def _opened(folder: Path) -> App:
    return App(load_settings(data_dir=folder, language="en", access={"single_user": False}))


@contextmanager
def _house(template, folder: Path) -> Iterator[House]:
    made, keys = template
    shutil.copytree(made, folder, dirs_exist_ok=True)
    app = _opened(folder)
    application = create_application(app, Authenticator(app.settings, app.store))
    with TestClient(application, base_url="http://kb.example", raise_server_exceptions=False) as client:
        yield House(client, keys)
    app.close()


def _one_document(app: App) -> None:
    base = app.store.base("drugs")
    parsed = parsed_leaflet(
        "阿司匹林肠溶片", {SectionKind.CONTRAINDICATIONS: "对本品过敏者禁用。"}, revised_on="2020-05-01"
    )
    path = app.store.data_layout.root / "incoming"
    path.write_bytes(b"original")
    sha = "0682c5f2076f099c34cfdd15a9e063849ed437a49677e6fcc5b4198c76575be5"
    app.store.save_original(path, sha)
    embedder = app.embedder_for(base)
    assert embedder is not None
    vectors = embedder.embed_documents([chunk.text for chunk in parsed.chunks])
    app.store.commit_document(base.id, source="a.txt", name="a.txt", sha256=sha, parsed=parsed, vectors=vectors)


def _one_conversation(app: App, user: str) -> None:
    person = Principal(user, frozenset({Role.READER}), groups=frozenset({"pharmacy"}))
    for _ in Services(app, person, channel="api").chat.ask(ChatRequest("阿司匹林的禁忌", bases=("drugs",))):
        pass


def _key(app: App, role: str) -> str:
    """``foreign`` is a curator of the house who is in another group."""
    named = Role.CURATOR if role == "foreign" else Role(role)
    groups = ["surgery"] if role == "foreign" else ["pharmacy"]
    return KeyService(app.store).create(role, user=role, roles=[named], groups=groups).text


def routes() -> list[str]:
    """Every route of the service, as ``GET /path``."""
    app = App(load_settings(language="en"))
    application = create_application(app, _NoSignIn())  # type: ignore[arg-type] # only its routes are looked at
    found = [(route.path, route.methods or {"GET"}) for route in iter_route_contexts(application.routes)]
    listed = [f"{method} {path}" for path, methods in found for method in sorted(methods - {"HEAD"})]
    assert len(listed) > 50
    return listed


class _NoSignIn:
    single_user = False


def test_every_route_has_a_row_and_every_row_a_route():
    known = set(routes()) - {"GET /api/openapi.json"}
    assert known == set(TABLE)


@pytest.mark.parametrize("guide", ["http.md", "http.zh.md"])
def test_every_route_is_in_the_guide(guide):
    text = (Path(__file__).resolve().parents[3] / "docs" / guide).read_text(encoding="utf-8")
    missing = []
    for route in TABLE:
        path = route.partition(" ")[2]
        head, _, last = path.rpartition("/")
        if path not in text and not (head in text and f"…/{last}" in text):
            missing.append(path)
    assert not missing


@pytest.mark.parametrize("route", TABLE)
def test_route_and_roles(request: pytest.FixtureRequest, route: str):
    row = TABLE[route]
    reads = route.startswith("GET") or route in READING
    house: House = request.getfixturevalue("shared_house" if reads else "house")
    first = True
    for role in ROLES:
        said = _asked(house, route, row, role)
        where = f"{route} as {role}: {said.status_code} {said.text[:200]}"
        if role not in row.allowed:
            expected = 401 if role == "none" else row.foreign if role == "foreign" else row.denied
            assert said.status_code == expected, where
        elif first:
            assert said.status_code == row.status, where
            first = False
        else:
            assert said.status_code not in (401, 403, 500), where


def _asked(house: House, route: str, row: Row, role: str):
    method, _, path = route.partition(" ")
    headers = {"Authorization": f"Bearer {house.keys[role]}"} if role != "none" else {}
    return house.client.request(
        method, path.format(**VALUES), json=row.json, params=row.params, files=row.files, headers=headers
    )


def test_the_document_of_the_interface_is_for_those_who_are_known(shared_house: House):
    assert shared_house.client.get("/api/openapi.json").status_code == 401
    headers = {"Authorization": f"Bearer {shared_house.keys['reader']}"}
    assert shared_house.client.get("/api/openapi.json", headers=headers).status_code == 200


def test_unknown_paths_tell_strangers_nothing(shared_house: House):
    assert shared_house.client.get(f"/api/{uuid.uuid4()}").status_code == 401
    assert shared_house.client.get("/v1/anything").status_code == 401


def test_other_numbers_for_a_search_are_for_curators(shared_house: House):
    body = SEARCH | {"overrides": {"dense": 0.9}}
    for role, expected in {"reader": 403, "curator": 200, "foreign": 404}.items():
        headers = {"Authorization": f"Bearer {shared_house.keys[role]}"}
        assert shared_house.client.post("/api/search", json=body, headers=headers).status_code == expected


def test_closing_a_base_is_for_administrators(house: House):
    for role, expected in {"reader": 403, "curator": 403, "admin": 200}.items():
        headers = {"Authorization": f"Bearer {house.keys[role]}"}
        said = house.client.patch("/api/bases/drugs", json={"groups": ["pharmacy"]}, headers=headers)
        assert said.status_code == expected
