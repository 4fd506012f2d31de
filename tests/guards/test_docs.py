"""What the documents say about the code is true: they are compared with what the code says now."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import generate_docs  # noqa: E402 - the scripts are no package

WRITTEN_BY_HAND = ("README.md", "README.zh.md", "docs/guide.md", "docs/guide.zh.md", "docs/sample_kb.md")


@pytest.mark.parametrize(
    ("name", "text"),
    [("docs/cli.md", generate_docs.cli_markdown), ("docs/settings.md", generate_docs.settings_markdown)],
)
def test_generated_document_is_in_step(name, text):
    assert (ROOT / name).read_text(encoding="utf-8") == text(), f"{name} is out of date: run `make docs`"


def settings_named(text: str) -> set[str]:
    """Variables that a text names as settings; ``KBCHAT_CONFIG`` is where the settings file lies, not a setting."""
    return set(re.findall(r"KBCHAT_[A-Z][A-Z_]*[A-Z]", text)) - {"KBCHAT_CONFIG"}


def test_every_setting_named_by_hand_exists():
    known = {one.variable for one in generate_docs.settings()}

    wrong = {name: settings_named((ROOT / name).read_text(encoding="utf-8")) - known for name in WRITTEN_BY_HAND}

    assert not {name: found for name, found in wrong.items() if found}


def attributes_read(sources: list[str]) -> set[str]:
    """Every attribute name that some code reads."""
    trees = [ast.parse(source) for source in sources]
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_setting_is_used():
    paths = [path for root in ("kbchat", "ingest", "ui") for path in (ROOT / root).rglob("*.py")]
    used = attributes_read([path.read_text(encoding="utf-8") for path in paths if path.name != "settings.py"])

    idle = [one.key for one in generate_docs.settings() if one.key.split(".")[-1] not in used]

    assert not idle, "a setting that changes nothing misleads"


def commands_named(text: str) -> set[str]:
    """First words after ``kbchat`` in the code of a text: the commands it tells people to run."""
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, flags=re.DOTALL))
    return set(re.findall(r"(?:^|[\s`$/])kbchat ([a-z][a-z-]*)", code))


@pytest.mark.parametrize("name", WRITTEN_BY_HAND)
def test_every_command_named_by_hand_exists(name):
    known = set(re.findall(r"^## kbchat ([a-z-]+)", generate_docs.cli_markdown(), flags=re.MULTILINE))

    assert not commands_named((ROOT / name).read_text(encoding="utf-8")) - known


def code_spans(text: str) -> list[str]:
    """What stands between backticks in the text, outside blocks of code, in its order."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def routes_named(text: str) -> list[str]:
    """Routes that a text names, as ``GET POST /path``; ``…/last`` for one beside the one before."""
    return [one for one in code_spans(text) if re.match(r"(?:[A-Z]+ )*(?:/(?!\s)|…/)", one)]


def settings_keys_named(text: str) -> set[str]:
    """Settings that a text names by their key."""
    groups = {one.key.partition(".")[0] for one in generate_docs.settings()}
    return {
        one for one in code_spans(text) if one.partition(".")[0] in groups and re.fullmatch(r"[a-z_]+\.[a-z_]+", one)
    }


def test_the_guide_to_http_says_the_same_in_both_languages():
    english, chinese = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("http.md", "http.zh.md"))

    assert len(routes_named(english)) > 50
    assert routes_named(chinese) == routes_named(english)
    assert settings_keys_named(chinese) == settings_keys_named(english)
    assert set(code_spans(chinese)) ^ set(code_spans(english)) <= {"?confirmation=NAME", "?confirmation=名称"}
    assert re.findall(r"^```.*?^```", chinese, re.M | re.S) == re.findall(r"^```.*?^```", english, re.M | re.S)
    assert [line.count("|") for line in chinese.splitlines() if line.startswith("|")] == [
        line.count("|") for line in english.splitlines() if line.startswith("|")
    ]


@pytest.mark.parametrize("name", ["http.md", "http.zh.md"])
def test_every_setting_that_the_guide_to_http_names_exists(name):
    known = {one.key for one in generate_docs.settings()}
    assert settings_keys_named((ROOT / "docs" / name).read_text(encoding="utf-8")) <= known


def broken_links(path: Path) -> list[str]:
    """Relative links of a Markdown file that lead nowhere."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    return [one for one in targets if "://" not in one and not (path.parent / one).exists()]


def test_links_between_documents_lead_somewhere():
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

    assert not {str(path.relative_to(ROOT)): found for path in paths if (found := broken_links(path))}


# The checkers themselves: each must be able to fail.


def test_checkers_find_what_is_wrong(tmp_path):
    text = "Run `kbchat fly --now` with `KBCHAT_WINGS=2`, or\n\n```\nkbchat swim\n```\nA kbchat never sleeps."
    (tmp_path / "a.md").write_text("[there](b.md) [here](a.md#top) [out](https://example.org)", encoding="utf-8")

    assert commands_named(text) == {"fly", "swim"}
    assert settings_named(text) == {"KBCHAT_WINGS"}
    assert broken_links(tmp_path / "a.md") == ["b.md"]
    assert routes_named("`GET POST /a/{b}`, `…/c`, `PATCH`, `/d.csv`, `a / b`") == ["GET POST /a/{b}", "…/c", "/d.csv"]
    assert settings_keys_named("`access.host_keys` `os.path`, `access.Other`") == {"access.host_keys"}
    assert attributes_read(["x.data_dir.y"]) == {"data_dir", "y"}


def test_settings_table_names_bounds_and_choices():
    table = generate_docs.settings_markdown()

    assert "| `ingest.ocr_dpi` | `KBCHAT_INGEST__OCR_DPI` | `200` |" in table
    assert "(≥ 72, ≤ 400)" in table
    assert "(`auto`, `off`, `all`)" in table
