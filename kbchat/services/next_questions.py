"""Questions to go on with after an answer, each one that the documents answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from kbchat.answering.answerer import Answerer
from kbchat.answering.remembered import Remembered
from kbchat.app import App
from kbchat.errors import NotFoundError
from kbchat.medical.sections import question_intents
from kbchat.messages import Language
from kbchat.services.suggestion_names import LONGEST_NAME_EN, as_written, short_name
from kbchat.services.suggestion_wording import FOLLOW_UP_ORDER, FOLLOW_UP_WORDING, LEAST_SECTION
from kbchat.text.tokens import fold
from kbchat.types import Answer, DocumentKind, Entity, Outcome, Passage, SectionKind

MOST_FOLLOW_UPS = 4
_TRIES = 2 * MOST_FOLLOW_UPS
_PLACES_KEPT = 1024
_there: WeakKeyDictionary[Answerer, Remembered[tuple[int, str], frozenset[SectionKind]]] = WeakKeyDictionary()
_lock = threading.Lock()


def follow_up_questions(app: App, answerer: Answerer, answer: Answer, question: str, language: Language) -> list[str]:
    """At most four questions about other sections of the drug or topic that ``answer`` is about."""
    if answer.outcome not in (Outcome.ANSWERED, Outcome.INSUFFICIENT_EVIDENCE):
        return []
    entities = answerer.entities(question)
    passage = _passage_at_hand(answer, entities)
    if passage is None:
        return []
    shown = _kinds_shown(answer) if answer.outcome is Outcome.ANSWERED else set()
    place = (passage.document_id, passage.revision_id, passage.document_title, passage.document_kind, passage.subject)
    return _other_sections(app, answerer, _AtHand(*place, frozenset(shown)), _Asked(question, entities, language))


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
    answerer, question = app.answerer(base_names), str(record["question"])
    return _other_sections(app, answerer, at_hand, _Asked(question, answerer.entities(question), language))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question that was answered, the names it holds, and the language to suggest in."""

    question: str
    entities: Sequence[Entity]
    language: Language


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


def _other_sections(app: App, answerer: Answerer, at_hand: _AtHand, asked: _Asked) -> list[str]:
    """Questions about sections there are of what is at hand, but for those shown or asked for."""
    if at_hand.document_kind not in (DocumentKind.LEAFLET, DocumentKind.RECORDS):
        return []
    name = _name_at_hand(app, at_hand, asked)
    if not name:
        return []
    told = at_hand.shown | set(question_intents(asked.question)[:1])
    there = _kinds_there(app, answerer, at_hand)
    worded = (
        FOLLOW_UP_WORDING[kind].in_language(asked.language).format(name=name)
        for kind in FOLLOW_UP_ORDER
        if kind in there and kind not in told
    )
    return _first_that_are_answered(worded, answerer)


def _kinds_there(app: App, answerer: Answerer, at_hand: _AtHand) -> frozenset[SectionKind]:
    """The kinds of sections there are of the drug or topic, headings without text left out."""

    def read(place: tuple[int, str]) -> frozenset[SectionKind]:
        revision_id, subject = place
        sections = app.store.section_kinds([revision_id])
        return frozenset(
            one.kind for one in sections if one.characters >= LEAST_SECTION and fold(one.subject) == subject
        )

    with _lock:
        known = _there.setdefault(answerer, Remembered(_PLACES_KEPT))
    return known.get((at_hand.revision_id, fold(at_hand.subject)), answerer.generation, read)


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


def _name_at_hand(app: App, at_hand: _AtHand, asked: _Asked) -> str:
    """How to call the drug: as the person did, where that is this drug, else by its short name in the language spoken."""
    named = (at_hand.document_id, fold(at_hand.subject))
    for entity in asked.entities:
        if entity.is_product and (at_hand.document_id in entity.documents or named in entity.subjects):
            return as_written(entity.text, asked.question) if len(entity.text) <= LONGEST_NAME_EN else ""
    return short_name(app, at_hand.subject or at_hand.document_title, asked.language)


def _first_that_are_answered(worded: Iterator[str], answerer: Answerer) -> list[str]:
    found: list[str] = []
    for tried, question in enumerate(worded):
        if len(found) == MOST_FOLLOW_UPS or tried == _TRIES:
            break
        if question not in found and answerer.holds_answer(question):
            found.append(question)
    return found
