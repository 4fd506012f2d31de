"""The evidence gate: do the passages found hold the answer, or do they only look like it?

A small logistic model over signals that mean something to a person. Its weights are fitted by
``benchmarks/calibrate_evidence.py`` on the development questions, answerable and unanswerable; the threshold is a setting.
What lies outside such documents, or after them, weighs more than was fitted: however near the passages are, they do not tell it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

from kbchat.answering.essential_matters import missing_matter
from kbchat.generation.sentence_scoring import ScoredSentence, score_sentences
from kbchat.medical.outside_documents import asks_outside_documents
from kbchat.messages import Bilingual
from kbchat.retrieval.retriever import Retrieved
from kbchat.retrieval.weights import RankingWeights
from kbchat.text.deferred_pattern import deferred
from kbchat.text.tokens import fold, index_tokens
from kbchat.types import Passage, Query

_YEAR = deferred(r"(?<!\d)(20\d\d)(?!\d)")
_CONSIDERED = 4
_ABOUT = 0.3
"""The share of the question's information in its title from which on the document is about it."""
_USUAL_SIMILARITY = 0.45
"""What stands for the best cosine in a base without an embedding: about the middle of the development questions."""


@dataclass(frozen=True, slots=True)
class EvidenceSignals:
    """What speaks for an answer and against it; every signal lies between 0 and 1.

    ``coverage``: share of the question's information that the best sentence (with heading and subject) holds;
    ``passage_coverage``: the same for the best passage; ``similarity``: the best cosine; ``unnamed``: the question
    names nothing of this base, neither a drug nor what the first document's title is about; ``section``: the best passage's section is of the kind asked for; ``unknown``: a drug-like
    name that no passage mentions; ``outside``: asks what such documents never say (price, stock, insurance, latest news); ``later``:
    asks about a year after every document found.
    """

    coverage: float
    passage_coverage: float
    similarity: float
    unnamed: float
    section: float
    unknown: float
    outside: float
    later: float


_SIGNALS = tuple(field.name for field in fields(EvidenceSignals))


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """Logistic weights, one for each signal."""

    bias: float = -1.2
    coverage: float = 1.2
    passage_coverage: float = 1.4
    similarity: float = 8.6
    unnamed: float = -3.9
    section: float = -0.9
    unknown: float = -4.5
    outside: float = -12.0
    later: float = -10.0

    def probability(self, signals: EvidenceSignals) -> float:
        """How likely the passages hold the answer, 0 to 1."""
        total = self.bias + sum(getattr(self, name) * getattr(signals, name) for name in _SIGNALS)
        return 1.0 / (1.0 + math.exp(-total))


def signals(found: Retrieved, sentences: Sequence[ScoredSentence], weights: RankingWeights) -> EvidenceSignals:
    """The signals of a question and its passages; ``weights`` undo the weighting of the score parts."""
    query, passages = found.query, found.passages[:_CONSIDERED]
    first = passages[0] if passages else None
    return EvidenceSignals(
        coverage=max((item.coverage for item in sentences if item.passage < _CONSIDERED), default=0.0),
        passage_coverage=_unweighted([passage.parts.coverage for passage in passages], weights.coverage),
        similarity=_unweighted([p.parts.dense for p in passages], weights.dense) if found.dense else _USUAL_SIMILARITY,
        unnamed=0.0 if query.entities else 1.0 - _topic(found, first),
        section=1.0 if first is not None and query.intents and first.section_kind in query.intents else 0.0,
        unknown=1.0 if _unmentioned(query, passages) else 0.0,
        outside=1.0 if asks_outside_documents(query.standalone_text) else 0.0,
        later=1.0 if _asks_later(query.standalone_text, passages) else 0.0,
    )


def is_enough(found: Retrieved, model: EvidenceModel, weights: RankingWeights, threshold: float) -> bool:
    """Whether what was found holds the answer. Sentences are read only where their coverage decides: mostly it does not."""
    if not found.passages or missing_matter(found.query, found.passages) is not None:
        return False
    measured = signals(found, (), weights)
    at_ends = {model.probability(replace(measured, coverage=end)) >= threshold for end in (0.0, 1.0)}
    if len(at_ends) == 1:
        return at_ends.pop()
    sentences = score_sentences(found.query, found.passages[:_CONSIDERED], found.information)
    return model.probability(signals(found, sentences, weights)) >= threshold


def _topic(found: Retrieved, first: Passage | None) -> float:
    """How far the title of the first passage's document is about what is asked, 0 to 1."""
    if first is None:
        return 0.0
    title = frozenset(index_tokens(f"{first.document_title} {first.subject}"))
    return min(1.0, found.information.covered_share(title) / _ABOUT)


def _unweighted(parts: Sequence[float], weight: float) -> float:
    return max(parts, default=0.0) / weight if weight else 0.0


def refusal_reason(found: Retrieved, measured: EvidenceSignals) -> Bilingual | None:
    """The strongest reason against an answer, in words; None when it is plain lack of evidence."""
    missing = _unmentioned(found.query, found.passages[:_CONSIDERED]) if measured.unknown else []
    matter = missing_matter(found.query, found.passages)
    if matter is not None and not missing:
        return Bilingual(f"No document found says anything of {matter.en}.", f"找到的资料没有提到{matter.zh}。")
    if missing:
        return Bilingual(f"No document names “{missing[0]}”.", f"没有资料提到“{missing[0]}”。")
    if measured.later:
        return Bilingual("It asks about a time after the newest document.", "问题涉及的时间晚于现有资料。")
    if measured.outside:
        return Bilingual(
            "Leaflets and guidelines do not cover such matters (price, stock, insurance, latest news).",
            "说明书和指南不包含这类信息（价格、库存、医保、最新动态等）。",
        )
    return None


def _forms(name: str, query: Query) -> tuple[str, ...]:
    """A name of the question, folded, and its other names."""
    folded = fold(name)
    return (folded, *(synonym.term for synonym in query.expansions if synonym.source == folded))


def _unmentioned(query: Query, passages: Sequence[Passage]) -> list[str]:
    """The drug-like names of the question that no passage mentions under any of their names."""
    texts = [fold(f"{p.subject} {p.document_title} {p.document} {p.text}") for p in passages]
    return [
        name for name in query.unknown_names if not any(form in text for text in texts for form in _forms(name, query))
    ]


def _asks_later(question: str, passages: Sequence[Passage]) -> bool:
    """Whether the question names a year after every document found, which no passage mentions either."""
    asked = max((int(year) for year in _YEAR.findall(question)), default=0)
    if not asked:
        return False
    texts = [f"{p.revision_date} {p.document_title} {p.document} {p.text}" for p in passages]
    if any(str(asked) in text for text in texts):
        return False
    dates = [f"{p.revision_date} {p.document_title} {p.document}" for p in passages]
    known = [int(year) for date in dates for year in _YEAR.findall(date)]
    return asked > max(known, default=datetime.now(tz=UTC).year)
