"""Keys of programs: their form, and what is kept of them."""

from __future__ import annotations

import pytest

from kbchat.access.keys import fits, hash_of, new_key, prefix_of


def test_a_key_fits_itself_and_nothing_else() -> None:
    first, second = new_key(), new_key()
    assert first.text.startswith(f"kbc_{first.prefix}_")
    assert prefix_of(first.text) == first.prefix
    assert fits(first.text, first.hash)
    assert not fits(second.text, first.hash)
    assert not fits(first.text[:-1] + ("A" if first.text[-1] != "A" else "B"), first.hash)
    assert first.hash == hash_of(first.text)


def test_many_keys_are_of_one_form_and_never_the_same() -> None:
    keys = [new_key() for _ in range(300)]
    assert len({key.prefix for key in keys}) == len({key.text for key in keys}) == 300
    assert all(prefix_of(key.text) == key.prefix for key in keys)


def test_the_secret_is_not_shown_by_accident() -> None:
    key = new_key()
    assert key.text not in repr(key)


@pytest.mark.parametrize(
    "text", ["", "kbc_", "kbc_abc_def", "sk-123", "kbc_" + "a" * 12 + "_" + "x" * 42, "KBC_" + "a" * 12 + "_" + "x" * 43,
             "kbc_" + "a" * 12 + "_" + "x" * 43 + "\n", "kbc_" + "a" * 12 + "_" + "药" * 43]
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    assert prefix_of(text) == ""
