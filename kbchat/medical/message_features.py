"""What a linear classifier reads of a message: hashed n-grams of characters and words, and concepts.

Chinese gives stretches of one to three characters; other letters give words, pairs of neighbouring words and pieces of three to
five letters, so that a misspelt or inflected word still shares most of its features; numbers count by their length alone. Concepts
(``data/safety_concepts.toml``: a part of the body, a sudden start, a secret, an animal) count alone and in pairs, so that new
words in known company are understood. The buckets come from CRC-32, which is the same in every process and on every machine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise

from kbchat.medical.hashed_features import bucket, mark_of, shipped_table
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

BUCKETS = 3 << 16
"""How many buckets features fall into; weights have this length. The training items have 160,000 features: in 65,536 buckets a rare
one often shared the weight of one that tells attacks."""

_VERSION = 2  # to be raised when the same text gives other features

_PIECE = deferred(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff]+)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+(?:'[a-z]+)?)|(?P<mark>[?!])"
)

_LATIN = deferred("[a-z0-9]")


def buckets(text: str) -> list[int]:
    """The buckets that the features of ``text`` fall into, each once, in ascending order."""
    folded = fold(text).replace("’", "'")  # lower case, simplified characters, half-width signs
    features = ngrams(folded) | concept_features(folded)
    return sorted({bucket(feature, BUCKETS) for feature in features})


def features_mark() -> str:
    """The version of the features and a mark of the concepts: weights belong to one of them."""
    return mark_of(_VERSION, _concept_table())


def _concept_table() -> str:
    return shipped_table("safety_concepts.toml")


@cache
def _concepts() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Of each concept the Chinese words and the English ones, which all have a Latin letter or a digit."""
    raw = tomllib.loads(_concept_table())
    return {name: (deferred(raw["zh"][name]), deferred(f"\\b(?:{raw['en'][name]})(?![a-z])")) for name in raw["zh"]}


def concept_features(folded: str) -> set[str]:
    """The concepts that folded text touches, and every pair of them."""
    latin = _LATIN.search(folded) is not None
    present = [name for name, (zh, en) in _concepts().items() if zh.search(folded) or (latin and en.search(folded))]
    return {f"<{name}>" for name in present} | {f"<{first}&{second}>" for first, second in combinations(present, 2)}


def ngrams(folded: str) -> set[str]:
    """The n-grams of folded text."""
    found: set[str] = set()
    words = []
    for match in _PIECE.finditer(folded):
        piece = match[0]
        if match["han"]:
            found.update(_stretches(piece, (1, 2, 3)))
        elif match["number"]:
            found.add(f"<number {len(piece)}>")
            words.append(piece)
        elif match["word"]:
            found.add(f" {piece}")
            found.update(f"#{part}" for part in _stretches(f"^{piece}$", (3, 4, 5)))
            words.append(piece)
        else:
            found.add(piece)
    found.update(f" {first} {second}" for first, second in pairwise(words))
    return found


def _stretches(piece: str, lengths: tuple[int, ...]) -> Iterator[str]:
    for length in lengths:
        for start in range(len(piece) - length + 1):
            yield piece[start : start + length]
