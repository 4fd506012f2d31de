"""A question's whole way: screen it, retrieve, judge the evidence, write, check, cite."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from kbchat.answering.conflicts import find_conflicts, notice
from kbchat.answering.essential_matters import missing_matter
from kbchat.answering.events import (
    INTERACTIONS,
    SEARCHING,
    AnswerEvents,
    Final,
    Progress,
    Step,
    Steps,
    reading,
    result_of,
)
from kbchat.answering.evidence import EvidenceModel, is_enough, refusal_reason, signals
from kbchat.answering.followups import Resolved
from kbchat.answering.interactions import PairFindings, drugs_asked, find_interactions, find_interactions_of_answer
from kbchat.answering.patient_context import context_question, missing_context
from kbchat.answering.refusal import refusal_text
from kbchat.answering.remembered import Generation, Remembered
from kbchat.answering.rewriting import rewritten_question
from kbchat.answering.safety import FROM_THE_DOCUMENTS, Safety, Screening, screen
from kbchat.answering.writing import Writing, Written
from kbchat.assistants.assistant import Audience, Mode
from kbchat.embedding.protocol import Embedder
from kbchat.errors import InvalidInputError, KbchatError
from kbchat.generation.entailment import EntailmentModel
from kbchat.generation.extractive import ExtractiveGenerator
from kbchat.generation.protocol import GenerationRequest, Generator, Turn
from kbchat.generation.sentence_scoring import score_sentences
from kbchat.medical.editions import newest_editions
from kbchat.medical.scope import ScopeLabel
from kbchat.messages import Bilingual, Language
from kbchat.retrieval.retriever import Restriction, Retrieved, Retriever
from kbchat.settings import AnswerSettings, HospitalSettings, SafetySettings
from kbchat.text.language import language_of
from kbchat.types import Answer, Checks, Entity, Outcome, Passage, Query

LONGEST_QUESTION = 4000
_NEAREST = 3
_VERDICTS_KEPT = 4096


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What an answer is made with. ``embedder`` and ``entailment`` serve the checks (None: by words alone)."""

    retriever: Retriever
    generator: Generator
    answer: AnswerSettings
    evidence: EvidenceModel
    safety: Safety = field(default_factory=lambda: Safety(SafetySettings(), HospitalSettings()))
    mode: Mode = Mode.DOCUMENTS
    audience: Audience = "patient"
    strict: bool = True
    embedder: Embedder | None = None
    entailment: EntailmentModel | None = None


def checked_question(question: str) -> str:
    """The question without control characters and outer blanks.

    Raises InvalidInputError when nothing is left or it is longer than ``LONGEST_QUESTION`` characters.
    """
    text = "".join(c for c in question if c.isprintable() or c in "\n\t").strip()
    if not text:
        raise InvalidInputError(
            Bilingual("The question is empty.", "问题是空的。"),
            Bilingual(
                "Write a question, for example: metformin maximum daily dose.",
                "请输入问题，例如：二甲双胍每日最大剂量是多少？",
            ),
        )
    if len(text) > LONGEST_QUESTION:
        raise InvalidInputError(
            Bilingual(
                f"The question has {len(text)} characters; at most {LONGEST_QUESTION} are read.",
                f"问题有 {len(text)} 个字符，最多 {LONGEST_QUESTION} 个。",
            ),
            Bilingual("Ask one thing at a time, in a few sentences.", "请用几句话，一次问一件事。"),
        )
    return text


