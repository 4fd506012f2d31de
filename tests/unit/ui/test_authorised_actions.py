"""The table of who may what, for the screen: every method of every service with every role.

The pages do nothing but by these methods, so a new method, or a new ``Action``, without a row fails here. ``tests/unit/server``
has the same for the routes of the HTTP service.
"""

from __future__ import annotations

import ast
import inspect
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import kbchat.access.table
import kbchat.services
import kbchat.services.audit
import kbchat.services.keys
import kbchat.services.privacy
import ui.serving
from ingest.jobs import JobService
from kbchat.access.principal import Principal, Role, local_principal
from kbchat.access.table import Action
from kbchat.app import App
from kbchat.assistants.assistant import Assistant
from kbchat.errors import AccessError, ForbiddenError, InvalidInputError, KbchatError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.services import Services
from kbchat.services.answer_json import answer_json
from kbchat.services.chat import ChatRequest
from kbchat.services.expected_passage import ExpectedPassage
from kbchat.settings import load_settings
from kbchat.testing import parsed_leaflet
from kbchat.types import SectionKind

PHARMACY = frozenset({"pharmacy"})
PEOPLE = {
    "none": Principal("none", frozenset(), groups=PHARMACY),
    "reader": Principal("reader", frozenset({Role.READER}), groups=PHARMACY),
    "curator": Principal("curator", frozenset({Role.CURATOR}), groups=PHARMACY),
    "other": Principal("other", frozenset({Role.CURATOR}), groups=PHARMACY, curated=frozenset({"elsewhere"})),
    "admin": Principal("admin", frozenset({Role.ADMIN})),
    "foreign": Principal("foreign", frozenset({Role.CURATOR}), groups=frozenset({"surgery"})),
    "limited": Principal("limited", frozenset({Role.ADMIN}), bases=frozenset({"elsewhere"})),
}
"""``other`` curates another base only, ``foreign`` is in another group, ``limited`` has a token for another base."""
KNOWN = ("reader", "curator", "other", "admin", "foreign", "limited")
SEEING = ("reader", "curator", "other", "admin")
CURATING = ("curator", "admin")
ADMIN = ("admin",)
OWNER = ("reader",)
BLIND = ("foreign", "limited")
"""For whom the knowledge base does not exist."""


