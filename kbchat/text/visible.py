"""Text that cannot steer a terminal."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200d\ufe0f"  # they belong to emoji
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    """The text with control and format characters and lone surrogates written as escapes, line breaks too."""
    return "".join(
        character
        if character in _JOINERS or unicodedata.category(character) not in _STEERING
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )
