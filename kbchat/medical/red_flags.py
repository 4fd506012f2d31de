"""Emergencies in people's own words, recognised before anything else is done with a message.

Deterministic. Patterns of events (``data/red_flags.toml``) are looked for in text in which negated symptoms, what happened long
ago and idioms were blanked; a question that asks about the matter as knowledge is none, unless it also tells of somebody in
danger. Beside them stands a linear classifier (:mod:`kbchat.medical.message_classifier`) for wordings that no pattern foresaw.
A pattern adds to the classifier's score, so that a plain piece of knowledge that happens to match is let go; what was swallowed
and the wish to die add most. When in doubt, an emergency is assumed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kbchat.medical.message_classifier import MessageClassifier, message_classifier
from kbchat.messages import Bilingual
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_CLAUSE = deferred(r"[,，。;；!?！？\n]|\.(?=\s|$)")
_KEEP_MARKS = deferred(r"[^,，。;；!?！？\n]*[,，。;；!?！？\n]?")
_HAN = deferred("[\u3400-\u9fff]")
_LATIN_WORD = deferred("[A-Za-z]+")
_LONGEST_MESSAGE = 4000
_WINDOW = 100
_SHORT, _LONG = 22.0, 30.0
_SHORT_THRESHOLD, _LONG_THRESHOLD = -0.5, 1.5
"""The score from which a message is an emergency, by its length: long stories are mostly old complaints. These and the weights
of the patterns were chosen by cross-validation and by how often real questions of patients are taken for emergencies."""
_WORD_THRESHOLD = 1.5
"""The score from which a single word is one: it is rather looked up than cried."""
_ONE_WORD = deferred(r"[\W_]*(?:[^\W\d_\u3400-\u9fff]+|[\d.]*\s*[\u3400-\u9fff]{1,4})[\W_]*")
_CERTAIN_WEIGHT, _PATTERN_WEIGHT, _SIGNS_WEIGHT = 6.0, 3.0, 0.5
"""What a pattern adds to the score: of harm that comes later, however calmly it is told; of others; of several signs."""
_SIGNS = "danger_signs"
_UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class RedFlag:
    """An emergency.

    Attributes:
        category: stable name, such as ``stroke``; ``unnamed`` where nothing tells which.
        evidence: the words that showed it, folded; empty where the message as a whole did.
        name: what it is called for a person.
        advice: what to do at once; the hospital's own numbers are added by the caller.
    """

    category: str
    evidence: str
    name: Bilingual
    advice: Bilingual


@dataclass(frozen=True, slots=True)
class _Category:
    name: str
    label: Bilingual
    advice: Bilingual
    sudden: bool
    delayed: bool
    strong: tuple[re.Pattern[str], ...]
    event: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    categories: tuple[_Category, ...]
    context: dict[str, re.Pattern[str]]
    acute: re.Pattern[str]
    somebody: re.Pattern[str]
    happening: re.Pattern[str]
    signs: tuple[tuple[int, re.Pattern[str]], ...]
    signs_label: Bilingual
    signs_advice: Bilingual
    unnamed_label: Bilingual
    unnamed_advice: Bilingual
    near: tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the whole message is put: as a question about knowledge, as something mild, as something of long standing."""

    knowledge: bool
    mild: bool
    chronic: bool


def _expanded(pattern: str, macros: dict[str, str]) -> str:
    for _ in range(3):  # macros may use macros
        pattern = re.sub(r"\{([A-Z_]+)\}", lambda match: macros[match[1]], pattern)
    return pattern.replace("，", ",")


@cache
def _rules() -> _Rules:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/red_flags.toml").read_text("utf-8"))
    macros: dict[str, str] = raw["macros"]

    def lazy(pattern: str) -> re.Pattern[str]:
        return deferred(_expanded(pattern, macros))

    def category(entry: dict[str, Any]) -> _Category:
        return _Category(
            entry["name"],
            Bilingual(entry["en"], entry["zh"]),
            Bilingual(entry["advice_en"], entry["advice_zh"]),
            bool(entry.get("sudden")),
            bool(entry.get("delayed")),
            tuple(lazy(pattern) for pattern in entry.get("strong", ())),
            tuple(lazy(pattern) for pattern in entry.get("event", ())),
        )

    return _Rules(
        tuple(category(entry) for entry in raw["category"]),
        {name: lazy(pattern) for name, pattern in raw["context"].items()},
        lazy("{LASTING}|突然|忽然|刚才|刚刚|现在|正在|救命|还在|没停|sudden|right now|just now|\\bhelp\\b"),
        lazy("{ZH_KIN}|{EN_KIN}"),
        lazy("{ZH_NOW}|{EN_NOW}|{LASTING}|{SEVERE}"),
        tuple(
            (weight, lazy(pattern))
            for weight, group in ((2, "two"), (1, "one"))
            for pattern in raw["signs"][group].values()
        ),
        Bilingual(raw["signs"]["en"], raw["signs"]["zh"]),
        Bilingual(raw["signs"]["advice_en"], raw["signs"]["advice_zh"]),
        Bilingual(raw["unnamed"]["en"], raw["unnamed"]["zh"]),
        Bilingual(raw["unnamed"]["advice_en"], raw["unnamed"]["advice_zh"]),
        tuple((name, lazy(pattern)) for name, pattern in raw["near"].items()),
    )


