"""Keys made, recognised, expired and revoked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kbchat.access.principal import Principal, Role, local_principal
from kbchat.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from kbchat.services.audit import AuditTrail
from kbchat.services.keys import KeyService
from kbchat.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        opened.create_base("ward")
        yield opened


@pytest.fixture
def keys(store: Store) -> KeyService:
    return KeyService(store, local_principal("anna"))


def test_a_key_acts_with_what_it_was_given(store: Store, keys: KeyService) -> None:
    issued = keys.create("HIS", roles=(Role.CURATOR,), bases=["ward"], groups=["icu"], user="his")
    principal = keys.authenticate(issued.text)
    assert principal == Principal(
        "his", frozenset({Role.CURATOR}), frozenset({"ward"}), frozenset({"icu"}), frozenset({"ward"}), "key"
    )
    free = keys.authenticate(keys.create("portal").text)
    assert (free.user, free.bases, free.roles) == ("key:portal", None, frozenset({Role.READER}))
    data = store.data_layout.database.read_bytes() + Path(f"{store.data_layout.database}-wal").read_bytes()
    assert issued.text.encode() not in data
    assert issued.text[17:].encode() not in data
    assert AuditTrail(store).entries()[0].object == f"key created {issued.key.prefix}"


def test_every_wrong_key_is_told_the_same(store: Store, keys: KeyService) -> None:
    valid, revoked, expired = (keys.create(name) for name in ("valid", "revoked", "expired"))
    keys.revoke(revoked.key.prefix)
    with closing(sqlite3.connect(store.data_layout.database)) as connection:
        connection.execute("UPDATE api_keys SET expires_at = '2020-01-01 00:00:00.000000' WHERE name = 'expired'")
        connection.commit()
    other = valid.text[:-2] + ("AA" if not valid.text.endswith("AA") else "BB")
    told = set()
    for text in ("", "nonsense", revoked.text, expired.text, other, valid.text.replace(valid.key.prefix, "a" * 12)):
        with pytest.raises(UnauthenticatedError) as caught:
            keys.authenticate(text)
        told.add(str(caught.value))
    assert len(told) == 1
    assert keys.authenticate(valid.text)


def test_last_use_is_noted_now_and_then(store: Store, keys: KeyService) -> None:
    issued = keys.create("x")
    assert keys.list()[0].last_used_at is None
    keys.authenticate(issued.text)
    first = keys.list()[0].last_used_at
    assert first is not None
    assert datetime.now(UTC) - first < timedelta(seconds=30)
    keys.authenticate(issued.text)
    assert keys.list()[0].last_used_at == first


def test_names_days_and_bases_are_checked(keys: KeyService) -> None:
    keys.create("x", days=None)
    with pytest.raises(ConflictError):
        keys.create("x")
    keys.revoke(keys.list()[0].prefix)
    assert keys.create("x").key.expires_at is not None
    for name in ("", " ", "a\nb", "y" * 201):
        with pytest.raises(InvalidInputError):
            keys.create(name)
    with pytest.raises(InvalidInputError):
        keys.create("y", days=0)
    with pytest.raises(NotFoundError):
        keys.create("y", bases=["nowhere"])


def test_revoking(keys: KeyService) -> None:
    issued = keys.create("x")
    assert keys.revoke(issued.text).revoked_at is not None
    with pytest.raises(ConflictError):
        keys.revoke(issued.key.prefix)
    with pytest.raises(NotFoundError):
        keys.revoke("nosuchprefix")


def test_only_admins_manage_keys(store: Store) -> None:
    curator = KeyService(store, Principal("bo", frozenset({Role.CURATOR})))
    limited = KeyService(store, Principal("cy", frozenset({Role.ADMIN}), bases=frozenset({"ward"})))
    for service in (curator, limited):
        with pytest.raises(ForbiddenError):
            service.list()
        with pytest.raises(ForbiddenError):
            service.create("x")
        with pytest.raises(ForbiddenError):
            service.revoke("x")
