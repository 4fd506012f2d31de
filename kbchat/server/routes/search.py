"""/api/search and the retrieval tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from kbchat.server.once import TheKey
from kbchat.server.openapi import problems
from kbchat.server.routes.bases import BaseName
from kbchat.server.routes.documents import LARGEST_ID
from kbchat.server.service import TheLanguage, TheServices
from kbchat.services.answer_json import passage_json
from kbchat.services.expected_passage import ExpectedPassage
from kbchat.services.retrieval import SearchResult, TestCase, TestRun
from kbchat.types import DocumentKind, SectionKind

router = APIRouter(prefix="/api", tags=["search"])

Overrides = Annotated[
    dict[str, float],
    Field(max_length=40, description="Other numbers for this search (see `/api/search/weights`). For curators."),
]


class SearchRequest(BaseModel):
    """What to look for, and where."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "二甲双胍 禁忌", "bases": ["drugs"], "k": 5}]}
    )

    question: str = Field(min_length=1, max_length=10_000)
    bases: list[str] = Field(min_length=1, max_length=20)
    k: int = Field(8, ge=1, le=50)
    documents: list[str] = Field([], max_length=100, description="Only these: file names, paths or titles.")
    kinds: list[DocumentKind] = Field([], max_length=10)
    overrides: Overrides = {}
    explain: StrictBool = Field(False, description="Tell why each passage stands where it stands.")


class Found(BaseModel):
    """Passages, best first; docs/json/search.schema.json describes one."""

    question: str
    standalone: str = Field(description="The question as it was understood.")
    passages: list[dict[str, Any]]
    timings: dict[str, float]


class Case(BaseModel):
    """A question, and what must be found for it."""

    id: int
    question: str
    document_id: int
    document: str
    section_kind: SectionKind | None
    page: int | None
    text: str
    created_by: str
    created_at: datetime


class Cases(BaseModel):
    """The cases of a knowledge base, oldest first."""

    items: list[Case]
    total: int


class NewCase(BaseModel):
    """A case to keep."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"question": "二甲双胍的禁忌症？", "document_id": 3, "section_kind": "contraindications"}]
        },
    )

    question: str = Field(min_length=1, max_length=10_000)
    document_id: int = Field(ge=1, le=LARGEST_ID)
    section_kind: SectionKind | None = None
    page: int | None = Field(None, ge=1, le=1_000_000)
    text: str = Field("", max_length=4000)


class CaseResult(BaseModel):
    """At which place the expected passage came; null: not among the first ten."""

    case_id: int
    question: str
    rank: int | None


class Run(BaseModel):
    """How the cases of a knowledge base did."""

    id: int
    created_at: datetime
    created_by: str
    overrides: dict[str, float]
    hit_at_1: float
    hit_at_3: float
    hit_at_5: float
    cases: list[CaseResult]


class Runs(BaseModel):
    """Runs, newest first."""

    items: list[Run]


class RunRequest(BaseModel):
    """How to run the cases."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overrides": {"dense": 0.8}}]})

    overrides: Overrides = {}


@router.post("/search", summary="Search", responses=problems(404))
def search(body: SearchRequest, services: TheServices, language: TheLanguage) -> Found:
    """The passages that an answer would be made from, without the answer."""
    result = services.retrieval.search(
        body.question,
        body.bases,
        k=body.k,
        documents=body.documents,
        kinds=[kind.value for kind in body.kinds],
        overrides=body.overrides or None,
    )
    passages = [passage_json(passage, rank) for rank, passage in enumerate(result.passages, start=1)]
    if body.explain:
        for told, passage in zip(passages, result.passages, strict=True):
            parts = services.retrieval.explain(passage)
            told["explanation"] = [{"label": label.in_language(language), "value": value} for label, value in parts]
    return _found(body.question, result, passages)


def _found(question: str, result: SearchResult, passages: list[dict[str, Any]]) -> Found:
    timings = {step: round(seconds, 6) for step, seconds in result.timings.items()}
    return Found(question=question, standalone=result.query.standalone_text, passages=passages, timings=timings)


@router.get("/search/weights", summary="Numbers of a search", responses=problems())
def weights(services: TheServices) -> dict[str, float]:
    """What `overrides` may change, as it is set now."""
    return services.retrieval.weights()


@router.get("/bases/{base}/cases", summary="Cases of the retrieval test", responses=problems(404))
def list_cases(base: BaseName, services: TheServices) -> Cases:
    """For curators."""
    found = [_case(case) for case in services.retrieval.cases(base)]
    return Cases(items=found, total=len(found))


@router.post(
    "/bases/{base}/cases", summary="Keep a case", status_code=201, response_model=Case, responses=problems(404, 409)
)
def save_case(base: BaseName, body: NewCase, services: TheServices, once: TheKey) -> Response:
    """A question with the passage that must be found for it. For curators."""
    expected = ExpectedPassage(body.document_id, body.section_kind, body.page, body.text)
    return once.answer(lambda: _case(services.retrieval.save_case(base, body.question, expected)), body)


@router.delete("/bases/{base}/cases/{case_id}", summary="Remove a case", status_code=204, responses=problems(404))
def delete_case(
    base: BaseName,
    case_id: Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the case.")],
    services: TheServices,
) -> Response:
    """For curators."""
    services.retrieval.delete_case(base, case_id)
    return Response(status_code=204)


@router.post(
    "/bases/{base}/runs", summary="Run the cases", status_code=201, response_model=Run, responses=problems(404, 409)
)
def run_cases(base: BaseName, body: RunRequest, services: TheServices, once: TheKey) -> Response:
    """All cases, now; how they did is kept. For curators."""
    return once.answer(lambda: _run(services.retrieval.run_cases(base, body.overrides or None)), body)


@router.get("/bases/{base}/runs", summary="Earlier runs", responses=problems(404))
def list_runs(
    base: BaseName, services: TheServices, limit: Annotated[int, Query(ge=1, le=500, description="Runs to give.")] = 50
) -> Runs:
    """Newest first. For curators."""
    return Runs(items=[_run(run) for run in services.retrieval.runs(base, limit=limit)])


def _case(case: TestCase) -> Case:
    expected = case.expected
    return Case(
        id=case.id,
        question=case.question,
        document_id=expected.document_id,
        document=case.document,
        section_kind=expected.section_kind,
        page=expected.page,
        text=expected.text,
        created_by=case.created_by,
        created_at=case.created_at,
    )


def _run(run: TestRun) -> Run:
    return Run(
        id=run.id,
        created_at=run.created_at,
        created_by=run.created_by,
        overrides=dict(run.overrides),
        hit_at_1=run.hit_at(1),
        hit_at_3=run.hit_at(3),
        hit_at_5=run.hit_at(5),
        cases=[CaseResult(case_id=case.case_id, question=case.question, rank=case.rank) for case in run.cases],
    )
