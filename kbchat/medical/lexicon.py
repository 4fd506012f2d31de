"""A Chinese-English medical lexicon: other names for what a question names.

A question in one language finds nothing in documents of the other by words alone, and a layman's word (拉肚子) is not
the leaflet's (腹泻). The lexicon gives the other words. It is made of concepts: names of one thing in both languages,
the preferred name of each language first. Three tables ship in ``kbchat/medical/data`` (``README.md`` there tells where
they come from):

- ``drugs.tsv``: generic names, INN and brand names, written for this project from facts;
- ``clinical.tsv``: clinical words, leaflet words, everyday words, written for this project;
- ``mined.tsv``: keyword pairs from the literature (CC BY 4.0), with counts.

A hospital adds its own with :meth:`Lexicon.with_file`, the names on the documents' cards with :meth:`Lexicon.with_pairs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kbchat.errors import InvalidInputError
from kbchat.medical.drug_stems import looks_like_drug_name, stem_candidates
from kbchat.medical.lexicon_tables import (
    CJK,
    DRUG,
    TERM,
    Concept,
    concept_of,
    curated_concepts,
    hospital_concepts,
    mined_concepts,
)
from kbchat.messages import Bilingual, Language
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold

_WORD_EN = deferred(r"[a-zα-ω0-9]+")
_CAPITALS = deferred(r"\b[A-Z]{2,}\b")
_KEPT_FINAL_S = ("ss", "us", "is")
_PLURAL_LOOKALIKES = frozenset(
    {"aids", "sars", "mers", "nsaids", "diabetes", "herpes", "always", "pus", "gas", "yes", "has", "was", "does"}
)
# Short forms that are words too: only in capital letters do they mean the term.
_CAPITALS_ONLY = frozenset(
    "who us art ten dress prep pep iris pe pt ra os as acs ast alt als abt ras pcp lft sle tat tad lai eps uk eu im ct".split()
)
_TRANSLATION, _FURTHER_TRANSLATION = 1.0, 0.7
_PREFERRED_SYNONYM, _FURTHER_SYNONYM = 0.8, 0.5
_PER_SIDE = 4  # expansions of one term into one language


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another name for something in the question.

    ``term`` is folded (lower case, simplified characters), ``source_term`` what was found in the question, folded too.
    ``weight`` is at most 1: a translation 1.0, further translations and synonyms less, mined pairs less again.
    """

    term: str
    source_term: str
    weight: float
    language: Language


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term of the lexicon at ``fold(text)[start:end]``."""

    term: str
    start: int
    end: int
    concepts: tuple[Concept, ...]

    @property
    def is_drug(self) -> bool:
        """Whether the term names a drug."""
        return any(concept.kind == DRUG for concept in self.concepts)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(_KEPT_FINAL_S) or word in _PLURAL_LOOKALIKES:
        return word
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


def _key_en(term: str) -> str:
    return " ".join(_singular(word) for word in _WORD_EN.findall(term))


def _key(term: str) -> str:
    """What a term is looked up by: Chinese as it is without blanks, English words in the singular."""
    return term.replace(" ", "") if CJK.search(term) else _key_en(term)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts and where to find them. Immutable: ``with_...`` gives a new one."""

    concepts: tuple[Concept, ...] = ()
    _by_key: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _longest_en: int = 1

    @staticmethod
    def builtin() -> Lexicon:
        """The lexicon that ships with kbchat (read once for each process)."""
        return _builtin()

    @staticmethod
    def curated() -> Lexicon:
        """The two tables written for this project, without the mined one (read once for each process)."""
        return _curated()

    def with_concepts(self, added: Iterable[Concept]) -> Lexicon:
        """This lexicon and more concepts."""
        concepts = list(self.concepts)
        by_key = dict(self._by_key)
        lengths = {first: set(known) for first, known in self._lengths.items()}
        longest = self._longest_en
        for concept in added:
            for name in (*concept.zh, *concept.en):
                key = _key(name)
                if not key:
                    continue
                by_key[key] = (*by_key.get(key, ()), len(concepts))
                if CJK.search(key):
                    lengths.setdefault(key[0], set()).add(len(key))
                else:
                    longest = max(longest, key.count(" ") + 1)
            concepts.append(concept)
        ordered = {first: tuple(sorted(known, reverse=True)) for first, known in lengths.items()}
        return Lexicon(tuple(concepts), by_key, ordered, longest)

    def with_pairs(self, pairs: Iterable[Sequence[str]], *, kind: str = DRUG) -> Lexicon:
        """This lexicon and groups of names, each group two or more names of one thing, in either language."""
        return self.with_concepts(
            concept for concept in (concept_of(names, kind) for names in pairs) if len(concept.zh + concept.en) > 1
        )

    def with_file(self, path: Path) -> Lexicon:
        """This lexicon and a hospital's own table.

        UTF-8, one concept a line: Chinese names, a tab, English names, several names parted by ``|``; either side may
        be empty when the other has two names. A third column ``drug`` marks a drug. Lines that begin with ``#`` are
        remarks. Raises InvalidInputError, naming the line.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInputError(
                Bilingual(f"The lexicon {path} cannot be read: {error}.", f"无法读取词表 {path}：{error}。"),
                Bilingual(
                    "Save it as a UTF-8 text file with tabs between the columns.",
                    "请保存为以制表符分列的 UTF-8 文本文件。",
                ),
            ) from error
        return self.with_concepts(hospital_concepts(text, path))

    def matches(self, text: str) -> tuple[TermMatch, ...]:
        """The terms in ``text``, longest first where they overlap, in order of appearance; offsets into ``fold(text)``."""
        folded = fold(text)
        capitals = frozenset(word.lower() for word in _CAPITALS.findall(text))
        found = [*self._matches_zh(folded), *self._matches_en(folded, capitals)]
        return tuple(sorted(found, key=lambda match: match.start))

    def expand(
        self, text: str, language: Language, *, matches: Sequence[TermMatch] | None = None
    ) -> tuple[Expansion, ...]:
        """Other names for what ``text`` names, the other language's first.

        ``language`` is the question's. Each name comes once, with its greatest weight; names that stand in the text
        already are left out. ``matches`` are those of ``text``, where they are known already.
        """
        folded = fold(text)
        best: dict[str, Expansion] = {}
        for match in self.matches(text) if matches is None else matches:
            for concept in match.concepts:
                for expansion in _expansions(match.term, concept):
                    known = best.get(expansion.term)
                    if expansion.term not in folded and (known is None or known.weight < expansion.weight):
                        best[expansion.term] = expansion
        return tuple(sorted(best.values(), key=lambda item: (item.language == language, -item.weight)))

    def known_drug_names(self) -> frozenset[str]:
        """Every name of every drug, folded."""
        return frozenset(name for c in self.concepts if c.kind == DRUG for name in (*c.zh, *c.en))

    def drugs_in(self, text: str, *, matches: Sequence[TermMatch] | None = None) -> tuple[str, ...]:
        """Drug names in ``text``, folded, in order: the known ones, and words built like a drug's name (…沙坦, …mab).

        ``matches`` are those of ``text``, where they are known already.
        """
        folded = fold(text)
        known = [match for match in (self.matches(text) if matches is None else matches) if match.is_drug]
        found = {match.start: match.term for match in known}
        for start, end in stem_candidates(folded):
            if not any(start < match.end and match.start < end for match in known):
                found[start] = folded[start:end]
        return tuple(dict.fromkeys(found[start] for start in sorted(found)))

    def _match(self, term: str, key: str, start: int, end: int) -> TermMatch:
        return TermMatch(term, start, end, tuple(self.concepts[i] for i in dict.fromkeys(self._by_key[key])))

    def _matches_zh(self, folded: str) -> Iterable[TermMatch]:
        borders: frozenset[int] | None = None
        position = 0
        while position < len(folded):
            taken = 0
            for length in self._lengths.get(folded[position], ()):
                term = folded[position : position + length]
                if len(term) < length or term not in self._by_key or not CJK.search(term):
                    continue
                if length <= 2:  # a short term inside another word (人参 in 病人参加) is none
                    borders = word_borders(folded) if borders is None else borders
                    if position not in borders or position + length not in borders:
                        continue
                taken = length
                yield self._match(term, term, position, position + length)
                break
            position += taken or 1

    def _matches_en(self, folded: str, capitals: frozenset[str]) -> Iterable[TermMatch]:
        words = [(_singular(match.group()), match.start(), match.end()) for match in _WORD_EN.finditer(folded)]
        position = 0
        while position < len(words):
            taken = 0
            for count in range(min(self._longest_en, len(words) - position), 0, -1):
                piece = words[position : position + count]
                key = " ".join(word for word, _, _ in piece)
                if key in self._by_key and (key not in _CAPITALS_ONLY or key in capitals):
                    start, end = piece[0][1], piece[-1][2]
                    yield self._match(folded[start:end], key, start, end)
                    taken = count
                    break
            position += taken or 1


def word_borders(folded: str) -> frozenset[int]:
    """Where words of the dictionary begin and end; a word it does not know falls into characters."""
    borders, position = {0}, 0
    import rjieba  # noqa: PLC0415 - its dictionary takes 0.14 s to load, which a text without short terms needs not pay

    for word in rjieba.cut(folded, False):  # no guessing of new words
        position += len(word)
        borders.add(position)
    return frozenset(borders)


def _expansions(term: str, concept: Concept) -> Iterable[Expansion]:
    own: Language = "zh" if CJK.search(term) else "en"
    key = _key(term)
    sides: tuple[tuple[Language, tuple[str, ...]], ...] = (("zh", concept.zh), ("en", concept.en))
    for language, names in sides:
        first, further = (
            (_PREFERRED_SYNONYM, _FURTHER_SYNONYM) if language == own else (_TRANSLATION, _FURTHER_TRANSLATION)
        )
        others = [(i, name) for i, name in enumerate(names) if _key(name) != key]
        for i, name in others[:_PER_SIDE]:
            yield Expansion(name, term, concept.weight * (first if i == 0 else further), language)


@lru_cache(maxsize=1)
def _builtin() -> Lexicon:
    return _curated().with_concepts(mined_concepts())


@lru_cache(maxsize=1)
def _curated() -> Lexicon:
    return Lexicon().with_concepts(curated_concepts())


__all__ = ["DRUG", "TERM", "Concept", "Expansion", "Lexicon", "TermMatch", "looks_like_drug_name"]
