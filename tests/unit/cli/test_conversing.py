"""``kbchat chat``, ``conversation``, ``assistant`` and ``eval``, as a person types them."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def builtin_embedding(kbchat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The evidence of an answer is weighed with the built-in embedding."""
    monkeypatch.setenv("KBCHAT_EMBEDDING__MODEL", "default")


@pytest.fixture
def talk(kbchat, leaflets: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``talk(["question", …], "--resume")`` types the lines into ``kbchat chat`` and returns what it printed."""
    kbchat("ingest", leaflets)

    def run(lines: list[str], *arguments: str) -> str:
        typed = iter(lines)

        def keyboard(_prompt: str = "") -> str:
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(builtins, "input", keyboard)
        result = kbchat("chat", *arguments, lang="zh")
        assert result.code == 0, result.err
        out: str = result.out
        return out

    return run


def test_a_conversation_is_kept_masked_and_goes_on_after_a_restart(kbchat, talk) -> None:
    talk(["我叫李晓梅，电话13812345678，阿司匹林肠溶片怎么吃？"])
    resumed = talk(["那布洛芬缓释胶囊呢？"], "--resume")
    listed, shown = kbchat("conversation", "list").out, kbchat("conversation", "show", "1").out

    assert "13812345678" not in resumed + listed + shown
    assert "[PHONE]" in shown
    assert "理解为：" in resumed
    assert "0.3g" in resumed
    assert len(listed.splitlines()) == 1
    assert shown.count("\n> ") + shown.startswith("> ") == 2


def test_new_begins_another_conversation_and_one_can_be_chosen(kbchat, talk) -> None:
    talk(["阿司匹林肠溶片的禁忌", "/new", "布洛芬缓释胶囊的禁忌"])

    assert len(kbchat("conversation", "list").out.splitlines()) == 2
    assert "阿司匹林" in talk([], "--resume", "1")
    assert kbchat("conversation", "delete", "1").code == 0
    assert kbchat("chat", "--resume", "1").code == 1


def test_nothing_is_kept_where_the_settings_say_so(kbchat, talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_SAFETY__KEEP_CONVERSATIONS", "false")
    talk(["阿司匹林肠溶片的禁忌"])

    assert kbchat("conversation", "list").out == ""
    assert kbchat("chat", "--resume").code == 1


def test_the_reply_to_what_an_answer_asked_completes_the_question(talk, kbchat, tmp_path: Path) -> None:
    leaflet = tmp_path / "more"
    leaflet.mkdir()
    text = "# 头孢呋辛酯片说明书\n\n## 【适应症】\n用于敏感菌感染。\n\n## 【用法用量】\n成人一次0.25g，一日2次。儿童一次0.125g，一日2次。\n\n## 【禁忌】\n对头孢菌素过敏者禁用。\n"
    (leaflet / "头孢.md").write_text(text, encoding="utf-8")
    kbchat("ingest", leaflet)

    printed = talk(["头孢呋辛酯片怎么吃？", "5岁的孩子"])

    assert "请问能补充说明一下吗" in printed
    assert "理解为：头孢呋辛酯片怎么吃？ 5岁的孩子" in printed


def test_assistants_are_made_changed_exported_and_used(kbchat, leaflets: Path, tmp_path: Path) -> None:
    kbchat("kb", "create", "wards")
    kbchat("ingest", leaflets, "--kb", "wards")
    file = tmp_path / "icu.toml"
    exported = kbchat("assistant", "export", "medication").out
    exported = exported.replace('id = "medication"', 'id = "icu"').replace("用药助手", "重症助手")
    exported = exported.replace('en = "Medication"', 'en = "ICU"').replace(
        "knowledge_bases = []", 'knowledge_bases = ["wards"]'
    )
    file.write_text(exported.replace('audience = "patient"', 'audience = "clinician"'), encoding="utf-8")

    assert kbchat("assistant", "create", file).code == 0
    assert kbchat("assistant", "create", file).code == 1
    assert kbchat("assistant", "import", file).code == 0
    assert kbchat("assistant", "show", "重症助手", "--json").json["knowledge_bases"] == ["wards"]
    asked = kbchat("ask", "阿司匹林肠溶片怎么吃？", "--assistant", "icu", "--json")
    assert asked.code == 0, asked.err
    answer = asked.json
    assert (answer["outcome"], answer["footer"]) == ("answered", "")
    assert kbchat("assistant", "delete", "icu").code == 0
    assert "icu" not in kbchat("assistant", "list").out
    assert kbchat("assistant", "delete", "general").code == 1


def test_an_assistant_that_needs_a_model_says_so(kbchat, leaflets: Path) -> None:
    kbchat("ingest", leaflets)
    result = kbchat("ask", "我咳嗽三天了", "--assistant", "consultation")

    assert result.code == 1
    assert "language model" in result.err


def test_doctor_tells_of_a_generator_that_cannot_be_used(kbchat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_GENERATION__MODEL", "pulse:/nowhere/at/all")
    result = kbchat("doctor", "--json")

    (found,) = [check for check in result.json["checks"] if check["name"] == "generator"]
    assert found["verdict"] == "problem"
    assert result.code == 1


def test_eval_of_refusals_asks_the_base(kbchat, leaflets: Path, tmp_path: Path) -> None:
    kbchat("ingest", leaflets)
    items, out = tmp_path / "items.jsonl", tmp_path / "out.jsonl"
    asked = {"a": "司美格鲁肽注射液的价格是多少？", "b": "阿司匹林肠溶片怎么吃？"}
    items.write_text("".join(json.dumps({"id": k, "question": q}) + "\n" for k, q in asked.items()), encoding="utf-8")

    result = kbchat("eval", "behaviour", "unanswerable", items, "--out", out, "--json")

    outcomes = {line["id"]: line["outcome"] for line in map(json.loads, out.read_text(encoding="utf-8").splitlines())}
    assert result.json["metrics"]["refused"] == 0.5
    assert outcomes == {"a": "insufficient_evidence", "b": "answered"}
    assert kbchat("eval", "behaviour", "nonsense", items).code == 2
