"""The names of a knowledge base, and finding them in a question.

A name is a title, subject, generic, brand or English name of a live document, in full and as its core (salts and dosage
forms stripped). Matching is longest-first: Chinese by substring, Latin names by whole words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kbchat.medical.drug_names import core_name, name_variants
from kbchat.medical.lexicon import Lexicon
from kbchat.store import NameRecord
from kbchat.text.tokens import fold
from kbchat.types import DocumentKind, Entity

_LATIN_WORD = re.compile(r"[a-z0-9α-ω]+(?:[-/'][a-z0-9α-ω]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PUNCTUATION = re.compile(r"[\s·•・,，.。:：;；()（）\[\]【】《》<>\"'“”®™©、/_-]+")
_TOO_GENERAL = frozenset(
    "片 胶囊 注射液 颗粒 说明书 指南 共识 药品 本品 用法 治疗 诊断 推荐 中国 专家共识 诊疗指南 防治指南 患者 成人 儿童 孕妇 "
    "tablet tablets capsule capsules injection solution leaflet guideline guidelines information product annex data table "
    "label document untitled introduction the for use adults children treatment medicine drug".split()
)
_LONGEST_QUESTION = 4000
_LONGEST_NAME = 48
_NAMES_OF_ONE_DRUG = 6


@dataclass(slots=True)
class _Entry:
    display: str
    documents: set[int]
    subjects: set[tuple[int, str]]
    is_product: bool = False


def _key(name: str) -> str:
    folded = fold(name)
    if _HAN.search(folded):
        return _PUNCTUATION.sub("", folded)
    return " ".join(_LATIN_WORD.findall(folded))


def _is_useful(key: str) -> bool:
    if not key or key in _TOO_GENERAL or len(key) > _LONGEST_NAME or key.isdigit():
        return False
    return len(key) >= 2 if _HAN.search(key) else len(key) >= 3


def _entity(text: str, name: str, entries: Iterable[_Entry]) -> Entity:
    listed = list(entries)
    return Entity(
        text,
        name,
        frozenset(document for entry in listed for document in entry.documents),
        frozenset(pair for entry in listed for pair in entry.subjects),
        any(entry.is_product for entry in listed),
    )


def _names_a_product(record: NameRecord) -> bool:
    if record.role in ("generic", "brand", "english"):
        return True
    return record.document_kind in (DocumentKind.LEAFLET, DocumentKind.RECORDS)


def names_of_one_drug(records: Iterable[NameRecord]) -> list[list[str]]:
    """The generic, brand and English names that one document's card gives to one drug, for the lexicon.

    A card with more names than one drug has (a formulary) says nothing of which belong together and is left out.
    """
    by_document: dict[int, list[str]] = {}
    for record in records:
        if record.role in ("generic", "brand", "english"):
            by_document.setdefault(record.document_id, []).append(core_name(record.name))
    distinct = (list(dict.fromkeys(names)) for names in by_document.values())
    return [names for names in distinct if 1 < len(names) <= _NAMES_OF_ONE_DRUG]


class NameIndex:
    """All names of the live documents of one or several knowledge bases."""

    def __init__(self, records: Iterable[NameRecord], lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or Lexicon()
        self._entries: dict[str, _Entry] = {}
        self._longest = 0
        self._longest_words = 1
        for record in records:
            for variant in self._variants(record):
                entry = self._entries.setdefault(variant, _Entry(record.name, set(), set()))
                if record.role == "subject":
                    entry.subjects.add((record.document_id, fold(record.name)))
                else:
                    entry.documents.add(record.document_id)
                entry.is_product = entry.is_product or _names_a_product(record)
                self._longest = max(self._longest, len(variant))
                self._longest_words = max(self._longest_words, variant.count(" ") + 1)

    def _variants(self, record: NameRecord) -> Iterator[str]:
        """The keys of a name: as written, its core and variants, and a known drug in it (Atorvastatin in its brand)."""
        forms = [record.name]
        if record.role != "title" or len(record.name) <= _LONGEST_NAME:
            forms += [core_name(record.name), *name_variants(record.name)]
        if _names_a_product(record) and len(record.name) <= _LONGEST_NAME:
            forms += [match.term for match in self._lexicon.matches(record.name) if match.is_drug]
        for form in dict.fromkeys(forms):
            key = _key(form)
            if _is_useful(key):
                yield key

    def __len__(self) -> int:
        return len(self._entries)

    def displays(self) -> list[str]:
        """Every name as its document writes it, once."""
        return list(dict.fromkeys(entry.display for entry in self._entries.values()))

    def lookup(self, name: str, text: str) -> Entity | None:
        """The entity that ``name`` (or its core) stands for, written ``text`` in the question; None when unknown."""
        known = [entry for key in {_key(name), _key(core_name(name))} if (entry := self._entries.get(key))]
        return _entity(text, name, known) if known else None

    def find(self, question: str) -> tuple[Entity, ...]:
        """The names in ``question``, longest first where they overlap, in order of place."""
        text = fold(question[:_LONGEST_QUESTION])
        spans = [*self._find_latin(text), *self._find_han(text)]
        spans.sort(key=lambda span: (-(span[1] - span[0]), span[0]))
        taken: list[tuple[int, int, str]] = []
        for start, end, key in spans:
            if all(end <= low or start >= high for low, high, _ in taken):
                taken.append((start, end, key))
        taken.sort()
        return tuple(
            _entity(text[start:end], self._entries[key].display, [self._entries[key]]) for start, end, key in taken
        )

    def _find_latin(self, text: str) -> Iterator[tuple[int, int, str]]:
        words = list(_LATIN_WORD.finditer(text))
        for i, first in enumerate(words):
            for count in range(min(self._longest_words, len(words) - i), 0, -1):
                chosen = words[i : i + count]
                key = " ".join(word.group() for word in chosen)
                for form in (key, key.removesuffix("'s"), key.removesuffix("s")):
                    if form in self._entries:
                        yield first.start(), chosen[-1].end(), form
                        break

    def _find_han(self, text: str) -> Iterator[tuple[int, int, str]]:
        for start in range(len(text)):
            if not _HAN.match(text, start) and not text[start].isalnum():
                continue
            for end in range(min(len(text), start + self._longest), start + 1, -1):
                piece = text[start:end]
                if piece in self._entries and _HAN.search(piece):
                    yield start, end, piece
                    break