def _without_past(text: str, rules: _Rules) -> str:
    """The text without the clauses that tell of long ago, unless it is said to happen again."""
    if rules.context["past_still"].search(text):
        return text
    kept, position = [], 0
    for mark in [*_CLAUSE.finditer(text), None]:
        end = mark.end() if mark else len(text)
        clause = text[position:end]
        kept.append(" " * len(clause) if rules.context["past"].search(clause) else clause)
        position = end
    return "".join(kept)


def _windows(text: str) -> list[str]:
    """A long message in overlapping stretches of neighbouring clauses, so that far apart words do not meet by chance."""
    if len(text) <= _WINDOW:
        return [text]
    found, current = [], ""
    for clause in filter(None, _KEEP_MARKS.findall(text)):
        if current and len(current) + len(clause) > _WINDOW:
            found.append(current)
            current = current[-_WINDOW // 2 :]
        current += clause[:_WINDOW]
    return [*found, current]


def assess(text: str) -> RedFlag | None:
    """The emergency that ``text`` tells of, or None. Only the first 4,000 characters are read.

    Raises ConfigurationError when the classifier's files are not those that were shipped.
    """
    return judged(text, message_classifier())


def judged(text: str, classifier: MessageClassifier) -> RedFlag | None:
    """What patterns and ``classifier`` together make of ``text``."""
    lacking = _threshold(text) - classifier.emergency(text)
    if lacking > _CERTAIN_WEIGHT:  # whatever the patterns find, it is not enough
        return None
    told = matched(text, delayed_only=lacking > _PATTERN_WEIGHT)
    if lacking > (_weight(told) if told is not None else 0.0):
        return None
    return told or _unforeseen(text)


def _threshold(text: str) -> float:
    """The threshold for a message as long as ``text``: it rises where messages become stories, and for a word alone."""
    if _ONE_WORD.fullmatch(text):
        return _WORD_THRESHOLD
    length = len(_HAN.findall(text)) + 1.5 * len(_LATIN_WORD.findall(text))
    share = min(max((length - _SHORT) / (_LONG - _SHORT), 0.0), 1.0)
    return _SHORT_THRESHOLD + share * (_LONG_THRESHOLD - _SHORT_THRESHOLD)


def _weight(told: RedFlag) -> float:
    if told.category == _SIGNS:
        return _SIGNS_WEIGHT
    delayed = any(category.delayed for category in _rules().categories if category.name == told.category)
    return _CERTAIN_WEIGHT if delayed else _PATTERN_WEIGHT


def _unforeseen(text: str) -> RedFlag:
    """The kind of an emergency that only the classifier saw: by the nearest words, or none in particular."""
    rules, folded = _rules(), fold(text[:_LONGEST_MESSAGE]).replace("’", "'")
    for name, pattern in rules.near:
        if match := pattern.search(folded):
            category = next(category for category in rules.categories if category.name == name)
            return RedFlag(name, match[0].strip(), category.label, category.advice)
    return RedFlag(_UNNAMED, "", rules.unnamed_label, rules.unnamed_advice)


def matched(text: str, *, delayed_only: bool = False) -> RedFlag | None:
    """The emergency that the patterns alone find in ``text``, or None; with ``delayed_only`` one whose harm comes later."""
    rules = _rules()
    folded = fold(text[:_LONGEST_MESSAGE]).replace("’", "'")
    context = rules.context
    manner = _Manner(
        knowledge=any(context[name].search(folded) for name in ("knowledge", "knowledge_en", "supposed")),
        mild=bool(context["mild"].search(folded)),
        chronic=bool(context["chronic"].search(folded)),
    )
    categories = [category for category in rules.categories if category.delayed or not delayed_only]
    seen = folded
    for name in ("idioms", "negated", "negated_en"):
        seen = context[name].sub(lambda match: " " * len(match[0]), seen)
    for window in _windows(_without_past(seen, rules)):
        found = _assess_window(window, rules, categories, manner, signs=not delayed_only)
        if found is not None:
            return found
    return None


def _assess_window(
    text: str, rules: _Rules, categories: list[_Category], manner: _Manner, *, signs: bool
) -> RedFlag | None:
    somebody = bool(rules.somebody.search(text))
    happening = bool(rules.happening.search(text))
    acute = bool(rules.acute.search(text))
    mild = manner.mild and not acute
    if manner.knowledge and not (acute and somebody):
        return None
    for category in categories:
        if mild and not category.delayed:
            continue
        if category.sudden and manner.chronic and not acute:
            continue
        match = _first(category.strong, text)
        told = match is not None
        if match is None and not mild and (happening or somebody):
            match = _first(category.event, text)
        if match is not None and (told or not manner.knowledge):
            return RedFlag(category.name, match[0].strip(), category.label, category.advice)
    if mild or not signs:
        return None
    if manner.chronic and not (acute and somebody):
        return None
    return _several_signs(text, rules, present=acute) if somebody or happening else None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((match for pattern in patterns if (match := pattern.search(text))), None)


def _several_signs(text: str, rules: _Rules, *, present: bool) -> RedFlag | None:
    """Warning signs that are an emergency together: weights of 3, or of 2 where one sign weighs 2 or it happens now."""
    total, heaviest, evidence = 0, 0, []
    for weight, pattern in rules.signs:
        match = pattern.search(text)
        if match:
            total, heaviest = total + weight, max(heaviest, weight)
            evidence.append(match[0].strip())
    if total >= 3 or (total == 2 and (present or heaviest == 2)):
        return RedFlag(_SIGNS, ", ".join(evidence), rules.signs_label, rules.signs_advice)
    return None
