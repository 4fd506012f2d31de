"""Questions to begin with and to go on with, each one that the documents answer."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from kbchat.answering.answerer import Answerer
from kbchat.app import App
from kbchat.errors import NotFoundError
from kbchat.medical.drug_names import core_name
from kbchat.medical.sections import question_intents
from kbchat.messages import Language
from kbchat.services.suggestion_wording import (
    EXAMPLE_WORDING,
    FOLLOW_UP_ORDER,
    FOLLOW_UP_WORDING,
    GUIDELINE_WORDING,
    guideline_topic,
)
from kbchat.store import KnowledgeBase, SectionSummary, StoredDocument
from kbchat.text.language import language_of
from kbchat.text.tokens import fold
from kbchat.types import Answer, DocumentKind, Entity, Outcome, Passage, SectionKind

MOST_FOLLOW_UPS = 4
MOST_EXAMPLES = 6
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]")
_LEAST_SECTION = 12
"""Characters below which a section is an empty heading, or says “not known”."""
_LONGEST_NAME = 24
_LONGEST_NAME_EN = 48
_ENOUGH_EXAMPLES = 3
_DOCUMENTS_LOOKED_AT = 40
_TRIES = 24
_SERVE_ON = 300.0
"""Seconds that examples serve while other documents come and go."""


# ------------------------------------------------------------------------------------------------- to go on with


def follow_up_questions(app: App, answerer: Answerer, answer: Answer, question: str, language: Language) -> list[str]:
    """At most four questions about other sections of the drug or topic that ``answer`` is about."""
    if answer.outcome not in (Outcome.ANSWERED, Outcome.INSUFFICIENT_EVIDENCE):
        return []
    passage = _passage_at_hand(answer, answerer.entities(question))
    if passage is None:
        return []
    shown = _kinds_shown(answer) if answer.outcome is Outcome.ANSWERED else set()
    place = (passage.document_id, passage.revision_id, passage.document_title, passage.document_kind, passage.subject)
    return _other_sections(app, answerer, _AtHand(*place, frozenset(shown)), question, language)


def follow_ups_of_kept(app: App, base_names: Sequence[str], record: Mapping[str, Any], language: Language) -> list[str]:
    """The same for an answer as it was kept: its JSON without passages. What it cites may have gone since."""
    if record.get("outcome") != Outcome.ANSWERED.value or not record.get("citations"):
        return []
    try:
        at_hand = _kept_at_hand(app, base_names, record["citations"])
    except NotFoundError:
        return []
    if at_hand is None:
        return []
    return _other_sections(app, app.answerer(base_names), at_hand, str(record["question"]), language)


@dataclass(frozen=True, slots=True)
class _AtHand:
    """The drug or topic that an answer is about, and which of its sections the answer has shown."""

    document_id: int
    revision_id: int
    document_title: str
    document_kind: DocumentKind
    subject: str
    shown: frozenset[SectionKind]


def _kept_at_hand(app: App, base_names: Sequence[str], citations: Sequence[Mapping[str, Any]]) -> _AtHand | None:
    """What the first citation is about, where that is still the newest of a document of the bases. Raises NotFoundError."""
    places = dict.fromkeys((int(one["revision"]), int(one["page"]), int(one["start"])) for one in citations)
    ids = dict.fromkeys(app.store.section_at(*place) for place in places)
    sections = [app.store.section(one) for one in ids if one is not None]
    if not sections or sections[0].revision_id != int(citations[0]["revision"]):
        return None
    first = sections[0]
    revision = app.store.revision(first.revision_id)
    document = app.store.document(revision.document_id)
    of_bases = any(app.store.base(name).id == document.base_id for name in base_names)
    if not of_bases or document.retired_at is not None or not revision.current:
        return None
    card, shown = revision.card, frozenset(one.kind for one in sections)
    return _AtHand(document.id, revision.id, card.title, card.kind, first.subject, shown)


def _other_sections(app: App, answerer: Answerer, at_hand: _AtHand, question: str, language: Language) -> list[str]:
    """Questions about sections there are of what is at hand, but for those shown or asked for."""
    if at_hand.document_kind not in (DocumentKind.LEAFLET, DocumentKind.RECORDS):
        return []
    name = _name_at_hand(app, at_hand, question, answerer, language)
    if not name:
        return []
    asked = at_hand.shown | set(question_intents(question)[:1])
    there = {
        one.kind
        for one in app.store.section_kinds([at_hand.revision_id])
        if one.characters >= _LEAST_SECTION and fold(one.subject) == fold(at_hand.subject)
    }
    worded = (
        FOLLOW_UP_WORDING[kind].in_language(language).format(name=name)
        for kind in FOLLOW_UP_ORDER
        if kind in there and kind not in asked
    )
    return _first_that_are_answered(worded, answerer, MOST_FOLLOW_UPS, tries=2 * MOST_FOLLOW_UPS)


def _passage_at_hand(answer: Answer, entities: Sequence[Entity]) -> Passage | None:
    """The first passage cited; without citations the first about something the question names."""
    cited = {(one.revision_id, one.section_path) for one in answer.citations[:1]}
    named = {document for entity in entities if entity.is_product for document in entity.all_documents}
    for passage in answer.passages:
        if (passage.revision_id, passage.section_path) in cited:
            return passage
        if not cited and passage.document_id in named:
            return passage
    return None


def _kinds_shown(answer: Answer) -> set[SectionKind]:
    cited = {(one.revision_id, one.section_path) for one in answer.citations}
    return {one.section_kind for one in answer.passages if (one.revision_id, one.section_path) in cited}


def _name_at_hand(app: App, at_hand: _AtHand, question: str, answerer: Answerer, language: Language) -> str:
    """How to call the drug: as the person did, where that is this drug, else by its short name in ``language``."""
    for entity in answerer.entities(question):
        named = (at_hand.document_id, fold(at_hand.subject))
        if entity.is_product and (at_hand.document_id in entity.documents or named in entity.subjects):
            return _as_written(entity.text, question) if len(entity.text) <= _LONGEST_NAME_EN else ""
    return _short_name(app, at_hand.subject or at_hand.document_title, language)


def _short_name(app: App, name: str, language: Language) -> str:
    """The name without salt and dosage form, in ``language`` where the lexicon knows it there; empty when too long."""
    core = core_name(name)
    if language_of(core) != language:
        other = [one.term for one in app.lexicon.expand(core, language_of(core)) if language_of(one.term) == language]
        core = other[0] if other else core
    core = _as_written(core.split("/")[0], name)
    longest = _LONGEST_NAME if language_of(core) == "zh" else _LONGEST_NAME_EN
    return core if 2 <= len(core) <= longest and not _OTHER_SCRIPT.search(core) else ""


def _as_written(folded: str, text: str) -> str:
    """``folded`` with the letters that it has in ``text``, where it stands there."""
    place = text.lower().find(folded)
    return text[place : place + len(folded)] if place >= 0 else folded


def _first_that_are_answered(worded: Iterator[str], answerer: Answerer, most: int, *, tries: int) -> list[str]:
    found: list[str] = []
    for tried, question in enumerate(worded):
        if len(found) == most or tried == tries:
            break
        if question not in found and answerer.holds_answer(question):
            found.append(question)
    return found


# ------------------------------------------------------------------------------------------------ to begin with


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
        if one.characters >= _LEAST_SECTION:
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
    return _short_name(app, subject or document.card.title if several else names[0], language)


def _spoken(name: str, language: Language) -> Language:
    """A Chinese name in an English sentence would be neither: such a question is put in Chinese."""
    return "zh" if language_of(name) == "zh" else language
