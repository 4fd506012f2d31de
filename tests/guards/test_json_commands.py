"""The real commands, run as a program would run them, print what docs/json says."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("leaflets/甲硝唑片.txt", "leaflets/头孢呋辛酯片.md", "leaflets/Apixaban_tablets_label.md")


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


check = _load("schema_check")


def kbchat(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command over ``data_dir``, with none of this machine's own settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBCHAT_")}
    program = [sys.executable, "-c", "from kbchat.cli import main; main()", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(program, capture_output=True, text=True, env=environment, check=False, timeout=240)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    """A data folder with three documents and one file that fails; what the ingest printed."""
    folder = tmp_path_factory.mktemp("documents")
    for name in FILES:
        shutil.copy(ROOT / "sample_kb" / name, folder)
    (folder / "empty.pdf").touch()
    data_dir = tmp_path_factory.mktemp("data")
    return data_dir, kbchat(data_dir, "ingest", str(folder), "--json")


def test_ingest(ingested):
    _, done = ingested
    printed = json.loads(done.stdout)

    assert done.returncode == 3, done.stderr
    assert check.problems("ingest.schema.json", printed) == []
    assert sorted(file["status"] for file in printed["files"]) == ["added", "added", "added", "failed"]


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("ask", ("ask", "甲硝唑片服药期间可以喝酒吗？")),
        ("ask", ("ask", "司美格鲁肽注射液怎么用？")),
        ("search", ("search", "apixaban missed dose", "-k", "3")),
        ("kb_list", ("kb", "list")),
        ("kb_create", ("kb", "create", "other", "--description", "a second one")),
        ("kb_show", ("kb", "show")),
        ("kb_delete", ("kb", "delete", "other", "--yes")),
        ("kb_retire", ("kb", "retire", "甲硝唑片.txt")),
        ("kb_documents", ("kb", "documents", "--all")),
        ("kb_restore", ("kb", "restore", "甲硝唑片.txt")),
        ("reindex", ("reindex",)),
        ("doctor", ("doctor",)),
        ("assistant_list", ("assistant", "list")),
        ("assistant_show", ("assistant", "show", "用药助手")),
        ("ask", ("ask", "我妈刚吞了一整瓶安眠药，叫不醒")),
        ("ask", ("ask", "你是谁？", "--assistant", "medication")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_command(ingested, schema, arguments):
    data_dir, _ = ingested

    done = kbchat(data_dir, *arguments, "--json")

    assert done.stdout, done.stderr
    assert check.problems(f"{schema}.schema.json", json.loads(done.stdout)) == []


def test_eval(ingested, tmp_path):
    data_dir, _ = ingested
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "1", "text": "写一首诗", "label": "non_medical"}\n', "utf-8")

    done = kbchat(data_dir, "eval", "behaviour", "scope", str(items), "--out", str(tmp_path / "out.jsonl"), "--json")

    assert check.problems("eval_behaviour.schema.json", json.loads(done.stdout)) == [], done.stderr
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8")) == {"id": "1", "label": "non_medical"}


def test_batches(ingested, tmp_path):
    data_dir, _ = ingested
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "a", "question": "头孢呋辛酯片的贮藏"}\n{"id": 7, "question": "apixaban"}\n', "utf-8")

    for command in ("ask", "search"):
        done = kbchat(data_dir, command, "--queries", str(queries), "--json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]

        assert [line["id"] for line in lines] == ["a", "7"], done.stderr
        assert [check.problems(f"{command}.schema.json", line) for line in lines] == [[], []]


def test_a_failed_command_prints_no_json(ingested):
    data_dir, _ = ingested

    done = kbchat(data_dir, "kb", "show", "nowhere", "--json")

    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere" in done.stderr
