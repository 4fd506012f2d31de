"""What the classifier reads of a message: concepts are looked for in the script that the message has."""

from __future__ import annotations

import pytest

from kbchat.medical import message_features
from kbchat.medical.message_features import concept_features


def test_english_words_of_concepts_need_a_latin_letter_or_a_digit() -> None:
    """A message without any is not searched for them, so no pattern may match there."""
    others = "".join(chr(code) for code in range(1, 0x10000) if not (chr(code).isascii() and chr(code).isalnum()))
    found = [name for name, (_, english) in message_features._concepts().items() if english.search(others)]
    assert not found


@pytest.mark.parametrize(("message", "concept"), [("他突然晕倒了", "<sudden>"), ("he suddenly collapsed", "<sudden>")])
def test_concepts_are_found_in_both_languages(message: str, concept: str) -> None:
    assert concept in concept_features(message)
