"""What identifiers look like and are called: the table ``data/identifiers.toml``, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kbchat.text.deferred_pattern import deferred

_IS = r"\s*(?:(?:就|应该)?[是为]|写的是|写着|填的是|is|on)?\s*(?:[:#=|(,]|-(?=\s))?\s*"
"""What may stand between the name of an identifier and its value; ``<IS>`` in the table."""


@dataclass(frozen=True, slots=True)
class IdentifierSpan:
    """``text[start:end]`` identifies a person; ``type`` is NAME, ID_CARD, PHONE, MRN, ADDRESS and so on."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Shapes:
    """Patterns of numbers and places by type, and what Chinese names are made of.

    ``name`` is a pattern of a surname with one or two characters; ``long_name`` of one with up to three, for places where
    a label says that a name stands; ``foreign`` of a transliterated name (卓玛央金, 阿依古丽·热合曼). ``particles`` are surnames that
    are far more often particles (于, 从), ``follows`` single characters that a name may stand before.
    """

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    not_personal: re.Pattern[str]
    name: str
    long_name: str
    foreign: re.Pattern[str]
    surnames: frozenset[str]
    common: frozenset[str]
    compounds: frozenset[str]
    not_in_names: frozenset[str]
    seldom_in_names: frozenset[str]
    not_names: frozenset[str]
    particles: frozenset[str]
    follows: frozenset[str]


@cache
def shapes() -> Shapes:
    """The table."""
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/identifiers.toml").read_text("utf-8"))
    patterns = tuple(
        (entry["type"], deferred(pattern.replace("<IS>", _IS), re.IGNORECASE))
        for entry in raw["identifier"]
        for pattern in entry["patterns"]
    )
    compounds = "|".join(raw["compound_surnames"].split())
    surname, given = rf"(?:{compounds}|[{raw['surnames']}])", r"[\u4e00-\u9fff]"
    parts = "|".join(sorted(raw["transliterated"].split(), key=len, reverse=True))
    whole = rf"(?:(?:{parts}){{2,4}}江?|(?:{parts})[\u4e00-\u9fff]?江)"
    second = r"[\u4e00-\u9fff]{2,5}?(?=$|[^\u4e00-\u9fff]|的|在|手机|电话|今|昨|来|住)"
    foreign = rf"(?:{whole}|[\u4e00-\u9fff]{{2,6}}(?=·))(?:·(?:(?:{parts}){{1,3}}|{second})){{0,2}}"
    return Shapes(
        patterns,
        deferred(raw["not_personal"]["before"], re.IGNORECASE),
        rf"(?:{surname}{given}{{1,2}})",
        rf"(?:{surname}{given}{{1,3}}?)",
        deferred(foreign),
        frozenset(raw["surnames"]),
        frozenset(raw["common_surnames"]),
        frozenset(raw["compound_surnames"].split()),
        frozenset(raw["not_in_names"]),
        frozenset(raw["seldom_in_names"]),
        frozenset(raw["not_names"].split()),
        frozenset(raw["particles"]),
        frozenset(raw["follows_names"]),
    )


def overlaps(start: int, end: int, found: list[IdentifierSpan]) -> bool:
    """Whether a stretch shares a character with one of ``found``."""
    return any(start < span.end and span.start < end for span in found)
