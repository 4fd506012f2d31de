"""Conversations and assistants in the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kbchat.assistants.shelf import AssistantShelf, built_in_assistants
from kbchat.errors import ConflictError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.store import NewMessage, Store


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path) as opened:
        yield opened


def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        made = store.create_conversation("ann", "阿司匹林\n怎么吃？", assistant="medication", bases=("a", "b"))
        answer = {"citations": [{"number": 1}], "text": "一日1次 [1]\x00"}
        store.add_messages("ann", made.id, [NewMessage("user", "阿司匹林怎么吃？")])
        store.add_messages("ann", made.id, [NewMessage("assistant", "一日1次 [1]", "answered", answer)])
    with Store.open(tmp_path) as store:
        (kept,) = store.conversations("ann")
        messages = store.messages("ann", kept.id)

    assert (kept.title, kept.assistant, kept.bases, kept.messages) == ("阿司匹林 怎么吃？", "medication", ("a", "b"), 2)
    assert kept.updated_at >= kept.created_at
    assert [(m.number, m.role, m.text, m.outcome) for m in messages] == [
        (1, "user", "阿司匹林怎么吃？", ""),
        (2, "assistant", "一日1次 [1]", "answered"),
    ]
    assert messages[0].answer is None
    assert messages[1].answer == {"citations": [{"number": 1}], "text": "一日1次 [1]\ufffd"}


def test_nobody_sees_or_changes_anothers_conversation(store: Store) -> None:
    made = store.create_conversation("ann", "阿司匹林怎么吃？")

    assert store.conversations("bob") == []
    for touch in (
        lambda: store.conversation("bob", made.id),
        lambda: store.messages("bob", made.id),
        lambda: store.add_messages("bob", made.id, [NewMessage("user", "x")]),
        lambda: store.delete_conversation("bob", made.id),
    ):
        with pytest.raises(NotFoundError):
            touch()


def test_the_one_used_last_comes_first_and_deleting_is_for_good(store: Store) -> None:
    first, second = (store.create_conversation("ann", text) for text in ("one", "two"))
    store.add_messages("ann", first.id, [NewMessage("user", "again")])

    assert [one.id for one in store.conversations("ann")] == [first.id, second.id]
    assert len(store.conversations("ann", limit=1)) == 1
    store.delete_conversation("ann", first.id)
    assert [one.id for one in store.conversations("ann")] == [second.id]
    with pytest.raises(NotFoundError):
        store.messages("ann", first.id)


def test_long_questions_are_shortened_for_the_title(store: Store) -> None:
    assert len(store.create_conversation("ann", "问" * 500).title) == 60


def test_the_store_keeps_assistants_for_the_shelf(tmp_path: Path) -> None:
    own = replace(
        built_in_assistants()[0], id="icu", name=Bilingual("ICU", "重症"), prompt=Bilingual("a\n“b”", "甲\n乙")
    )
    with Store.open(tmp_path) as store:
        AssistantShelf(store).create(own)
        AssistantShelf(store).edit(replace(own, temperature=0.5))
    with Store.open(tmp_path) as store:
        shelf = AssistantShelf(store)
        kept = shelf.get("重症")
        shelf.delete("icu")

        assert kept == replace(own, temperature=0.5, built_in=False)
        assert store.assistants() == []
        with pytest.raises(ConflictError):
            shelf.delete("general")
