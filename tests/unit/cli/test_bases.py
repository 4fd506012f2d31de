"""``kbchat kb``: what it prints and what it changes."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def filled(kbchat, leaflets: Path):
    assert kbchat("ingest", leaflets).code == 0
    return kbchat


def test_create_list_show_delete(kbchat) -> None:
    created = kbchat("kb", "create", "pharmacy", "--description", "for nights", "--json")
    assert created.code == 0
    assert created.json["name"] == "pharmacy"
    assert created.json["documents"] == 0
    (listed,) = kbchat("kb", "list", "--json").json["knowledge_bases"]
    assert (listed["name"], listed["description"], listed["chunks"]) == ("pharmacy", "for nights", 0)
    assert kbchat("kb", "show", "pharmacy", "--json").json["last_ingest"] is None
    assert kbchat("kb", "delete", "pharmacy", "--yes").code == 0
    assert kbchat("kb", "list", "--json").json == {"knowledge_bases": []}


def test_delete_asks(filled, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    refused = filled("kb", "delete", "default")
    assert refused.code == 1
    assert "2 documents" in refused.err
    assert filled("kb", "show", "--json").json["documents"] == 2


def test_create_twice_is_refused(kbchat) -> None:
    kbchat("kb", "create", "a")
    assert kbchat("kb", "create", "a").code == 1


def test_documents_and_details(filled) -> None:
    listed = filled("kb", "documents", "--json").json
    assert [document["document"] for document in listed["documents"]] == ["布洛芬.md", "阿司匹林.md"]
    assert all(document["retired_at"] is None for document in listed["documents"])
    shown = filled("kb", "show", "--json").json
    assert (shown["documents"], shown["retired"], shown["pages"]) == (2, 0, 2)
    assert shown["last_ingest"]["totals"]["added"] == 2
    assert "阿司匹林.md" in filled("kb", "documents").out
    assert "default" in filled("kb", "list").out


@pytest.mark.parametrize("by", ["document", "id", "source", "title"])
def test_retire_and_restore_by_any_name(filled, by: str) -> None:
    (document,) = [d for d in filled("kb", "documents", "--json").json["documents"] if d["document"] == "布洛芬.md"]
    name = str(document[by])
    retired = filled("kb", "retire", name, "--json")
    assert retired.json == {"knowledge_base": "default", "retired": [document["id"]]}
    assert [d["document"] for d in filled("kb", "documents", "--json").json["documents"]] == ["阿司匹林.md"]
    (gone,) = [d for d in filled("kb", "documents", "--all", "--json").json["documents"] if d["retired_at"]]
    assert gone["retired_because"] == "person"
    assert filled("kb", "restore", name).code == 0
    assert len(filled("kb", "documents", "--json").json["documents"]) == 2


def test_unknown_document_changes_nothing(filled) -> None:
    result = filled("kb", "retire", "布洛芬.md", "nothing.pdf")
    assert result.code == 1
    assert "nothing.pdf" in result.err
    assert len(filled("kb", "documents", "--json").json["documents"]) == 2


def test_ambiguous_name_is_refused_with_the_ids(filled, leaflets: Path) -> None:
    (leaflets / "sub").mkdir()
    (leaflets / "sub" / "布洛芬.md").write_text("另一份资料。", encoding="utf-8")
    filled("ingest", leaflets)
    result = filled("kb", "retire", "布洛芬.md")
    assert result.code == 1
    assert "several documents" in result.err
