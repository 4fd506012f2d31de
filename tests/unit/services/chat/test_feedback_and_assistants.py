"""What people say of answers, and the assistants they ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kbchat.access.principal import Role
from kbchat.assistants.shelf import built_in_assistants
from kbchat.errors import ConfigurationError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from kbchat.messages import Bilingual

OWN = replace(built_in_assistants()[0], id="icu", name=Bilingual("ICU", "重症"), built_in=False)


def test_feedback_is_kept_once_and_worked_through(app, services_of, ask):
    reader, admin = services_of(app), services_of(app, Role.ADMIN)
    done, _ = ask(reader, "我叫李晓梅，华法林钠片怎么吃？")
    place = (done.conversation_id, done.message_number)
    reader.feedback.give(*place, "up")
    number = reader.feedback.give(*place, "down", "wrong", "请打13812345678找我")

    (item,) = (one for one in admin.feedback.open_items().items if one.id == number)
    assert (item.verdict, item.reason, item.answer) == ("down", "wrong", done.answer.text)
    assert "13812345678" not in item.comment
    assert "李晓梅" not in item.question
    assert reader.principal.user not in repr(item)
    assert reader.conversations.get(place[0]).messages[1].verdict == "down"
    assert sum(one.answer == done.answer.text for one in admin.feedback.items().items) == 1

    admin.feedback.handle(number)
    assert number not in [one.id for one in admin.feedback.open_items().items]
    assert reader.feedback.withdraw(*place)
    assert not reader.feedback.withdraw(*place)
    with pytest.raises(NotFoundError):
        admin.feedback.handle(number)


def test_feedback_that_is_none(app, services_of, ask):
    reader = services_of(app)
    done, _ = ask(reader, "华法林钠片怎么吃？")

    for verdict, reason, comment in (("maybe", "", ""), ("down", "because", ""), ("down", "", "x" * 2001)):
        with pytest.raises(InvalidInputError):
            reader.feedback.give(done.conversation_id, done.message_number, verdict, reason, comment)
    with pytest.raises(NotFoundError):
        reader.feedback.give(done.conversation_id, done.message_number - 1, "up")  # the question
    for touch in (reader.feedback.open_items, reader.feedback.items, lambda: reader.feedback.handle(1)):
        with pytest.raises(ForbiddenError):
            touch()


def test_assistants_are_made_copied_changed_and_put_back(app, services_of):
    service = services_of(app, Role.ADMIN).assistants
    service.save(OWN)
    copy = service.duplicate("重症")
    second = service.duplicate("icu")

    assert [copy.id, second.id] == ["icu-2", "icu-3"]
    assert [copy.name.zh, second.name.zh, second.name.en] == ["重症（副本）", "重症（副本 2）", "ICU (copy 2)"]
    assert service.import_toml("\ufeff" + service.export_toml("icu-2")) == copy
    changed = replace(built_in_assistants()[0], temperature=0.5)
    service.save(changed)
    assert service.can_be_reset(changed.id)
    service.delete(changed.id)
    assert service.get(changed.id).built_in
    with pytest.raises(ConflictError):
        service.delete(changed.id)
    with pytest.raises(ConflictError):
        service.save(replace(OWN, id="other"))
    with pytest.raises(InvalidInputError):
        service.save({"id": "x"})
    with pytest.raises(InvalidInputError):
        service.save(replace(OWN, temperature=9.0))
    with pytest.raises(ConfigurationError):
        service.save(replace(OWN, generator="nonsense"))
    for one in (OWN, copy, second):
        service.delete(one.id)


def test_readers_see_the_assistants_of_their_bases_and_change_none(app, services_of):
    admin, reader = services_of(app, Role.ADMIN).assistants, services_of(app).assistants
    outside = services_of(app, bases=frozenset({"other"})).assistants
    admin.save(replace(OWN, knowledge_bases=("default",)))

    assert reader.get("icu").id == "icu"
    assert "icu" not in [one.id for one in outside.list()]
    with pytest.raises(NotFoundError) as told:
        outside.get("icu")
    assert "icu (" not in str(told.value)
    for touch in (
        lambda: reader.save(OWN),
        lambda: reader.delete("icu"),
        lambda: reader.duplicate("icu"),
        lambda: reader.export_toml("icu"),
        lambda: reader.import_toml(""),
    ):
        with pytest.raises(ForbiddenError):
            touch()
    admin.delete("icu")
