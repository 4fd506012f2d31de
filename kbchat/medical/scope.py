"""What a message is about: medical, something else, small talk, the assistant itself, or an attack on it.

Deterministic. Patterns (``data/scope.toml``) with the lexicon's drugs and diseases, looked for in encoded text too where they show
an attack, and a linear classifier (:mod:`kbchat.medical.message_classifier`) for wordings that they do not foresee: each label
has a score, and what the patterns found adds to it. The bare name of a drug or disease, and what the classifier finds nothing
in, is medical, because refusing a patient is worse than looking a stray question up in vain.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from urllib.parse import unquote

from kbchat.medical.lazy_pattern import LazyPattern
from kbchat.medical.lexicon import Lexicon
from kbchat.medical.message_classifier import MessageClassifier, message_classifier
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_LONGEST_MESSAGE = 8000
_LONGEST_SMALL_TALK = 60
_PATTERN_WEIGHT, _MEDICAL_WEIGHT, _DRUG_WEIGHT = 2.0, 1.5, 4.0
"""What the patterns' label, a medical word that they found, and the name of a drug add to a score. These and the next were chosen by
cross-validation and by how often real questions of patients are refused."""
_DOUBT_WEIGHT, _WORD_DOUBT_WEIGHT = 0.5, 1.5
"""What non_medical must lead by where no pattern says so; what any label must where the message is one word, which may be a drug's
name that is new or misspelt."""
_SHORT_REPLY = deferred(r"[\W_]*[\d.]*\s*[\u3400-\u9fff]{1,3}[\W_]*")
"""An answer to what was asked back (是的, 三天, 38度), from which n-grams tell nothing."""
_ONE_WORD = deferred(r"[\W_]*(?:[^\W\d_\u3400-\u9fff]{5,}|[\u3400-\u9fff]{2,6})[\W_]*")
_BASE64 = deferred(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = deferred(r"(?:[0-9a-fA-F]{2}[\s:]?){8,}")
_BACKWARDS_ZH = deferred("令指|词示提|则规|制限")
_SPELLED = deferred(r"(?:\b\w[\s.\-_*]){5,}\w\b")
_INVISIBLE = deferred("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_ENDING = deferred(r"(?:s|es|ed|ing|er|ers|ly)(?![a-z])")
_PUNCTUATION = deferred(r"[\W_]+")


class ScopeLabel(StrEnum):
    """What a message is."""

    MEDICAL = "medical"
    NON_MEDICAL = "non_medical"
    CHITCHAT = "chitchat"
    IDENTITY = "identity"
    ATTACK = "attack"


@dataclass(frozen=True, slots=True)
class Scope:
    """The label of a message and the words that decided it (empty for the default)."""

    label: ScopeLabel
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class _Patterns:
    attack: tuple[LazyPattern, ...]
    identity: tuple[LazyPattern, ...]
    non_medical: tuple[LazyPattern, ...]
    medical: tuple[LazyPattern, ...]
    small_talk: LazyPattern
    telling: LazyPattern
    ask: LazyPattern
    everyday: frozenset[str]


@cache
def _patterns() -> _Patterns:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/scope.toml").read_text("utf-8"))

    def compiled(name: str) -> tuple[LazyPattern, ...]:
        return tuple(LazyPattern(pattern.replace("，", ",")) for pattern in raw[name]["patterns"])

    chitchat = raw["chitchat"]
    return _Patterns(
        compiled("attack"),
        compiled("identity"),
        compiled("non_medical"),
        compiled("medical"),
        LazyPattern(rf"(?:{chitchat['whole']}|[\W_])+"),
        LazyPattern(chitchat["telling"]),
        LazyPattern(chitchat["ask"]),
        frozenset(raw["medical"]["everyday"].split()),
    )


def _find(patterns: tuple[LazyPattern, ...], text: str) -> str:
    """The first match that does not lie inside a longer Latin word (no taxi in ataxia)."""
    for pattern in patterns:
        for match in pattern.pattern.finditer(text):
            before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
            cut_start = _is_latin(before) and _is_latin(match[0][:1])
            cut_end = _is_latin(after) and _is_latin(match[0][-1:]) and not _ENDING.match(text, match.end())
            if match[0] and not cut_start and not cut_end:
                return match[0].strip()
    return ""


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _decoded(text: str) -> Iterator[str]:
    """What stands in ``text`` in another guise: base64, hexadecimal, percent signs, ROT13, backwards, spelled out."""
    for match in _BASE64.finditer(text):
        token = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(token[: len(token) - (len(token) % 4 == 1)] + "=" * (-len(token) % 4)).decode(
                "utf-8"
            )
        except (binascii.Error, UnicodeDecodeError):
            continue
    for match in _HEX.finditer(text):
        try:
            yield bytes.fromhex(re.sub(r"[\s:]", "", match[0])).decode("utf-8")
        except (ValueError, UnicodeDecodeError):
            continue
    if "%" in text:
        yield unquote(text)
    yield codecs.decode(text, "rot13")
    if text.isascii() or _BACKWARDS_ZH.search(text):
        yield text[::-1]
    if _SPELLED.search(text):
        yield re.sub(r"(?<=\w)[\s.\-_*](?=\w\b)", "", text)
        yield re.sub(r"[\s.\-_*]", "", text)


def _attack(text: str) -> str:
    patterns = _patterns().attack
    found = _find(patterns, fold(text))
    if found:
        return found
    # A decoded text is an attack only by its own words: a random string decodes to noise.
    return next((hit for hidden in _decoded(text) if (hit := _find(patterns, fold(hidden)))), "")


def _names_medicine(folded: str) -> str:
    """A drug, disease or symptom of the curated lexicon in the message."""
    lexicon, everyday = _lexicon(), _patterns().everyday
    drugs = [drug for drug in lexicon.drugs_in(folded) if drug not in everyday]
    if drugs:
        return drugs[0]
    return next((match.term for match in lexicon.matches(folded) if match.term not in everyday), "")


@cache
def _lexicon() -> Lexicon:
    return Lexicon.curated()


def classify(text: str) -> Scope:
    """The scope of a message. Only the first 8,000 characters are read.

    Raises ConfigurationError when the classifier's files are not those that were shipped.
    """
    return judged(text, message_classifier())


def judged(text: str, classifier: MessageClassifier) -> Scope:
    """What patterns and ``classifier`` together make of ``text``."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_MESSAGE]))
    told = _matched(plain)
    if (
        told.label is ScopeLabel.ATTACK
        or not plain.strip()
        or told.evidence == fold(plain).strip()
        or _is_name(plain, told)
        or _SHORT_REPLY.fullmatch(plain)
    ):
        return told
    scores = classifier.scope(plain)
    if told.label is not ScopeLabel.NON_MEDICAL:
        scores[ScopeLabel.NON_MEDICAL] -= _DOUBT_WEIGHT
    if told.label is ScopeLabel.MEDICAL and _ONE_WORD.fullmatch(plain):
        scores[ScopeLabel.MEDICAL] += _WORD_DOUBT_WEIGHT
    if told.label is not ScopeLabel.MEDICAL:
        scores[told.label] += _PATTERN_WEIGHT
    elif told.evidence:
        scores[told.label] += _MEDICAL_WEIGHT
        # The lexicon takes a moment to read, so it is asked only where a drug's name would change something.
        if _best(scores) is not told.label and _lexicon().drugs_in(fold(plain)):
            scores[told.label] += _DRUG_WEIGHT - _MEDICAL_WEIGHT
    best = _best(scores)
    return told if best is told.label else Scope(best)


