"""A question's whole way: check it, retrieve, judge the evidence, generate, cite."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kbchat.answering.citations import cite
from kbchat.answering.conflicts import find_conflicts, notice
from kbchat.answering.evidence import EvidenceModel, refusal_reason, signals
from kbchat.answering.refusal import refusal_text
from kbchat.errors import InvalidInputError
from kbchat.generation.protocol import GenerationRequest, Generator, Turn
from kbchat.generation.sentence_scoring import score_sentences
from kbchat.medical.editions import newest_editions
from kbchat.messages import Bilingual, Language
from kbchat.retrieval.retriever import Restriction, Retrieved, Retriever
from kbchat.settings import AnswerSettings
from kbchat.types import Answer, Checks, Outcome, Passage, Query

LONGEST_QUESTION = 4000
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What an answer is made with."""

    retriever: Retriever
    generator: Generator
    answer: AnswerSettings
    evidence: EvidenceModel


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


class Answerer:
    """Answers questions from the passages of one retriever."""

    def __init__(self, parts: AnswerParts) -> None:
        self._parts = parts

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

        The refusal is written in ``language`` (default: the question's). Raises InvalidInputError and whatever the store,
        the index, the embedder or the generator raise.
        """
        text = checked_question(question)
        found = self._parts.retriever.retrieve(text, standalone=standalone, restriction=restriction)
        found = replace(found, passages=current_editions(found.query, found.passages))
        started = time.perf_counter()
        sentences = score_sentences(found.query, found.passages, found.information)
        measured = signals(found, sentences, self._parts.retriever.weights)
        probability = self._parts.evidence.probability(measured)
        threshold = self._parts.answer.evidence_threshold
        timings = dict(found.timings) | {"evidence": time.perf_counter() - started}
        checks = Checks(evidence_score=round(probability, 4), evidence_threshold=threshold)
        tongue = language or found.query.language
        if not found.passages or probability < threshold:
            reason = refusal_reason(found, measured)
            return self._refused(found, tongue, reason, checks, timings)
        started = time.perf_counter()
        request = GenerationRequest(
            query=found.query,
            passages=found.passages,
            max_characters=self._parts.answer.max_characters,
            history=tuple(history),
            information=found.information,
            sentences=tuple(sentences),
        )
        cited = cite("".join(self._parts.generator.stream(request)), found.passages)
        timings["generate"] = time.perf_counter() - started
        if not cited.citations:
            return self._refused(found, tongue, None, checks, timings)
        conflicts = find_conflicts(cited.citations)
        pairs = tuple((conflict.first, conflict.second) for conflict in conflicts)
        checks = replace(checks, removed_markers=cited.removed, conflicts=pairs)
        disagreement = notice(conflicts, cited.citations, tongue)
        text = f"{cited.text}\n\n{disagreement}" if disagreement else cited.text
        return Answer(text, cited.citations, found.passages, Outcome.ANSWERED, checks, timings)

    @staticmethod
    def _refused(
        found: Retrieved, language: Language, reason: Bilingual | None, checks: Checks, timings: dict[str, float]
    ) -> Answer:
        nearest = tuple(dict.fromkeys(p.document_title or p.document for p in found.passages))[:_NEAREST]
        text = refusal_text(language, reason, nearest)
        why = reason.in_language(language) if reason else ""
        return Answer(text, (), found.passages, Outcome.INSUFFICIENT_EVIDENCE, checks, timings, why, nearest)
