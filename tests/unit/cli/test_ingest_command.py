"""``kbchat ingest``: report, exit status, options; ``reindex`` and ``doctor`` over what it made."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest


def _statuses(result) -> dict[str, str]:
    return {file["path"]: file["status"] for file in result.json["files"]}


def test_report_as_json_and_as_text(kbchat, leaflets: Path) -> None:
    first = kbchat("ingest", leaflets, "--json")
    assert first.code == 0
    assert _statuses(first) == {"阿司匹林.md": "added", "布洛芬.md": "added"}
    assert first.json["totals"]["chunks"] == sum(file["chunks"] for file in first.json["files"]) > 0
    assert first.err == ""
    second = kbchat("ingest", leaflets)
    assert "2 unchanged" in second.out
    assert "阿司匹林.md" in second.out
    assert "阿司匹林.md" not in kbchat("ingest", leaflets, "--quiet").out
    assert "未变 2" in kbchat("ingest", leaflets, lang="zh").out


def test_some_failures_are_exit_status_3_and_only_failures_1(kbchat, leaflets: Path, tmp_path: Path) -> None:
    (leaflets / "empty.pdf").write_bytes(b"")
    (leaflets / "odd.xyz").write_bytes(b"\x00\x01")
    result = kbchat("ingest", leaflets, "--json")
    assert result.code == 3
    failed = {file["path"]: file for file in result.json["files"] if file["status"] == "failed"}
    assert failed.keys() == {"empty.pdf", "odd.xyz"}
    assert all(file["reason"] and file["remedy"] and file["error"] for file in failed.values())
    shown = kbchat("ingest", leaflets)
    assert "odd.xyz" in shown.out
    only = tmp_path / "only"
    only.mkdir()
    shutil.copy(leaflets / "empty.pdf", only / "empty.pdf")
    assert kbchat("ingest", only, "--json").code == 1


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_missing_and_empty_folder_are_told(kbchat, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    result = kbchat("ingest", tmp_path / name)
    assert result.code == 1
    assert name in result.err
    assert result.out == ""


def test_missing_folder_makes_no_knowledge_base(kbchat, tmp_path: Path) -> None:
    kbchat("ingest", tmp_path / "missing")
    assert kbchat("kb", "list", "--json").json == {"knowledge_bases": []}


def test_other_knowledge_bases_must_exist(kbchat, leaflets: Path) -> None:
    result = kbchat("ingest", leaflets, "--kb", "pharmacy")
    assert result.code == 1
    assert "kb create pharmacy" in result.err


def test_prune_changed_and_renamed(kbchat, leaflets: Path) -> None:
    kbchat("ingest", leaflets)
    (leaflets / "布洛芬.md").unlink()
    (leaflets / "阿司匹林.md").rename(leaflets / "aspirin.md")
    assert _statuses(kbchat("ingest", leaflets, "--prune", "--json")) == {
        "aspirin.md": "unchanged",
        "布洛芬.md": "retired",
    }


def test_embedder_of_the_base_is_kept_to_until_it_is_embedded_anew(
    kbchat, leaflets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kbchat("ingest", leaflets).code == 0
    model = _static_model(tmp_path / "model")
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", f"static:{model}")
    refused = kbchat("ingest", leaflets)
    assert refused.code == 1
    assert "reindex --kb default --re-embed" in refused.err
    done = kbchat("reindex", "--kb", "default", "--re-embed", "--json")
    assert done.code == 0
    assert done.json["knowledge_bases"][0]["embedder"].startswith("static:")
    assert kbchat("ingest", leaflets).code == 0
    doctor = kbchat("doctor", "--json").json
    (base,) = [check for check in doctor["checks"] if check["name"] == "knowledge_base:default"]
    assert base["verdict"] == "ok"


def test_reindex_makes_the_index_anew(kbchat, leaflets: Path, data_dir: Path) -> None:
    kbchat("ingest", leaflets)
    shutil.rmtree(data_dir / "index")
    result = kbchat("reindex")
    assert result.code == 0
    assert "default" in result.out
    found = kbchat("search", "阿司匹林的禁忌", "--json")
    assert found.code == 0
    assert found.json["passages"][0]["document"] == "阿司匹林.md"


def test_doctor_is_content_with_a_sound_installation(kbchat, leaflets: Path) -> None:
    assert kbchat("doctor").code == 0
    kbchat("ingest", leaflets)
    report = kbchat("doctor", "--json")
    assert report.code == 0
    assert report.json["healthy"]
    assert {"reading", "ocr", "network", "disk"} <= {check["name"] for check in report.json["checks"]}
    assert "阿司匹林" not in report.out


def test_doctor_creates_nothing(kbchat, data_dir: Path) -> None:
    kbchat("doctor")
    assert not data_dir.exists()


def test_doctor_names_what_is_wrong(kbchat, leaflets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kbchat("ingest", leaflets)
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", "static:/no/such/model")
    result = kbchat("doctor", "--json")
    assert result.code == 1
    wrong = {check["name"] for check in result.json["checks"] if check["verdict"] == "problem"}
    assert "embedder" in wrong


def _static_model(folder: Path) -> Path:
    """A tiny static embedding made on the spot."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import UnicodeScripts

    words = {"[UNK]": 0, "[PAD]": 1, "阿司匹林肠溶片": 2, "禁忌": 3, "口服": 4}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = UnicodeScripts()
    vectors = np.random.default_rng(0).normal(size=(len(words), 16)).astype(np.float32)
    StaticModel(vectors=vectors, tokenizer=tokenizer).save_pretrained(str(folder))
    return folder
