"""What --json prints is what docs/json says: nothing missing, nothing undescribed."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from jsonschema import Draft202012Validator

from ingest.report import FileReport, FileStatus, IngestReport
from kbchat.cli.json_output import answer_json
from kbchat.cli.search import search_json
from kbchat.errors import NoTextError
from kbchat.messages import Bilingual
from kbchat.retrieval.retriever import Retrieved
from kbchat.types import (
    Answer,
    Checks,
    Citation,
    DocumentKind,
    Outcome,
    Passage,
    Query,
    ScoreParts,
    SectionKind,
    Span,
    Synonym,
)


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


check = _load("schema_check")

SPAN = Span(page=2, start=10, end=22)
PASSAGE = Passage(
    document_kind=DocumentKind.LEAFLET,
    chunk_id=1, document_id=1, revision_id=1, document="a.pdf", document_title="甲硝唑片说明书", subject="甲硝唑片",
    revision_date="2020-03-03", section_id=3, section_kind=SectionKind.DOSAGE, section_path=("【用法用量】",),
    spans=(SPAN,), hit_spans=(SPAN,), text="一次0.2g，一日4次。", table_header="", score=1.5, parts=ScoreParts(lexical=1.5),
)  # fmt: skip
CITATION = Citation(
    number=1, document="a.pdf", document_id=1, document_title="甲硝唑片说明书", revision_id=1, revision_date="2020-03-03",
    section_path=("【用法用量】",), page=2, start=10, end=22, quote="一次0.2g，一日4次。",
)  # fmt: skip
ANSWERED = Answer("一次0.2g，一日4次。[1]", (CITATION,), (PASSAGE,), Outcome.ANSWERED, Checks(), {"retrieve": 0.01})
REFUSED = Answer("", (), (), Outcome.INSUFFICIENT_EVIDENCE, Checks(), reason="x", nearest_documents=("a.pdf",))


@pytest.mark.parametrize("name", sorted(check.schemas()))
def test_schema_is_valid(name):
    Draft202012Validator.check_schema(check.schemas()[name])


@pytest.mark.parametrize("answer", [ANSWERED, REFUSED])
def test_answer(answer):
    assert check.problems("ask.schema.json", answer_json("甲硝唑怎么吃？", answer)) == []


def test_search():
    query = Query(
        "甲硝唑怎么吃？",
        "甲硝唑怎么吃？",
        (),
        (SectionKind.DOSAGE,),
        "zh",
        expansions=(Synonym(term="用法", source="怎么吃", weight=0.5),),
    )
    found = Retrieved(query, (PASSAGE,), timings={"lexical": 0.001})

    assert check.problems("search.schema.json", search_json("甲硝唑怎么吃？", found)) == []


def test_ingest_report():
    error = NoTextError(Bilingual("no text", "没有文字"), Bilingual("Try OCR.", "请用 OCR。"))
    files = (FileReport("a.pdf", FileStatus.ADDED, pages=2, chunks=5), FileReport.failed("b.pdf", error, 0.2))

    assert check.problems("ingest.schema.json", IngestReport("default", files).as_json("zh")) == []


def test_every_schema_is_in_the_readme():
    readme = (check.FOLDER / "README.md").read_text(encoding="utf-8")

    assert set(re.findall(r"\]\(([a-z_]+\.schema\.json)\)", readme)) == set(check.schemas())


def test_checker_finds_missing_wrong_and_undescribed():
    good = answer_json("?", ANSWERED)

    assert check.problems("ask.schema.json", {key: good[key] for key in good if key != "text"})
    assert check.problems("ask.schema.json", {**good, "outcome": "perhaps"})
    assert check.problems("ask.schema.json", {**good, "mood": "fine"}) == ["$.mood: not described"]
    assert check.problems("ask.schema.json", {**good, "passages": [{**good["passages"][0], "x": 1}]}) == [
        "$.passages[0].x: not described"
    ]


@pytest.mark.parametrize("name", sorted(check.schemas()))
def test_every_schema_stands_alone(name: str) -> None:
    assert not re.findall(r'"\$ref": "[^#]', (check.FOLDER / name).read_text(encoding="utf-8"))


def test_what_two_schemas_share_is_the_same() -> None:
    known = check.schemas()
    passages = known["search.schema.json"]["$defs"]
    assert {name: known["ask.schema.json"]["$defs"][name] for name in passages} == passages
    shown = known["kb_show.schema.json"]
    assert known["ingest.schema.json"]["properties"]["totals"] in _schemas_within(shown)
    base = known["kb_list.schema.json"]["$defs"]["base"]
    assert known["kb_create.schema.json"]["properties"] == base["properties"]


def _schemas_within(node: object) -> list[object]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [node, *(found for child in children for found in _schemas_within(child))]
