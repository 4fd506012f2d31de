"""Requests that may be sent twice."""

from __future__ import annotations

import pytest

from kbchat.errors import BusyError, ConflictError, NotFoundError
from kbchat.messages import Bilingual
from kbchat.server.once import Once

SAID = Bilingual("No.", "否。")


@pytest.fixture
def once(open_app):
    store = open_app().store
    return lambda key="k", owner="anna", route="POST /x", rights="": Once(store, owner, key, route, rights)


def test_the_second_gets_the_first_ones_answer(once):
    made = []
    for _ in range(2):
        said = once().answer(lambda: {"n": made.append(1) or len(made)}, "body")
        assert (said.status_code, bytes(said.body)) == (201, b'{"n":1}')
    assert said.headers["idempotent-replayed"] == "true"


def test_without_a_key_it_is_done_again(once):
    made = []
    for _ in range(2):
        once("").answer(lambda: made.append(1))
    assert len(made) == 2


def test_other_people_have_keys_of_their_own(once):
    first = once(owner="anna").answer(lambda: {"who": "anna"}, "body")
    second = once(owner="ben").answer(lambda: {"who": "ben"}, "body")
    assert bytes(first.body) != bytes(second.body)


def test_a_key_is_for_one_request(once):
    once().answer(dict, "body")
    for other in (("another body", "POST /x"), ("body", "POST /y")):
        with pytest.raises(ConflictError):
            once(route=other[1]).answer(dict, other[0])


def test_work_under_way_is_not_begun_again(once):
    def inner():
        with pytest.raises(BusyError):
            once().answer(dict, "body")
        return {}

    assert once().answer(inner, "body").status_code == 201


def test_what_failed_may_be_tried_again(once):
    def fails():
        raise NotFoundError(SAID, SAID)

    with pytest.raises(NotFoundError):
        once().answer(fails, "body")
    assert once().answer(dict, "body").status_code == 201


def test_routes_that_begin_alike_are_others(once):
    long = "POST /api/bases/" + "x" * 190
    once(route=f"{long}/uploads").answer(dict, "body")
    with pytest.raises(ConflictError):
        once(route=f"{long}/reread").answer(dict, "body")


def test_who_has_other_rights_now_gets_no_earlier_answer(once):
    once(rights="curator of drugs").answer(lambda: {"made": 1}, "body")
    with pytest.raises(ConflictError):
        once(rights="reader").answer(dict, "body")
