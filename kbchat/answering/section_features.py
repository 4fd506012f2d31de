"""What the classifier of sections reads of a question: hashed n-grams and what the rules make of it.

Names are masked first (a drug is ``X``, a disease ``Y``), so that weights learn ways of asking and not medicines. The n-grams are
those of :mod:`kbchat.medical.message_features`; the sections that the patterns find, and the one the rules choose, count as
features of their own, so that the classifier learns how far each rule is to be trusted. Buckets come from CRC-32, which is the
same in every process and on every machine.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import combinations

from kbchat.answering.mentions import Mention
from kbchat.medical.message_features import ngrams
from kbchat.medical.sections import question_intents
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold
from kbchat.types import SectionKind

BUCKETS = 1 << 15
"""How many buckets features fall into; weights have this length."""

_VERSION = 1  # to be raised when the same question gives other features
_LONGEST = 200
_RULES_LENGTH = 0.55
_MASK = deferred(r"(?<![A-Za-z])[XY](?![A-Za-z])")


def features_mark() -> str:
    """The version of the features and a mark of the concepts: weights belong to one of them."""
    return f"{_VERSION}-{zlib.crc32(_concept_table().encode('utf-8')):08x}"


def _concept_table() -> str:
    table = resources.files("kbchat.medical").joinpath("data/section_concepts.toml").read_text("utf-8")
    return table.replace("\r\n", "\n")


@cache
def _concepts() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    raw = tomllib.loads(_concept_table())
    return {name: (deferred(raw["zh"][name]), deferred(rf"\b(?:{raw['en'][name]})")) for name in raw["zh"]}


def _concept_features(folded: str) -> set[str]:
    """The concepts that a question touches, and every pair of them."""
    chinese = not folded.isascii()
    present = [name for name, (zh, en) in _concepts().items() if (zh if chinese else en).search(folded)]
    return {f"<{name}>" for name in present} | {f"<{first}&{second}>" for first, second in combinations(present, 2)}


def masked(question: str, mentions: Sequence[Mention]) -> str:
    """The question with ``X`` for every drug and ``Y`` for every disease in it."""
    pieces, end = [], 0
    for mention in mentions:
        if mention.start < end or not (mention.drug or mention.disease):
            continue
        pieces += [question[end : mention.start], "X" if mention.drug else "Y"]
        end = mention.start + len(mention.text)
    return "".join((*pieces, question[end:]))


def section_features(
    question: str, mentions: Sequence[Mention], *, by_rules: SectionKind | None, has_drug: bool
) -> dict[int, float]:
    """The buckets of a question with their values: n-grams and concepts each a unit vector, the rules' view a shorter one.

    Args:
        question: as written; its first 200 characters are read.
        mentions: the names in it.
        by_rules: the section that the rules choose.
        has_drug: whether it names or implies a drug.
    """
    text = masked(question[:_LONGEST], [name for name in mentions if name.start + len(name.text) <= _LONGEST])
    folded = fold(text).replace("’", "'")
    intents = question_intents(question)
    context = {
        f"<drug {has_drug}>",
        f"<names {''.join(_MASK.findall(text))[:3]}>",
        f"<first {intents[0].value if intents else None}>",
        *(f"<asks {kind.value}>" for kind in intents),
    }
    blocks = (
        (ngrams(folded) | _ends(folded) | context, 1.0),
        (_concept_features(folded), 1.0),
        ({f"<rules {by_rules.value if by_rules else None}>"}, _RULES_LENGTH),
    )
    found: dict[int, float] = {}
    for features, length in blocks:
        for feature in sorted(features):
            bucket = zlib.crc32(feature.encode("utf-8", "surrogatepass")) % BUCKETS
            found[bucket] = found.get(bucket, 0.0) + length / len(features) ** 0.5
    return found


def _ends(folded: str) -> set[str]:
    """How a question begins and ends."""
    words = folded.split()
    if not words:
        return set()
    if folded.isascii():
        return {f"^{words[0]}", f"{words[-1]}$"}
    return {f"^{folded[:2]}", f"{folded.rstrip(' ?!。.')[-2:]}$"}
