"""Search, and the retrieval test: what is found, why, and whether it stays so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kbchat.access.table import Action
from kbchat.answering.answerer import checked_question
from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.medical.phi import mask
from kbchat.messages import Bilingual
from kbchat.retrieval.retriever import Retriever
from kbchat.retrieval.weights import RankingWeights
from kbchat.services.expected_passage import ExpectedPassage, rank_of
from kbchat.services.score_parts import explained
from kbchat.settings import RetrievalSettings
from kbchat.store.retrieval_tests import StoredTestRun
from kbchat.types import Passage, Query

if TYPE_CHECKING:
    from kbchat.services import Services

_MOST_PASSAGES = 50
_LONGEST_TEXT = 4000
_RANKS_LOOKED_AT = 10
_WEIGHTS = frozenset(field.name for field in fields(RankingWeights))
_SETTINGS = frozenset(RetrievalSettings.model_fields) - {"lexical_weight", "dense_weight"}
OVERRIDES = _WEIGHTS | _SETTINGS
"""The numbers of a search that the retrieval test may change for one call."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found: the question as understood, passages best first, seconds by step."""

    query: Query
    passages: tuple[Passage, ...]
    timings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TestCase:
    """A question with what must be found for it. ``document`` is the name of the document expected; empty: gone."""

    __test__ = False  # not one of pytest's

    id: int
    question: str
    expected: ExpectedPassage
    document: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRank:
    """How one case did: the place at which the expected passage came, None when not among the first ten."""

    case_id: int
    question: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class TestRun:
    """How all cases of a base did. ``hit_at`` are shares of the cases (0 to 1) for 1, 3 and 5 passages."""

    __test__ = False

    id: int
    created_at: datetime
    created_by: str
    overrides: Mapping[str, float]
    cases: tuple[CaseRank, ...]

    def hit_at(self, k: int) -> float:
        """Share of the cases whose expected passage is among the first ``k``."""
        if not self.cases:
            return 0.0
        return sum(case.rank is not None and case.rank <= k for case in self.cases) / len(self.cases)