def current_editions(query: Query, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages without those of an older edition of a document that is there in a newer one.

    Where the question names its document ("in the 2010 guideline"), nothing is left out: the older may be meant.
    """
    if query.selector:
        return tuple(passages)
    newest = newest_editions((passage.edition, passage.revision_date) for passage in passages)
    return tuple(
        passage for passage in passages if not passage.revision_date or passage.revision_date >= newest[passage.edition]
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question with all that was given with it."""

    text: str
    standalone: str | None
    history: tuple[Turn, ...]
    restriction: Restriction | None
    language: Language | None

    @property
    def said(self) -> str:
        """Everything the person said so far."""
        earlier = [turn.content for turn in self.history if turn.role == "user"]
        return "\n".join((*earlier, self.standalone or "", self.text))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was retrieved for a question, and whether it holds the answer."""

    found: Retrieved
    request: GenerationRequest
    checks: Checks
    language: Language
    enough: bool
    reason: Bilingual | None
    timings: dict[str, float]


class Answerer:
    """Answers questions from the passages of one retriever."""

    def __init__(self, parts: AnswerParts) -> None:
        self._parts = parts
        self._writing = Writing(
            parts.generator,
            parts.safety,
            parts.answer,
            parts.embedder,
            strict=parts.strict,
            entailment=parts.entailment,
        )
        self._quoting = Writing(ExtractiveGenerator(), parts.safety, parts.answer, parts.embedder, strict=parts.strict)
        self._verdicts: Remembered[str, bool] = Remembered(_VERDICTS_KEPT)

    def answer(
        self,
        question: str,
        *,
        standalone: str | None = None,
        history: Sequence[Turn] = (),
        restriction: Restriction | None = None,
        language: Language | None = None,
    ) -> Answer:
        """Answer ``question``; ``standalone`` is the same with the conversation's context put in.

        Fixed words are written in ``language`` (default: the question's). Raises InvalidInputError and whatever the store,
        the index, the embedder or, where the mode needs one, the generator raise.
        """
        return result_of(self._answered(self._asked(question, standalone, history, restriction, language)))

    def stream(
        self,
        question: str,
        *,
        standalone: str | None = None,
        history: Sequence[Turn] = (),
        restriction: Restriction | None = None,
        language: Language | None = None,
    ) -> AnswerEvents:
        """The same, told while it happens: progress, what a model writes (where checks are not strict), the answer.

        An unusable question is told at once, other errors while the events are read. Closing it stops the model.
        """
        return self._events(self._asked(question, standalone, history, restriction, language))

    def _events(self, asked: _Asked) -> AnswerEvents:
        answer = yield from self._answered(asked)
        yield Final(answer)

    @staticmethod
    def _asked(
        question: str,
        standalone: str | None,
        history: Sequence[Turn],
        restriction: Restriction | None,
        language: Language | None,
    ) -> _Asked:
        return _Asked(checked_question(question), standalone, tuple(history), restriction, language)

    def _answered(self, asked: _Asked) -> Steps[Answer]:
        text = asked.text
        if self._parts.mode is Mode.TEXT:
            return (yield from self._from_text(asked))
        screening = screen(text)
        if screening.emergency is not None:
            return (yield from self._emergency(asked, screening))
        if self._declines(asked, screening):
            reply = self._parts.safety.scope_reply(screening.scope, asked.language or language_of(text))
            return Answer(reply, (), (), Outcome.OUT_OF_SCOPE, Checks(), category=screening.scope.value)
        judged = yield from self._judged(asked)
        if self._parts.mode is Mode.CONVERSATION:
            answer = yield from self._in_conversation(asked, judged)
        else:
            answer = yield from self._from_base(asked, judged, self._writing)
        return self._with_footer(answer, judged.language)

    @property
    def generation(self) -> Generation:
        """What changes whenever documents of the searched bases do."""
        return tuple(base.index.watermark for base in self._parts.retriever.bases)

    def entities(self, question: str) -> tuple[Entity, ...]:
        """The names of the searched bases that ``question`` holds."""
        found = [base.vocabulary.entities(question) for base in self._parts.retriever.bases] if question else []
        return tuple(dict.fromkeys(entity for entities in found for entity in entities))

    def holds_answer(self, question: str) -> bool:
        """Whether the documents answer ``question``, as far as the evidence tells; nothing is written.

        False for what is no question to the documents, and for an emergency. The verdict is remembered until documents
        change, so this is for questions that kbchat words itself: what a person writes is not kept. Raises as :meth:`answer`.
        """
        return self._verdicts.get(question, self.generation, self._is_answered)

    def _is_answered(self, question: str) -> bool:
        screening = screen(question)
        if screening.emergency is not None or not screening.is_answered_from_base:
            return False
        parts = self._parts
        found = self._found(_Asked(question, None, (), None, None))
        return is_enough(found, parts.evidence, parts.retriever.weights, parts.answer.evidence_threshold)

    def standalone(
        self, resolved: Resolved, question: str, history: Sequence[Turn], *, known_names: Collection[str] = ()
    ) -> str:
        """A follow-up as a question that stands alone, for :meth:`answer`: see ``answering.rewriting``."""
        if self._parts.mode is Mode.TEXT:
            return resolved.standalone_text
        generator, safety = self._parts.generator, self._parts.safety
        return rewritten_question(generator, safety, resolved, question, history, known_names=known_names)

    def _declines(self, asked: _Asked, screening: Screening) -> bool:
        """Whether a message gets no answer from the base; in a talk, short replies are part of it."""
        if screening.is_answered_from_base:
            return False
        return not (self._parts.mode is Mode.CONVERSATION and asked.history and screening.scope is ScopeLabel.CHITCHAT)

    def _emergency(self, asked: _Asked, screening: Screening) -> Steps[Answer]:
        """What to do now; below it, what the documents say in their own words: nobody waits for a model here."""
        flag = screening.emergency
        assert flag is not None
        language = asked.language or language_of(asked.text)
        text = self._parts.safety.emergency_text(flag, language)
        alone = Answer(text, (), (), Outcome.EMERGENCY, Checks(), category=flag.category)
        if not screening.is_answered_from_base:
            return self._with_footer(alone, language)
        try:
            judged = yield from self._judged(asked)
            below = yield from self._from_base(asked, judged, self._quoting)
        except KbchatError:  # an index or a store that fails must not keep the advice back
            return self._with_footer(alone, language)
        if below.outcome is Outcome.ANSWERED:
            text = f"{text}\n\n{FROM_THE_DOCUMENTS.in_language(language)}\n\n{below.text}"
        answer = replace(
            below, text=text, outcome=Outcome.EMERGENCY, reason="", nearest_documents=(), category=flag.category
        )
        return self._with_footer(answer, language)

    def _found(self, asked: _Asked) -> Retrieved:
        """What is retrieved for a question without what identifies persons, in the newest editions."""
        parts = self._parts
        question = parts.safety.searched(asked.text) or asked.text
        standalone: str | None = question  # mostly the same words, in which persons need not be looked for twice
        if asked.standalone != asked.text:
            standalone = parts.safety.searched(asked.standalone) if asked.standalone else None
        found = parts.retriever.retrieve(question, standalone=standalone, restriction=asked.restriction)
        return replace(found, passages=current_editions(found.query, found.passages))

    def _judged(self, asked: _Asked) -> Steps[_Judged]:
        parts = self._parts
        yield Progress(Step.SEARCHING, SEARCHING)
        found = self._found(asked)
        yield reading(len(found.passages), len({passage.document_id for passage in found.passages}))
        started = time.perf_counter()
        sentences = score_sentences(found.query, found.passages, found.information)
        measured = signals(found, sentences, parts.retriever.weights)
        probability = parts.evidence.probability(measured)
        threshold = parts.answer.evidence_threshold
        told = missing_matter(found.query, found.passages) is None
        enough = bool(found.passages) and told and probability >= threshold
        request = GenerationRequest(
            query=found.query,
            passages=found.passages,
            max_characters=parts.answer.max_characters,
            history=asked.history,
            information=found.information,
            sentences=tuple(sentences),
        )
        return _Judged(
            found,
            request,
            Checks(evidence_score=round(probability, 4), evidence_threshold=threshold),
            asked.language or found.query.language,
            enough,
            None if enough else refusal_reason(found, measured),
            dict(found.timings) | {"evidence": time.perf_counter() - started},
        )

    def _from_base(self, asked: _Asked, judged: _Judged, writing: Writing) -> Steps[Answer]:
        if not judged.enough:
            return self._refused(judged)
        language, timings = judged.language, judged.timings
        started = time.perf_counter()
        query, retriever = judged.found.query, self._parts.retriever
        if len(drugs_asked(query)) > 1:
            yield Progress(Step.READING, INTERACTIONS)
        pairs = find_interactions(query, retriever, judged.found.passages, language)
        timings["interactions"] = time.perf_counter() - started
        started = time.perf_counter()
        request = replace(judged.request, passages=(*judged.request.passages, *pairs.passages))

        def further(text: str) -> PairFindings:
            return find_interactions_of_answer(query, text, retriever, request.passages, language)

        written = yield from writing.write(request, asked.said, language, pairs, further)
        timings["generate"] = time.perf_counter() - started - written.checking
        timings["checks"] = written.checking
        if written.refused or not written.citations:
            return replace(self._refused(judged), generator=written.generator)
        return self._finished(asked, judged, written, (*request.passages, *written.passages))

    def _finished(self, asked: _Asked, judged: _Judged, written: Written, passages: tuple[Passage, ...]) -> Answer:
        language = judged.language
        conflicts = find_conflicts(written.citations)
        pairs = tuple((conflict.first, conflict.second) for conflict in conflicts)
        asks = missing_context(judged.found.query, written.citations, passages, asked.said)
        below = (notice(conflicts, written.citations, language), context_question(asks, language))
        return Answer(
            "\n\n".join((written.text, *(line for line in below if line))),
            written.citations,
            passages,
            Outcome.ANSWERED,
            replace(written.onto(judged.checks), conflicts=pairs),
            judged.timings,
            generator=written.generator,
            fallback=written.fallback,
            asks_for=asks,
        )

    def _in_conversation(self, asked: _Asked, judged: _Judged) -> Steps[Answer]:
        """A model's turn of a talk; passages are given to it where they hold something."""
        passages = judged.found.passages if judged.enough else ()
        request = replace(judged.request, passages=passages, sentences=judged.request.sentences if passages else ())
        return (yield from self._talked(request, asked, judged.language, judged.checks, judged.timings))

    def _from_text(self, asked: _Asked) -> Steps[Answer]:
        """What a model makes of the text given; its quantities must stand there."""
        language = asked.language or language_of(asked.text)
        query = Query(asked.text, asked.text, (), (), language)
        request = GenerationRequest(query, (), self._parts.answer.max_characters, asked.history)
        answer = yield from self._talked(request, asked, language, Checks(), {})
        return self._with_footer(answer, language)

    def _talked(
        self, request: GenerationRequest, asked: _Asked, language: Language, checks: Checks, timings: dict[str, float]
    ) -> Steps[Answer]:
        started = time.perf_counter()
        written = yield from self._writing.talk(request, asked.said, language)
        timings["generate"] = time.perf_counter() - started - written.checking
        timings["checks"] = written.checking
        return Answer(
            written.text,
            written.citations,
            request.passages,
            Outcome.ANSWERED,
            written.onto(checks),
            timings,
            generator=written.generator,
        )

    def _refused(self, judged: _Judged) -> Answer:
        passages = judged.found.passages
        nearest = tuple(dict.fromkeys(p.document_title or p.document for p in passages))[:_NEAREST]
        text = refusal_text(judged.language, judged.reason, nearest)
        why = judged.reason.in_language(judged.language) if judged.reason else ""
        return Answer(text, (), passages, Outcome.INSUFFICIENT_EVIDENCE, judged.checks, judged.timings, why, nearest)

    def _with_footer(self, answer: Answer, language: Language) -> Answer:
        return replace(answer, footer=self._parts.safety.footer(self._parts.audience, language))
