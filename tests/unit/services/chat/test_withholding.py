"""Old conversations of somebody who may no longer see what they cite: by token, by group, in every way they are read."""

from __future__ import annotations

import json
import shutil

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.app import App
from kbchat.errors import NotFoundError
from kbchat.services import Services
from kbchat.services.chat import ChatRequest
from kbchat.services.privacy import PersonService
from kbchat.services.withholding import NOTICE, WITHHELD
from kbchat.settings import SafetySettings, Settings
from kbchat.store import NewMessage

QUESTION = "二甲双胍的禁忌症有哪些？"
WORDS = "严重肾功能不全"
"""Of the answer, and not of the question."""


@pytest.fixture
def app(leaflet_data, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(leaflet_data, folder)
    app = App(Settings(data_dir=folder, language="en", safety=SafetySettings()))
    Services(app, local_principal("root")).bases.create("other")
    yield app
    app.close()


def person(app, *, bases=None, groups=()):
    limits = None if bases is None else frozenset(bases)
    return Services(app, Principal("ann", frozenset({Role.READER}), bases=limits, groups=frozenset(groups)))


@pytest.fixture
def talk(app, ask):
    """Ann asks while she may read ``default``."""
    done, _ = ask(person(app), QUESTION, bases=("default",))
    assert WORDS in done.answer.text
    return done.conversation_id


def close(app):
    Services(app, local_principal("root")).bases.close_to("default", ["pharmacy"])


@pytest.fixture(params=["token", "group"])
def limited(request, app, talk):
    if request.param == "token":
        return person(app, bases=["other"])
    close(app)
    return person(app, groups=["surgery"])


def test_whoever_may_read_the_base_reads_the_answer(app, talk):
    close(app)
    for services in (person(app, groups=["pharmacy"]), person(app, bases=["default"], groups=["pharmacy"])):
        found = services.conversations.get(talk)
        assert WORDS in found.messages[1].text
        assert found.messages[1].answer["citations"]
        assert found.about.bases == ("default",)


def test_the_answer_is_withheld_the_question_is_not(limited, talk):
    found = limited.conversations.get(talk)
    asked, answered = found.messages
    assert asked.text == QUESTION
    assert (answered.outcome, answered.answer, answered.text) == (WITHHELD, None, NOTICE.en)
    assert limited.conversations.get(talk, language="zh").messages[1].text == NOTICE.zh
    assert found.about.bases == (), "not even that there is such a base"
    assert limited.conversations.list().items[0].bases == ()


@pytest.mark.parametrize("form", ["md", "json", "docx"])
def test_nor_is_it_in_a_file(limited, talk, form, app):
    data = limited.conversations.export(talk, form).data
    whole = person(app).conversations.export(talk, form).data if limited.principal.bases else b""
    assert WORDS.encode() not in data
    assert json.dumps(WORDS).strip('"').encode() not in data
    if form == "md" and whole:
        assert WORDS.encode() in whole


def test_nor_is_it_found_by_its_words(limited, talk):
    assert limited.conversations.list(WORDS).items == ()
    assert [one.id for one in limited.conversations.list("二甲双胍").items] == [talk]


def test_nor_is_it_in_the_persons_own_data(limited, talk, app):
    own = json.dumps(PersonService(app.store, limited.principal).export("ann"), ensure_ascii=False)
    assert QUESTION in own
    assert WORDS not in own
    assert WORDS in json.dumps(PersonService(app.store).export("ann"), ensure_ascii=False), "the administrator's has it"


def test_nor_does_a_model_read_it_when_the_talk_goes_on(limited, talk, app):
    about = app.store.conversation("ann", talk)
    assert [one.text for one in limited.conversations.readable(about)] == [QUESTION, ""]
    asked = limited.chat._asked(ChatRequest("那孕妇呢？", conversation_id=talk, bases=("other",)))
    assert WORDS not in str(asked.history)
    with pytest.raises(NotFoundError):
        limited.chat.ask(ChatRequest("", conversation_id=talk, regenerate=True))


def test_nor_what_is_said_of_it(limited, talk, app):
    limited.feedback.give(talk, 2, "down")
    items, _ = app.store.feedback(open_only=False, verdict="", offset=0, limit=10)
    assert items[0].answer == ""


def test_an_answer_of_earlier_versions_is_judged_by_what_it_cites(app, talk):
    """Without the bases in its record, in a conversation that has gone on to another base."""
    stored = app.store.messages("ann", talk)[1]
    record = {name: value for name, value in stored.answer.items() if name != "bases"}
    old = app.store.create_conversation("ann", "old", bases=["other"])
    app.store.add_messages(
        "ann", old.id, [NewMessage("user", QUESTION), NewMessage("assistant", stored.text, "answered", record)]
    )
    close(app)
    assert person(app, groups=["surgery"]).conversations.get(old.id).messages[1].outcome == WITHHELD
    assert person(app, groups=["pharmacy"]).conversations.get(old.id).messages[1].outcome == "answered"


def test_a_conversation_that_went_on_with_another_base_keeps_its_first_answers_closed(app, talk, ask):
    ask(person(app), "那孕妇呢？", conversation_id=talk, bases=("other",))
    found = person(app, bases=["other"]).conversations.get(talk)
    assert [one.outcome == WITHHELD for one in found.messages] == [False, True, False, False]
    assert found.about.bases == ("other",)


def test_a_deleted_base_closes_nothing(app, talk):
    Services(app, local_principal("root")).bases.delete("default", confirmation="default")
    assert WORDS in person(app).conversations.get(talk).messages[1].text
    assert person(app, bases=["other"]).conversations.get(talk).messages[1].outcome == WITHHELD
