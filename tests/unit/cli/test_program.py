"""Help, version, errors, languages, start-up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kbchat import __version__
from kbchat.cli.terminal import confirm_by_typing
from kbchat.errors import ConflictError
from kbchat.messages import Bilingual
from kbchat.text.visible import visible

COMMANDS = ("ingest", "ask", "chat", "search", "kb", "reindex", "doctor", "demo")
HEAVY = (
    "numpy",
    "sqlalchemy",
    "pydantic",
    "faiss",
    "tantivy",
    "torch",
    "lxml",
    "pypdfium2",
    "onnxruntime",
    "langchain_core",
)


def test_help_names_every_command(kbchat) -> None:
    result = kbchat("--help")
    assert result.code == 0
    assert all(command in result.out for command in COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "kb documents", "kb retire", "kb delete"])
def test_every_command_has_help(kbchat, command: str) -> None:
    result = kbchat(*command.split(), "--help")
    assert result.code == 0
    assert "Usage" in result.out


def test_version(kbchat) -> None:
    assert kbchat("--version").out == f"kbchat {__version__}\n"


def test_unknown_command_is_wrong_use(kbchat) -> None:
    assert kbchat("fly").code == 2


def test_nothing_heavy_is_imported_for_help() -> None:
    code = "import sys; import kbchat.cli; print(*[name for name in sys.argv[1:] if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_errors_are_told_without_traceback_in_the_language_chosen(kbchat) -> None:
    english, chinese = kbchat("kb", "show", "nope"), kbchat("kb", "show", "nope", lang="zh")
    assert english.code == chinese.code == 1
    assert "There is no knowledge base named 'nope'" in english.err
    assert "没有名为 'nope' 的知识库" in chinese.err
    assert "Traceback" not in english.err + chinese.err
    assert english.out == ""


def test_options_of_the_command_win_over_those_before_it(kbchat, tmp_path: Path) -> None:
    assert "没有" in kbchat("kb", "list", "--lang", "zh").out
    kbchat("kb", "create", "x", "--data-dir", tmp_path / "other")
    assert (tmp_path / "other" / "kbchat.db").is_file()
    assert kbchat("kb", "list", "--json").json == {"knowledge_bases": []}


def test_wrong_setting_is_told(kbchat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_CHUNK__TARGET", "3")
    result = kbchat("kb", "list")
    assert result.code == 1
    assert "chunk.target" in result.err


def test_data_folder_that_is_a_file_is_told(kbchat, data_dir: Path) -> None:
    data_dir.write_text("in the way", encoding="utf-8")
    result = kbchat("kb", "list")
    assert result.code == 1
    assert "--data-dir" in result.err


def test_names_cannot_steer_the_terminal() -> None:
    assert visible("a\x1b[2Jb\nc\u202ed\udcff") == "a\\x1b[2Jb\\nc\\u202ed\\udcff"
    assert visible("药品 👩‍⚕️ é") == "药品 👩‍⚕️ é"


def test_confirmation_wants_the_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import io

    question = Bilingual("Sure?", "确定？")
    monkeypatch.setattr(sys, "stdin", io.StringIO("default\n"))
    confirm_by_typing("default", question)
    for answer in ("", "y\n", "Default\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        with pytest.raises(ConflictError):
            confirm_by_typing("default", question)
    capsys.readouterr()