class RetrievalService:
    """Search for one principal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._store = services.app.store

    def search(
        self,
        question: str,
        bases: Sequence[str],
        *,
        k: int = 8,
        documents: Sequence[str] = (),
        kinds: Sequence[str] = (),
        overrides: Mapping[str, float] | None = None,
    ) -> SearchResult:
        """The ``k`` best passages of the named bases.

        ``documents`` are file names, paths or titles; ``kinds`` kinds of documents; ``overrides`` other numbers for
        this search (``OVERRIDES``), for which the principal must be allowed the retrieval test.

        Raises NotFoundError, ForbiddenError, InvalidInputError, IndexStateError, EmbedderError.
        """
        action = Action.RETRIEVAL_TEST if overrides else Action.SEARCH
        names = [self._services.allow_on(action, name).name for name in dict.fromkeys(bases)]
        if not names:
            raise InvalidInputError(
                Bilingual("No knowledge base was chosen.", "没有选择知识库。"),
                Bilingual("Choose at least one.", "请至少选择一个。"),
            )
        text = checked_question(question)
        restriction = self._services.app.restriction(names, documents, kinds) if documents or kinds else None
        retriever = self._retriever(names, overrides or {})
        found = retriever.retrieve(text, k=max(1, min(k, _MOST_PASSAGES)), restriction=restriction)
        return SearchResult(found.query, found.passages, dict(found.timings))

    def explain(self, passage: Passage) -> list[tuple[Bilingual, float]]:
        """Why a passage stands where it stands: the parts that count, the weightiest first, then the total."""
        return explained(passage.parts)

    def weights(self) -> dict[str, float]:
        """The numbers of a search as they are set: what ``overrides`` may change, and from what."""
        settings = self._services.app.settings.retrieval
        chosen = RankingWeights(lexical=settings.lexical_weight, dense=settings.dense_weight)
        return {**{name: float(getattr(settings, name)) for name in sorted(_SETTINGS)}, **asdict(chosen)}

    def save_case(self, base: str, question: str, expected: ExpectedPassage) -> TestCase:
        """Keep a question with what must be found; identifiers of persons in it are masked.

        Raises NotFoundError (also for a document of another base), ForbiddenError, InvalidInputError.
        """
        found = self._services.allow_on(Action.RETRIEVAL_TEST, base)
        document = self._services.documents.get(base, expected.document_id).row
        kept = replace(expected, text=expected.text[:_LONGEST_TEXT])
        text = mask(checked_question(question))
        key = self._store.add_test_case(found.id, text, kept.as_json(), self._services.principal.user)
        self._services.record(Action.RETRIEVAL_TEST, base=found.name, object=f"case {key} saved for {document.id}")
        return next(case for case in self.cases(base) if case.id == key)

    def cases(self, base: str) -> list[TestCase]:
        """The cases of a base, oldest first. Raises NotFoundError, ForbiddenError."""
        found = self._services.allow_on(Action.RETRIEVAL_TEST, base)
        names = {document.id: document.name for document in self._store.documents(found.id, include_retired=True)}
        cases = []
        for stored in self._store.test_cases(found.id):
            expected = ExpectedPassage.from_json(stored.expected)
            name = names.get(expected.document_id, "")
            cases.append(TestCase(stored.id, stored.question, expected, name, stored.created_by, stored.created_at))
        return cases

    def delete_case(self, base: str, case_id: int) -> None:
        """Remove a case. Raises NotFoundError, ForbiddenError."""
        found = self._services.allow_on(Action.RETRIEVAL_TEST, base)
        if not self._store.delete_test_case(found.id, case_id):
            raise NotFoundError(
                Bilingual(f"There is no case {case_id} here.", f"这里没有编号为 {case_id} 的测试用例。"),
                Bilingual("It may have been removed meanwhile.", "它可能已被删除。"),
            )
        self._services.record(Action.RETRIEVAL_TEST, base=found.name, object=f"case {case_id} removed")

    def run_cases(self, base: str, overrides: Mapping[str, float] | None = None) -> TestRun:
        """Run all cases of a base and keep how they did. Raises as ``search``, and InvalidInputError without cases."""
        found = self._services.allow_on(Action.RETRIEVAL_TEST, base)
        stored = self._store.test_cases(found.id)
        if not stored:
            raise InvalidInputError(
                Bilingual("There are no saved cases yet.", "还没有保存的测试用例。"),
                Bilingual("Search, and save a question with its passage.", "请先检索，并把问题与正确段落保存为用例。"),
            )
        retriever = self._retriever([found.name], overrides or {})
        ranks = []
        for case in stored:
            passages = retriever.retrieve(case.question, k=_RANKS_LOOKED_AT).passages
            rank = rank_of(ExpectedPassage.from_json(case.expected), passages)
            ranks.append({"case_id": case.id, "question": case.question, "rank": rank})
        kept = self._store.add_test_run(
            found.id, dict(overrides or {}), {"cases": ranks}, self._services.principal.user
        )
        return _run(kept)

    def runs(self, base: str, *, limit: int = 100) -> list[TestRun]:
        """Earlier runs, newest first. Raises NotFoundError, ForbiddenError."""
        found = self._services.allow_on(Action.RETRIEVAL_TEST, base)
        return [_run(stored) for stored in self._store.test_runs(found.id, limit=limit)]

    def _retriever(self, base_names: Sequence[str], overrides: Mapping[str, float]) -> Retriever:
        usual = self._services.app.retriever(base_names)
        if not overrides:
            return usual
        settings, weights = _overridden(self._services.app.settings.retrieval, usual.weights, overrides)
        return Retriever(self._store, usual.bases, settings, weights)


def _overridden(
    settings: RetrievalSettings, weights: RankingWeights, overrides: Mapping[str, float]
) -> tuple[RetrievalSettings, RankingWeights]:
    """Settings and weights with other numbers. Raises InvalidInputError naming what is wrong."""
    unknown = sorted(set(overrides) - OVERRIDES)
    if unknown:
        raise _wrong(unknown[0], Bilingual("a number of a search", "检索参数"))
    values: dict[str, Any] = {name: value for name, value in overrides.items() if name in _SETTINGS}
    try:
        settings = RetrievalSettings.model_validate({**settings.model_dump(), **values})
    except ValidationError as error:
        wrong = error.errors()[0]
        said = str(wrong["msg"])
        raise _wrong(str(wrong["loc"][0]), Bilingual(said, said)) from error
    ranking: dict[str, Any] = {name: value for name, value in overrides.items() if name in _WEIGHTS}
    for name, value in ranking.items():
        least, most = (1, 1000) if name == "covered" else (-10, 10)
        if not least <= value <= most:
            raise _wrong(name, Bilingual(f"a number from {least} to {most}", f"{least} 到 {most} 之间的数"))
    if "covered" in ranking:
        ranking["covered"] = int(ranking["covered"])
    return settings, replace(weights, **ranking)


def _run(stored: StoredTestRun) -> TestRun:
    cases = tuple(CaseRank(case["case_id"], case["question"], case["rank"]) for case in stored.result["cases"])
    return TestRun(stored.id, stored.created_at, stored.created_by, stored.settings, cases)


def _wrong(name: str, expected: Bilingual) -> InvalidInputError:
    return InvalidInputError(
        Bilingual(f"{name[:60]!r} cannot be changed to this.", f"参数 {name[:60]!r} 的取值不可用。"),
        Bilingual(f"Expected: {expected.en}.", f"应为：{expected.zh}。"),
    )
