"""Drugs, diseases and other subjects that a message names, as they are written in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from kbchat.answering.mention_words import mention_words
from kbchat.answering.misspelt import misspelt_drugs
from kbchat.answering.named_subjects import is_kind_of_medicine, named_subjects, subject_kind
from kbchat.answering.placed_names import placed_names
from kbchat.medical.drug_clippings import clipped_names
from kbchat.medical.lexicon import Lexicon, TermMatch
from kbchat.retrieval.understanding import names_by_form
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at ``start``; ``text`` as written. ``drug_class`` marks kinds of medicine (降压药, vaccine)."""

    text: str
    start: int
    drug: bool
    disease: bool
    drug_class: bool = False

    @property
    def end(self) -> int:
        """Where the name ends."""
        return self.start + len(self.text)


_PERSONS = deferred(r"^[我你您他她它者咱谁]|当成|当作")
_PEOPLE_BEHIND = deferred(r"(?:患者|病人)$")
_WHOM = deferred(
    r"孕妇|哺乳|备孕|儿童|老年人|\b(?:pregnan\w*|breast ?feed\w*|child(?:ren)?|kids?|infants?|elderly|dialysis)\b"
)
_BETWEEN = deferred(r"[^\W\d_a-z的和与或跟有得是在了吗呢能会不]{0,2}")


@lru_cache(maxsize=64)
def _names_pattern(names: frozenset[str]) -> re.Pattern[str] | None:
    folded = sorted({fold(name) for name in names if len(name) > 1}, key=len, reverse=True)
    parts = [re.escape(n) if not n.isascii() else rf"(?<![a-z]){re.escape(n)}(?![a-z])" for n in folded]
    return re.compile("|".join(parts)) if parts else None


def _named_drugs(
    text: str, folded: str, known_names: Collection[str], matches: tuple[TermMatch, ...]
) -> Iterator[Span]:
    """Where drugs are named: of the knowledge base, of the lexicon, built like one, clipped, or by the dosage form."""
    pattern = _names_pattern(frozenset(known_names))
    if pattern is not None:
        yield from (match.span() for match in pattern.finditer(folded))
    yield from ((match.start, match.end) for match in matches if match.is_drug)
    for name in Lexicon.curated().drugs_in(text):
        start = folded.find(name)
        if start >= 0:
            yield start, start + len(name)
    yield from (match.span() for match in mention_words().patent.finditer(folded))
    yield from clipped_names(folded)
    terms = [(match.start, match.end) for match in matches if match.end - match.start > 1]
    for name in names_by_form(folded):
        start = folded.find(name)
        inside = any(low < start + len(name) and start < high for low, high in terms)
        if start >= 0 and not inside and not _PERSONS.search(name):
            yield start, start + len(name)


def _subjects(text: str, folded: str, matches: tuple[TermMatch, ...]) -> Iterator[Span]:
    """Where anything else is named that a question may be about."""
    words = mention_words()
    named = list(named_subjects(folded))
    worded = [match.span() for match in words.subjects.finditer(folded)]
    yield from (span for span in worded if any(_is_wider(span, other) for other in named))
    yield from named
    yield from worded
    if len(text) == len(folded):
        yield from (match.span() for match in words.abbreviations.finditer(text))
    yield from _terms_in_one(folded, matches)
    yield from (match.span() for match in words.by_ending.finditer(folded))
    if len(text) == len(folded):
        capitals = (match for match in words.capitals.finditer(text) if match[0].upper() not in words.capitals_aside)
        yield from (match.span() for match in capitals)


def _is_wider(span: Span, other: Span) -> bool:
    return span != other and span[0] <= other[0] and other[1] <= span[1]


def _terms_in_one(folded: str, matches: tuple[TermMatch, ...]) -> Iterator[Span]:
    """The terms of the lexicon that name no drug; one that ends a disease's name takes the one before it along (甲状腺髓样癌)."""
    terms = [(match.start, match.end) for match in matches if not match.is_drug]
    for before, (start, end) in zip([None, *terms], terms, strict=False):
        name = folded[start:end]
        joins = before is not None and not folded.isascii() and len(name) == 1 and mention_words().disease.search(name)
        if joins and before is not None and _BETWEEN.fullmatch(folded, before[1], start):
            yield before[0], end
    yield from terms


def _found(text: str, folded: str, known_names: Collection[str]) -> list[tuple[int, int, bool]]:
    """Start, end and whether it is a drug, best first."""
    matches = Lexicon.curated().matches(text)
    found = [(*span, True) for span in _named_drugs(text, folded, known_names, matches)]
    found += [(*span, False) for span in _subjects(text, folded, matches)]
    if not any(drug for _, _, drug in found):
        found += [(*span, True) for span in misspelt_drugs(folded)]
        taken = [(match.start, match.end) for match in matches]
        found += [(*span, True) for span in placed_names(text, folded, taken)]
    return found


def mentions_in(text: str, known_names: Collection[str]) -> tuple[Mention, ...]:
    """The names in ``text`` in order; a dosage form right behind a drug belongs to its name. No two overlap."""
    folded, words = fold(text), mention_words()
    source = text if len(text) == len(folded) else folded
    known = frozenset(fold(name) for name in known_names)
    kept: list[Mention] = []
    taken: list[Span] = []
    for start, matched_end, named_drug in _found(text, folded, known_names):
        name = folded[start:matched_end].strip()
        if any(start < high and low < matched_end for low, high in taken):
            continue
        if not named_drug and not subject_kind(name) and (_is_aside(name) or _WHOM.search(name)):
            continue
        drug = named_drug and (name in known or not (words.drug_class.search(name) or is_kind_of_medicine(name)))
        form = words.forms.match(folded, matched_end) if drug else None
        end = form.end() if form else matched_end
        taken.append((start, end))
        kept.append(_mention(_PEOPLE_BEHIND.sub("", source[start:end]), start, drug=drug))
    return tuple(sorted(kept, key=lambda mention: mention.start))


def _is_aside(name: str) -> bool:
    """Whether a name says how, when or for whom, not about what."""
    aside = mention_words().aside
    return not mention_words().subjects.fullmatch(name) and (name in aside or set(name.split()) <= aside)


def _mention(written: str, start: int, *, drug: bool) -> Mention:
    if drug:
        return Mention(written, start, drug=True, disease=False)
    name, words = fold(written), mention_words()
    if subject_kind(name):
        disease, medicine = subject_kind(name) == "disease", is_kind_of_medicine(name)
    else:
        disease, medicine = bool(words.disease.search(name)), bool(words.drug_class.search(name))
    return Mention(written, start, drug=False, disease=disease, drug_class=medicine)
