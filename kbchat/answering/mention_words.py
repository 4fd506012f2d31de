"""The words and patterns by which names other than known drugs are found in a message: ``medical/data/mentions.toml``, compiled."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kbchat.medical.lexicon_tables import clinical_names_under
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_ASIDE_HEADINGS = ("leaflet headings and what people ask under them", "doses, forms, routes, times")


@dataclass(frozen=True, slots=True)
class MentionWords:
    """Compiled patterns over folded text, but ``abbreviations`` and ``capitals``, which read it as written.

    Attributes:
        subjects: what a question may be about though no table holds it: kinds of medicine, food, matters of guidelines.
        patent: patent medicines and brands that no list of ingredients holds.
        by_ending: diseases and tests known by how their names end.
        drug_class: whole names that are a kind of medicine.
        disease: whole names that are a disease.
        forms: dosage forms, as they follow a name.
        aside: words of the lexicon that say how, when or for whom, not about what.
        capitals_aside: capitals that are no name.
    """

    subjects: re.Pattern[str]
    patent: re.Pattern[str]
    by_ending: re.Pattern[str]
    drug_class: re.Pattern[str]
    disease: re.Pattern[str]
    forms: re.Pattern[str]
    abbreviations: re.Pattern[str]
    capitals: re.Pattern[str]
    aside: frozenset[str]
    capitals_aside: frozenset[str]


@cache
def mention_words() -> MentionWords:
    """The words and patterns (read once for each process)."""
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/mentions.toml").read_text("utf-8"))
    aside = set(raw["not_topics"].split()) | {fold(name) for name in clinical_names_under(_ASIDE_HEADINGS)}
    return MentionWords(
        subjects=deferred("|".join((raw["matters"], raw["food"], raw["extra"]))),
        patent=deferred(raw["patent"]),
        by_ending=deferred(raw["by_ending"]),
        drug_class=deferred(raw["drug_class"]),
        disease=deferred(raw["disease"]),
        forms=deferred(raw["dosage_forms"]),
        abbreviations=deferred(r"(?<![A-Za-z])(?:" + "|".join(raw["abbreviations"].split()) + r")(?![A-Za-z])"),
        capitals=deferred(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]?[A-Z0-9]{1,5}(?![A-Za-z0-9])"),
        aside=frozenset(aside),
        capitals_aside=frozenset(raw["capitals_aside"].split()),
    )
