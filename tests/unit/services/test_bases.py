"""Knowledge bases through the services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kbchat.access.principal import Role
from kbchat.access.table import Action
from kbchat.app import App
from kbchat.errors import BusyError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError, TooLargeError
from kbchat.services import Services
from kbchat.store import CommittedDocument, KnowledgeBase

SeenBy = Callable[..., Services]


def test_a_base_is_created_for_the_embedder_of_the_settings(services: Services, app: App) -> None:
    made = services.bases.create("  儿科 ", "说明书")
    assert (made.name, made.description, made.documents, made.may_change) == ("儿科", "说明书", 0, True)
    assert app.store.base("儿科").dimension == 256
    with pytest.raises(ConflictError):
        services.bases.create("儿科")
    with pytest.raises(InvalidInputError):
        services.bases.create(" ")
    with pytest.raises(TooLargeError):
        services.bases.create("long", "x" * 5000)


def test_the_list_counts_documents_and_what_is_retired(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument
) -> None:
    services.bases.create("empty")
    empty, pharmacy = services.bases.list()
    assert (empty.name, empty.documents, empty.updated_at) == ("empty", 0, None)
    assert (pharmacy.documents, pharmacy.retired, pharmacy.pages, pharmacy.chunks) == (1, 0, 2, 4)
    assert pharmacy.updated_at is not None
    assert pharmacy.updated_at.tzinfo is not None
    services.documents.retire(base.name, aspirin.document_id)
    pharmacy = services.bases.get(base.name)
    assert (pharmacy.documents, pharmacy.retired, pharmacy.chunks) == (0, 1, 0)


def test_renaming_and_describing(services: Services, base: KnowledgeBase) -> None:
    assert services.bases.rename(base.name, "ward").name == "ward"
    assert services.bases.describe("ward", " of the ward ").description == "of the ward"
    with pytest.raises(NotFoundError):
        services.bases.get(base.name)


def test_a_closed_base_does_not_exist_for_others(services: Services, base: KnowledgeBase, seen_by: SeenBy) -> None:
    services.bases.create("open")
    closed = services.bases.close_to(base.name, ["icu", " icu ", ""])
    assert closed.groups == ("icu",)
    reader, member = seen_by(Role.READER), seen_by(Role.CURATOR, groups=frozenset({"icu"}))
    assert [item.name for item in reader.bases.list()] == ["open"]
    seen = member.bases.get(base.name)
    assert (seen.may_change, seen.may_manage, seen.groups) == (True, False, ())
    with pytest.raises(NotFoundError) as hidden:
        reader.bases.get(base.name)
    with pytest.raises(NotFoundError) as absent:
        reader.bases.get("nothing")
    assert hidden.value.user_message.en.replace(base.name, "nothing") == absent.value.user_message.en
    assert base.name not in str(absent.value)
    services.bases.close_to(base.name, [])
    assert reader.bases.get(base.name).may_change is False


def test_a_base_is_deleted_when_its_name_is_typed(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, app: App
) -> None:
    assert services.retrieval.search("阿司匹林用量", [base.name]).passages
    with pytest.raises(InvalidInputError):
        services.bases.delete(base.name, confirmation="pharma")
    with app.store.writer_lock(base.id), pytest.raises(BusyError):
        services.bases.delete(base.name, confirmation=base.name)
    assert services.bases.get(base.name).documents == 1
    services.bases.delete(base.name, confirmation=base.name)
    assert services.bases.list() == []
    with pytest.raises(NotFoundError):
        app.store.revision(aspirin.revision_id)


@pytest.mark.parametrize("role", [Role.READER, Role.CURATOR])
def test_only_administrators_create_close_and_delete(base: KnowledgeBase, seen_by: SeenBy, role: Role) -> None:
    bases = seen_by(role).bases
    with pytest.raises(ForbiddenError):
        bases.create("mine")
    with pytest.raises(ForbiddenError):
        bases.close_to(base.name, ["me"])
    with pytest.raises(ForbiddenError):
        bases.delete(base.name, confirmation=base.name)
    assert seen_by(role).may(Action.DELETE_BASE, base.name) is False


def test_what_may_be_offered(base: KnowledgeBase, seen_by: SeenBy) -> None:
    curator = seen_by(Role.CURATOR, curated=frozenset({"another"}))
    assert curator.may(Action.UPLOAD) is False
    assert curator.may(Action.UPLOAD, base.name) is False
    assert curator.may(Action.ASK, base.name) is True
    assert curator.may(Action.ASK, "no such base") is False
    assert curator.may(Action.OWN_CONVERSATIONS) is True
    assert seen_by(Role.CURATOR).may(Action.UPLOAD) is True


def test_what_was_changed_is_in_the_audit(services: Services, base: KnowledgeBase) -> None:
    services.bases.describe(base.name, "text")
    services.bases.delete(base.name, confirmation=base.name)
    actions = [entry.action for entry in services.audit.entries()]
    assert actions == [Action.CREATE_BASE, Action.CHANGE_BASE, Action.DELETE_BASE]


@pytest.mark.parametrize("name", ["ward/3", "/", ".", ".."])
def test_names_that_no_address_can_hold_are_refused(services: Services, base: KnowledgeBase, name: str) -> None:
    with pytest.raises(InvalidInputError):
        services.bases.create(name)
    with pytest.raises(InvalidInputError):
        services.bases.rename(base.name, name)
    assert services.bases.create("ward.3 & 4?").name == "ward.3 & 4?"
