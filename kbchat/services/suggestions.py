"""Questions to begin with, each one that the documents answer."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from kbchat.app import App
from kbchat.messages import Language
from kbchat.services.suggestion_names import short_name
from kbchat.services.suggestion_wording import (
    EXAMPLE_WORDING,
    GUIDELINE_WORDING,
    LEAST_SECTION,
    guideline_topic,
)
from kbchat.store import KnowledgeBase, SectionSummary, StoredDocument
from kbchat.text.language import language_of
from kbchat.text.tokens import fold
from kbchat.types import DocumentKind, SectionKind

MOST_EXAMPLES = 6
_ENOUGH_EXAMPLES = 3
_DOCUMENTS_LOOKED_AT = 40
_TRIES = 24
_SERVE_ON = 300.0
"""Seconds that examples serve while other documents come and go."""


@dataclass(frozen=True, slots=True)
class _Example:
    """A question and the revision of the document it is about."""

    question: str
    document_id: int
    revision_id: int


@dataclass(frozen=True, slots=True)
class _Made:
    """Examples as they were made of documents of these ``versions``."""

    versions: tuple[int, ...]
    at: float
    examples: tuple[_Example, ...]


_known: WeakKeyDictionary[App, dict[tuple[tuple[int, ...], Language], _Made]] = WeakKeyDictionary()
_lock = threading.Lock()


def example_questions(app: App, base_names: Sequence[str], language: Language) -> list[str]:
    """At most six questions, on different documents and matters, that live documents of the bases answer.

    The same ones until documents change; while they keep changing, for some minutes as long as those asked about stay.
    Raises NotFoundError and what opening the bases raises.
    """
    bases = [app.store.base(name) for name in base_names]
    key = (tuple(base.id for base in bases), language)
    versions = tuple(app.store.names_version(base.id) for base in bases)
    with _lock:
        made = _known.setdefault(app, {}).get(key)
    if made is None or (made.versions != versions and not _still_good(app, made)):
        made = _Made(versions, time.monotonic(), tuple(_made(app, base_names, bases, language)))
        with _lock:
            _known.setdefault(app, {})[key] = made
    return [one.question for one in made.examples]


def _still_good(app: App, made: _Made) -> bool:
    """Whether examples serve on although some documents changed: they are of today, and theirs did not."""
    if not made.examples or time.monotonic() - made.at > _SERVE_ON:
        return False
    documents = [(one, app.store.document(one.document_id)) for one in made.examples]
    return all(now.retired_at is None and now.revision_id == one.revision_id for one, now in documents)


def _made(
    app: App, base_names: Sequence[str], bases: Sequence[KnowledgeBase], language: Language
) -> Iterator[_Example]:
    answerer = app.answerer(base_names)
    documents = [document for base in bases for document in app.store.documents(base.id)]
    found: set[str] = set()
    for own in (True, False):
        if not own and len(found) >= _ENOUGH_EXAMPLES:
            return
        usable = _mixed([one for one in documents if (one.card.language == language) is own])
        for tried, one in enumerate(_examples(app, usable, language)):
            if tried == _TRIES or len(found) == MOST_EXAMPLES:
                break
            if one.question not in found and answerer.holds_answer(one.question):
                found.add(one.question)
                yield one


def _mixed(documents: Sequence[StoredDocument]) -> list[StoredDocument]:
    """Some documents in an order that is always the same and mixes them: two drugs, then a guideline, and so on."""
    kinds = (DocumentKind.LEAFLET, DocumentKind.RECORDS, DocumentKind.GUIDELINE)
    usable = [one for one in documents if one.card.kind in kinds and one.chunks]
    usable.sort(key=lambda one: (_shuffled(one.name), one.id))
    guidelines = [one for one in usable if one.card.kind is DocumentKind.GUIDELINE]
    drugs = [one for one in usable if one.card.kind is not DocumentKind.GUIDELINE]
    mixed: list[StoredDocument] = []
    while (drugs or guidelines) and len(mixed) < _DOCUMENTS_LOOKED_AT:
        mixed += drugs[:2] + guidelines[:1]
        drugs, guidelines = drugs[2:], guidelines[1:]
    return mixed


@lru_cache(maxsize=8192)
def _shuffled(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _examples(app: App, documents: Sequence[StoredDocument], language: Language) -> Iterator[_Example]:
    """One question a document, each on another matter than those just before it, drugs never twice."""
    sections: dict[int, list[SectionSummary]] = {}
    for one in app.store.section_kinds([document.revision_id for document in documents]):
        if one.characters >= LEAST_SECTION:
            sections.setdefault(one.revision_id, []).append(one)
    used: list[SectionKind] = []
    named: set[str] = set()
    for document in documents:
        wording = GUIDELINE_WORDING if document.card.kind is DocumentKind.GUIDELINE else EXAMPLE_WORDING
        there = sections.get(document.revision_id, [])
        asked = next((one.subject for one in there if one.subject.rstrip().endswith(("?", "？"))), "")
        if asked:  # a list of questions and answers
            yield _Example(asked.strip(), document.id, document.revision_id)
            continue
        subject = next((one.subject for one in there if one.kind in wording), "")
        kinds = [one.kind for one in there if one.kind in wording and one.subject == subject]
        if not kinds:
            continue
        kind = min(wording, key=lambda one: (one not in kinds, used.count(one), list(wording).index(one)))
        name = _example_name(app, document, subject, language)
        if name and fold(name) not in named:
            named.add(fold(name))
            used.append(kind)
            question = wording[kind].in_language(_spoken(name, language)).format(name=name)
            yield _Example(question, document.id, document.revision_id)


def _example_name(app: App, document: StoredDocument, subject: str, language: Language) -> str:
    if document.card.kind is DocumentKind.GUIDELINE:
        return guideline_topic(document.card.title)
    names = document.card.english_names if language == "en" else document.card.generic_names
    several = document.card.kind is DocumentKind.RECORDS or len(names) != 1
    return short_name(app, subject or document.card.title if several else names[0], language)


def _spoken(name: str, language: Language) -> Language:
    """A Chinese name in an English sentence would be neither: such a question is put in Chinese."""
    return "zh" if language_of(name) == "zh" else language
