"""Search and the retrieval test through the services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kbchat.access.principal import Role
from kbchat.errors import ForbiddenError, InvalidInputError, NotFoundError
from kbchat.services import Services
from kbchat.services.expected_passage import ExpectedPassage, rank_of
from kbchat.services.retrieval import OVERRIDES
from kbchat.store import CommittedDocument, KnowledgeBase
from kbchat.types import SectionKind

SeenBy = Callable[..., Services]
_QUESTION = "阿司匹林肠溶片的用法用量？"


def test_readers_search_what_they_may_see(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, seen_by: SeenBy
) -> None:
    found = seen_by(Role.READER).retrieval.search(_QUESTION, [base.name], k=1)
    assert [passage.document_id for passage in found.passages] == [aspirin.document_id]
    assert "search" in found.timings
    services.bases.close_to(base.name, ["icu"])
    with pytest.raises(NotFoundError):
        seen_by(Role.READER).retrieval.search(_QUESTION, [base.name])
    services.bases.create("open")
    with pytest.raises(NotFoundError):
        seen_by(Role.READER).retrieval.search(_QUESTION, ["open", base.name])


@pytest.mark.parametrize("question", ["", " \x00 ", "x" * 20_000])
def test_what_is_no_question_is_refused(services: Services, base: KnowledgeBase, question: str) -> None:
    with pytest.raises(InvalidInputError):
        services.retrieval.search(question, [base.name])
    with pytest.raises(InvalidInputError):
        services.retrieval.search(_QUESTION, [])


def test_a_search_can_be_limited_to_documents_and_kinds(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument
) -> None:
    assert not services.retrieval.search(_QUESTION, [base.name], kinds=["guideline"]).passages
    assert services.retrieval.search(_QUESTION, [base.name], documents=["阿司匹林.txt"]).passages
    with pytest.raises(NotFoundError):
        services.retrieval.search(_QUESTION, [base.name], documents=["none.txt"])


def test_the_parts_of_a_score_explain_it(services: Services, base: KnowledgeBase, aspirin: CommittedDocument) -> None:
    first = services.retrieval.search(_QUESTION, [base.name]).passages[0]
    *parts, total = services.retrieval.explain(first)
    assert total[0].en == "total"
    assert total[1] == pytest.approx(first.score)
    assert sum(value for _, value in parts) == pytest.approx(first.score)
    assert [abs(value) for _, value in parts] == sorted((abs(value) for _, value in parts), reverse=True)


def test_other_numbers_change_one_search_and_only_for_those_who_test(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, seen_by: SeenBy
) -> None:
    usual = services.retrieval.search(_QUESTION, [base.name]).passages[0]
    changed = services.retrieval.search(
        _QUESTION, [base.name], overrides={"entity": 0, "entity_exact": 0, "dense": 0}
    ).passages[0]
    assert (usual.parts.entity > 0, changed.parts.entity, changed.parts.dense) == (True, 0, 0)
    assert services.retrieval.search(_QUESTION, [base.name]).passages[0].parts == usual.parts
    with pytest.raises(ForbiddenError):
        seen_by(Role.READER).retrieval.search(_QUESTION, [base.name], overrides={"entity": 0})
    assert set(services.retrieval.weights()) == OVERRIDES


@pytest.mark.parametrize(
    "overrides",
    [{"magic": 1.0}, {"entity": 99.0}, {"entity": float("nan")}, {"covered": float("nan")}, {"candidates": 1}],
)
def test_numbers_out_of_reason_are_refused(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument, overrides: dict[str, float]
) -> None:
    with pytest.raises(InvalidInputError):
        services.retrieval.search(_QUESTION, [base.name], overrides=overrides)


def test_cases_are_kept_run_and_removed(services: Services, base: KnowledgeBase, aspirin: CommittedDocument) -> None:
    with pytest.raises(InvalidInputError):
        services.retrieval.run_cases(base.name)
    first = services.retrieval.search(_QUESTION, [base.name]).passages[0]
    good = services.retrieval.save_case(base.name, _QUESTION, ExpectedPassage.of(first))
    bad = services.retrieval.save_case(
        base.name,
        "患者张三，电话13812345678，阿司匹林怎么服用？",
        ExpectedPassage(aspirin.document_id, SectionKind.OVERDOSE),
    )
    assert "13812345678" not in bad.question
    assert (good.document, good.expected) == ("阿司匹林.txt", ExpectedPassage.of(first))
    run = services.retrieval.run_cases(base.name)
    assert [(case.case_id, case.rank) for case in run.cases] == [(good.id, 1), (bad.id, None)]
    assert [run.hit_at(k) for k in (1, 3, 5)] == [0.5, 0.5, 0.5]
    services.retrieval.delete_case(base.name, bad.id)
    again = services.retrieval.run_cases(base.name, {"entity": 0.0})
    assert (again.hit_at(1), dict(again.overrides)) == (1.0, {"entity": 0.0})
    assert services.retrieval.runs(base.name) == [again, run]
    with pytest.raises(NotFoundError):
        services.retrieval.delete_case(base.name, bad.id)


def test_a_case_belongs_to_its_base(services: Services, base: KnowledgeBase, aspirin: CommittedDocument) -> None:
    services.bases.create("other")
    with pytest.raises(NotFoundError):
        services.retrieval.save_case("other", _QUESTION, ExpectedPassage(aspirin.document_id))
    case = services.retrieval.save_case(base.name, _QUESTION, ExpectedPassage(aspirin.document_id))
    with pytest.raises(NotFoundError):
        services.retrieval.delete_case("other", case.id)
    assert services.retrieval.cases("other") == []


def test_an_expected_text_is_found_again_though_chunks_are_cut_anew(
    services: Services, base: KnowledgeBase, aspirin: CommittedDocument
) -> None:
    passages = services.retrieval.search(_QUESTION, [base.name]).passages
    document = aspirin.document_id
    assert rank_of(ExpectedPassage(document, text="一次0.3g， 一日3次"), passages) == 1
    assert rank_of(ExpectedPassage(document, text="一次5mg，一日1次，睡前服用"), passages) is None
    assert rank_of(ExpectedPassage(document + 1), passages) is None
    assert rank_of(ExpectedPassage(document, page=7), passages) is None
