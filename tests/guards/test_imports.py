"""Imports run one way. The table with the reasons is in import_table.py."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


table = _load("import_table")


@pytest.fixture(scope="module")
def found():
    return table.project_imports()


@pytest.mark.parametrize("rule", table.RULES, ids=lambda rule: rule.reason[:60])
def test_rule(rule, found):
    broken = [f"{one.module}:{one.line} imports {one.target}" for one in found if rule.broken_by(one)]

    assert not broken, f"{rule.reason}: {broken}"


def test_every_room_of_kbchat_has_a_layer(found):
    rooms = {one.module for one in found if one.module.startswith("kbchat.")}

    assert not sorted(room for room in rooms if table.layer_of(room) is None)


def test_layers_import_downwards_only(found):
    broken = [
        f"{one.module}:{one.line} imports {one.target}"
        for one in found
        if (target := table.layer_of(one.target)) is not None
        and (own := table.layer_of(one.module)) is not None
        and target > own
    ]

    assert not broken, f"{table.LAYER_REASON}: {broken}"


def _modules(found):
    known = {one.module for one in found}
    edges = {}
    for one in found:
        if one.lazy:
            continue
        target = one.target if one.target in known else one.target.rpartition(".")[0]
        if target in known and target != one.module:
            edges.setdefault(one.module, set()).add(target)
    return edges


def _cycle(edges):
    done, path = set(), []

    def visit(module):
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return None
        path.append(module)
        for target in sorted(edges.get(module, ())):
            if (cycle := visit(target)) is not None:
                return cycle
        path.pop()
        done.add(module)
        return None

    return next((cycle for module in sorted(edges) if (cycle := visit(module)) is not None), None)


def test_no_import_cycle(found):
    assert _cycle(_modules(found)) is None


def test_the_command_line_starts_without_the_heavy_parts():
    heavy = ("torch", "transformers", "sentence_transformers", "faiss", "tantivy", "langchain_core", "sqlalchemy",
             "onnxruntime", "pypdfium2", "streamlit", "numpy")  # fmt: skip
    program = f"import sys, kbchat.cli; print(*[name for name in {heavy!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == [], "kbchat --help must answer at once"


# The checker itself: each of these must be found.

BAD = """
import torch
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from faiss import IndexFlatIP
def answer():
    from ingest import pipeline
    import requests
    from .. import server
"""


def test_checker_reads_plain_lazy_typing_and_relative_imports():
    found = list(table.imports_of(BAD, "kbchat.answering.answerer", package=False))

    assert {(one.target, one.lazy) for one in found} == {
        ("torch", False),
        ("typing.TYPE_CHECKING", False),
        ("faiss.IndexFlatIP", True),
        ("ingest.pipeline", True),
        ("requests", True),
        ("kbchat.server", True),
    }


def test_checker_finds_each_broken_rule():
    found = list(table.imports_of(BAD, "kbchat.answering.answerer", package=False))

    broken = {rule.reason for rule in table.RULES for one in found if rule.broken_by(one)}

    assert len(broken) == 5, broken
    assert table.layer_of("kbchat.server") > table.layer_of("kbchat.answering.answerer")


def test_checker_lets_lazy_torch_into_generation_only():
    lazy = table.Import("kbchat.generation.pulse", "torch", 1, lazy=True)
    eager = table.Import("kbchat.generation.pulse", "torch", 1, lazy=False)

    assert not [rule for rule in table.RULES if rule.broken_by(lazy)]
    assert [rule for rule in table.RULES if rule.broken_by(eager)]


def test_checker_finds_a_cycle():
    found = [
        table.Import("kbchat.a", "kbchat.b", 1, lazy=False),
        table.Import("kbchat.b", "kbchat.a.name", 1, lazy=False),
    ]

    assert _cycle(_modules(found)) == ["kbchat.a", "kbchat.b", "kbchat.a"]
