"""What a message is about: medical, something else, small talk, the assistant itself, or an attack on it.

Deterministic. Patterns (``data/scope.toml``) with the lexicon's drugs and diseases, looked for in disguised text too where they show
an attack (:mod:`kbchat.medical.disguises`), and a linear classifier (:mod:`kbchat.medical.message_classifier`) for wordings that they do not foresee: each label
has a score, and what the patterns found adds to it. The bare name of a drug or disease, and what the classifier finds nothing
in, is medical, because refusing a patient is worse than looking a stray question up in vain.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from kbchat.medical.disguises import altered, encoded
from kbchat.medical.lexicon import Lexicon
from kbchat.medical.message_classifier import MessageClassifier, message_classifier
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_LONGEST_MESSAGE = 8000
_LONGEST_SMALL_TALK = 60
_PATTERN_WEIGHT, _MEDICAL_WEIGHT, _DRUG_WEIGHT = 2.0, 1.0, 4.0
"""What the patterns' label, a medical word that they found, and the name of a drug add to a score. These and the next were chosen by
cross-validation and by how often real questions of patients are refused."""
_WORD_DOUBT_WEIGHT = 1.5
"""What any label must lead medical by where the message is one word, which may be a drug's name that is new or misspelt."""
_ATTACK_WEIGHT = 5.0
"""What a pattern of attacks adds to the score."""
_ATTACK_LEAD, _DRUG_ATTACK_LEAD = 0.0, 0.7
"""What an attack must lead medical by in a message with medical words, and in one that names a drug."""
_SHORT, _LONGEST_DOUBT = 20.0, 3.0
"""The length, in Chinese characters, from which that rises, and what it rises by at most."""
_ABOUT_ITSELF_LEAD = 0.5
"""What identity and small talk must lead medical by where no pattern says so."""
_ENCODED_LEAD, _ALTERED_LEAD, _SENTENCE_LEAD = 0.0, 1.0, 4.5
"""What an attack must lead by in text that was encoded, in text that may have been altered, and in one sentence of several."""
_SHORT_REPLY_LEAD = 4.0
"""What small talk must lead by in a short reply, which n-grams can hardly judge."""
_TO_THE_ASSISTANT = deferred(
    r"你|您|助手|输出|指令|规定|规则|出处|另外|附[:：]|\b(?:you|your|answer|ai|bot|assistant|rules?|ignore|print|note|p\.?s|guidelines?|sources?|restrictions?)\b",
    re.IGNORECASE,
)
"""What a sentence that gives orders to the assistant holds at the least."""
_SENTENCE = deferred("[。！？!?；;\\n]+|\\.\\s|(?<=[\u3400-\u9fff]{8})[,，]")
_SHORTEST_SENTENCE = 8
_SHORT_REPLY = deferred(r"[\W_]*[\d.]*\s*[\u3400-\u9fff]{1,3}[\W_]*")
"""An answer to what was asked back (是的, 三天, 38度), from which n-grams tell nothing."""
_ONE_WORD = deferred(r"[\W_]*(?:[^\W\d_\u3400-\u9fff]{5,}|[\u3400-\u9fff]{2,6})[\W_]*")
_GREETING = deferred(r"^\s*(?:您好|你好)[\s,，。!！:：]*(?:医生|大夫)?[\s,，。!！:：]*(?=.{6})")
"""What politeness puts before a question, which says nothing of it."""
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
    attack: tuple[re.Pattern[str], ...]
    identity: tuple[re.Pattern[str], ...]
    non_medical: tuple[re.Pattern[str], ...]
    medical: tuple[re.Pattern[str], ...]
    small_talk: re.Pattern[str]
    telling: re.Pattern[str]
    ask: re.Pattern[str]
    everyday: frozenset[str]


@cache
def _patterns() -> _Patterns:
    raw = tomllib.loads(resources.files("kbchat.medical").joinpath("data/scope.toml").read_text("utf-8"))

    def compiled(name: str) -> tuple[re.Pattern[str], ...]:
        return tuple(deferred(pattern.replace("，", ",")) for pattern in raw[name]["patterns"])

    chitchat = raw["chitchat"]
    return _Patterns(
        compiled("attack"),
        compiled("identity"),
        compiled("non_medical"),
        compiled("medical"),
        deferred(rf"(?:{chitchat['whole']}|[\W_])+"),
        deferred(chitchat["telling"]),
        deferred(chitchat["ask"]),
        frozenset(raw["medical"]["everyday"].split()),
    )