class Hands:
    """What somebody can reach: the services, and the jobs."""

    def __init__(self, app: App, principal: Principal) -> None:
        self.services = Services(app, principal)
        self.jobs = JobService(app, principal)

    def call(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        part, _, method = name.partition(".")
        owner = self.jobs if part == "jobs" else getattr(self.services, part)
        found = getattr(owner, method)(*arguments, **named)
        if isinstance(found, Iterator):
            list(found)


@dataclass(frozen=True)
class Row:
    """Which action a call is, who may, and with what; ``denied``: what the others get who see the base."""

    action: Action
    allowed: tuple[str, ...]
    arguments: Callable[[], tuple[Any, ...]] = tuple
    named: tuple[tuple[str, Any], ...] = ()
    denied: type[AccessError | NotFoundError] = ForbiddenError
    unseen: type[AccessError | NotFoundError] = NotFoundError
    """What those get for whom the base does not exist, or whose token is limited."""
    lacks: type[KbchatError] | None = None
    """The error about what was sent that even those get who may."""


def on(*arguments: Any) -> Callable[[], tuple[Any, ...]]:
    return lambda: arguments


def everybody(action: Action, *arguments: Any, lacks: type[KbchatError] | None = None) -> Row:
    return Row(action, KNOWN, on(*arguments), lacks=lacks)


def owned(action: Action, *arguments: Any, **named: Any) -> Row:
    """What belongs to the reader; for others it does not exist."""
    return Row(action, OWNER, on(*arguments), tuple(named.items()), NotFoundError, NotFoundError)


def running(action: Action, *arguments: Any, lacks: type[KbchatError] | None = None) -> Row:
    """What concerns the whole of kbchat."""
    return Row(action, ADMIN, on(*arguments), unseen=ForbiddenError, lacks=lacks)


def seeing(action: Action, *arguments: Any, **named: Any) -> Row:
    return Row(action, SEEING, on(*arguments), tuple(named.items()))


def curating(action: Action, *arguments: Any, lacks: type[KbchatError] | None = None, **named: Any) -> Row:
    return Row(action, CURATING, on(*arguments), tuple(named.items()), lacks=lacks)


QUESTION = "阿司匹林的禁忌"
ASSISTANT = {"id": "mine", "name": {"zh": "甲", "en": "A"}, "description": {"zh": "乙", "en": "B"}}
TOML = 'id = "mine2"\n[name]\nzh = "甲"\nen = "A"\n[description]\nzh = "乙"\nen = "B"\n'
CASE = ExpectedPassage(1)

TABLE: dict[str, Row] = {
    "bases.list": everybody(Action.LIST_BASES),
    "bases.get": seeing(Action.LIST_DOCUMENTS, "drugs"),
    "bases.create": running(Action.CREATE_BASE, "new"),
    "bases.rename": curating(Action.CHANGE_BASE, "drugs", "drugs"),
    "bases.describe": curating(Action.CHANGE_BASE, "drugs", "x"),
    "bases.close_to": Row(Action.CLOSE_BASE, ADMIN, on("drugs", ["pharmacy"])),
    "bases.delete": Row(Action.DELETE_BASE, ADMIN, on("drugs"), (("confirmation", "drugs"),)),
    "documents.list": seeing(Action.LIST_DOCUMENTS, "drugs"),
    "documents.get": seeing(Action.LIST_DOCUMENTS, "drugs", 1),
    "documents.revisions": seeing(Action.LIST_DOCUMENTS, "drugs", 1),
    "documents.difference": seeing(Action.LIST_DOCUMENTS, "drugs", 1, 1, 1),
    "documents.sections": seeing(Action.LIST_DOCUMENTS, "drugs", 1),
    "documents.original": seeing(Action.READ_SOURCE, "drugs", 1),
    "documents.change_card": curating(Action.CHANGE_DOCUMENT, "drugs", 1, manufacturer="M"),
    "documents.retire": curating(Action.CHANGE_DOCUMENT, "drugs", 1),
    "documents.restore": curating(Action.CHANGE_DOCUMENT, "drugs", 1),
    "sources.citation_view": seeing(Action.READ_SOURCE, 1, 1, 0, 3),
    "sources.page_picture": Row(Action.READ_SOURCE, SEEING, on(1, 1), lacks=KbchatError),
    "sources.original": seeing(Action.READ_SOURCE, 1),
    "retrieval.search": seeing(Action.SEARCH, QUESTION, ["drugs"]),
    "retrieval.save_case": curating(Action.RETRIEVAL_TEST, "drugs", QUESTION, CASE),
    "retrieval.cases": curating(Action.RETRIEVAL_TEST, "drugs"),
    "retrieval.delete_case": curating(Action.RETRIEVAL_TEST, "drugs", 99, lacks=NotFoundError),
    "retrieval.run_cases": curating(Action.RETRIEVAL_TEST, "drugs", lacks=InvalidInputError),
    "retrieval.runs": curating(Action.RETRIEVAL_TEST, "drugs"),
    "chat.ask": seeing(Action.ASK, ChatRequest(QUESTION, bases=("drugs",))),
    "chat.examples": seeing(Action.ASK, ["drugs"], "zh"),
    "conversations.list": everybody(Action.OWN_CONVERSATIONS),
    "conversations.get": owned(Action.OWN_CONVERSATIONS, 1),
    "conversations.rename": owned(Action.OWN_CONVERSATIONS, 1, "x"),
    "conversations.pin": owned(Action.OWN_CONVERSATIONS, 1),
    "conversations.export": owned(Action.OWN_CONVERSATIONS, 1, "md"),
    "conversations.delete": owned(Action.OWN_CONVERSATIONS, 1),
    "conversations.undo_delete": Row(Action.OWN_CONVERSATIONS, OWNER, on(1), denied=NotFoundError, lacks=NotFoundError),
    "feedback.give": owned(Action.GIVE_FEEDBACK, 1, 2, "up"),
    "feedback.withdraw": everybody(Action.GIVE_FEEDBACK, 1, 2),
    "feedback.open_items": running(Action.HANDLE_FEEDBACK),
    "feedback.items": running(Action.HANDLE_FEEDBACK),
    "feedback.handle": running(Action.HANDLE_FEEDBACK, 99, lacks=NotFoundError),
    "assistants.list": everybody(Action.READ_ASSISTANTS),
    "assistants.get": everybody(Action.READ_ASSISTANTS, "medication"),
    "assistants.save": running(Action.CHANGE_ASSISTANTS, ASSISTANT),
    "assistants.duplicate": running(Action.CHANGE_ASSISTANTS, "medication"),
    "assistants.delete": running(Action.CHANGE_ASSISTANTS, "unknown", lacks=NotFoundError),
    "assistants.export_toml": running(Action.CHANGE_ASSISTANTS, "medication"),
    "assistants.import_toml": running(Action.CHANGE_ASSISTANTS, TOML),
    "figures.per_day": running(Action.READ_FIGURES),
    "figures.outcomes": running(Action.READ_FIGURES),
    "figures.unanswered": running(Action.READ_FIGURES),
    "figures.documents_used": running(Action.READ_FIGURES),
    "figures.latency": running(Action.READ_FIGURES),
    "figures.flagged": running(Action.READ_FIGURES),
    "figures.csv": running(Action.READ_FIGURES, "outcomes"),
    "status.overview": running(Action.READ_STATUS),
    "status.log_tail": running(Action.READ_STATUS),
    "status.test_generator": running(Action.TEST_GENERATOR),
    "audit.verify": running(Action.READ_AUDIT),
    "audit.entries": running(Action.READ_AUDIT),
    "audit.newest": running(Action.READ_AUDIT),
    "audit.export": running(Action.READ_AUDIT),
    "keys.create": running(Action.MANAGE_KEYS, "k"),
    "keys.list": running(Action.MANAGE_KEYS),
    "keys.revoke": running(Action.MANAGE_KEYS, "nokey", lacks=NotFoundError),
    "persons.export": running(Action.EXPORT_PERSON, "somebody"),
    "persons.erase": running(Action.ERASE_PERSON, "somebody"),
    "persons.end_sessions": running(Action.MANAGE_KEYS, "somebody"),
    "jobs.submit_upload": Row(Action.UPLOAD, CURATING, lambda: ("drugs", [("a.txt", io.BytesIO(b"Dose: 1"))])),
    "jobs.submit_reread": curating(Action.REREAD, "drugs", [1]),
    "jobs.get": curating(Action.READ_JOBS, 1),
    "jobs.list": curating(Action.READ_JOBS, "drugs"),
    "jobs.cancel": curating(Action.READ_JOBS, 1),
    "jobs.report": curating(Action.READ_JOBS, 1),
}

FURTHER: tuple[tuple[str, Row], ...] = (
    (
        "retrieval.search",
        Row(Action.RETRIEVAL_TEST, CURATING, on(QUESTION, ["drugs"]), (("overrides", {"dense": 0.9}),)),
    ),
    (
        "chat.ask",
        Row(
            Action.CHANGE_ASSISTANTS,
            ADMIN,
            lambda: (ChatRequest(QUESTION, bases=("drugs",), trial=trial()),),
            unseen=ForbiddenError,
        ),
    ),
    ("chat.ask", owned(Action.OWN_CONVERSATIONS, ChatRequest("", conversation_id=1, regenerate=True))),
    ("chat.ask", owned(Action.OWN_CONVERSATIONS, ChatRequest(QUESTION, conversation_id=1, regenerate=True))),
)
"""Methods that are another action when they are called otherwise."""

ASKS_NOTHING = frozenset(
    {
        "assistants.can_be_reset",  # of an assistant at hand
        "retrieval.explain",  # of a passage at hand
        "retrieval.weights",  # numbers of the settings
        "chat.suggestions",  # see test_suggestions_are_for_those_who_may_ask
        "chat.suggestions_of_kept",  # the same
        "keys.authenticate",  # is itself the check
    }
)
INTERNAL = frozenset({"audit.record", "audit.remove_before", "conversations.purge_expired", "conversations.readable"})
"""Housekeeping, which no page and no route may call."""


def trial() -> Assistant:
    said = Bilingual("Answer.", "回答。")
    return Assistant("mine", said, said, said)


# The world.


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    app = opened(folder)
    admin = Services(app, local_principal("root"))
    admin.bases.create("drugs")
    admin.bases.close_to("drugs", ["pharmacy"])
    base = app.store.base("drugs")
    parsed = parsed_leaflet("阿司匹林肠溶片", {SectionKind.CONTRAINDICATIONS: "对本品过敏者禁用。"})
    path = app.store.data_layout.root / "incoming"
    path.write_bytes(b"original")
    sha = "0682c5f2076f099c34cfdd15a9e063849ed437a49677e6fcc5b4198c76575be5"
    app.store.save_original(path, sha)
    embedder = app.embedder_for(base)
    assert embedder is not None
    vectors = embedder.embed_documents([chunk.text for chunk in parsed.chunks])
    app.store.commit_document(base.id, source="a.txt", name="a.txt", sha256=sha, parsed=parsed, vectors=vectors)
    for user in ("reader", "somebody"):
        person = Principal(user, frozenset({Role.READER}), groups=PHARMACY)
        list(Services(app, person).chat.ask(ChatRequest(QUESTION, bases=("drugs",))))
    jobs = JobService(app, local_principal("root"))
    jobs.cancel(jobs.submit_reread("drugs", [1]).id)
    app.close()
    return folder


@pytest.fixture
def app(template: Path, tmp_path: Path) -> Iterator[App]:
    shutil.copytree(template, tmp_path / "house")
    found = opened(tmp_path / "house")
    yield found
    found.close()


def opened(folder: Path) -> App:
    return App(load_settings(data_dir=folder, language="en"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Action]:
    """The actions that were let pass."""
    seen: list[Action] = []

    def authorise(principal, action, base=None):
        kbchat.access.table.authorise(principal, action, base)
        seen.append(action)

    for module in (kbchat.services, kbchat.services.audit, kbchat.services.keys, kbchat.services.privacy):
        monkeypatch.setattr(module, "authorise", authorise)
    return seen


# The table.


@pytest.mark.parametrize(
    ("name", "row"), [*TABLE.items(), *FURTHER], ids=[*TABLE, *(f"{name}-otherwise" for name, _ in FURTHER)]
)
def test_method_and_roles(app: App, asked: list[Action], name: str, row: Row):
    for role in PEOPLE:
        if role not in row.allowed:
            expected = ForbiddenError if role == "none" else row.unseen if role in BLIND else row.denied
            assert type(outcome(app, role, name, row)) is expected, role
    asked.clear()
    for number, role in enumerate(role for role in PEOPLE if role in row.allowed):
        error = outcome(app, role, name, row)
        assert not isinstance(error, AccessError), f"{role} may not {name}"
        # A later one may find changed what the first one changed.
        assert error is None or number or (row.lacks and isinstance(error, row.lacks)), f"{role}: {error}"
        assert row.action in asked, f"{name} as {role} was let pass as {asked}"


def outcome(app: App, role: str, name: str, row: Row) -> KbchatError | None:
    """The error that somebody gets of a call; None where it goes through."""
    try:
        Hands(app, PEOPLE[role]).call(name, row.arguments(), dict(row.named))
    except KbchatError as error:
        return error
    return None


def test_nobody_is_let_pass_by_a_base_open_to_all(app: App):
    """Also where no group keeps anybody out."""
    Services(app, local_principal("root")).bases.close_to("drugs", [])
    for name, row in TABLE.items():
        assert type(outcome(app, "none", name, row)) is ForbiddenError, name


def test_everybody_known_may_have_their_own_data(app: App, asked: list[Action]):
    for role in KNOWN:
        asked.clear()
        Services(app, PEOPLE[role]).conversations.list()
        error = outcome(app, role, "persons.export", Row(Action.EXPORT_OWN_DATA, KNOWN, on(role)))
        assert error is None or type(error) is NotFoundError, role  # nothing may be kept of them
        assert Action.EXPORT_OWN_DATA in asked
        assert Action.EXPORT_PERSON not in asked
    own = Row(Action.EXPORT_OWN_DATA, KNOWN, on("none"))
    assert type(outcome(app, "none", "persons.export", own)) is ForbiddenError


def test_suggestions_are_for_those_who_may_ask(app: App):
    events = list(Services(app, PEOPLE["reader"]).chat.ask(ChatRequest(QUESTION, bases=("drugs",))))
    answer = next(event.answer for event in reversed(events) if getattr(event, "answer", None) is not None)

    kept = answer_json("metformin dose", answer)
    reader = Services(app, PEOPLE["reader"]).chat
    assert isinstance(reader.suggestions(answer, ["drugs"]), list)
    assert isinstance(reader.suggestions_of_kept(kept, ["drugs"]), list)
    for role, error in (("none", ForbiddenError), ("foreign", NotFoundError), ("limited", NotFoundError)):
        with pytest.raises(error):
            Services(app, PEOPLE[role]).chat.suggestions(answer, ["drugs"])
        with pytest.raises(error):
            Services(app, PEOPLE[role]).chat.suggestions_of_kept(kept, ["drugs"])


def test_every_method_has_a_row_and_every_row_a_method(app: App):
    services = Services(app, PEOPLE["admin"])
    owners = {
        name: getattr(services, name)
        for name, value in vars(Services).items()
        if hasattr(value, "attrname")  # the services are cached properties
    } | {"jobs": JobService(app, PEOPLE["admin"])}
    methods = {
        f"{part}.{name}"
        for part, owner in owners.items()
        for name, _ in inspect.getmembers(type(owner), inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == set(TABLE) | ASKS_NOTHING | INTERNAL


def test_every_action_has_a_row():
    tested = {row.action for row in [*TABLE.values(), *(row for _, row in FURTHER)]}
    assert tested | {Action.EXPORT_OWN_DATA} == set(Action)  # this one: test_everybody_known_may_have_their_own_data


def test_the_pages_call_nothing_else():
    called: set[str] = set()
    parts = {name.partition(".")[0] for name in TABLE}
    for path in Path(ui.serving.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Call):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value.func)
                part = "jobs" if owner == "jobs_of" else owner
                if part in parts and "services" in ast.unparse(node.value):
                    called.add(f"{part}.{node.attr}")

    assert len(called) > 50
    assert called <= set(TABLE) | ASKS_NOTHING
    assert not called & INTERNAL


def test_no_page_reaches_past_the_services():
    """The store, the indexes and the answerer ask nobody's leave."""
    reached = {
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for path in Path(ui.serving.__file__).parent.rglob("*.py")
        if path.name != "bootstrap.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "app"
        and node.attr != "settings"
    }
    assert not reached