def _best(scores: dict[str, float]) -> ScopeLabel:
    return ScopeLabel(max(scores, key=lambda label: scores[label]))


def _is_name(plain: str, told: Scope) -> bool:
    """Whether the message is little more than the name of a drug or disease, about which n-grams know nothing."""
    return (
        told.label is ScopeLabel.MEDICAL
        and bool(told.evidence)
        and len(_PUNCTUATION.sub("", plain)) <= len(told.evidence) + 2
    )


def _matched(plain: str) -> Scope:
    """What the patterns alone make of a message."""
    attack = _attack(plain)
    if attack:
        return Scope(ScopeLabel.ATTACK, attack)
    folded, patterns = fold(plain).strip(), _patterns()
    if not _PUNCTUATION.sub("", folded) or patterns.small_talk.pattern.fullmatch(folded):
        return Scope(ScopeLabel.CHITCHAT, folded)
    identity = _find(patterns.identity, folded)
    medical = _find(patterns.medical, folded) or _names_medicine(folded)
    other = _find(patterns.non_medical, folded)
    if identity and not (medical and _about_self(folded, medical, identity)):
        return Scope(ScopeLabel.IDENTITY, identity)
    if other and not _is_medical_after_all(folded, medical, other):
        return Scope(ScopeLabel.NON_MEDICAL, other)
    telling = patterns.telling.search(folded) if len(folded) <= _LONGEST_SMALL_TALK else None
    if telling and not medical and not patterns.ask.search(folded):
        return Scope(ScopeLabel.CHITCHAT, telling[0])
    return Scope(ScopeLabel.MEDICAL, medical)


def _about_self(folded: str, medical: str, identity: str) -> bool:
    """Whether the medical words stand outside the question about the assistant (你是医生吗 asks about it all the same)."""
    return medical not in identity and len(folded) > len(identity) + 6


_ABOUT_CARE = deferred(
    r"吃(?!饭)|服用|服药|打(?:针|了)|扭|伤|冰敷|手术|用药|剂量|说明书|症状|疼|痛|痒|烧|咳|吐|血|怀孕|过敏|治|mg|dose|take|taking|tablet|medic|symptom|pain"
)


def _is_medical_after_all(folded: str, medical: str, other: str) -> bool:
    """A topic of daily life in a question about health stays medical, unless the medical word is part of the topic."""
    if not medical or medical in other:
        return False
    rest = folded.replace(other, " ")
    return bool(_lexicon().drugs_in(rest) or _ABOUT_CARE.search(rest) or _find(_patterns().medical, rest))
