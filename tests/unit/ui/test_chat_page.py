"""The chat page as Streamlit runs it, over a real base of two small documents."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

import ui.serving
from ingest.pipeline import IngestOptions, ingest
from kbchat.access.principal import local_principal
from kbchat.app import App
from kbchat.cli.bases import create_base
from kbchat.services import Services
from kbchat.services.chat import ChatEvent, ChatRequest, ChatService, Piece
from kbchat.settings import load_settings
from ui import bootstrap
from ui.components import chat_flow
from ui.components.chat_state import ChatState

SCRIPT = Path(ui.serving.__file__).with_name("app.py")
LEAFLET = """# 甲硝唑片说明书

【药品名称】通用名称：甲硝唑片

【用法用量】成人一次0.2g，一日3次，饭后服用。

【禁忌】对本品过敏者禁用。<img src=x onerror=alert(1)> $x$
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose base ``病房`` holds one leaflet."""
    folder = tmp_path_factory.mktemp("filled")
    documents = tmp_path_factory.mktemp("documents")
    (documents / "甲硝唑片.md").write_text(LEAFLET, encoding="utf-8")
    app = App(load_settings(data_dir=folder, language="zh"))
    embedder = app.embedder("default")
    assert embedder is not None
    base = create_base(app, "病房")
    ingest(
        [documents],
        store=app.store,
        base=base,
        embedder=embedder,
        index=app.index_for(base),
        settings=app.settings,
        options=IngestOptions(ocr="off"),
    )
    app.close()
    return folder


def chat_page() -> None:
    """The chat page as a script: what ``ui/app.py`` does, without the navigation."""
    from ui import bootstrap
    from ui.i18n import language
    from ui.pages import chat

    services = bootstrap.services()
    language(bootstrap.settings().language)
    chat.render(services)


@pytest.fixture
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppTest]:
    """The app over ``filled``, or over an empty folder where the test is marked so by its parameter."""
    folder = request.getfixturevalue("filled") if getattr(request, "param", "filled") == "filled" else tmp_path
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(folder))
    monkeypatch.setenv("KBCHAT_LANGUAGE", "zh")
    yield AppTest.from_function(chat_page, default_timeout=120).run()
    bootstrap.close()


def drawn(page: AppTest) -> str:
    """All HTML that the page drew."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


@pytest.mark.parametrize("page", ["empty"], indirect=True)
def test_without_documents_it_says_what_to_do(page):
    assert not page.exception
    assert "还没有资料" in drawn(page)
    assert len(page.chat_input) == 0


def test_the_whole_app_draws_with_its_navigation(page):
    whole = AppTest.from_file(str(SCRIPT), default_timeout=120).run()

    assert not whole.exception
    assert "想查什么" in drawn(whole)


def test_a_question_is_answered_and_kept(page):
    assert "想查什么" in drawn(page)

    page.chat_input[0].set_value("甲硝唑片的用法用量是什么？").run()

    assert not page.exception
    assert not page.error
    assert "甲硝唑片的用法用量是什么" in drawn(page)
    assert page.query_params["c"]
    (listed,) = [one for one in page.get("bidi_component") if one.proto.component_name == "kbchat_conversations"]
    (row,) = json.loads(listed.proto.json)["groups"][0]["items"]
    assert (row["title"], row["current"]) == ("甲硝唑片的用法用量是什么？", True)


def test_what_a_person_writes_is_escaped(page):
    page.chat_input[0].set_value("<img src=x onerror=alert(1)> 甲硝唑片的禁忌").run()

    assert "&lt;img src=x onerror=alert(1)&gt;" in drawn(page)
    assert "<img" not in drawn(page)


def test_an_assistant_without_its_model_is_told_with_a_remedy_and_the_question_can_be_asked_again(page):
    (box,) = [box for box in page.selectbox if box.key.startswith("chat_assistant")]
    needing = next(
        number
        for number, one in enumerate(Services(bootstrap.application(), local_principal("x")).assistants.list())
        if one.needs_language_model
    )
    box.select_index(needing).run()

    page.chat_input[0].set_value("我最近睡不好").run()

    assert not page.exception
    assert len(page.error) == 1
    assert [button for button in page.button if button.key == "chat_ask_again"]


def test_a_conversation_of_somebody_else_does_not_open(page, filled):
    page.chat_input[0].set_value("甲硝唑片的禁忌是什么？").run()
    address = page.query_params["c"]

    stranger = AppTest.from_function(chat_page, default_timeout=120)
    stranger.query_params["c"] = address
    stranger.run()

    assert "想查什么" in drawn(stranger)
    assert [toast.value for toast in stranger.toast] == ["此对话不存在或已删除。"]


def test_the_language_can_be_changed(page):
    page.session_state["language"] = "en"
    page.run()

    assert "What do you want to know?" in drawn(page)


def test_a_stopped_first_question_leads_to_its_own_conversation(page):
    """Not to one begun at the same moment in another window."""
    services = Services(bootstrap.application(), local_principal("x"))
    state = ChatState(bases=("病房",))
    go, at_it = threading.Event(), threading.Event()

    def slowly(request: ChatRequest) -> Iterator[ChatEvent]:
        for event in ChatService(services).ask(request):
            yield event
            if isinstance(event, Piece):
                at_it.set()
                go.wait(60)

    slow = SimpleNamespace(chat=SimpleNamespace(ask=slowly), conversations=services.conversations)
    chat_flow.ask(slow, state, "甲硝唑片的禁忌是什么？")
    assert at_it.wait(60)
    other = services.app.store.create_conversation("x", "另一个窗口", bases=["病房"])
    threading.Timer(0.2, go.set).start()
    chat_flow.stop(slow, state)

    assert state.conversation not in (None, other.id)
    assert [one.text for one in state.messages if one.role == "user"] == ["甲硝唑片的禁忌是什么？"]