def _find(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    """The first match that does not lie inside a longer Latin word (no taxi in ataxia)."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
            cut_start = _is_latin(before) and _is_latin(match[0][:1])
            cut_end = _is_latin(after) and _is_latin(match[0][-1:]) and not _ENDING.match(text, match.end())
            if match[0] and not cut_start and not cut_end:
                return match[0].strip()
    return ""


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _attack(text: str) -> str:
    """The words of an attack in ``text`` as it stands."""
    return _find(_patterns().attack, fold(text))


def _hidden_attack(text: str, classifier: MessageClassifier) -> str:
    """The words of an attack that ``text`` holds in another guise, or in one sentence among harmless ones."""
    for hidden in encoded(text):
        if (hit := _attack(hidden)) or _leads(classifier, hidden, _ENCODED_LEAD):
            return hit or hidden
    for hidden in altered(text):
        if (hit := _attack(hidden)) or _leads(classifier, hidden, _ALTERED_LEAD):
            return hit or hidden
    sentences = [sentence for sentence in _SENTENCE.split(text) if len(sentence) >= _SHORTEST_SENTENCE]
    if len(sentences) < 2:
        return ""
    orders = (sentence for sentence in sentences if _TO_THE_ASSISTANT.search(sentence))
    return next((sentence for sentence in orders if _leads(classifier, sentence, _SENTENCE_LEAD)), "")


def _leads(classifier: MessageClassifier, text: str, lead: float) -> bool:
    """Whether the classifier takes ``text`` for an attack, by ``lead`` before anything else."""
    scores = classifier.scope(text)
    attack = scores.pop(ScopeLabel.ATTACK)
    return attack > max(scores.values()) + lead


def _names_medicine(folded: str) -> str:
    """A drug, disease or symptom of the curated lexicon in the message."""
    lexicon, everyday = Lexicon.curated(), _patterns().everyday
    drugs = [drug for drug in lexicon.drugs_in(folded) if drug not in everyday]
    if drugs:
        return drugs[0]
    return next((match.term for match in lexicon.matches(folded) if match.term not in everyday), "")


def classify(text: str) -> Scope:
    """The scope of a message. Only the first 8,000 characters are read.

    Raises ConfigurationError when the classifier's files are not those that were shipped.
    """
    return judged(text, message_classifier())


def judged(text: str, classifier: MessageClassifier) -> Scope:
    """What patterns and ``classifier`` together make of ``text``."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:_LONGEST_MESSAGE]))
    if attack := _attack(plain):
        return _judged_attack(plain, attack, classifier)
    told = _matched(plain)
    if not plain.strip() or told.evidence == fold(plain).strip() or _is_name(plain, told):
        return told
    scores = classifier.scope(_GREETING.sub("", plain, 1))
    if _SHORT_REPLY.fullmatch(plain):
        return _judged_short_reply(told, scores)
    if hidden := _hidden_attack(plain, classifier):
        return Scope(ScopeLabel.ATTACK, hidden)
    best = _weighed(plain, told, scores)
    return told if best is told.label else Scope(best)


def _judged_short_reply(told: Scope, scores: dict[str, float]) -> Scope:
    """What the patterns make of a short reply, unless it is small talk by far."""
    if told.label not in (ScopeLabel.MEDICAL, ScopeLabel.NON_MEDICAL):
        return told
    leads = scores[ScopeLabel.CHITCHAT] - max(scores[ScopeLabel.MEDICAL], scores[ScopeLabel.NON_MEDICAL])
    return Scope(ScopeLabel.CHITCHAT) if leads > _SHORT_REPLY_LEAD else told


def _weighed(plain: str, told: Scope, scores: dict[str, float]) -> ScopeLabel:
    """The best label once what the patterns found is added to the scores, which are changed."""
    if told.label is not ScopeLabel.MEDICAL:
        scores[told.label] += _PATTERN_WEIGHT
        return _best(scores)
    scores[ScopeLabel.ATTACK] -= _length_doubt(plain) / 2
    scores[ScopeLabel.IDENTITY] -= _ABOUT_ITSELF_LEAD
    scores[ScopeLabel.CHITCHAT] -= _ABOUT_ITSELF_LEAD
    if _ONE_WORD.fullmatch(plain):
        scores[ScopeLabel.MEDICAL] += _WORD_DOUBT_WEIGHT
    if told.evidence:
        if _best(scores) is ScopeLabel.ATTACK and _attack_in_spite_of_medicine(plain, scores):
            return ScopeLabel.ATTACK
        scores[ScopeLabel.MEDICAL] += _MEDICAL_WEIGHT
        # The lexicon takes a moment to read, so it is asked only where a drug's name would change something.
        if _best(scores) is not ScopeLabel.MEDICAL and Lexicon.curated().drugs_in(fold(plain)):
            scores[ScopeLabel.MEDICAL] += _DRUG_WEIGHT - _MEDICAL_WEIGHT
    return _best(scores)


def _attack_in_spite_of_medicine(plain: str, scores: dict[str, float]) -> bool:
    """Whether a message with medical words, which most attacks on this assistant hold, is one all the same.

    Long stories hold something of everything, so they need more; questions about a drug by its name need more too.
    """
    leads = scores[ScopeLabel.ATTACK] - scores[ScopeLabel.MEDICAL] - _length_doubt(plain)
    return leads > _DRUG_ATTACK_LEAD or (leads > _ATTACK_LEAD and not Lexicon.curated().drugs_in(fold(plain)))


def _length_doubt(plain: str) -> float:
    """What an attack must lead by more where a message is long: nothing up to 20 Chinese characters or 60 others."""
    return min(max((len(plain) / (3 if plain.isascii() else 1) - _SHORT) / _SHORT, 0.0), _LONGEST_DOUBT)


def _judged_attack(plain: str, attack: str, classifier: MessageClassifier) -> Scope:
    """An attack by its pattern, unless the classifier is sure that the words mean something else here."""
    scores = classifier.scope(plain)
    scores[ScopeLabel.ATTACK] += _ATTACK_WEIGHT - _length_doubt(plain)
    best = _best(scores)
    return Scope(best, attack if best is ScopeLabel.ATTACK else "")


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
    """What the patterns alone make of a message that is no attack by them."""
    folded, patterns = fold(plain).strip(), _patterns()
    if not _PUNCTUATION.sub("", folded) or patterns.small_talk.fullmatch(folded):
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
    return bool(Lexicon.curated().drugs_in(rest) or _ABOUT_CARE.search(rest) or _find(_patterns().medical, rest))
