"""Every action for every kind of principal, on every kind of knowledge base."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.access.table import RULES, Action, Scope, authorise, may, sees, visible
from kbchat.errors import ForbiddenError, NotFoundError, UnauthenticatedError


@dataclass(frozen=True, slots=True)
class _Base:
    name: str
    groups: tuple[str, ...] = ()


_OPEN, _CLOSED, _OTHER = _Base("open"), _Base("closed", ("icu",)), _Base("other")
_READER = Principal("r", frozenset({Role.READER}))
_CURATOR = Principal("c", frozenset({Role.CURATOR}))
_ADMIN = local_principal("a")
_NOBODY = Principal("n", frozenset())


def _needs(role: Role) -> set[Action]:
    return {action for action, rule in RULES.items() if rule.role is role}


def _base_for(action: Action, base: _Base = _OPEN) -> _Base | None:
    return base if RULES[action].concerns_base else None


def test_the_table_is_complete() -> None:
    assert set(RULES) == set(Action)


@pytest.mark.parametrize("action", Action)
def test_each_role_may_what_the_table_says_and_nobody_else(action: Action) -> None:
    needed = RULES[action].role.rank
    base = _base_for(action)
    assert may(_READER, action, base) == (needed <= Role.READER.rank)
    assert may(_CURATOR, action, base) == (needed <= Role.CURATOR.rank)
    assert may(_ADMIN, action, base)
    assert not may(_NOBODY, action, base)
    assert not may(None, action, base)
    with pytest.raises(UnauthenticatedError):
        authorise(None, action, base)
    with pytest.raises(ForbiddenError):
        authorise(_NOBODY, action, base)


@pytest.mark.parametrize("action", Action)
def test_an_unseen_base_is_not_found_and_a_missing_one_is_a_mistake(action: Action) -> None:
    limited = Principal("t", frozenset({Role.ADMIN}), bases=frozenset({"open"}), method="token")
    if RULES[action].concerns_base:
        assert may(limited, action, _OPEN)
        with pytest.raises(NotFoundError):
            authorise(limited, action, _OTHER)
        with pytest.raises(ValueError, match="concerns a knowledge base"):
            may(_ADMIN, action)
    elif RULES[action].scope is Scope.ALL:
        with pytest.raises(ForbiddenError):
            authorise(limited, action)
    else:
        authorise(limited, action)


def test_a_base_closed_to_groups_is_seen_by_members_and_administrators_only() -> None:
    member = Principal("m", frozenset({Role.READER}), groups=frozenset({"icu", "er"}))
    assert [sees(who, _CLOSED) for who in (_READER, _CURATOR, member, _ADMIN)] == [False, False, True, True]
    assert visible(_READER, [_OPEN, _CLOSED, _OTHER]) == [_OPEN, _OTHER]
    with pytest.raises(NotFoundError) as closed:
        authorise(_READER, Action.ASK, _CLOSED)
    assert "icu" not in str(closed.value)


def test_a_token_without_the_base_keeps_even_a_member_out() -> None:
    limited = Principal("m", frozenset({Role.READER}), bases=frozenset({"open"}), groups=frozenset({"icu"}))
    assert not sees(limited, _CLOSED)


def test_a_curator_changes_only_the_bases_given_and_reads_the_others() -> None:
    of_open = Principal("c", frozenset({Role.CURATOR}), curated=frozenset({"open"}))
    changing = [action for action, rule in RULES.items() if rule.scope is Scope.CURATED]
    assert changing
    for action in changing:
        assert may(of_open, action, _OPEN)
        with pytest.raises(ForbiddenError):
            authorise(of_open, action, _OTHER)
    assert may(of_open, Action.ASK, _OTHER)


def test_readers_change_nothing() -> None:
    reading = {
        Action.ASK, Action.SEARCH, Action.READ_SOURCE, Action.LIST_BASES, Action.LIST_DOCUMENTS,
        Action.OWN_CONVERSATIONS, Action.GIVE_FEEDBACK, Action.READ_ASSISTANTS, Action.EXPORT_OWN_DATA,
    }  # fmt: skip
    assert _needs(Role.READER) == reading
