from __future__ import annotations

import pytest

from kbchat.answering.quantity_pairing import paired


def read(pattern: str) -> dict[int, str]:
    """``pattern`` holds amounts as digits and cues as small letters; everything else is text."""
    cues = [(at, at + 1, sign) for at, sign in enumerate(pattern) if sign.isascii() and sign.islower()]
    amounts = [(at, at + 1) for at, sign in enumerate(pattern) if sign.isdigit()]
    return paired(pattern, cues, amounts)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("m 2, e 1", {0: "m", 1: "e"}),
        ("2 m + 1 e", {0: "m", 1: "e"}),
        ("m 2 + 1 e", {0: "m", 1: "e"}),
        ("2 m; e 1", {0: "m", 1: "e"}),
        ("a 2 8, c 1 4", {0: "a", 1: "a", 2: "c", 3: "c"}),
        ("m n 5, e 10", {0: "", 1: "e", 2: "e"}),
        ("9, m 2 + e 1", {1: "m", 2: "e"}),
        ("c, a 2 + e 1", {0: "a", 1: "e"}),
    ],
)
def test_each_amount_has_the_cue_of_its_order(pattern: str, expected: dict[int, str]) -> None:
    assert read(pattern) == expected


@pytest.mark.parametrize("pattern", ["2 m", "m 2 m 1", "2 m 1", "2, m 1, e", "1 2"])
def test_an_order_that_does_not_tell_says_nothing(pattern: str) -> None:
    assert read(pattern) == {}
